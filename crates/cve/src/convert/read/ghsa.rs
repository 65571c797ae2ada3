//! GitHub advisories: those of a repository, and those of the global
//! database.
//!
//! Source: GitHub REST API, "repository security advisories" and "global
//! security advisories"; formats section 8.

use serde_json::{Value, json};

use super::draft::Draft;
use super::markdown::{sections, unescaped};
use super::object::{Found, Object};
use super::product::{Product, version_type, versions_of_text};
use crate::convert::Read;
use crate::convert::publisher::Publisher;
use crate::convert::version_text::{VersionText, read as read_version};
use crate::cwe;
use crate::versions::Status;

/// GitHub's names of ecosystems, and OSV's.
///
/// Source: GitHub REST API, `package.ecosystem`; OSV schema, "Defined
/// ecosystems".
pub(in crate::convert) const ECOSYSTEMS: [(&str, &str); 12] = [
    ("rubygems", "RubyGems"),
    ("npm", "npm"),
    ("pip", "PyPI"),
    ("maven", "Maven"),
    ("nuget", "NuGet"),
    ("composer", "Packagist"),
    ("go", "Go"),
    ("rust", "crates.io"),
    ("erlang", "Hex"),
    ("actions", "GitHub Actions"),
    ("pub", "Pub"),
    ("swift", "SwiftURL"),
];

/// Reads an advisory.
pub(super) fn read(document: &Value, publisher: &Publisher) -> Read {
    let mut draft = Draft::default();
    let mut advisory = Object::new(document, "");
    identity(&mut advisory, &mut draft);
    texts(&mut advisory, &mut draft);
    for vulnerability in advisory.objects("vulnerabilities", &mut draft) {
        product(vulnerability, publisher, &mut draft);
    }
    scores(&mut advisory, &mut draft);
    weaknesses(&mut advisory, &mut draft);
    credits(&mut advisory, &mut draft);
    // References of the global database are bare addresses.
    for (value, pointer) in advisory.items("references", &mut draft) {
        match value {
            Value::String(url) => draft.reference(url.trim(), None, tags_of(url), &pointer),
            Value::Object(_) => {
                let mut object = Object::new(value, pointer);
                if let Some(url) = object.text("url", &mut draft) {
                    draft.reference(url.text, None, tags_of(url.text), &url.pointer);
                }
                object.finish(&mut draft);
            }
            _ => draft.unplaced("shape", pointer, "expected an address"),
        }
    }
    state(&mut advisory, &mut draft);
    // Addresses of the API, and people of the repository: nothing about the
    // vulnerability.
    advisory.ignore(&[
        "url",
        "author",
        "publisher",
        "created_at",
        "updated_at",
        "closed_at",
        "submission",
        "collaborating_users",
        "collaborating_teams",
        "private_fork",
        "type",
        "github_reviewed_at",
        "nvd_published_at",
        "repository_advisory_url",
        "repository_id",
    ]);
    advisory.finish(&mut draft);
    draft.finish()
}

/// IDs, and where the advisory is found.
fn identity(advisory: &mut Object, draft: &mut Draft) {
    if let Some(id) = advisory.text("cve_id", draft) {
        draft.id(&id);
    }
    let ghsa = advisory.text("ghsa_id", draft);
    if let Some(ghsa) = &ghsa {
        draft.source("advisory", json!(ghsa.text), &ghsa.pointer);
    }
    if let Some(url) = advisory.text("html_url", draft) {
        draft.reference(
            url.text,
            ghsa.as_ref().map(|ghsa| ghsa.text),
            &["vendor-advisory", "x_refsource_CONFIRM"],
            &url.pointer,
        );
    }
    for mut identifier in advisory.objects("identifiers", draft) {
        let kind = identifier.text("type", draft).map(|found| found.text);
        if let Some(value) = identifier.text("value", draft) {
            match kind {
                Some("CVE") => draft.id(&value),
                Some("GHSA") if ghsa.as_ref().is_some_and(|known| known.text == value.text) => {}
                _ => draft.unplaced(
                    "second-id",
                    value.pointer,
                    format!("a record has no place for the ID `{}`", value.text),
                ),
            }
        }
        identifier.finish(draft);
    }
    if let Some(repository) = advisory.text("source_code_location", draft) {
        draft.reference(repository.text, None, &["product"], &repository.pointer);
    }
}

