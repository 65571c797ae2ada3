//! OSV documents.
//!
//! Source: OSV schema 1.7.5; formats section 4.

use serde_json::{Value, json};

use super::draft::Draft;
use super::object::{Found, Object, is_empty};
use super::product::{Product, show, version_type};
use super::{events, ghsa};
use crate::convert::Read;
use crate::convert::publisher::Publisher;
use crate::convert::version_text::vers;
use crate::cwe;
use crate::versions::{Status, status};

/// Reads a document.
pub(super) fn read(document: &Value, publisher: &Publisher) -> Read {
    let mut draft = Draft::default();
    let mut osv = Object::new(document, "");
    let is_ghsa = identity(&mut osv, &mut draft);
    if let Some(summary) = osv.text("summary", &mut draft) {
        draft.title(&summary);
    }
    if let Some(details) = osv.text("details", &mut draft) {
        match is_ghsa {
            true => ghsa::description(&details, &mut draft),
            false => draft.prose("descriptions", "en", details.text, &details.pointer, None),
        }
    }
    severities(&mut osv, &mut draft);
    for affected in osv.objects("affected", &mut draft) {
        product(affected, publisher, &mut draft);
    }
    references(&mut osv, &mut draft);
    for credit in osv.objects("credits", &mut draft) {
        one_credit(credit, &mut draft);
    }
    database(&mut osv, &mut draft);
    names(&mut osv, &mut draft);
    // When the document was written, and by which schema.
    osv.ignore(&["modified", "schema_version"]);
    for (key, why) in [
        (
            "published",
            "CVE Services stamps when a record is published",
        ),
        ("withdrawn", "a record says so by being rejected"),
    ] {
        if let Some(found) = osv.text(key, &mut draft) {
            draft.unplaced(key, found.pointer, format!("`{}`: {why}", found.text));
        }
    }
    osv.finish(&mut draft);
    draft.finish()
}

/// The ID; gives whether it is one of GitHub's.
fn identity(osv: &mut Object, draft: &mut Draft) -> bool {
    let Some(id) = osv.text("id", draft) else {
        return false;
    };
    if id.text.starts_with("CVE-") {
        draft.id(&id);
    } else {
        draft.source("advisory", json!(id.text), &id.pointer);
    }
    id.text.starts_with("GHSA-")
}

/// Other names of the same vulnerability, and of others that have to do with
/// it. Runs last: a name that stands elsewhere in the record is not lost.
fn names(osv: &mut Object, draft: &mut Draft) {
    for alias in osv.texts("aliases", draft) {
        match alias.text {
            text if text.starts_with("CVE-") && !draft.has_id() => draft.id(&alias),
            text if draft.mentions(text) => {}
            text if text.starts_with("CVE-") => draft.id(&alias),
            text => draft.unplaced(
                "alias",
                alias.pointer,
                format!("a record has no place for the alias `{text}`"),
            ),
        }
    }
    for key in ["related", "upstream"] {
        for found in osv.texts(key, draft) {
            if !draft.mentions(found.text) {
                draft.unplaced(
                    "related",
                    found.pointer,
                    format!("a record has no place for the related ID `{}`", found.text),
                );
            }
        }
    }
}

fn severities(object: &mut Object, draft: &mut Draft) {
    for mut severity in object.objects("severity", draft) {
        let kind = severity.text("type", draft);
        let score = severity.text("score", draft);
        if let Some(score) = score {
            match kind.as_ref().map(|kind| kind.text) {
                Some("CVSS_V2" | "CVSS_V3" | "CVSS_V4") => {
                    draft.metric(score.text, None, &score.pointer)
                }
                Some(kind) => {
                    draft.other_metric(kind, json!({"score": score.text}), &score.pointer)
                }
                None => draft.unplaced("severity", score.pointer, "a severity without a type"),
            }
        }
        severity.finish(draft);
    }
}

/// The tag a type of reference has in a record; a type that may be several
/// tags has none.
fn tag_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "FIX" => "patch",
        "EVIDENCE" => "exploit",
        "REPORT" => "issue-tracking",
        "PACKAGE" => "product",
        "DETECTION" => "signature",
        _ => return None,
    })
}

fn references(osv: &mut Object, draft: &mut Draft) {
    for mut reference in osv.objects("references", draft) {
        let kind = reference.text("type", draft);
        let url = reference.text("url", draft);
        if let Some(url) = url {
            let kind = kind.as_ref().map_or("WEB", |kind| kind.text);
            let tag = tag_of(kind);
            draft.reference(url.text, None, tag.as_slice(), &url.pointer);
            if tag.is_none() && kind != "WEB" {
                let pointer = reference.at("type");
                draft.unplaced(
                    "reference-type",
                    pointer,
                    format!("no one tag of a record means `{kind}`"),
                );
            }
        }
        reference.finish(draft);
    }
}

