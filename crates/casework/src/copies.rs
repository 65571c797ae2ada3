//! Looks at the copies of a published record: at the service, and in a CVE List
//! that was imported.
//!
//! The CVE List lags behind the service, so the look is repeated until both
//! show what was published.
//!
//! Source: process section 6, PC-12; D-31.

use cve::compare::is_same;
use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::cve_list::{self, ListEntry};
use store::{CopyLookRow, Reader};

use crate::case::{self, CaseId, Names, Verb};
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::revision::document_of;

/// A copy of a record, as it was seen last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordCopy {
    /// Where it is: `services`, or `list` for an imported CVE List.
    pub source: String,
    /// `same` as what was published last, `differs`, or `missing`.
    pub state: String,
    /// What was seen, in words.
    pub words: String,
    /// When the copy says that it was changed last; empty where it does not.
    pub updated: String,
    /// Since when every look found it the same; nothing while it is not.
    pub same_since: Option<Timestamp>,
    /// Name of whoever had it looked at.
    pub seen_by: String,
    /// When.
    pub seen_at: Timestamp,
}

/// What a look found.
struct Found {
    source: &'static str,
    state: &'static str,
    words: String,
    updated: String,
}

impl Desk {
    /// Looks at the copies of the published record of `id`, and keeps what was
    /// seen: the service's, and that of an imported CVE List where there is
    /// one. Nothing is changed at either.
    ///
    /// Refuses: an ID whose record is not published; a service that does not
    /// answer, which leaves what was seen before as it is.
    pub fn look_at_copies(&self, actor: &Actor, id: CveId) -> Result<Vec<RecordCopy>, Error> {
        check(actor, Action::Tick)?;
        let (account, digest, container) = self.of_record(actor, id, |reader, _| {
            let line = reader.ledger_line(id)?;
            let line = line.ok_or_else(|| Refusal::not_found(id.to_string()))?;
            let last = reader.publications(id)?.pop().ok_or_else(|| {
                let problem = format!("{id} is not published: `cna publish {id}` comes first");
                Refusal::invalid("cve_id", problem)
            })?;
            let revisions = reader.revisions(id)?;
            let row = revisions.iter().find(|row| row.digest == last.digest);
            let row = row.ok_or_else(|| {
                Error::Broken(format!("the revision of {id} that was published is gone"))
            })?;
            let container = document_of(row)?["cna"].take();
            Ok((line.account, last.digest, container))
        })?;
        let mut found = vec![self.at_the_service(&account, id, &container)?];
        found.extend(self.in_the_list(id, &container)?);
        let who = actor.clone();
        self.store.write(move |tx| {
            let (row, _) = draft::take(tx, &who, id, Verb::Comment)?;
            for one in &found {
                let number = tx.copy_looks(id)?.len() as i64 + 1;
                let look = CopyLookRow {
                    number,
                    source: one.source.to_owned(),
                    state: one.state.to_owned(),
                    words: one.words.clone(),
                    digest,
                    updated: one.updated.clone(),
                    seen_by: who.id().to_owned(),
                    at: tx.now(),
                };
                tx.insert_copy_look(id, &look)?;
                let detail = json!({"cve_id": id, "source": one.source, "state": one.state});
                let case = CaseId::new(row.id);
                case::record(tx, &who, case, "looked", "look-at-copy", detail);
            }
            Ok::<_, Error>(())
        })?;
        self.copies(actor, id)
    }

    /// What was seen last of each copy of the record of `id`; empty before the
    /// first look.
    pub fn copies(&self, actor: &Actor, id: CveId) -> Result<Vec<RecordCopy>, Error> {
        check(actor, Action::See)?;
        self.of_record(actor, id, |reader, names| seen(reader, id, names))
    }

    fn at_the_service(&self, account: &str, id: CveId, container: &Value) -> Result<Found, Error> {
        let services = self.services(account)?;
        let live = services.record(id).map_err(|error| {
            let problem = format!("the service did not say what it has of {id}: {error}");
            Refusal::invalid("service", problem)
        })?;
        let source = "services";
        let Some(live) = live.map(|reply| reply.raw) else {
            return Ok(Found {
                source,
                state: "missing",
                words: format!("there is no record of {id}"),
                updated: String::new(),
            });
        };
        let state = live["cveMetadata"]["state"].as_str().unwrap_or("none");
        let is_equal = is_same(container, &live["containers"]["cna"]);
        let updated = live["cveMetadata"]["dateUpdated"].as_str();
        let words = match (state, is_equal) {
            ("PUBLISHED", true) => "it holds what was published".to_owned(),
            ("PUBLISHED", false) => format!(
                "its content is another than what was published: see it with `cna draft merge {id}`"
            ),
            (state, _) => format!("its state is `{state}`, expected `PUBLISHED`"),
        };
        Ok(Found {
            source,
            state: if state == "PUBLISHED" && is_equal {
                "same"
            } else {
                "differs"
            },
            words,
            updated: updated.unwrap_or_default().to_owned(),
        })
    }

