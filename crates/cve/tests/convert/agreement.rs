//! Whoever reads a document gets the answer the record gives: the status of a
//! version by the record's own rule is that of OSV's events and of CSAF's
//! products.

use std::cmp::Ordering;

use cve::convert::{CsafProfile, CsafVersion, Target};
use cve::versions::{Status, compare, status};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{csaf, publisher, record, try_convert, widget};

fn version() -> impl Strategy<Value = String> {
    (0u8..4, 0u8..3, 0u8..3, 0u8..4).prop_map(|(major, minor, patch, label)| match label {
        0 => format!("{major}.{minor}.{patch}-rc.1"),
        _ => format!("{major}.{minor}.{patch}"),
    })
}

fn word() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("affected"), 2 => Just("unaffected"), 1 => Just("unknown")]
}

fn entry() -> impl Strategy<Value = Value> {
    let lower = prop_oneof![1 => Just("0".to_owned()), 3 => version()];
    let upper = prop_oneof![6 => version(), 1 => Just("*".to_owned()), 1 => (0u8..4).prop_map(|major| format!("{major}.*"))];
    let changes = proptest::collection::vec((version(), word()), 0..3);
    let range = (lower, upper, any::<bool>(), word(), changes).prop_map(
        |(lower, upper, included, status, changes)| {
            let mut entry = json!({"version": lower, "versionType": "semver", "status": status});
            entry[if included {
                "lessThanOrEqual"
            } else {
                "lessThan"
            }] = json!(upper);
            if !changes.is_empty() {
                let changes = changes
                    .into_iter()
                    .map(|(at, status)| json!({"at": at, "status": status}));
                entry["changes"] = changes.collect();
            }
            entry
        },
    );
    let single = (version(), word()).prop_map(
        |(version, status)| json!({"version": version, "versionType": "semver", "status": status}),
    );
    prop_oneof![3 => range, 1 => single]
}

fn order(a: &str, b: &str) -> Ordering {
    compare("semver", a, b).unwrap()
}

/// Whether OSV's rule finds a version affected.
///
/// Source: OSV schema, "Evaluation".
fn is_hit(affected: &Value, version: &str) -> bool {
    let is = |known: &Value| {
        known
            .as_str()
            .is_some_and(|known| order(known, version).is_eq())
    };
    let named = affected["versions"]
        .as_array()
        .is_some_and(|list| list.iter().any(is));
    named
        || affected["ranges"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|range| is_in_events(&range["events"], version))
}

fn is_in_events(events: &Value, version: &str) -> bool {
    let mut hit = false;
    for event in events.as_array().unwrap() {
        let (key, at) = event.as_object().unwrap().iter().next().unwrap();
        let at = at.as_str().unwrap();
        let place = match at {
            "0" => Ordering::Less,
            at => order(at, version),
        };
        match key.as_str() {
            "introduced" if place.is_le() => hit = true,
            "fixed" if place.is_le() => hit = false,
            "last_affected" if place.is_lt() => hit = false,
            _ => {}
        }
    }
    hit
}

/// Whether a `vers` specifier, or a plain version, holds a version.
fn holds(name: &str, version: &str) -> bool {
    let Some((_, constraints)) = name
        .strip_prefix("vers:")
        .and_then(|rest| rest.split_once('/'))
    else {
        return order(name, version).is_eq();
    };
    if constraints == "*" {
        return true;
    }
    let (mut from, mut intervals, mut only_but) = (None, Vec::new(), true);
    for constraint in constraints.split('|') {
        if let Some(but) = constraint.strip_prefix("!=") {
            if order(but, version).is_eq() {
                return false;
            }
        } else if let Some(at) = constraint.strip_prefix('>') {
            from = Some(at);
            only_but = false;
        } else if let Some(at) = constraint.strip_prefix('<') {
            intervals.push((from.take(), Some(at)));
            only_but = false;
        } else {
            only_but = false;
            if order(constraint, version).is_eq() {
                return true;
            }
        }
    }
    if from.is_some() {
        intervals.push((from, None));
    }
    let above = |at: &str| match at.strip_prefix('=') {
        Some(at) => order(at, version).is_le(),
        None => order(at, version).is_lt(),
    };
    let below = |at: &str| match at.strip_prefix('=') {
        Some(at) => order(version, at).is_le(),
        None => order(version, at).is_lt(),
    };
    only_but
        || intervals
            .iter()
            .any(|(from, to)| from.is_none_or(above) && to.is_none_or(below))
}

/// Every status CSAF gives a version.
fn said(document: &Value, version: &str) -> Vec<Status> {
    let mut names = Vec::new();
    collect(&document["product_tree"]["branches"], &mut names);
    let lists = document["vulnerabilities"][0]["product_status"]
        .as_object()
        .unwrap();
    let mut found = Vec::new();
    for (name, id) in names {
        let list = lists
            .iter()
            .find(|(_, ids)| ids.as_array().unwrap().contains(&id))
            .unwrap()
            .0;
        if holds(&name, version) {
            found.push(match list.as_str() {
                "known_affected" => Status::Affected,
                "fixed" | "known_not_affected" => Status::Unaffected,
                _ => Status::Unknown,
            });
        }
    }
    found
}

fn collect(branches: &Value, names: &mut Vec<(String, Value)>) {
    for branch in branches.as_array().into_iter().flatten() {
        if branch["product"].is_object() {
            names.push((
                branch["name"].as_str().unwrap().to_owned(),
                branch["product"]["product_id"].clone(),
            ));
        }
        collect(&branch["branches"], names);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_status_of_a_version_is_the_same_everywhere(
        entries in proptest::collection::vec(entry(), 1..5),
        default in prop_oneof![Just("affected"), Just("unaffected"), Just("unknown")],
        asked in proptest::collection::vec(version(), 12),
    ) {
        let mut affected = widget(Value::Array(entries));
        affected[0]["defaultStatus"] = json!(default);
        let record = record(affected.clone());
        let truth = |version: &str| status(&affected[0], version).status;

        let target = csaf(CsafVersion::V2_0, CsafProfile::SecurityAdvisory);
        if let Ok(converted) = try_convert(&record, target, &publisher()) {
            let document: Value = serde_json::from_str(&converted.document).unwrap();
            for version in &asked {
                let said = said(&document, version);
                let expected = truth(version);
                let is_same = said == [expected] || (said.is_empty() && expected == Status::Unknown);
                prop_assert!(is_same, "{version} is {expected}, CSAF says {said:?}: {affected} {document}");
            }
        }

        let converted = try_convert(&record, Target::Osv, &publisher()).unwrap();
        let document: Value = serde_json::from_str(&converted.document).unwrap();
        // A stretch that begins after a version has no event, and is a loss.
        let inexpressible = converted.losses.iter().any(|loss| loss.kind == "range");
        for version in &asked {
            let hit = document["affected"].as_array().is_some_and(|list| is_hit(&list[0], version));
            let expected = truth(version) == Status::Affected;
            let is_right = hit == expected || (inexpressible && expected);
            prop_assert!(is_right, "{version}: OSV says {hit}: {affected} {document}");
        }
    }
}
