//! CSAF 2.0, and what 2.1 has in common with it.
//!
//! Source: CSAF 2.0 and 2.1; formats section 3, read backwards.

use serde_json::{Value, json};

use super::draft::Draft;
use super::object::{Found, Object, shortened};
use crate::check::{CREDIT_TYPES, REFERENCE_TAGS};
use crate::convert::Read;
use crate::cwe;

mod notes;
mod status;
mod tree;

/// The scores of a vulnerability: the keys that hold a CVSS object.
const CVSS_KEYS: [&str; 3] = ["cvss_v4", "cvss_v3", "cvss_v2"];

/// Reads a document. A record is of one vulnerability, so the first is read
/// and every other is unplaced.
pub(super) fn read(document: &Value) -> Read {
    let mut draft = Draft::default();
    let mut csaf = Object::new(document, "");
    let mut head = csaf.object("document", &mut draft);
    let known = head
        .peek("csaf_version")
        .and_then(Value::as_str)
        .is_some_and(|version| matches!(version, "2.0" | "2.1"));
    if !known {
        draft.warn(
            "CONV-CSAF-VERSION",
            "/document/csaf_version",
            "the version is neither 2.0 nor 2.1; it is read as 2.0",
            "check what was read",
        );
    }
    let publisher = Publisher::of(&mut head, &mut draft);
    let tree = tree::Tree::read(&mut csaf, &mut draft);
    let mut vulnerabilities = csaf.objects("vulnerabilities", &mut draft).into_iter();
    let first = vulnerabilities.next();
    for other in vulnerabilities {
        let id = other
            .peek("cve")
            .and_then(Value::as_str)
            .unwrap_or("no CVE ID");
        draft.unplaced(
            "second-vulnerability",
            other.pointer().to_owned(),
            format!(
                "a record is of one vulnerability, and {} is another",
                shortened(id)
            ),
        );
    }
    match first {
        Some(first) => vulnerability(first, &tree, &publisher, &mut draft),
        None => {
            draft.warn(
                "CONV-CSAF",
                "/vulnerabilities",
                "the document has no vulnerability",
                "describe the vulnerability",
            );
            if let Some(id) = head
                .peek("tracking")
                .and_then(|tracking| tracking["id"].as_str())
                .filter(|id| id.starts_with("CVE-"))
            {
                draft.id(&Found {
                    text: id,
                    pointer: "/document/tracking/id".to_owned(),
                });
            }
        }
    }
    about(&mut head, &publisher, &mut draft);
    head.finish(&mut draft);
    csaf.ignore(&["$schema"]);
    csaf.finish(&mut draft);
    draft.finish()
}

/// What of the document's head matters for what is read.
struct Publisher {
    name: Option<String>,
    is_vendor: bool,
    lang: String,
    /// Written by this program, so that sentences of ours are known.
    is_ours: bool,
}

impl Publisher {
    fn of(head: &mut Object, draft: &mut Draft) -> Publisher {
        let mut publisher = head.object("publisher", draft);
        let name = publisher
            .text("name", draft)
            .map(|name| name.text.to_owned());
        let category = publisher
            .text("category", draft)
            .map(|category| category.text);
        let is_vendor = category == Some("vendor");
        // How to reach the publisher: a record has its CNA instead.
        publisher.ignore(&["namespace", "contact_details", "issuing_authority"]);
        publisher.finish(draft);
        let lang = head
            .text("lang", draft)
            .map_or("en", |lang| lang.text)
            .to_owned();
        let engine = head
            .peek("tracking")
            .map(|tracking| &tracking["generator"]["engine"]["name"]);
        Publisher {
            name,
            is_vendor,
            lang,
            is_ours: engine.is_some_and(|engine| engine == "cna"),
        }
    }
}

