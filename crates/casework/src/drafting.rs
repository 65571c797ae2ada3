//! Drafts from and as something else: forms, clones, files, templates, built
//! descriptions, and ranges read from a repository.

use cve::check::Finding;
use cve::convert::{Publisher, Source};
use cve::id::CveId;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::{AuditEvent, Tx};

use crate::case::{Verb, is_visible, stored_report};
use crate::catalogue;
use crate::describe::{Details, sentence};
use crate::desk::Desk;
use crate::draft::{
    Revision, advisory_id_for, advisory_url, existing_advisory, merged, read_document, save, take,
};
use crate::error::{Error, Refusal};
use crate::findings::findings;
use crate::form::{self, FormFormat, InvalidForm};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::review;
use crate::revision::{document_of, one};

/// What a draft begins with.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// The draft of another ID, of a case the actor is on.
    Clone(CveId),
    /// A document others wrote: a GitHub advisory, OSV, CSAF, CVE JSON or what
    /// Vulnogram saves; its format is found out where it is not named.
    Document(String, Option<Source>),
    /// The document that came as the report, or another attachment of the case
    /// by its number.
    Reported(Option<i64>),
    /// What the catalogue has for this product; for that of the report where
    /// it is empty.
    Template(String),
}

/// A revision as a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormView {
    /// The revision it says.
    pub revision: i64,
    /// What it is written in.
    pub format: FormFormat,
    /// The text.
    pub text: String,
}

/// A finding with the line of the form that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormFinding {
    /// The line, the first being 1.
    pub line: usize,
    /// What is wrong.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What is wrong with a form that was not saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormCheck {
    /// Where it cannot be read; nothing when it can.
    pub fault: Option<FormFault>,
    /// What is wrong with what it says, in the order of its lines.
    pub findings: Vec<FormFinding>,
}

/// Where a form cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormFault {
    /// The line, the first being 1.
    pub line: usize,
    /// The column, the first being 1.
    pub column: usize,
    /// The whole sentence, with line, column and key.
    pub message: String,
}

impl From<InvalidForm> for FormFault {
    fn from(fault: InvalidForm) -> FormFault {
        FormFault {
            line: fault.line,
            column: fault.column,
            message: fault.to_string(),
        }
    }
}

fn unreadable(fault: InvalidForm) -> Error {
    Refusal::invalid("form", fault.to_string()).into()
}

impl Desk {
    /// A revision of the draft of `id` as a form, with the comments of the
    /// form it came from.
    ///
    /// Takes: `revision`; the newest when it is none.
    pub fn form(
        &self,
        actor: &Actor,
        id: CveId,
        revision: Option<i64>,
        format: FormFormat,
    ) -> Result<FormView, Error> {
        let (row, previous) = self.of_record(actor, id, |reader, _| {
            let row = one(reader, id, revision)?;
            let previous = reader.form(id, row.revision, format.as_str())?;
            Ok((row, previous))
        })?;
        Ok(FormView {
            revision: row.revision,
            format,
            text: form::write(&document_of(&row)?, format, previous.as_deref()),
        })
    }

    /// Says what is wrong with a form, and saves nothing.
    pub fn check_form(
        &self,
        actor: &Actor,
        id: CveId,
        text: &str,
        format: FormFormat,
    ) -> Result<FormCheck, Error> {
        check(actor, Action::Draft)?;
        // Whoever may not see the ID learns nothing about the form, either.
        let products = self.products()?;
        let now = self.world.now();
        let products = self.of_record(actor, id, |reader, _| {
            catalogue::registered(reader, &products, &now.date())
        })?;
        let read = match form::read(text, format) {
            Ok(read) => read,
            Err(fault) => {
                return Ok(FormCheck {
                    fault: Some(fault.into()),
                    findings: Vec::new(),
                });
            }
        };
        let advisory = match read_document(&read.document, id) {
            Ok(advisory) => advisory,
            Err(refusal) => {
                let pointer = match &refusal {
                    Refusal::Invalid { field, .. } => field.clone(),
                    _ => String::new(),
                };
                return Ok(FormCheck {
                    fault: Some(FormFault {
                        line: read.line_of(&pointer),
                        column: 1,
                        message: format!("line {}: {refusal}", read.line_of(&pointer)),
                    }),
                    findings: Vec::new(),
                });
            }
        };
        let found = findings(&read.document, &advisory, &products, now)?;
        let mut findings: Vec<FormFinding> = found
            .into_iter()
            .map(|finding| FormFinding {
                line: read.line_of(&finding.pointer),
                finding,
            })
            .collect();
        findings.sort_by_key(|finding| finding.line);
        Ok(FormCheck {
            fault: None,
            findings,
        })
    }