/// What a section of the description is.
fn part_of(heading: &str) -> Option<&'static str> {
    match heading.trim_end_matches(':').to_ascii_lowercase().as_str() {
        "" | "impact" | "summary" | "description" | "overview" => Some("descriptions"),
        "patches" | "patch" | "patched versions" | "fix" | "remediation" | "solution" => {
            Some("solutions")
        }
        "workarounds" | "workaround" | "mitigation" | "mitigations" => Some("workarounds"),
        "references" => Some("references"),
        _ => None,
    }
}

/// Title, description and its sections.
fn texts(advisory: &mut Object, draft: &mut Draft) {
    if let Some(summary) = advisory.text("summary", draft) {
        draft.title(&summary);
    }
    if let Some(found) = advisory.text("description", draft) {
        description(&found, draft);
    }
}

/// A description in Markdown, its sections where a record has them.
pub(super) fn description(description: &Found, draft: &mut Draft) {
    let markdown = description.text.replace("\r\n", "\n");
    let all = sections(&markdown);
    let is_template = all
        .iter()
        .any(|section| !section.heading.is_empty() && part_of(section.heading).is_some());
    let origin = description.pointer.as_str();
    if !is_template {
        draft.prose("descriptions", "en", &unescaped(&markdown), origin, None);
        return;
    }
    // The text before and in the first sections describes; what has a place
    // of its own goes there, and the whole is kept as it was written.
    let mut describing = Vec::new();
    for section in &all {
        let text = unescaped(section.text);
        match part_of(section.heading) {
            Some("references") => addresses(section.text, origin, draft),
            Some("descriptions") if !text.is_empty() => describing.push(text),
            Some(part @ ("solutions" | "workarounds")) if !text.is_empty() => {
                draft.prose(part, "en", &text, origin, None);
            }
            Some(_) => {}
            None if text.is_empty() => {}
            None => describing.push(format!("{}: {text}", section.heading)),
        }
    }
    if !describing.is_empty() {
        let whole = is_more(&all).then_some(("text/markdown", markdown.as_str()));
        draft.prose(
            "descriptions",
            "en",
            &describing.join("\n\n"),
            origin,
            whole,
        );
    }
}

/// Says whether a text has more than the sections we write ourselves, so that
/// the parts do not give back the whole.
fn is_more(sections: &[super::markdown::Section]) -> bool {
    !sections
        .iter()
        .all(|section| matches!(section.heading, "Impact" | "Patches" | "Workarounds"))
}

/// The addresses in a section of references.
fn addresses(text: &str, origin: &str, draft: &mut Draft) {
    let mut rest = text;
    while let Some(at) = rest.find("http") {
        rest = &rest[at..];
        let end = rest
            .find(|c: char| c.is_whitespace() || "<>()[]\"'`".contains(c))
            .unwrap_or(rest.len());
        let url = rest[..end].trim_end_matches(['.', ',', ';', ':']);
        if url.starts_with("https://") || url.starts_with("http://") {
            draft.reference(url, None, tags_of(url), origin);
        }
        rest = &rest[end.max(4)..];
    }
}

/// The tag an address earns by its form.
///
/// Source: formats section 8.
fn tags_of(url: &str) -> &'static [&'static str] {
    match url {
        _ if url.contains("/commit/") || url.contains("/pull/") => &["patch"],
        _ if url.contains("/issues/") => &["issue-tracking"],
        _ => &[],
    }
}