    /// The copy in the imported CVE List; nothing where none was imported. Of a
    /// record, the imported list keeps title, description, products, weaknesses
    /// and references.
    fn in_the_list(&self, id: CveId, container: &Value) -> Result<Option<Found>, Error> {
        let Some(list) = &self.cve_list else {
            return Ok(None);
        };
        let entry = match list.entry(id) {
            Ok(entry) => entry,
            Err(cve_list::Error::Missing) => return Ok(None),
            Err(error) => return Err(Error::Broken(error.to_string())),
        };
        let source = "list";
        let Some(entry) = entry else {
            return Ok(Some(Found {
                source,
                state: "missing",
                words: format!(
                    "the imported list does not have {id}: import a newer one (`cna list import`)"
                ),
                updated: String::new(),
            }));
        };
        let ours = json!({"cveMetadata": {"cveId": id, "state": "PUBLISHED"},
                          "containers": {"cna": container}});
        let ours = ListEntry::read(ours.to_string().as_bytes()).map_err(Error::Broken)?;
        let other = differing(&ours, &entry);
        let words = match other.as_slice() {
            [] => "what the imported list keeps of it is as published".to_owned(),
            other => format!("the imported list has another {}", other.join(", ")),
        };
        Ok(Some(Found {
            source,
            state: if other.is_empty() { "same" } else { "differs" },
            words,
            updated: entry.updated,
        }))
    }
}

/// What a list has otherwise than we published it. What the Secretariat and
/// others add to products, weaknesses and references is no difference.
fn differing(ours: &ListEntry, listed: &ListEntry) -> Vec<&'static str> {
    let mut other = Vec::new();
    let mut check = |name: &'static str, is_same: bool| {
        if !is_same {
            other.push(name);
        }
    };
    check("state", ours.state == listed.state);
    check("title", ours.title == listed.title);
    check("description", ours.description == listed.description);
    let has_products = ours
        .products
        .iter()
        .all(|one| listed.products.contains(one));
    check("list of products", has_products);
    let has_weaknesses = ours.weaknesses.iter();
    let has_weaknesses = has_weaknesses
        .clone()
        .all(|one| listed.weaknesses.contains(one));
    check("weakness", has_weaknesses);
    let has_references = ours.references.iter();
    let has_references = has_references
        .clone()
        .all(|one| listed.references.contains(one));
    check("list of references", has_references);
    other
}

/// The last look at each copy, and since when it is the same.
fn seen(reader: &mut Reader<'_>, id: CveId, names: &Names) -> Result<Vec<RecordCopy>, Error> {
    let looks = reader.copy_looks(id)?;
    let published = reader.publications(id)?.pop().map(|row| row.digest);
    let mut copies = Vec::new();
    for source in ["services", "list"] {
        let of_source: Vec<&CopyLookRow> =
            looks.iter().filter(|look| look.source == source).collect();
        let Some(last) = of_source.last() else {
            continue;
        };
        copies.push(RecordCopy {
            source: source.to_owned(),
            state: last.state.clone(),
            words: match published == Some(last.digest) {
                true => last.words.clone(),
                false => format!("{}, before the last publication: look again", last.words),
            },
            updated: last.updated.clone(),
            same_since: same_since(&of_source, published),
            seen_by: names.of(&last.seen_by),
            seen_at: last.at,
        });
    }
    Ok(copies)
}

/// Since when every look found the copy the same as what was published last.
fn same_since(looks: &[&CopyLookRow], published: Option<Digest>) -> Option<Timestamp> {
    let is_same = |look: &&&CopyLookRow| look.state == "same" && Some(look.digest) == published;
    let run = looks.iter().rev().take_while(is_same);
    run.last().map(|look| look.at)
}

/// What is known of the copies, for PC-12; empty before the first look.
pub(crate) fn words(reader: &mut Reader<'_>, id: CveId) -> Result<String, Error> {
    let names = Names::load(reader)?;
    let copies = seen(reader, id, &names)?;
    let words = copies.iter().map(|copy| {
        let place = match copy.source.as_str() {
            "list" => "the imported CVE List",
            _ => "the service",
        };
        format!("{place}: {} (seen at {})", copy.words, copy.seen_at)
    });
    Ok(words.collect::<Vec<_>>().join("; "))
}