fn one_credit(mut credit: Object, draft: &mut Draft) {
    let kind = credit
        .text("type", draft)
        .map(|kind| kind.text.to_ascii_lowercase().replace('_', " "));
    if let Some(name) = credit.text("name", draft) {
        draft.credit(name.text, kind.as_deref(), &name.pointer);
    }
    for contact in credit.texts("contact", draft) {
        draft.unplaced(
            "credit-contact",
            contact.pointer,
            "a credit has no place for a way to reach somebody",
        );
    }
    credit.finish(draft);
}

/// An item of `affected`: a product for each repository it names.
fn product(mut affected: Object, publisher: &Publisher, draft: &mut Draft) {
    let origin = affected.pointer().to_owned();
    let mut product = Product::default();
    facts(&mut affected, &mut product, draft);
    let mut package = affected.object("package", draft);
    let ecosystem = package.text("ecosystem", draft);
    let name = package.text("name", draft);
    let purl = package.text("purl", draft);
    package.finish(draft);
    let known = ecosystem
        .as_ref()
        .filter(|ecosystem| crate::convert::package::is_ecosystem(ecosystem.text));
    if let (Some(ecosystem), None) = (&ecosystem, known) {
        draft.unplaced(
            "ecosystem",
            &ecosystem.pointer,
            format!("the ecosystem `{}` is not on OSV's list", ecosystem.text),
        );
    }
    let is_named = product.has("product") || product.has("packageName");
    match (&name, known) {
        // Our own documents say which of vendor, product and package the
        // record had.
        (Some(_), _) if is_named => {}
        (Some(name), Some(known)) => {
            if let Some(purl) = &purl {
                product.set("packageURL", json!(without_version(purl.text)));
            }
            product.package(known.text, name.text, publisher);
        }
        (Some(name), None) => {
            product.set("vendor", json!(name.text));
            product.set("product", json!(name.text));
        }
        (None, _) if is_named => {}
        (None, _) => draft.warn(
            "CONV-PRODUCT",
            &origin,
            "the entry names no package",
            "name vendor and product",
        ),
    }
    severities(&mut affected, draft);
    let kind = ecosystem
        .as_ref()
        .map(|ecosystem| version_type(ecosystem.text));
    let repositories = ranges(&mut affected, &mut product, kind, draft);
    if !product.has_no_versions() {
        // By OSV's evaluation, what no range has is not affected.
        product.set("defaultStatus", json!("unaffected"));
    }
    versions(&mut affected, &mut product, draft);
    affected.finish(draft);
    name_by_repository(&mut product, repositories.first());
    product.push(draft, &origin);
}

/// A product that has nothing but a repository is called as the repository.
fn name_by_repository(product: &mut Product, repository: Option<&String>) {
    let Some(repository) = repository else { return };
    product.set_if_missing("repo", json!(repository));
    if product.has("product") || product.has("packageName") {
        return;
    }
    let path = repository.trim_end_matches('/').trim_end_matches(".git");
    let mut parts = path.rsplit(['/', ':']);
    if let (Some(name), Some(owner)) = (parts.next(), parts.next()) {
        product.set("vendor", json!(owner));
        product.set("product", json!(name));
    }
}

fn without_version(purl: &str) -> String {
    match purl.parse::<crate::purl::Purl>() {
        Ok(purl) => purl.without_version().to_string(),
        Err(_) => purl.to_owned(),
    }
}

/// The ranges; gives the repositories they name.
fn ranges(
    affected: &mut Object,
    product: &mut Product,
    kind: Option<&str>,
    draft: &mut Draft,
) -> Vec<String> {
    let mut repositories: Vec<String> = Vec::new();
    for mut range in affected.objects("ranges", draft) {
        let written = range.text("type", draft);
        let repository = range.text("repo", draft);
        let kind = match written.as_ref().map(|written| written.text) {
            Some("SEMVER") => "semver",
            Some("GIT") => "git",
            Some("ECOSYSTEM") => kind.unwrap_or("custom"),
            other => {
                let other = other.unwrap_or("none").to_owned();
                draft.unplaced(
                    "range",
                    range.pointer(),
                    format!("`{other}` is no type of range"),
                );
                range.ignore(&["events"]);
                range.finish(draft);
                continue;
            }
        };
        if let Some(repository) = repository {
            let repository = repository.text.to_owned();
            if repositories
                .first()
                .is_some_and(|first| *first != repository)
            {
                draft.unplaced("repository", range.at("repo"), format!("a product has one repository, and `{repository}` is another; its range is left out"));
                range.ignore(&["events"]);
                range.finish(draft);
                continue;
            }
            repositories.push(repository);
        }
        for entry in events::entries(&mut range, kind, draft) {
            product.version(entry);
        }
        range.finish(draft);
    }
    repositories
}

/// Single versions, but for those a range has already.
fn versions(affected: &mut Object, product: &mut Product, draft: &mut Draft) {
    let in_ranges = json!({"versions": product.versions()});
    for found in affected.texts("versions", draft) {
        if status(&in_ranges, found.text).status != Status::Affected {
            product.version(json!({"version": found.text, "status": "affected"}));
        }
    }
    if !product.has_no_versions() {
        product.set("defaultStatus", json!("unaffected"));
    }
}

