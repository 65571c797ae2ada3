//! The catalogue: what a product is called elsewhere, how it is delivered,
//! which of its lines are supported, and who answers for it.

use std::collections::BTreeMap;

use cve::cpe::Cpe;
use cve::lint::{RegisteredProduct, ReleaseLine};
use cve::purl::Purl;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, Reader, Tx};

use crate::desk::{Desk, Product};
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

const PRODUCTS: &str = "products";

/// What is known of products beside the five fields of [`Product`], by name.
const DETAILS: &str = "catalogue";

/// Products one import holds at most.
const MOST: usize = 10_000;

/// How customers get a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// They install it.
    #[default]
    Installed,
    /// They use it on somebody else's machines.
    Hosted,
    /// Both.
    Both,
}

/// A line of releases that is supported as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportLine {
    /// The beginning of its versions, such as `1.29`.
    pub name: String,
    /// Day of its first release, such as `2026-04-01`; may be empty.
    #[serde(default)]
    pub released: String,
    /// Last day it gets more than security fixes; may be empty.
    #[serde(default)]
    pub end_of_support: String,
    /// Last day it gets security fixes; may be empty.
    #[serde(default)]
    pub end_of_life: String,
}

/// What is known of a product beside its [`Product`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Details {
    #[serde(default)]
    purl: String,
    #[serde(default)]
    cpe: String,
    #[serde(default)]
    delivery: Delivery,
    #[serde(default)]
    lines: Vec<SupportLine>,
    #[serde(default)]
    contacts: Vec<String>,
}

/// A product of the catalogue, with everything that is known of it.
///
/// Source: process section 10, registry row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// The name reports use.
    pub name: String,
    /// Vendor, as the record writes it.
    pub vendor: String,
    /// Product, as the record writes it.
    pub product: String,
    /// Address of its source repository; may be empty.
    #[serde(default)]
    pub repository: String,
    /// How its versions are ordered: `semver`, `git`, …
    pub version_type: String,
    /// Its package URL, without a version; may be empty.
    #[serde(default)]
    pub purl: String,
    /// Its CPE name; may be empty.
    #[serde(default)]
    pub cpe: String,
    /// How customers get it.
    #[serde(default)]
    pub delivery: Delivery,
    /// The lines of releases, as far as they are known.
    #[serde(default)]
    pub lines: Vec<SupportLine>,
    /// Who answers for its security: addresses, teams.
    #[serde(default)]
    pub contacts: Vec<String>,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueImport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Names that are new.
    pub added: Vec<String>,
    /// Names whose product is another one from then on.
    pub changed: Vec<String>,
    /// Names whose product is the same.
    pub unchanged: Vec<String>,
}

impl CatalogueEntry {
    fn new(product: Product, details: Details) -> CatalogueEntry {
        CatalogueEntry {
            name: product.name,
            vendor: product.vendor,
            product: product.product,
            repository: product.repository,
            version_type: product.version_type,
            purl: details.purl,
            cpe: details.cpe,
            delivery: details.delivery,
            lines: details.lines,
            contacts: details.contacts,
        }
    }

    fn split(&self) -> (Product, Details) {
        (
            Product {
                name: self.name.clone(),
                vendor: self.vendor.clone(),
                product: self.product.clone(),
                repository: self.repository.clone(),
                version_type: self.version_type.clone(),
            },
            Details {
                purl: self.purl.clone(),
                cpe: self.cpe.clone(),
                delivery: self.delivery,
                lines: self.lines.clone(),
                contacts: self.contacts.clone(),
            },
        )
    }