/// The head: title, names, references.
fn about(head: &mut Object, publisher: &Publisher, draft: &mut Draft) {
    let title = head.text("title", draft);
    if let Some(title) =
        title.filter(|title| !draft.has("title") && !title.text.starts_with("CVE-"))
    {
        draft.title(&title);
    }
    references(head, publisher, draft);
    let mut tracking = head.object("tracking", draft);
    let id = tracking.text("id", draft);
    let mut names: Vec<Found> = tracking.texts("aliases", draft);
    if let Some(id) = id.filter(|id| !draft.mentions(id.text)) {
        names.push(id);
    }
    // The document's own name, the last of these, is the CNA's advisory.
    names.retain(|name| !name.text.starts_with("CVE-"));
    if let Some(own) = names
        .pop()
        .filter(|own| !draft.mentions(own.text) || !draft.has("source"))
    {
        draft.source("advisory", json!(own.text), &own.pointer);
    }
    for name in names {
        if !draft.mentions(name.text) {
            draft.unplaced(
                "alias",
                name.pointer,
                format!(
                    "a record has no place for the alias `{}`",
                    shortened(name.text)
                ),
            );
        }
    }
    // When which release of the document was made, and with what.
    tracking.ignore(&[
        "current_release_date",
        "initial_release_date",
        "revision_history",
        "status",
        "version",
        "generator",
    ]);
    tracking.finish(draft);
    acknowledgments(head, draft);
    let mut severity = head.object("aggregate_severity", draft);
    if let Some(text) = severity.text("text", draft) {
        draft.other_metric(
            "aggregate severity",
            json!({"text": text.text}),
            &text.pointer,
        );
    }
    severity.finish(draft);
    for mut note in head.objects("notes", draft) {
        let title = note
            .text("title", draft)
            .map_or("without a title", |title| title.text);
        let pointer = note.pointer().to_owned();
        draft.unplaced(
            "note",
            pointer,
            format!(
                "a record has no place for the document's note `{}`",
                shortened(title)
            ),
        );
        note.ignore(&["text", "category", "audience"]);
        note.finish(draft);
    }
    head.ignore(&[
        "category",
        "csaf_version",
        "distribution",
        "source_lang",
        "license_expression",
    ]);
}

fn vulnerability(mut one: Object, tree: &tree::Tree, publisher: &Publisher, draft: &mut Draft) {
    if let Some(id) = one.text("cve", draft) {
        draft.id(&id);
    }
    if let Some(title) = one.text("title", draft) {
        draft.title(&title);
    }
    let affected = status::read(
        &mut one,
        tree,
        publisher.name.as_deref().filter(|_| publisher.is_vendor),
        draft,
    );
    weaknesses(&mut one, draft);
    scores(&mut one, &affected, draft);
    // Scores that found no place of their own are in notes.
    notes::read(&mut one, &publisher.lang, draft);
    remediations(&mut one, publisher, &affected, draft);
    threats(&mut one, publisher, &affected, draft);
    references(&mut one, publisher, draft);
    acknowledgments(&mut one, draft);
    for key in ["release_date", "disclosure_date"] {
        if let Some(date) = one.text(key, draft) {
            draft.set("datePublic", json!(date.text), date.pointer);
        }
    }
    ids(&mut one, draft);
    for (key, why) in [
        (
            "flags",
            "a record does not say why a version is not affected",
        ),
        ("involvements", "a record does not say who was asked"),
        (
            "discovery_date",
            "a record has events in words, not a date of discovery",
        ),
        (
            "first_known_exploitation_dates",
            "a record has exploitation in words only",
        ),
    ] {
        if one.peek(key).is_some() {
            draft.unplaced(key, one.at(key), why);
            one.ignore(&[key]);
        }
    }
    one.finish(draft);
}

fn weaknesses(one: &mut Object, draft: &mut Draft) {
    let mut all: Vec<Object> = one.objects("cwes", draft);
    if one.peek("cwe").is_some() {
        all.insert(0, one.object("cwe", draft));
    }
    for mut weakness in all {
        let id = weakness.text("id", draft);
        let name = weakness.text("name", draft).map(|name| name.text);
        if let Some(id) = id {
            match cwe::number(id.text) {
                Some(number) if draft.has_weakness(number) => {}
                Some(number) => {
                    let text = name.map_or_else(String::new, |name| format!("CWE-{number} {name}"));
                    draft.weakness(Some(number), &text, &id.pointer);
                }
                None => draft.unplaced(
                    "cwe",
                    &id.pointer,
                    format!("`{}` is no CWE ID", shortened(id.text)),
                ),
            }
        }
        weakness.ignore(&["version"]);
        weakness.finish(draft);
    }
}