/// What our own documents keep beside the package.
fn facts(affected: &mut Object, product: &mut Product, draft: &mut Draft) {
    let mut facts = affected.object("database_specific", draft);
    for (key, part) in [
        ("vendor", "vendor"),
        ("product", "product"),
        ("collection_url", "collectionURL"),
        ("package_name", "packageName"),
        ("package_url", "packageURL"),
        ("repo", "repo"),
    ] {
        if let Some(found) = facts.text(key, draft) {
            product.set(part, json!(found.text));
        }
    }
    for (key, part) in [
        ("cpes", "cpes"),
        ("modules", "modules"),
        ("program_files", "programFiles"),
        ("platforms", "platforms"),
    ] {
        let texts: Vec<_> = facts
            .texts(key, draft)
            .iter()
            .map(|found| json!(found.text))
            .collect();
        if !texts.is_empty() {
            product.set(part, Value::Array(texts));
        }
    }
    let routines: Vec<_> = facts
        .texts("program_routines", draft)
        .iter()
        .map(|found| json!({"name": found.text}))
        .collect();
    if !routines.is_empty() {
        product.set("programRoutines", Value::Array(routines));
    }
    for range in facts.texts("unmapped_ranges", draft) {
        unmapped(&range, product, draft);
    }
    facts.finish(draft);
}

/// A range that no type of range holds, as a `vers` specifier.
fn unmapped(range: &Found, product: &mut Product, draft: &mut Draft) {
    match vers(range.text) {
        Some(Ok((kind, reading))) => {
            show(&reading, range.text, &range.pointer, draft);
            for entry in reading.entries(
                Status::Affected,
                Some(type_of_vers(&kind)),
                Status::Unaffected,
            ) {
                product.version(entry);
            }
        }
        Some(Err(reason)) => draft.unplaced(
            "range",
            &range.pointer,
            format!("`{}`: {reason}", range.text),
        ),
        None => draft.unplaced(
            "range",
            &range.pointer,
            format!("`{}` is no `vers` specifier", range.text),
        ),
    }
}

/// The version type for a type of `vers`.
///
/// Source: vers specification, "versioning schemes"; formats section 3.2.
pub(super) fn type_of_vers(kind: &str) -> &str {
    match kind {
        "pypi" => "python",
        "npm" | "golang" | "cargo" | "hex" => "semver",
        "generic" | "all" | "none" | "intdot" | "vls" => "custom",
        other => other,
    }
}

/// What our own documents, and GitHub's, keep beside the rest.
fn database(osv: &mut Object, draft: &mut Draft) {
    let mut facts = osv.object("database_specific", draft);
    for found in facts.texts("cwe_ids", draft) {
        match cwe::number(found.text) {
            Some(number) if !draft.has_weakness(number) => {
                draft.weakness(Some(number), "", &found.pointer)
            }
            Some(_) => {}
            None => draft.unplaced(
                "cwe",
                &found.pointer,
                format!("`{}` is no CWE ID", found.text),
            ),
        }
    }
    for found in facts.texts("problem_types", draft) {
        draft.weakness(None, found.text, &found.pointer);
    }
    impacts(&mut facts, draft);
    if let Some(Value::Object(source)) = facts.take("source") {
        for (key, value) in source {
            if !is_empty(value) {
                draft.source(key, value.clone(), &facts.at("source"));
            }
        }
    }
    for tag in facts.texts("tags", draft) {
        draft.push("tags", json!(tag.text), tag.pointer);
    }
    // The severity repeats the vector; the rest is the database's own work.
    facts.ignore(&[
        "severity",
        "github_reviewed",
        "github_reviewed_at",
        "nvd_published_at",
        "cna_assigner",
        "source",
    ]);
    facts.finish(draft);
}

/// Attack patterns and their texts, one of each.
fn impacts(facts: &mut Object, draft: &mut Draft) {
    let ids = facts.texts("capec_ids", draft);
    let texts = facts.texts("impacts", draft);
    let known = |text: &str| ids.iter().any(|id| text.starts_with(id.text));
    for id in &ids {
        let text = texts.iter().find(|found| found.text.starts_with(id.text));
        let name = cwe::attack_pattern_number(id.text).and_then(cwe::attack_pattern);
        let text = match (text, name) {
            (Some(found), _) => found.text.to_owned(),
            (None, Some(pattern)) => format!("{} {}", id.text, pattern.name),
            (None, None) => id.text.to_owned(),
        };
        draft.push(
            "impacts",
            json!({"capecId": id.text, "descriptions": [{"lang": "en", "value": text}]}),
            &id.pointer,
        );
    }
    for found in texts.iter().filter(|found| !known(found.text)) {
        draft.push(
            "impacts",
            json!({"descriptions": [{"lang": "en", "value": found.text}]}),
            &found.pointer,
        );
    }
}