    /// Saves a form as a further revision, and keeps its text.
    ///
    /// Takes: `base`, the revision it was made from; what others saved since is
    /// merged in, as [`Desk::save_draft`] does.
    /// Refuses: a form that cannot be read, with line, column and key; and what
    /// [`Desk::save_draft`] refuses.
    pub fn save_form(
        &self,
        actor: &Actor,
        id: CveId,
        text: &str,
        format: FormFormat,
        base: Option<i64>,
    ) -> Result<Revision, Error> {
        check(actor, Action::Draft)?;
        self.of_record(actor, id, |_, _| Ok(()))?;
        let document = form::read(text, format).map_err(unreadable)?.document;
        let (actor, text, products) = (actor.clone(), text.to_owned(), self.products()?);
        self.store.write(move |tx| {
            let (mut row, mut line) = take(tx, &actor, id, Verb::Draft)?;
            let document = match base {
                Some(base) => merged(tx, id, base, &document)?,
                None => document.clone(),
            };
            let saved = save(tx, &actor, &mut row, &mut line, document, "", &products)?;
            tx.insert_form(id, saved.revision, format.as_str(), &text)?;
            Ok(saved)
        })
    }

    /// Begins the draft of `id` with something else than its report, as a
    /// further revision. The advisory keeps the id it has; its own address is
    /// the first reference.
    ///
    /// Refuses: another ID the actor may not see, as one that is not there; a
    /// document nobody can read; a product without a template.
    pub fn start_draft(&self, actor: &Actor, id: CveId, start: &Start) -> Result<Revision, Error> {
        check(actor, Action::Draft)?;
        self.of_record(actor, id, |_, _| Ok(()))?;
        let products = self.products()?;
        let container = match start {
            Start::Clone(_) => None,
            Start::Document(text, source) => Some(self.container_of(text, *source)?),
            Start::Reported(number) => Some(self.reported_document(actor, id, *number)?),
            Start::Template(product) => {
                let product = match product.as_str() {
                    "" => self.reported_product(actor, id)?,
                    named => named.to_owned(),
                };
                let found = self.template(actor, &product)?;
                Some(found.ok_or_else(|| {
                    Refusal::not_found(format!("a template of the product `{product}`"))
                })?)
            }
        };
        let organisation = self.set_up_organisation()?;
        let portal = self.settings.portal_url.clone();
        let (actor, start) = (actor.clone(), start.clone());
        self.store.write(move |tx| {
            let (mut row, mut line) = take(tx, &actor, id, Verb::Draft)?;
            let (container, other) = match (&start, &container) {
                (Start::Clone(from), _) => cloned(tx, &actor, *from)?,
                (_, Some(container)) => (container.clone(), None),
                (_, None) => (json!({}), None),
            };
            let advisory_id = match existing_advisory(tx, id)? {
                Some(advisory_id) => advisory_id,
                None => advisory_id_for(tx, &organisation)?,
            };
            let other = other.map(|other| advisory_url(&portal, &other));
            let url = advisory_url(&portal, &advisory_id);
            let container = citing(container, &url, other.as_deref());
            let mut advisory = Map::new();
            advisory.insert("id".into(), json!(advisory_id));
            advisory.insert("cve_id".into(), json!(id));
            advisory.extend(form::repeated(&container));
            let document = json!({"cna": container, "advisory": advisory});
            save(tx, &actor, &mut row, &mut line, document, "", &products)
        })
    }

    /// Writes the description of the draft of `id` from its key details, in
    /// record and advisory, as a further revision. Vendor, product and
    /// versions are those of the draft where the details do not name them.
    pub fn describe(&self, actor: &Actor, id: CveId, details: &Details) -> Result<Revision, Error> {
        check(actor, Action::Draft)?;
        self.of_record(actor, id, |_, _| Ok(()))?;
        let products = self.products()?;
        let (actor, details) = (actor.clone(), details.clone());
        self.store.write(move |tx| {
            let (mut row, mut line) = take(tx, &actor, id, Verb::Draft)?;
            let mut document = document_of(&review::newest(tx, id)?)?;
            let text = sentence(&completed(details.clone(), &document))
                .map_err(|problem| Refusal::invalid("description", problem))?;
            let before = document.pointer("/cna/descriptions/0/value").cloned();
            document["cna"]["descriptions"] = json!([{"lang": "en", "value": text}]);
            // A summary of its own stays; one that repeats the record follows it.
            if before.is_none_or(|before| before == document["advisory"]["summary"]) {
                document["advisory"]["summary"] = json!(text);
            }
            save(tx, &actor, &mut row, &mut line, document, "", &products)
        })
    }

