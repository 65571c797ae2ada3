//! Findings: the bugs or behaviours a report claims, each counted by itself.
//!
//! A case begins with one, made from its report. They are added, changed and
//! removed until the case is determined; a removed one keeps its number, and
//! the answers about it.
//!
//! Source: process section 2.3, C0.

use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{CaseRow, FindingRow, Reader, Tx};

use crate::case::{self, CaseId, Verb};
use crate::decision::{Docket, Part};
use crate::desk::{Desk, Product};
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::report::AffectedRange;

/// Findings a case has at most.
const MOST: usize = 100;

/// A product a finding affects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingProduct {
    /// Its name in the catalogue.
    pub product: String,
    /// The affected versions; those of the report when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<AffectedRange>,
    /// The codebases it is known to share with other products.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codebases: Vec<String>,
}

impl FindingProduct {
    /// The product as the count sees it.
    pub(crate) fn part(&self) -> Part {
        Part {
            product: self.product.clone(),
            codebases: self.codebases.clone(),
        }
    }
}

/// A finding to be added, or what changes of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FindingChange {
    /// Its name, the working title.
    pub name: Option<String>,
    /// The products it affects; an empty list means the product of the report.
    pub products: Option<Vec<FindingProduct>>,
    /// Short name of who supplies them; empty where that is not known.
    pub supplier: Option<String>,
    /// The known vulnerable implementations of a function or specification.
    pub implementations: Option<u32>,
}

/// A finding of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingView {
    /// Its number in the case, from 1.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// The products it affects.
    pub products: Vec<FindingProduct>,
    /// Short name of who supplies them; empty where that is not known.
    pub supplier: String,
    /// The known vulnerable implementations.
    pub implementations: i64,
}

impl Desk {
    /// The findings of a case, by number.
    pub fn findings(&self, actor: &Actor, id: CaseId) -> Result<Vec<FindingView>, Error> {
        Ok(self.case(actor, id)?.findings)
    }

