//! What the content rules say of the records of a scenario.

use cve::check::{Kind, Severity};
use cve::lint::{self, Context, Link, Linter, Needs, Settings};
use serde_json::{Value, json};

use super::course::Course;
use crate::clocks::EventKind;
use crate::lifecycle::rejection;

/// What the content rules found, by weight; each code once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// Whether there is a record to read.
    pub(crate) is_read: bool,
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) advice: Vec<String>,
    pub(crate) passed: Vec<String>,
}

impl Course {
    /// Checks the record of an ID.
    ///
    /// Source: process section 5.1; CNA Rules 5.1.7 and 5.1.7.1 for what has
    /// no type.
    pub(crate) fn content(&self, id: &str) -> Content {
        let Some(record) = self.given.records.get(id) else {
            return Content::default();
        };
        let is_rejected = record.get("rejectedReasons").is_some();
        let bytes = whole(id, record, is_rejected).to_string();
        let links = self.links(record);
        let was_published = self.ids.get(id).map(|line| line.published.is_some());
        // That a type cannot be determined is known since version 4.2, and
        // then a task has to be open to supply it.
        let excepted = self.given.case.type_not_determinable == Some(true)
            && self.pack.has("record.type-unknown");
        let about = &self.given.case;
        let told = [about.target_updated, about.archived, about.still_announced]
            .iter()
            .any(Option::is_some);
        let case = lint::Case {
            has_type_task: self.has_type_task(),
            reject_reason: self
                .ids
                .get(id)
                .and_then(|line| line.reason)
                .map(|reason| reason.to_string()),
            is_target_updated: self.given.case.target_updated,
            is_archived: self.given.case.archived,
            is_still_announced: self.given.case.still_announced,
            ..lint::Case::default()
        };
        let context = Context {
            now: Some(self.now),
            was_published,
            links: (!links.is_empty()).then_some(links.as_slice()),
            case: (excepted || (is_rejected && told)).then_some(&case),
            ..Context::default()
        };
        // The default settings name no rule, so none can be unknown.
        let Ok(mut linter) = Linter::new(&Settings::default()) else {
            return Content::default();
        };
        let (_, findings) = linter.findings(Kind::Record, bytes.as_bytes(), &context);
        let mut content = Content {
            is_read: true,
            ..Content::default()
        };
        for finding in findings {
            let list = match finding.severity {
                Severity::Error | Severity::Violation => &mut content.errors,
                Severity::Warning => &mut content.warnings,
                Severity::Advice => &mut content.advice,
            };
            if !list.iter().any(|code| *code == finding.code) {
                list.push(finding.code.into_owned());
            }
        }
        if !is_rejected {
            for code in [unknown_tag(record), says_void(record)]
                .into_iter()
                .flatten()
            {
                if !content.errors.iter().any(|known| known == code) {
                    content.errors.push(code.to_owned());
                }
            }
        }
        let rules = lint::rules()
            .iter()
            .filter(|rule| rule.code.starts_with("RE"))
            // What could not be decided has not passed.
            .filter(|rule| match rule.needs {
                Needs::Document | Needs::Schema => true,
                Needs::Ledger => was_published.is_some(),
                Needs::Network => !links.is_empty(),
                Needs::Case => context.case.is_some(),
                Needs::Server | Needs::Registry | Needs::Person => false,
            });
        let hit = |code: &str| {
            let lists = [&content.errors, &content.warnings, &content.advice];
            lists
                .iter()
                .any(|list| list.iter().any(|known| known == code))
        };
        let passed = rules.map(|rule| rule.code).filter(|code| !hit(code));
        content.passed = passed.map(str::to_owned).collect();
        content
    }

    fn has_type_task(&self) -> bool {
        self.clock
            .iter()
            .any(|event| event.kind == EventKind::TypeUnknown)
    }

    fn links(&self, record: &Value) -> Vec<Link> {
        let advisory = self.given.advisory.as_ref();
        let references = record.get("references").and_then(Value::as_array);
        let urls = references
            .into_iter()
            .flatten()
            .filter_map(|reference| reference["url"].as_str());
        urls.filter_map(|url| {
            let own = advisory.filter(|advisory| advisory.url == url);
            if let Some(advisory) = own {
                return Some(Link {
                    url: url.to_owned(),
                    status: advisory.status,
                    needs_login: advisory.needs_login,
                    names_id: advisory.names_id,
                    names_product: advisory.names_id,
                    is_archived: true,
                    is_own_advisory: true,
                });
            }
            let link = self.given.links.get(url)?;
            Some(Link {
                url: url.to_owned(),
                status: link.status,
                needs_login: link.needs_login,
                names_id: link.names_id,
                names_product: link.names_product,
                is_archived: link.archived,
                is_own_advisory: false,
            })
        })
        .collect()
    }