fn scores(one: &mut Object, affected: &[String], draft: &mut Draft) {
    for mut score in one.objects("scores", draft) {
        for key in CVSS_KEYS {
            cvss(&mut score, key, draft);
        }
        of_all(&mut score, "products", affected, "score", draft);
        score.finish(draft);
    }
    // 2.1 has the same one level deeper.
    for mut metric in one.objects("metrics", draft) {
        let mut content = metric.object("content", draft);
        for key in CVSS_KEYS {
            cvss(&mut content, key, draft);
        }
        content.finish(draft);
        of_all(&mut metric, "products", affected, "score", draft);
        metric.finish(draft);
    }
}

fn cvss(object: &mut Object, key: &'static str, draft: &mut Draft) {
    let Some(value) = object.take(key) else {
        return;
    };
    let pointer = format!("{}/vectorString", object.at(key));
    match value["vectorString"].as_str() {
        // The other keys repeat the vector.
        Some(vector) => draft.metric(vector, value["baseScore"].as_f64(), &pointer),
        None => draft.unplaced("cvss", object.at(key), "the score has no vector"),
    }
}

/// Says when a statement is about some of the affected products only.
fn of_all(
    object: &mut Object,
    key: &'static str,
    affected: &[String],
    what: &str,
    draft: &mut Draft,
) {
    let pointer = object.at(key);
    let products = object.texts(key, draft);
    if products.is_empty() {
        return;
    }
    let missing = affected
        .iter()
        .any(|id| products.iter().all(|found| found.text != id));
    if missing {
        draft.unplaced(
            "products-of",
            pointer,
            format!("the {what} is for some products only, which a record cannot say"),
        );
    }
}

fn remediations(one: &mut Object, publisher: &Publisher, affected: &[String], draft: &mut Draft) {
    for mut remedy in one.objects("remediations", draft) {
        let category = remedy
            .text("category", draft)
            .map_or("", |category| category.text);
        let details = remedy.text("details", draft);
        if let Some(url) = remedy.text("url", draft) {
            let tags: &[&str] = if category == "vendor_fix" {
                &["patch"]
            } else {
                &[]
            };
            draft.reference(url.text, None, tags, &url.pointer);
        }
        let key = match category {
            "vendor_fix" | "optional_patch" | "fix_planned" => Some("solutions"),
            "workaround" | "mitigation" => Some("workarounds"),
            _ => None,
        };
        let ours = |text: &str| publisher.is_ours && text.starts_with("The CVE Record ");
        match (key, details) {
            // A sentence of ours that only repeats the versions.
            (_, Some(details)) if ours(details.text) => {}
            (Some(key), Some(details)) => {
                draft.prose(key, &publisher.lang, details.text, &details.pointer, None)
            }
            (None, Some(details)) => draft.unplaced(
                "remediation",
                details.pointer,
                format!("a record has no place for a remediation `{category}`"),
            ),
            (_, None) => {}
        }
        of_all(&mut remedy, "product_ids", affected, "remediation", draft);
        remedy.finish(draft);
    }
}

fn threats(one: &mut Object, publisher: &Publisher, affected: &[String], draft: &mut Draft) {
    for mut threat in one.objects("threats", draft) {
        let category = threat
            .text("category", draft)
            .map_or("", |category| category.text);
        let details = threat.text("details", draft);
        match (category, details) {
            (_, Some(details))
                if publisher.is_ours && details.text.starts_with("The CVE Record ") =>
            {
                threat.ignore(&["product_ids"]);
            }
            ("exploit_status", Some(details)) => draft.prose(
                "exploits",
                &publisher.lang,
                details.text,
                &details.pointer,
                None,
            ),
            ("impact", Some(details)) => impact(&details, &publisher.lang, draft),
            (_, Some(details)) => draft.unplaced(
                "threat",
                details.pointer,
                format!("a record has no place for a threat `{category}`"),
            ),
            (_, None) => {}
        }
        of_all(&mut threat, "product_ids", affected, "threat", draft);
        threat.finish(draft);
    }
}