    /// Adds a finding to a case.
    ///
    /// Refuses: a name another finding has, a product that is not in the
    /// catalogue, a case that is determined.
    pub fn add_finding(
        &self,
        actor: &Actor,
        id: CaseId,
        change: &FindingChange,
    ) -> Result<FindingView, Error> {
        check(actor, Action::Prefill)?;
        let change = self.checked(change)?;
        let name = change.name.clone();
        let name =
            name.ok_or_else(|| Refusal::invalid("name", "it is missing: a finding needs one"))?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = open(tx, &actor, id)?;
            let all = tx.all_findings(id.number())?;
            let standing: Vec<_> = all.iter().filter(|row| row.removed.is_none()).collect();
            is_free(&name, standing.iter().copied(), 0)?;
            if standing.len() >= MOST {
                let problem = format!("a case has at most {MOST}: open another case");
                return Err(Refusal::invalid("finding", problem).into());
            }
            let mut finding = FindingRow {
                number: all.last().map_or(0, |row| row.number) + 1,
                created_by: actor.id().to_owned(),
                created: tx.now(),
                modified: tx.now(),
                ..of_report(&row)
            };
            apply(&mut finding, &change);
            tx.insert_finding(id.number(), &finding)?;
            done(tx, &actor, &mut row, "add-finding", &finding)
        })
    }

    /// Changes a finding: its name, or what it affects.
    ///
    /// Takes: `name`, the one it has now.
    pub fn edit_finding(
        &self,
        actor: &Actor,
        id: CaseId,
        name: &str,
        change: &FindingChange,
    ) -> Result<FindingView, Error> {
        check(actor, Action::Prefill)?;
        let change = self.checked(change)?;
        let (actor, name) = (actor.clone(), name.to_owned());
        self.store.write(move |tx| {
            let mut row = open(tx, &actor, id)?;
            let all = tx.all_findings(id.number())?;
            let mut finding = named(&all, &name)?.clone();
            if let Some(other) = &change.name {
                let standing = all.iter().filter(|row| row.removed.is_none());
                is_free(other, standing, finding.number)?;
            }
            apply(&mut finding, &change);
            finding.modified = tx.now();
            tx.update_finding(id.number(), &finding)?;
            done(tx, &actor, &mut row, "edit-finding", &finding)
        })
    }

    /// Removes a finding. The answers about it stay, and count no more.
    ///
    /// Refuses: the only one, because a report claims something.
    pub fn remove_finding(&self, actor: &Actor, id: CaseId, name: &str) -> Result<(), Error> {
        check(actor, Action::Prefill)?;
        let (actor, name) = (actor.clone(), name.to_owned());
        self.store.write(move |tx| {
            let mut row = open(tx, &actor, id)?;
            let all = tx.all_findings(id.number())?;
            let mut finding = named(&all, &name)?.clone();
            if all.iter().filter(|row| row.removed.is_none()).count() == 1 {
                let problem = "it is the only one, and a report claims something: rename it, or \
                               answer that it is no vulnerability";
                return Err(Refusal::invalid("finding", problem).into());
            }
            finding.removed = Some(tx.now());
            finding.modified = tx.now();
            tx.update_finding(id.number(), &finding)?;
            done(tx, &actor, &mut row, "remove-finding", &finding)?;
            Ok(())
        })
    }

    /// The change, when every value in it can be used.
    fn checked(&self, change: &FindingChange) -> Result<FindingChange, Error> {
        if let Some(name) = &change.name {
            let length = name.chars().count();
            if !(1..=256).contains(&length) || name.trim() != name {
                let problem = format!(
                    "it has {length} characters, expected 1 to 256 without blanks around them"
                );
                return Err(Refusal::invalid("name", problem).into());
            }
        }
        let known = self.products()?;
        for wanted in change.products.iter().flatten() {
            if !known.iter().any(|product| product.name == wanted.product) {
                let names: Vec<_> = known.iter().map(|p| format!("`{}`", p.name)).collect();
                return Err(Refusal::UnknownProduct {
                    found: wanted.product.clone(),
                    known: names.join(", "),
                }
                .into());
            }
        }
        Ok(change.clone())
    }
}

/// Takes the case, when its findings may still change.
fn open(tx: &mut Tx<'_>, actor: &Actor, id: CaseId) -> Result<CaseRow, Error> {
    let row = case::take(tx, actor, id, Verb::Finding)?;
    case::without_ids(tx, &row, "given other findings")?;
    Ok(row)
}

fn is_free<'a>(
    name: &str,
    mut standing: impl Iterator<Item = &'a FindingRow>,
    own: i64,
) -> Result<(), Refusal> {
    if standing.any(|row| row.name == name && row.number != own) {
        let problem = format!("`{name}` is a finding of the case already: choose another name");
        return Err(Refusal::invalid("name", problem));
    }
    Ok(())
}

fn named<'a>(all: &'a [FindingRow], name: &str) -> Result<&'a FindingRow, Refusal> {
    let found = all
        .iter()
        .find(|row| row.removed.is_none() && row.name == name);
    found.ok_or_else(|| {
        let name: String = name.chars().take(64).collect();
        Refusal::not_found(format!("finding `{name}`"))
    })
}

fn apply(finding: &mut FindingRow, change: &FindingChange) {
    if let Some(name) = &change.name {
        finding.name.clone_from(name);
    }
    if let Some(products) = &change.products {
        finding.products = json!(products).to_string();
    }
    if let Some(supplier) = &change.supplier {
        finding.supplier.clone_from(supplier);
    }
    if let Some(implementations) = change.implementations {
        finding.implementations = i64::from(implementations);
    }
}

fn done(
    tx: &mut Tx<'_>,
    actor: &Actor,
    row: &mut CaseRow,
    action: &str,
    finding: &FindingRow,
) -> Result<FindingView, Error> {
    case::settle(tx, row)?;
    let view = view(finding, row)?;
    let id = CaseId::new(row.id);
    let detail =
        json!({"finding": finding.number, "name": finding.name, "products": view.products});
    case::record(tx, actor, id, "findings", action, detail);
    Ok(view)
}