    /// What the rules of rejections say of the rejected records.
    ///
    /// Source: process section 5.2.
    pub(crate) fn rejections(&self) -> Value {
        let records = self.given.records.iter();
        let read = records.filter_map(|(id, record)| {
            let reasons = record.get("rejectedReasons")?.as_array()?;
            let text = reasons
                .iter()
                .find(|reason| {
                    reason["lang"]
                        .as_str()
                        .is_some_and(|lang| lang.starts_with("en"))
                })
                .and_then(|reason| reason["value"].as_str())
                .unwrap_or_default();
            let replaced_by: Vec<String> = record["replacedBy"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|id| id.as_str().map(str::to_owned))
                .collect();
            let line = self.ids.get(id);
            let was_published = line.is_some_and(|line| line.published.is_some());
            let code = line.and_then(|line| line.reason);
            let reading = rejection::read(id, text);
            let faults = rejection::faults(id, text, &replaced_by, was_published, code);
            let of = |severity: &str| -> Vec<String> {
                let mut codes: Vec<String> = faults
                    .iter()
                    .filter(|fault| fault.severity == severity)
                    .map(|fault| format!("{}: {}", fault.code, fault.why))
                    .collect();
                codes.dedup();
                codes
            };
            let verdict = match (of("error").is_empty(), of("warning").is_empty()) {
                (false, _) => "error",
                (true, false) => "warning",
                (true, true) => "pass",
            };
            Some((
                id.clone(),
                json!({
                    "verdict": verdict,
                    "errors": of("error"),
                    "warnings": of("warning"),
                    "info": of("info"),
                    "form": reading.form,
                    "reason": code.or(reading.reason),
                    "instead": reading.instead,
                    "related": reading.related,
                }),
            ))
        });
        Value::Object(read.collect())
    }

    /// How records are shown: a disputed one with its status and the sentence
    /// that explains it.
    ///
    /// Source: CNA Rules 4.5.3.11.
    pub(crate) fn display(&self) -> Value {
        let records = self.given.records.iter();
        let shown = records.filter_map(|(id, record)| {
            let tags = record["tags"].as_array()?;
            let has = |word: &str| tags.iter().any(|tag| tag == word);
            let text = english(record)?;
            let note = text.find("NOTE:").map(|at| &text[at..]);
            Some((
                id.clone(),
                json!({
                    "status": if has("disputed") { "disputed" } else { "published" },
                    "end_of_life": has("unsupported-when-assigned"),
                    "explanation": if has("disputed") { note } else { None },
                    "together": has("disputed") && note.is_some(),
                }),
            ))
        });
        Value::Object(shown.collect())
    }
}

/// The record a container is in, as CVE Services would keep it.
fn whole(id: &str, container: &Value, is_rejected: bool) -> Value {
    // A container of a scenario names nobody, so somebody is put there.
    const NOBODY: &str = "00000000-0000-4000-8000-000000000000";
    let mut container = container.clone();
    if container.get("providerMetadata").is_none()
        && let Some(map) = container.as_object_mut()
    {
        map.insert("providerMetadata".into(), json!({"orgId": NOBODY}));
    }
    json!({
        "dataType": "CVE_RECORD",
        "dataVersion": "5.2.0",
        "cveMetadata": {
            "cveId": id,
            "assignerOrgId": NOBODY,
            "state": if is_rejected { "REJECTED" } else { "PUBLISHED" },
        },
        "containers": {"cna": container},
    })
}

/// A tag that is none of the format's and does not begin with `x_`. The
/// schema refuses such a record, so the linter leaves it to that.
fn unknown_tag(record: &Value) -> Option<&'static str> {
    const TAGS: [&str; 3] = [
        "unsupported-when-assigned",
        "exclusively-hosted-service",
        "disputed",
    ];
    let tags = record["tags"].as_array()?;
    let known = |tag: &Value| {
        let tag = tag.as_str().unwrap_or_default();
        tag.starts_with("x_") || TAGS.contains(&tag)
    };
    (!tags.iter().all(known)).then_some("REC-060")
}

/// A description that says of a published record that it is void. Process
/// section 5.1 makes it an error, where the linter warns of what only a reader
/// can be sure of; a precedent is read by people.
fn says_void(record: &Value) -> Option<&'static str> {
    let low = english(record)?.to_lowercase();
    let says = [
        "is a duplicate of cve-",
        "is a duplicate for cve-",
        "do not use this cve",
        "do not use this candidate",
        "rejected or withdrawn by its cve numbering authority",
    ];
    says.iter()
        .any(|words| low.contains(words))
        .then_some("REC-069")
}

/// The English description of a container.
pub(crate) fn english(record: &Value) -> Option<&str> {
    let descriptions = record["descriptions"].as_array()?;
    let english = |one: &&Value| {
        one["lang"]
            .as_str()
            .is_some_and(|lang| lang.starts_with("en"))
    };
    descriptions.iter().find(english)?["value"].as_str()
}
