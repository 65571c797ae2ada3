//! The constraints of the OSV schema, stated by ourselves: no registry has the
//! schema.

use serde_json::Value;

/// What an OSV document breaks; empty when nothing.
///
/// Source: OSV schema 1.7.5.
pub(crate) fn faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_owned());
        }
    };
    let known = [
        "schema_version",
        "id",
        "modified",
        "published",
        "withdrawn",
        "aliases",
        "related",
        "upstream",
        "summary",
        "details",
        "severity",
        "affected",
        "references",
        "credits",
        "database_specific",
    ];
    for key in document.as_object().unwrap().keys() {
        check(known.contains(&key.as_str()), key);
    }
    check(
        document["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("CVE-")),
        "id",
    );
    for key in ["modified", "published", "withdrawn"] {
        let is_time = |text: &str| text.len() == 24 && text.ends_with('Z');
        let value = &document[key];
        check(
            value.as_str().is_some_and(is_time) || (value.is_null() && key != "modified"),
            key,
        );
    }
    for severity in items(&document["severity"]) {
        let score = severity["score"].as_str().unwrap();
        check(
            match severity["type"].as_str() {
                Some("CVSS_V4") => score.starts_with("CVSS:4.0/"),
                Some("CVSS_V3") => score.starts_with("CVSS:3.0/") || score.starts_with("CVSS:3.1/"),
                Some("CVSS_V2") => score.starts_with("AV:"),
                _ => false,
            },
            "severity",
        );
    }
    for affected in items(&document["affected"]) {
        check(affected.get("severity").is_none(), "severity twice");
        if let Some(package) = affected.get("package") {
            check(
                package["ecosystem"].is_string() && package["name"].is_string(),
                "package",
            );
        }
        items(&affected["ranges"]).for_each(|range| check(is_range(range), "range"));
        items(&affected["versions"]).for_each(|version| check(version.is_string(), "version"));
    }
    const KINDS: [&str; 11] = [
        "ADVISORY",
        "ARTICLE",
        "DETECTION",
        "DISCUSSION",
        "REPORT",
        "FIX",
        "INTRODUCED",
        "GIT",
        "PACKAGE",
        "EVIDENCE",
        "WEB",
    ];
    for reference in items(&document["references"]) {
        check(
            reference["type"]
                .as_str()
                .is_some_and(|kind| KINDS.contains(&kind)),
            "reference type",
        );
        check(
            reference["url"]
                .as_str()
                .is_some_and(|url| url.contains(':')),
            "reference url",
        );
    }
    items(&document["credits"]).for_each(|credit| check(credit["name"].is_string(), "credit"));
    faults
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn is_range(range: &Value) -> bool {
    let is_git = range["type"] == "GIT";
    let events: Vec<_> = items(&range["events"])
        .map(|event| event.as_object().unwrap())
        .collect();
    let has = |key: &str| events.iter().any(|event| event.contains_key(key));
    let commit = |text: &str| {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        text == "0" || (matches!(text.len(), 40 | 64) && text.bytes().all(hex))
    };
    let each = events.iter().all(|event| {
        event.len() == 1
            && event.iter().all(|(key, value)| {
                ["introduced", "fixed", "last_affected", "limit"].contains(&key.as_str())
                    && value.as_str().is_some_and(|text| !is_git || commit(text))
            })
    });
    each && has("introduced")
        && !(has("fixed") && has("last_affected"))
        && (!is_git || range["repo"].is_string())
        && ["GIT", "SEMVER", "ECOSYSTEM"]
            .iter()
            .any(|kind| range["type"] == *kind)
}