/// The finding a case begins with.
pub(crate) fn of_report(row: &CaseRow) -> FindingRow {
    FindingRow {
        number: 1,
        name: row.title.clone(),
        products: "[]".into(),
        supplier: String::new(),
        implementations: 0,
        created_by: String::new(),
        created: row.created,
        removed: None,
        modified: row.created,
    }
}

/// The products of a finding; that of the report when it names none.
pub(crate) fn products_of(
    finding: &FindingRow,
    row: &CaseRow,
) -> Result<Vec<FindingProduct>, Error> {
    let products: Vec<FindingProduct> =
        serde_json::from_str(&finding.products).map_err(|error| {
            let number = finding.number;
            Error::Broken(format!("finding {number} of case {}: {error}", row.id))
        })?;
    if !products.is_empty() {
        return Ok(products);
    }
    Ok(vec![FindingProduct {
        product: row.product.clone(),
        affected: Vec::new(),
        codebases: Vec::new(),
    }])
}

pub(crate) fn view(finding: &FindingRow, row: &CaseRow) -> Result<FindingView, Error> {
    Ok(FindingView {
        number: finding.number,
        name: finding.name.clone(),
        products: products_of(finding, row)?,
        supplier: finding.supplier.clone(),
        implementations: finding.implementations,
    })
}

/// What the draft of an ID is about.
pub(crate) struct DraftSubject {
    /// The working title of the vulnerability.
    pub(crate) title: String,
    /// The products it affects, with versions; at least one.
    pub(crate) products: Vec<(Product, Vec<AffectedRange>)>,
}

/// What the draft of the ID in `line` is about: the vulnerability it serves.
pub(crate) fn subject(
    reader: &mut Reader<'_>,
    row: &CaseRow,
    line: &store::LedgerRow,
    known: &[Product],
) -> Result<DraftSubject, Error> {
    let report = case::stored_report(row)?;
    let docket = Docket::load(reader, row)?;
    let decision = docket.decide();
    let assignments = reader.assignments(row.id)?;
    let serves = assignments
        .iter()
        .find(|assignment| assignment.id == line.id);
    let (finding, part) = serves.map_or((docket.findings[0].number, 1), |row| {
        (row.finding, row.part)
    });
    let members = docket.members(&decision, finding);
    let mut claimed: Vec<FindingProduct> = Vec::new();
    for finding in members
        .iter()
        .filter_map(|place| docket.findings.get(*place))
    {
        for product in products_of(finding, row)? {
            if !claimed.iter().any(|other| other.product == product.product) {
                claimed.push(product);
            }
        }
    }
    let slots = docket.slots(&decision);
    let of_group = slots.iter().filter(|slot| slot.finding == finding).count();
    // One ID for each product: each says its own.
    if of_group > 1 && of_group == claimed.len() {
        let place = usize::try_from(part).unwrap_or(1).saturating_sub(1);
        claimed = claimed.get(place).cloned().into_iter().collect();
    }
    if claimed.is_empty() {
        claimed.push(FindingProduct {
            product: row.product.clone(),
            affected: Vec::new(),
            codebases: Vec::new(),
        });
    }
    let mut products = Vec::new();
    for claim in claimed {
        let product = known.iter().find(|product| product.name == claim.product);
        let product = product.ok_or_else(|| {
            Refusal::not_found(format!("product `{}` of the report", claim.product))
        })?;
        let ranges = if claim.affected.is_empty() && claim.product == report.product {
            report.affected.clone()
        } else {
            claim.affected
        };
        products.push((product.clone(), ranges));
    }
    let slot = slots
        .iter()
        .find(|slot| (slot.finding, slot.part) == (finding, part));
    Ok(DraftSubject {
        title: slot.map_or(line.title.clone(), |slot| slot.title.clone()),
        products,
    })
}
