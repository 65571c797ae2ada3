//! Making everything the public reads again, from nothing: advisories from
//! the revisions that were disclosed, documents from the records as they were
//! last read, the feed from the change log.
//!
//! Source: docs/architecture.md, decision 3.9; our choice: what can be made
//! again cannot have drifted.

use cve::id::CveId;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{AdvisoryRow, AuditEvent, DocumentRow, Tx};

use crate::advisory::Advisory;
use crate::desk::Desk;
use crate::documents::{self, RECORD, documents_at};
use crate::draft;
use crate::error::{Error, Refusal};
use crate::feed;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::revision::document_of;

/// What was made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Advisories.
    pub advisories: usize,
    /// Documents beside them.
    pub documents: usize,
}

/// Whom researchers reach, as `security.txt` says it.
///
/// Source: RFC 9116 section 2.5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityTxt {
    /// Addresses such as `mailto:security@example.org`, the preferred first.
    pub contact: Vec<String>,
    /// From when on it must not be believed any more.
    pub expires: Timestamp,
    /// Address of the disclosure policy; empty for none.
    #[serde(default)]
    pub policy: String,
    /// Languages reports may be in, such as `en, de`; empty for any.
    #[serde(default)]
    pub preferred_languages: String,
}

const SECURITY_TXT: &str = "security-txt";

impl Desk {
    /// Empties what the public reads and makes it again, in one unit of work.
    ///
    /// Gives: how much there is; byte for byte what was there before.
    pub fn rebuild_public(&self, actor: &Actor) -> Result<Rebuilt, Error> {
        check(actor, Action::Administer)?;
        let (portal, desk) = (self.settings.portal_url.clone(), self.clone());
        let made = self.store.snapshot(|reader| {
            let mut made = Vec::new();
            for id in reader.disclosed_ids()? {
                let disclosures = reader.disclosures(id)?;
                let (Some(first), Some(last)) = (disclosures.first(), disclosures.last()) else {
                    continue;
                };
                let revisions = reader.revisions(id)?;
                let row = revisions.iter().find(|row| row.digest == last.digest);
                let row = row.ok_or_else(|| {
                    Error::Broken(format!("the revision of {id} that is public is gone"))
                })?;
                let advisory = draft::read_document(&document_of(row)?, id)?;
                let live = reader.live_record(id)?;
                made.push((row_of(&advisory, first.at, last.at), advisory, live));
            }
            Ok::<_, Error>(made)
        })?;
        let mut all = Vec::new();
        for (row, advisory, live) in made {
            let url = draft::advisory_url(&portal, &row.id);
            let documents = match live {
                Some(live) => {
                    let record: Value = serde_json::from_slice(&live.body).map_err(|error| {
                        Error::Broken(format!("the record of {}: {error}", row.cve_id))
                    })?;
                    documents_at(&desk, &url, &record, live.at)?
                }
                None => Vec::new(),
            };
            all.push((row, products_of(&advisory), documents));
        }
        let rebuilt = Rebuilt {
            advisories: all.len(),
            documents: all.iter().map(|(.., documents)| documents.len()).sum(),
        };
        let (by, detail) = (actor.name().to_owned(), json!(rebuilt));
        self.store.write(move |tx| {
            tx.clear_public()?;
            for (row, products, documents) in &all {
                tx.insert_advisory(row)?;
                tx.put_advisory_products(&row.id, products)?;
                documents::put(tx, &row.id, documents)?;
            }
            feed::restart(tx)?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "portal.rebuild".into(),
                object: "portal".into(),
                detail: detail.clone(),
            });
            Ok::<_, Error>(())
        })?;
        self.follow_feed()?;
        Ok(rebuilt)
    }

    /// Sets whom researchers reach.
    ///
    /// Refuses: no contact, or one that is no `mailto:`, `https:` or `tel:`
    /// address; an end that has passed; a policy that is no HTTPS address.
    pub fn set_security_txt(&self, actor: &Actor, text: &SecurityTxt) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let known = ["mailto:", "https://", "tel:"];
        let is_address = |line: &String| {
            known.iter().any(|scheme| line.starts_with(scheme))
                && line.chars().all(|c| c.is_ascii_graphic())
        };
        if text.contact.is_empty() || !text.contact.iter().all(is_address) {
            let problem = "expected at least one address such as `mailto:security@example.org`";
            return Err(Refusal::invalid("contact", problem).into());
        }
        if text.expires <= self.world.now() {
            let problem = format!(
                "`{}` has passed: name a day within the next year",
                text.expires
            );
            return Err(Refusal::invalid("expires", problem).into());
        }
        if !text.policy.is_empty() && !is_address(&text.policy) {
            let problem = "expected an address such as `https://example.org/policy`";
            return Err(Refusal::invalid("policy", problem).into());
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || "-, ".contains(c);
        if !text.preferred_languages.chars().all(is_word) {
            let problem = "expected languages such as `en, de`";
            return Err(Refusal::invalid("preferred_languages", problem).into());
        }
        let (by, text) = (actor.name().to_owned(), json!(text));
        self.store.write(move |tx| {
            tx.set(SECURITY_TXT, &text.to_string())?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "security-txt.set".into(),
                object: "organisation".into(),
                detail: text.clone(),
            });
            Ok(())
        })
    }
}

fn row_of(advisory: &Advisory, published: Timestamp, modified: Timestamp) -> AdvisoryRow {
    AdvisoryRow {
        id: advisory.id.clone(),
        cve_id: advisory.cve_id,
        title: advisory.title.clone(),
        summary: advisory.summary.clone(),
        severity: advisory.severity.clone(),
        document: json!(advisory).to_string(),
        published,
        modified,
    }
}

/// The products of an advisory, as slug and name.
pub(crate) fn products_of(advisory: &Advisory) -> Vec<(String, String)> {
    let mut products: Vec<(String, String)> = Vec::new();
    for line in &advisory.affected {
        let slug = slug(&line.product);
        if !slug.is_empty() && !products.iter().any(|(known, _)| *known == slug) {
            products.push((slug, line.product.clone()));
        }
    }
    products
}

/// A name as it stands in an address: letters, digits and single hyphens.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Keeps the record that `made` holds, beside the documents made from it.
pub(crate) fn keep_live(tx: &mut Tx<'_>, id: CveId, made: &[DocumentRow]) -> Result<(), Error> {
    if let Some(record) = made.iter().find(|document| document.kind == RECORD) {
        tx.put_live_record(id, &record.body, record.modified)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_an_address_without_anything_odd_in_it() {
        assert_eq!(slug("Example Node Agent"), "example-node-agent");
        assert_eq!(slug("  A/B  (C)!"), "a-b-c");
        assert_eq!(slug("../"), "");
    }
}