/// A vulnerability: a package and its versions.
fn product(mut vulnerability: Object, publisher: &Publisher, draft: &mut Draft) {
    let origin = vulnerability.pointer().to_owned();
    let mut product = Product::default();
    let mut package = vulnerability.object("package", draft);
    let named = package.text("ecosystem", draft);
    let name = package.text("name", draft);
    package.finish(draft);
    let known = named.as_ref().map(|named| named.text.to_ascii_lowercase());
    let ecosystem = known
        .as_deref()
        .and_then(|known| ECOSYSTEMS.iter().find(|(name, _)| *name == known));
    let ecosystem = ecosystem.map(|(_, osv)| *osv);
    match (&named, ecosystem) {
        (Some(named), None) if named.text != "other" => {
            draft.unplaced(
                "ecosystem",
                &named.pointer,
                format!("the ecosystem `{}` is not known", named.text),
            );
        }
        _ => {}
    }
    match (&name, ecosystem) {
        (Some(name), Some(ecosystem)) => product.package(ecosystem, name.text, publisher),
        (Some(name), None) => {
            product.set("vendor", json!(owner_of(name.text)));
            product.set("product", json!(name.text));
        }
        (None, _) => draft.warn(
            "CONV-PRODUCT",
            &origin,
            "the vulnerability names no package",
            "name vendor and product",
        ),
    }
    let kind = ecosystem.map(version_type);
    ranges(&mut vulnerability, &mut product, kind, name.as_ref(), draft);
    let routines: Vec<Value> = vulnerability
        .texts("vulnerable_functions", draft)
        .iter()
        .map(|found| json!({"name": found.text}))
        .collect();
    if !routines.is_empty() {
        let mut unique: Vec<Value> = Vec::new();
        for routine in routines {
            if !unique.contains(&routine) {
                unique.push(routine);
            }
        }
        product.set("programRoutines", Value::Array(unique));
    }
    vulnerability.ignore(&["severity", "updated_at"]);
    vulnerability.finish(draft);
    product.push(draft, &origin);
}

fn owner_of(name: &str) -> &str {
    name.split_once('/').map_or(name, |(owner, _)| owner)
}

/// The vulnerable range, and what is patched.
fn ranges(
    vulnerability: &mut Object,
    product: &mut Product,
    kind: Option<&str>,
    name: Option<&Found>,
    draft: &mut Draft,
) {
    let names: Vec<&str> = name.iter().map(|found| found.text).collect();
    // Outside the range nothing is vulnerable.
    let statuses = (Status::Affected, Status::Unaffected);
    if let Some(range) = vulnerability.text("vulnerable_version_range", draft) {
        for entry in versions_of_text(range.text, &names, kind, statuses, &range.pointer, draft) {
            product.version(entry);
        }
        let is_read = !matches!(read_version(range.text, &names), VersionText::Unread(_));
        if is_read && !product.has_no_versions() {
            product.set("defaultStatus", json!("unaffected"));
        }
    }
    // A version, or an object with an identifier; null when there is none.
    let fixed = match vulnerability.peek("first_patched_version") {
        Some(Value::Object(_)) => {
            let mut patched = vulnerability.object("first_patched_version", draft);
            let fixed = patched.text("identifier", draft);
            patched.finish(draft);
            fixed
        }
        _ => vulnerability.text("first_patched_version", draft),
    };
    let patched = vulnerability.text("patched_versions", draft);
    for found in fixed.into_iter().chain(patched) {
        // The end of a range says the same; anything else is said in words.
        let bare = found.text.trim_start_matches(['>', '=', '^', 'v', ' ']);
        if !product.ends_before(bare) {
            let name = name.map_or("the package", |found| found.text);
            let text = format!("Fixed in {name} {}.", found.text);
            draft.prose("solutions", "en", &text, &found.pointer, None);
        }
    }
}

/// CVSS vectors; a bare severity where there is none.
fn scores(advisory: &mut Object, draft: &mut Draft) {
    let mut vectors = Vec::new();
    let mut severities = advisory.object("cvss_severities", draft);
    for key in ["cvss_v4", "cvss_v3"] {
        vectors.extend(vector(&mut severities, key, draft));
    }
    severities.finish(draft);
    vectors.extend(vector(advisory, "cvss", draft));
    if let Some(found) = advisory.text("cvss_vector_string", draft) {
        draft.metric(found.text, None, &found.pointer);
        vectors.push(found.pointer);
    }
    let severity = advisory.text("severity", draft);
    if let Some(severity) = severity.filter(|_| vectors.is_empty())
        && severity.text != "unknown"
    {
        draft.other_metric(
            "GitHub severity",
            json!({"severity": severity.text}),
            &severity.pointer,
        );
    }
}