    /// The product the report of the case of `id` names.
    fn reported_product(&self, actor: &Actor, id: CveId) -> Result<String, Error> {
        self.of_record(actor, id, |reader, _| {
            let not_found = || Refusal::not_found(id.to_string());
            let line = reader.ledger_line(id)?.ok_or_else(not_found)?;
            let case = line.case_id.ok_or_else(not_found)?;
            let row = reader.case(case)?.ok_or_else(not_found)?;
            Ok(stored_report(&row)?.product)
        })
    }

    /// The container a document of others becomes.
    fn container_of(&self, text: &str, source: Option<Source>) -> Result<Value, Error> {
        Ok(self.read_document(text.as_bytes(), source)?.container)
    }

    /// Reads a document of others.
    ///
    /// Refuses: one of no known form, naming the forms.
    pub(crate) fn read_document(
        &self,
        bytes: &[u8],
        source: Option<Source>,
    ) -> Result<cve::convert::Read, Error> {
        let facts = json!({
            "name": self.set_up_organisation()?.name,
            "namespace": self.settings.portal_url,
        });
        let publisher: Publisher = serde_json::from_value(facts)
            .map_err(|error| Error::Broken(format!("the publisher of drafts: {error}")))?;
        cve::convert::read::read(bytes, source, &publisher).map_err(|refused| {
            let problems: Vec<&str> = refused
                .findings
                .iter()
                .map(|finding| finding.message.as_str())
                .collect();
            Refusal::invalid("document", problems.join("; ")).into()
        })
    }

    /// What drafts of a product begin with; nothing when there is no template.
    pub fn template(&self, actor: &Actor, product: &str) -> Result<Option<Value>, Error> {
        check(actor, Action::Draft).or_else(|_| check(actor, Action::Administer))?;
        let name = template_name(product);
        let text = self.store.read(|reader| reader.setting(&name))?;
        let read = |text: String| {
            serde_json::from_str(&text)
                .map_err(|error| Error::Broken(format!("the setting `{name}`: {error}")))
        };
        text.map(read).transpose()
    }

    /// Sets what drafts of a product begin with.
    ///
    /// Takes: `container`, a part of a CNA container.
    /// Refuses: a product that is not in the catalogue; what is no object.
    pub fn put_template(
        &self,
        actor: &Actor,
        product: &str,
        container: &Value,
    ) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        if !self.products()?.iter().any(|known| known.name == product) {
            return Err(Refusal::not_found(format!("product `{product}`")).into());
        }
        if !container.is_object() {
            let problem = "it is no object: expected a part of a CNA container";
            return Err(Refusal::invalid("template", problem).into());
        }
        let (name, text) = (template_name(product), container.to_string());
        let event = AuditEvent {
            actor: actor.name().to_owned(),
            org: String::new(),
            action: "template.put".into(),
            object: format!("product {product}"),
            detail: container.clone(),
        };
        self.store.write(move |tx| {
            tx.set(&name, &text)?;
            tx.audit(event.clone());
            Ok(())
        })
    }

    /// Replaces the ranges of a product in the draft of `id`, as a further
    /// revision.
    ///
    /// Takes: `product`, as the record names it; none where the draft has only
    /// one. `repo`, its address, where it is to be written. `versions`, entries
    /// of the Record Format. The affected lines of the advisory follow where
    /// they repeat the record.
    pub fn set_ranges(
        &self,
        actor: &Actor,
        id: CveId,
        product: Option<&str>,
        repo: Option<&str>,
        versions: &[Value],
    ) -> Result<Revision, Error> {
        check(actor, Action::Draft)?;
        self.of_record(actor, id, |_, _| Ok(()))?;
        let products = self.products()?;
        let actor = actor.clone();
        let (product, repo) = (product.map(str::to_owned), repo.map(str::to_owned));
        let versions = versions.to_vec();
        self.store.write(move |tx| {
            let (mut row, mut line) = take(tx, &actor, id, Verb::Draft)?;
            let mut document = document_of(&review::newest(tx, id)?)?;
            let repeats =
                document["advisory"]["affected"] == form::repeated(&document["cna"])["affected"];
            put_ranges(
                &mut document,
                product.as_deref(),
                repo.as_deref(),
                &versions,
            )?;
            if repeats {
                document["advisory"]["affected"] =
                    form::repeated(&document["cna"])["affected"].clone();
            }
            save(tx, &actor, &mut row, &mut line, document, "", &products)
        })
    }
}

fn template_name(product: &str) -> String {
    format!("template {product}")
}

/// Says whether an entry of `versions` is of commits.
fn is_commits(range: &Value) -> bool {
    range["versionType"] == "git"
}