    /// Refuses what no record could use: an empty field, a package URL with a
    /// version (CVE Record Format `packageURL`), a CPE name that is none
    /// (`cpes`), a day that is none.
    fn checked(&self) -> Result<(), Refusal> {
        let field = |field: &str| match self.name.as_str() {
            "" => field.to_owned(),
            name => format!("{field} of `{name}`"),
        };
        for (name, value) in [
            ("name", &self.name),
            ("vendor", &self.vendor),
            ("product", &self.product),
            ("version_type", &self.version_type),
        ] {
            if value.trim().is_empty() {
                let problem = "it is empty: a product needs it";
                return Err(Refusal::invalid(field(name), problem));
            }
        }
        if !self.purl.is_empty() {
            Purl::for_record(&self.purl).map_err(|error| {
                let problem = format!("`{}`: {error} (CVE Record Format, `packageURL`)", self.purl);
                Refusal::invalid(field("purl"), problem)
            })?;
        }
        if !self.cpe.is_empty() {
            self.cpe.parse::<Cpe>().map_err(|error| {
                let problem = format!("`{}`: {error} (CVE Record Format, `cpes`)", self.cpe);
                Refusal::invalid(field("cpe"), problem)
            })?;
        }
        for line in &self.lines {
            if line.name.trim().is_empty() {
                let problem =
                    "a line has no name: expected the beginning of its versions, such as `1.29`";
                return Err(Refusal::invalid(field("lines"), problem));
            }
            for day in [&line.released, &line.end_of_support, &line.end_of_life] {
                let is_day = format!("{day}T00:00:00Z")
                    .parse::<cve::time::Timestamp>()
                    .is_ok();
                if !(day.is_empty() || is_day && day.len() == 10) {
                    let problem = format!(
                        "line `{}` has the day `{day}`: expected one such as `2026-12-31`",
                        line.name
                    );
                    return Err(Refusal::invalid(field("lines"), problem));
                }
            }
        }
        Ok(())
    }
}

impl Desk {
    /// The catalogue with everything that is known, by name.
    pub fn catalogue(&self, actor: &Actor) -> Result<Vec<CatalogueEntry>, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(load)
    }

    /// A product of the catalogue.
    pub fn catalogue_entry(&self, actor: &Actor, name: &str) -> Result<CatalogueEntry, Error> {
        let all = self.catalogue(actor)?;
        let found = all.into_iter().find(|entry| entry.name == name);
        Ok(found.ok_or_else(|| unknown(name))?)
    }

    /// Adds products to the catalogue, or replaces those of their names: all
    /// of them, or none.
    ///
    /// Takes: `dry_run`, only says what would be done.
    /// Refuses: what no record could use, and a name that stands there twice.
    pub fn import_catalogue(
        &self,
        actor: &Actor,
        entries: &[CatalogueEntry],
        dry_run: bool,
    ) -> Result<CatalogueImport, Error> {
        check(actor, Action::Administer)?;
        if entries.len() > MOST {
            let problem = format!("it holds {}: expected at most {MOST}", entries.len());
            return Err(Refusal::invalid("products", problem).into());
        }
        let mut names = std::collections::BTreeSet::new();
        for entry in entries {
            entry.checked()?;
            if !names.insert(&entry.name) {
                let problem = format!("`{}` stands there twice: leave one out", entry.name);
                return Err(Refusal::invalid("products", problem).into());
            }
        }
        let (entries, by) = (entries.to_vec(), actor.name().to_owned());
        self.store.write(move |tx| {
            let mut all = load(tx)?;
            let mut import = CatalogueImport {
                dry_run,
                added: Vec::new(),
                changed: Vec::new(),
                unchanged: Vec::new(),
            };
            for entry in &entries {
                match all.iter_mut().find(|known| known.name == entry.name) {
                    Some(known) if known == entry => import.unchanged.push(entry.name.clone()),
                    Some(known) => {
                        *known = entry.clone();
                        import.changed.push(entry.name.clone());
                    }
                    None => {
                        all.push(entry.clone());
                        import.added.push(entry.name.clone());
                    }
                }
            }
            if !dry_run {
                keep(tx, all)?;
                for name in import.added.iter().chain(&import.changed) {
                    let entry = entries.iter().find(|entry| entry.name == *name);
                    note(tx, &by, "product.put", name, json!(entry));
                }
            }
            Ok(import)
        })
    }

    /// Takes a product out of the catalogue.
    ///
    /// Refuses: one that a case which is not over is about.
    pub fn remove_product(&self, actor: &Actor, name: &str) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let (name, by) = (name.to_owned(), actor.name().to_owned());
        self.store.write(move |tx| {
            let mut all = load(tx)?;
            let before = all.len();
            all.retain(|entry| entry.name != name);
            if all.len() == before {
                return Err(unknown(&name).into());
            }
            let over = |state: &str| state == "PUBLISHED" || state.starts_with("CLOSED");
            let cases = tx.all_cases()?;
            if cases
                .iter()
                .any(|case| case.product == name && !over(&case.state))
            {
                let problem = format!("a case that is not over is about `{name}`: close it first");
                return Err(Refusal::invalid("product", problem).into());
            }
            keep(tx, all)?;
            note(tx, &by, "product.remove", &name, json!({}));
            Ok(())
        })
    }
}

