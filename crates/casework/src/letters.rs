//! Letters: messages to the reporter of a case, made from templates.
//!
//! A letter is a draft like every message that leaves the house: it is shown
//! first, and a person sends it.
//!
//! Source: process sections 12.3 and 12.4.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use store::{CaseRow, Tx};

use crate::announce::template;
use crate::case::{self, CaseId, Verb, stored_report};
use crate::desk::Desk;
use crate::draft::{self, advisory_url};
use crate::error::{Error, Refusal};
use crate::lanes::{self, Lane};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::revision::document_of;

/// Ours, in the order in which a case needs them.
pub(crate) const LETTERS: [(&str, &str); 6] = [
    ("first-answer", include_str!("letters/first-answer.txt")),
    ("need-info", include_str!("letters/need-info.txt")),
    ("id-and-date", include_str!("letters/id-and-date.txt")),
    (
        "not-a-vulnerability",
        include_str!("letters/not-a-vulnerability.txt"),
    ),
    (
        "scanner-findings",
        include_str!("letters/scanner-findings.txt"),
    ),
    ("published", include_str!("letters/published.txt")),
];

/// Names a letter may use.
const NAMES: [&str; 14] = [
    "REFERENCE",
    "TITLE",
    "PRODUCT",
    "REPORTER_NAME",
    "CREDIT",
    "CVE",
    "SEVERITY",
    "ADVISORY",
    "DATE",
    "PERSON",
    "ORGANISATION",
    "QUESTION",
    "REASON",
    "CASE",
];

/// A letter that was drafted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// The number of the draft in its case.
    pub number: i64,
    /// The template it was made from.
    pub template: String,
    /// The text.
    pub body: String,
}

/// Says whether a template is one of letters.
pub(crate) fn is_letter(name: &str) -> bool {
    LETTERS.iter().any(|(letter, _)| *letter == name)
}

impl Desk {
    /// Drafts a letter to the reporter of a case from a template. Nothing is
    /// sent.
    ///
    /// Takes: `values`, what the case does not say, by name.
    /// Refuses: an unknown template or name; a template that cannot be filled,
    /// with its line; `published` before the advisory of every ID of the case
    /// is public.
    pub fn draft_letter(
        &self,
        actor: &Actor,
        id: CaseId,
        name: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Letter, Error> {
        check(actor, Action::Comment)?;
        let template = self.letter(name)?;
        let organisation = self.set_up_organisation()?;
        if let Some(unknown) = values.keys().find(|name| !NAMES.contains(&name.as_str())) {
            let shown: String = unknown.chars().take(64).collect();
            let problem = format!("`{shown}` is unknown, expected one of {}", NAMES.join(", "));
            return Err(Refusal::invalid("values", problem).into());
        }
        let portal = self.settings.portal_url.clone();
        let (actor, own) = (actor.clone(), values.clone());
        self.store.write(move |tx| {
            let row = case::take(tx, &actor, id, Verb::Comment)?;
            let mut values = of_case(tx, &row, &portal)?;
            values.insert("PERSON".into(), actor.name().to_owned());
            values.insert("ORGANISATION".into(), organisation.name.clone());
            if template.name == "published" && values["ADVISORY"].is_empty() {
                let problem = "`published` is for a case whose advisories are public: publish \
                               first (`cna publish`)";
                return Err(Refusal::invalid("template", problem).into());
            }
            values.extend(own.clone());
            let filled = template::fill(&template.name, &template.text, &values)
                .map_err(|fault| Refusal::invalid("template", fault.to_string()))?;
            let body = filled.body;
            let number = lanes::insert_draft(tx, &actor, id, Lane::Reporter, "", &body)?;
            let detail = json!({"draft": number, "template": template.name});
            case::record(tx, &actor, id, "message-drafted", "message.draft", detail);
            Ok(Letter {
                number,
                template: template.name.clone(),
                body,
            })
        })
    }

    fn letter(&self, name: &str) -> Result<crate::announce::Template, Error> {
        let found = self.text_template(name).filter(|_| is_letter(name));
        Ok(found.ok_or_else(|| {
            let shown: String = name.chars().take(64).collect();
            let known: Vec<&str> = LETTERS.iter().map(|(name, _)| *name).collect();
            let problem = format!(
                "`{shown}` is no letter, expected one of {}",
                known.join(", ")
            );
            Refusal::invalid("template", problem)
        })?)
    }
}

/// What a case says, by the names a template uses.
fn of_case(
    tx: &mut Tx<'_>,
    row: &CaseRow,
    portal: &str,
) -> Result<BTreeMap<String, String>, Error> {
    let names = NAMES.iter().map(|name| ((*name).to_owned(), String::new()));
    let mut values: BTreeMap<String, String> = names.collect();
    let report = stored_report(row)?;
    let receipt = tx.receipt(row.id)?;
    let mut lines = tx.ledger_of(row.id)?;
    lines.retain(|line| !case::is_gone(line));
    let mut title = row.title.clone();
    let mut severity = String::new();
    let mut advisories = Vec::new();
    for line in &lines {
        if let (Some(newest), 1) = (tx.draft(line.id)?, lines.len()) {
            let advisory = draft::read_document(&document_of(&newest)?, line.id)?;
            title.clone_from(&advisory.title);
            severity.clone_from(&advisory.severity);
        }
        let public = tx.public_advisory_of(line.id)?;
        advisories.extend(public.map(|advisory| advisory_url(portal, &advisory.id)));
    }
    if advisories.len() < lines.len() {
        advisories.clear();
    }
    let ids: Vec<String> = lines.iter().map(|line| line.id.to_string()).collect();
    let reporter = match report.reporter.name.as_str() {
        "" => "reporter".to_owned(),
        name => name.to_owned(),
    };
    let date = tx.embargo(row.id)?.map(|embargo| {
        let local = embargo.local.replace('T', " ");
        format!("{local} ({})", embargo.zone)
    });
    for (name, value) in [
        (
            "REFERENCE",
            receipt.map(|receipt| receipt.reference).unwrap_or_default(),
        ),
        ("TITLE", title),
        ("PRODUCT", row.product.clone()),
        ("REPORTER_NAME", reporter),
        ("CREDIT", report.reporter.credit),
        ("CVE", ids.join(", ")),
        ("SEVERITY", severity),
        ("ADVISORY", advisories.join(" ")),
        ("DATE", date.unwrap_or_default()),
        ("CASE", CaseId::new(row.id).to_string()),
    ] {
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}