/// Says whether an entry of `affected` has ranges, all of commits.
fn has_commits_only(entry: &Value) -> bool {
    let ranges = entry["versions"].as_array();
    ranges.is_some_and(|ranges| !ranges.is_empty() && ranges.iter().all(is_commits))
}

/// Writes the ranges of a product: versions into its entry, commits into one
/// beside it, because the order of one says nothing of the order of the other.
fn put_ranges(
    document: &mut Value,
    product: Option<&str>,
    repo: Option<&str>,
    versions: &[Value],
) -> Result<(), Refusal> {
    let (commits, releases): (Vec<Value>, Vec<Value>) =
        versions.iter().cloned().partition(is_commits);
    let no_product = || Refusal::invalid("product", "the draft has no affected product: add one");
    let entries = document["cna"]["affected"].as_array_mut();
    let entries = entries.ok_or_else(no_product)?;
    let place = affected_place(entries, product)?;
    let entry = entries.get_mut(place).ok_or_else(no_product)?;
    entry["defaultStatus"] = json!("unaffected");
    if let Some(repo) = repo {
        entry["repo"] = json!(repo);
    }
    if releases.is_empty() {
        entry["versions"] = json!(commits);
        return Ok(());
    }
    let mut beside = entry.clone();
    entry["versions"] = json!(releases);
    let name = entry["product"].clone();
    entries.retain(|entry| entry["product"] != name || !has_commits_only(entry));
    if !commits.is_empty() {
        beside["versions"] = json!(commits);
        entries.push(beside);
    }
    Ok(())
}

/// Where the entry of the versions of a product is.
fn affected_place(entries: &[Value], product: Option<&str>) -> Result<usize, Refusal> {
    let name = |entry: &Value| entry["product"].as_str().unwrap_or_default().to_owned();
    let places = || (0..entries.len()).zip(entries);
    let mut names: Vec<String> = entries.iter().map(name).collect();
    names.dedup();
    let known = || {
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let wanted = match (product, names.as_slice()) {
        (Some(product), _) => product,
        (None, [only]) => only.as_str(),
        (None, _) => {
            let problem = format!("the draft has {}: say which with `product`", known());
            return Err(Refusal::invalid("product", problem));
        }
    };
    let of_product = || places().filter(|(_, entry)| name(entry) == wanted);
    let found = of_product().find(|(_, entry)| !has_commits_only(entry));
    let found = found.or_else(|| of_product().next());
    found.map(|(place, _)| place).ok_or_else(|| {
        let problem = format!("`{wanted}` is not in the draft, which has {}", known());
        Refusal::invalid("product", problem)
    })
}

/// The container of another draft, and the id of its advisory.
fn cloned(tx: &mut Tx<'_>, actor: &Actor, from: CveId) -> Result<(Value, Option<String>), Error> {
    let not_found = || Refusal::not_found(format!("a draft of {from}"));
    let line = tx.ledger_line(from)?.ok_or_else(not_found)?;
    let case = line.case_id.ok_or_else(not_found)?;
    if !is_visible(tx, actor, case)? {
        return Err(not_found().into());
    }
    let document = document_of(&tx.draft(from)?.ok_or_else(not_found)?)?;
    let advisory_id = document["advisory"]["id"].as_str().map(str::to_owned);
    Ok((document["cna"].clone(), advisory_id))
}

/// The container with our advisory as its first reference, and without that of
/// the draft it was cloned from.
fn citing(mut container: Value, url: &str, other: Option<&str>) -> Value {
    let known = container["references"].as_array().cloned();
    let mut references = vec![json!({"url": url, "tags": ["vendor-advisory"]})];
    let others = known.into_iter().flatten().filter(|reference| {
        let found = reference["url"].as_str();
        found != Some(url) && (other.is_none() || found != other)
    });
    references.extend(others);
    container["references"] = json!(references);
    container
}

/// The details, with what the draft knows of the product.
fn completed(mut details: Details, document: &Value) -> Details {
    let first = &document["cna"]["affected"][0];
    let text = |key: &str| first[key].as_str().unwrap_or_default().to_owned();
    if details.product.is_empty() {
        details.product = text("product");
        if details.vendor.is_empty() {
            details.vendor = text("vendor");
        }
    }
    if details.versions.is_empty() {
        let repeated = form::repeated(&document["cna"]);
        let lines = repeated["affected"].as_array().cloned().unwrap_or_default();
        let of_product = format!("{} {}", text("vendor"), text("product"));
        let words: Vec<&str> = lines
            .iter()
            .filter(|line| line["product"] == of_product.trim())
            .filter_map(|line| line["versions"].as_str())
            .collect();
        // "all versions" reads badly inside the sentence, and says nothing.
        if words != ["all versions"] {
            details.versions = words.join(", ");
        }
    }
    details
}