/// What the content rules need to know of the catalogue.
///
/// Takes: `day`, such as `2026-11-03`, on which a line must be supported: that
/// of the assignment.
/// Source: process section 10: `lines` drives REC-016 and REC-062.
pub(crate) fn registered(
    reader: &mut Reader<'_>,
    products: &[Product],
    day: &str,
) -> Result<Vec<RegisteredProduct>, Error> {
    let details = details(reader)?;
    Ok(products
        .iter()
        .map(|product| {
            let known = details.get(&product.name).cloned().unwrap_or_default();
            let lines = known.lines.iter().map(|line| {
                let end = Some(&line.end_of_life).filter(|end| !end.is_empty());
                let end = end.unwrap_or(&line.end_of_support);
                ReleaseLine {
                    name: line.name.clone(),
                    is_supported: end.is_empty() || day <= end.as_str(),
                }
            });
            RegisteredProduct {
                vendor: product.vendor.clone(),
                product: product.product.clone(),
                is_hosted: known.delivery == Delivery::Hosted,
                lines: lines.collect(),
            }
        })
        .collect())
}

fn details(reader: &mut Reader<'_>) -> Result<BTreeMap<String, Details>, Error> {
    read(reader, DETAILS)
}

fn read<T: serde::de::DeserializeOwned + Default>(
    reader: &mut Reader<'_>,
    name: &str,
) -> Result<T, Error> {
    let Some(text) = reader.setting(name)? else {
        return Ok(T::default());
    };
    serde_json::from_str(&text)
        .map_err(|error| Error::Broken(format!("the setting `{name}` cannot be read: {error}")))
}

fn load(reader: &mut Reader<'_>) -> Result<Vec<CatalogueEntry>, Error> {
    let products: Vec<Product> = read(reader, PRODUCTS)?;
    let mut details = details(reader)?;
    let entry = |product: Product| {
        let known = details.remove(&product.name).unwrap_or_default();
        CatalogueEntry::new(product, known)
    };
    Ok(products.into_iter().map(entry).collect())
}

fn keep(tx: &mut Tx<'_>, mut all: Vec<CatalogueEntry>) -> Result<(), Error> {
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let split = all.iter().map(CatalogueEntry::split);
    let (products, known): (Vec<Product>, Vec<Details>) = split.unzip();
    let names = all.iter().map(|entry| entry.name.clone());
    let details: BTreeMap<String, Details> = names.zip(known).collect();
    tx.set(PRODUCTS, &json!(products).to_string())?;
    tx.set(DETAILS, &json!(details).to_string())?;
    Ok(())
}

fn unknown(name: &str) -> Refusal {
    let shown: String = name.chars().take(64).collect();
    Refusal::not_found(format!("product `{shown}`"))
}

fn note(tx: &mut Tx<'_>, by: &str, action: &str, name: &str, detail: serde_json::Value) {
    tx.audit(AuditEvent {
        actor: by.to_owned(),
        org: String::new(),
        action: action.to_owned(),
        object: format!("product {name}"),
        detail,
    });
}