/// One vector with its score; gives where it stood.
fn vector(object: &mut Object, key: &'static str, draft: &mut Draft) -> Option<String> {
    let mut score = object.object(key, draft);
    let stated = score.take("score").and_then(Value::as_f64);
    let found = score.text("vector_string", draft);
    score.finish(draft);
    let found = found?;
    draft.metric(found.text, stated, &found.pointer);
    Some(found.pointer)
}

fn weaknesses(advisory: &mut Object, draft: &mut Draft) {
    for mut object in advisory.objects("cwes", draft) {
        let id = object.text("cwe_id", draft);
        let name = object.text("name", draft);
        if let Some(id) = id {
            weakness(&id, name.as_ref().map(|name| name.text), draft);
        }
        object.finish(draft);
    }
    for id in advisory.texts("cwe_ids", draft) {
        weakness(&id, None, draft);
    }
}

fn weakness(id: &Found, name: Option<&str>, draft: &mut Draft) {
    let Some(number) = cwe::number(id.text) else {
        return draft.unplaced("cwe", &id.pointer, format!("`{}` is no CWE ID", id.text));
    };
    // Both lists name the same weaknesses, one of them without the names.
    if draft.has_weakness(number) {
        return;
    }
    let known = cwe::entry(number).map(|entry| entry.name);
    match name.or(known) {
        Some(name) => draft.weakness(Some(number), &format!("CWE-{number}: {name}"), &id.pointer),
        None => draft.weakness(Some(number), "", &id.pointer),
    }
}

/// Credits that were accepted.
fn credits(advisory: &mut Object, draft: &mut Draft) {
    let detailed = advisory.peek("credits_detailed").is_some();
    for mut credit in advisory.objects("credits_detailed", draft) {
        let state = credit.text("state", draft);
        if let Some(state) = state.filter(|state| state.text != "accepted") {
            draft.unplaced(
                "credit",
                credit.pointer(),
                format!("the credit is {}, not accepted", state.text),
            );
            credit.ignore(&["user", "type"]);
        } else {
            one_credit(&mut credit, draft);
        }
        credit.finish(draft);
    }
    for mut credit in advisory.objects("credits", draft) {
        // The same people, without their answers.
        if detailed {
            continue;
        }
        one_credit(&mut credit, draft);
        credit.finish(draft);
    }
}

fn one_credit(credit: &mut Object, draft: &mut Draft) {
    let kind = credit
        .text("type", draft)
        .map(|kind| kind.text.replace('_', " "));
    let login = match credit.peek("user") {
        Some(Value::Object(_)) => {
            // The rest of a user is addresses of the API.
            let mut user = credit.object("user", draft);
            user.text("login", draft)
        }
        _ => credit.text("login", draft),
    };
    if let Some(login) = login {
        let name = format!("@{}", login.text.trim_start_matches('@'));
        draft.credit(&name, kind.as_deref(), &login.pointer);
    }
}

/// Dates, and whether the advisory is withdrawn.
fn state(advisory: &mut Object, draft: &mut Draft) {
    if let Some(published) = advisory.text("published_at", draft) {
        draft.set("datePublic", json!(published.text), published.pointer);
    }
    if let Some(withdrawn) = advisory.text("withdrawn_at", draft) {
        draft.unplaced(
            "withdrawn",
            &withdrawn.pointer,
            format!(
                "the advisory was withdrawn on {}; a record says so by being rejected",
                withdrawn.text
            ),
        );
    }
    if let Some(state) = advisory.text("state", draft)
        && matches!(state.text, "closed" | "withdrawn")
    {
        draft.unplaced(
            "withdrawn",
            state.pointer,
            format!(
                "the advisory is {}; a record says so by being rejected",
                state.text
            ),
        );
    }
}