/// An impact; the attack pattern that its text begins with is its ID.
fn impact(details: &Found, lang: &str, draft: &mut Draft) {
    let id = details.text.split([' ', ':']).next().unwrap_or_default();
    let Some(number) = cwe::attack_pattern_number(id) else {
        let value = json!({"descriptions": [{"lang": lang, "value": details.text}]});
        return draft.push("impacts", value, &details.pointer);
    };
    let rest = details.text[id.len()..]
        .strip_prefix(':')
        .map(str::trim)
        .filter(|rest| !rest.is_empty());
    let text = rest.unwrap_or(details.text);
    let value = json!({"capecId": format!("CAPEC-{number}"), "descriptions": [{"lang": lang, "value": text}]});
    draft.push("impacts", value, &details.pointer);
}

/// References. Their summary is a name, or the tags it is made of.
fn references(object: &mut Object, publisher: &Publisher, draft: &mut Draft) {
    for mut reference in object.objects("references", draft) {
        let category = reference
            .text("category", draft)
            .map(|category| category.text);
        let summary = reference.text("summary", draft).map(|summary| summary.text);
        if let Some(url) = reference
            .text("url", draft)
            .filter(|url| !draft.is_own_record(url.text))
        {
            let tags: Vec<&str> = summary
                .into_iter()
                .flat_map(|summary| summary.split(", "))
                .collect();
            let are_tags = tags.iter().all(|tag| REFERENCE_TAGS.contains(tag)) && !tags.is_empty();
            let own: &[&str] = match category {
                Some("self") if publisher.is_vendor => &["vendor-advisory"],
                _ => &[],
            };
            match are_tags {
                true => draft.reference(url.text, None, &tags, &url.pointer),
                false => draft.reference(url.text, summary, own, &url.pointer),
            }
        }
        reference.finish(draft);
    }
}

fn acknowledgments(object: &mut Object, draft: &mut Draft) {
    for mut thanks in object.objects("acknowledgments", draft) {
        let organization = thanks.text("organization", draft);
        let summary = thanks.text("summary", draft);
        let kind = summary
            .as_ref()
            .map(|summary| summary.text)
            .filter(|text| CREDIT_TYPES.contains(text));
        let names = thanks.texts("names", draft);
        for name in &names {
            let text = match &organization {
                Some(organization) => format!("{} of {}", name.text, organization.text),
                None => name.text.to_owned(),
            };
            draft.credit(&text, kind, &name.pointer);
        }
        if let Some(organization) = organization.filter(|_| names.is_empty()) {
            draft.credit(organization.text, kind, &organization.pointer);
        }
        if let Some(summary) = summary.filter(|summary| !CREDIT_TYPES.contains(&summary.text)) {
            draft.unplaced(
                "credit-summary",
                summary.pointer,
                format!("`{}` is no type of credit", shortened(summary.text)),
            );
        }
        for url in thanks.texts("urls", draft) {
            draft.unplaced(
                "credit-contact",
                url.pointer,
                "a credit has no place for an address",
            );
        }
        thanks.finish(draft);
    }
}

/// IDs of other systems.
fn ids(one: &mut Object, draft: &mut Draft) {
    let mut defects = Vec::new();
    let pointer = one.at("ids");
    for mut id in one.objects("ids", draft) {
        let system = id
            .text("system_name", draft)
            .map_or("", |system| system.text);
        if let Some(text) = id.text("text", draft) {
            let is_advisory = text.text.starts_with("GHSA-") && system.contains("GitHub");
            match is_advisory {
                true if draft.mentions(text.text) => {}
                true if !draft.has("source") => {
                    draft.source("advisory", json!(text.text), &text.pointer)
                }
                _ => defects.push(json!(text.text)),
            }
        }
        id.finish(draft);
    }
    if !defects.is_empty() {
        draft.source("defect", Value::Array(defects), &pointer);
    }
}
