//! A record, written in another format and read back, keeps everything that
//! format can hold.
//!
//! What that is, is a function for each format here: it strips a container to
//! the parts the format has a place for. Versions are compared by what they
//! answer: for every version the record names, and its neighbours, the status
//! read back is the one the record gives, as far as the format can say it.

use std::collections::BTreeMap;

use cve::convert::{CsafProfile, CsafVersion, Publisher, Target, read};
use cve::cvss::{Cvss, Version};
use cve::versions::{Status, status};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{publisher, shared, written};

const CSAF: Target = Target::Csaf {
    version: CsafVersion::V2_0,
    profile: CsafProfile::SecurityAdvisory,
};

/// Writes and reads back; gives the container, or none when the record cannot
/// be written.
fn there_and_back(record: &str, target: Target, publisher: &Publisher) -> Option<Value> {
    let written = written(record, target, publisher).ok()?;
    Some(
        read::read(written.document.as_bytes(), None, publisher)
            .unwrap()
            .container,
    )
}

fn list<'v>(container: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    container[key].as_array().into_iter().flatten()
}

/// The English texts of a list; the first where nothing is English.
fn texts(container: &Value, key: &str, most: usize) -> Vec<String> {
    let english = |item: &&Value| {
        item["lang"]
            .as_str()
            .is_some_and(|lang| lang.to_lowercase().starts_with("en"))
    };
    let mut kept: Vec<&Value> = list(container, key).filter(english).collect();
    if kept.is_empty() {
        kept.extend(list(container, key).next());
    }
    let texts = kept
        .iter()
        .filter_map(|item| item["value"].as_str())
        .map(str::trim);
    let mut each: Vec<String> = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if !each.iter().any(|known| known == text) {
            each.push(text.to_owned());
        }
    }
    each.truncate(most);
    each
}

fn title(container: &Value) -> Option<String> {
    let words: Vec<_> = container["title"].as_str()?.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The vectors that parse, one of each of the kinds a format has.
fn vectors(container: &Value, kinds: &[&[Version]]) -> Vec<String> {
    let keys = ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"];
    let all = list(container, "metrics").flat_map(|metric| {
        keys.iter()
            .filter_map(|key| metric[*key]["vectorString"].as_str())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let parsed: Vec<Cvss> = all.filter_map(|text| text.parse().ok()).collect();
    let first = |kind: &&[Version]| {
        parsed
            .iter()
            .find(|vector| kind.contains(&vector.version()))
            .map(Cvss::to_string)
    };
    let mut vectors: Vec<String> = kinds.iter().filter_map(first).collect();
    vectors.sort();
    vectors
}

const V4: &[Version] = &[Version::V4_0];
const V3: &[Version] = &[Version::V3_1, Version::V3_0];
const V2: &[Version] = &[Version::V2_0];

fn cwes(container: &Value) -> Vec<String> {
    let all = list(container, "problemTypes").flat_map(|problem| list(problem, "descriptions"));
    let mut ids: Vec<String> = Vec::new();
    for id in all.filter_map(|one| one["cweId"].as_str()) {
        if cve::cwe::number(id).is_some() && !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// The addresses that are URIs, without those a format writes for itself.
fn urls(container: &Value, id: &str) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for url in list(container, "references").filter_map(|one| one["url"].as_str()) {
        let own = url.to_lowercase().contains("cve.org/cverecord?id=")
            && url.to_lowercase().ends_with(&id.to_lowercase());
        if !own
            && !url.starts_with("https://kettles.example/")
            && !urls.iter().any(|known| known == url)
            && is_address(url)
        {
            urls.push(url.to_owned());
        }
    }
    urls.sort();
    urls
}

/// Whether the schema takes it as the address of a reference.
fn is_address(url: &str) -> bool {
    let container = json!({"descriptions": [{"lang": "en", "value": "x"}], "affected": [{"vendor": "v", "product": "p", "defaultStatus": "affected"}], "references": [{"url": url}]});
    cve::check::published_container(&container).is_empty()
}

fn credits(container: &Value) -> Vec<(String, String)> {
    let all = list(container, "credits").map(|one| {
        (
            one["value"].as_str().unwrap_or_default().trim().to_owned(),
            one["type"].as_str().unwrap_or_default().to_owned(),
        )
    });
    let mut each: Vec<(String, String)> = Vec::new();
    for credit in all {
        if !credit.0.is_empty() && !each.contains(&credit) {
            each.push(credit);
        }
    }
    each
}

/// What OSV can hold beside versions.
fn held_by_osv(container: &Value, id: &str) -> Value {
    json!({
        "title": title(container), "descriptions": texts(container, "descriptions", 1),
        "vectors": vectors(container, &[V4, V3, V2]), "cwes": cwes(container), "urls": urls(container, id),
        "credits": credits(container), "tags": container["tags"],
        "capecs": list(container, "impacts").filter_map(|one| one["capecId"].as_str()).collect::<Vec<_>>(),
    })
}

/// What a GitHub advisory can hold beside versions. Credits are of accounts.
fn held_by_ghsa(container: &Value, id: &str) -> Value {
    let accounts: Vec<_> = credits(container)
        .into_iter()
        .filter(|(name, _)| name.starts_with('@'))
        .collect();
    json!({
        "title": title(container), "descriptions": texts(container, "descriptions", 1),
        "solutions": texts(container, "solutions", 99), "workarounds": texts(container, "workarounds", 99),
        "vectors": vectors(container, &[V4, V3]), "cwes": cwes(container), "urls": urls(container, id),
        "credits": accounts,
    })
}

/// Every vector that parses.
fn all_vectors(container: &Value) -> Vec<String> {
    let keys = ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"];
    let all = list(container, "metrics")
        .flat_map(|metric| keys.map(|key| metric[key]["vectorString"].as_str().map(str::to_owned)));
    let mut vectors: Vec<String> = all
        .flatten()
        .filter(|text| text.parse::<Cvss>().is_ok())
        .collect();
    vectors.sort();
    vectors.dedup();
    vectors
}

/// What CSAF 2.0 can hold beside versions; vectors that find no place of
/// their own are in notes.
fn held_by_csaf(container: &Value, id: &str) -> Value {
    json!({
        "title": title(container), "descriptions": texts(container, "descriptions", 99),
        "workarounds": texts(container, "workarounds", 99), "configurations": texts(container, "configurations", 99),
        "vectors": all_vectors(container), "cwes": cwes(container), "urls": urls(container, id),
        "credits": credits(container), "tags": container["tags"],
    })
}

/// Every version that stands in a list of products, and versions around it.
fn probes(affected: &Value) -> Vec<String> {
    let mut probes: Vec<String> = vec!["0".to_owned(), "99999.0.0".to_owned()];
    for entry in affected
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|product| list(product, "versions"))
    {
        let ends = ["version", "lessThan", "lessThanOrEqual"]
            .iter()
            .filter_map(|key| entry[*key].as_str());
        let changes = list(entry, "changes").filter_map(|change| change["at"].as_str());
        for version in ends.chain(changes) {
            probes.push(version.to_owned());
            let mut parts: Vec<String> = version.split('.').map(str::to_owned).collect();
            if let Some(last) = parts.last().and_then(|last| last.parse::<u64>().ok()) {
                for near in [last.saturating_sub(1), last + 1] {
                    *parts.last_mut().unwrap() = near.to_string();
                    probes.push(parts.join("."));
                }
            }
        }
    }
    probes.sort();
    probes.dedup();
    probes
}

/// The status of a version over all entries of a product: affected wins.
fn answer(affected: &Value, version: &str) -> Status {
    let said: Vec<Status> = affected
        .as_array()
        .into_iter()
        .flatten()
        .map(|product| status(product, version).status)
        .collect();
    match said.as_slice() {
        said if said.contains(&Status::Affected) => Status::Affected,
        said if said.contains(&Status::Unknown) => Status::Unknown,
        _ => Status::Unaffected,
    }
}

/// A record with parts that every format meets, its versions in one order.
fn records() -> impl Strategy<Value = String> {
    let text = "[A-Za-z][A-Za-z0-9 ,.<>&*_#-]{0,60}[a-z]";
    let semver = "[0-4]\\.[0-9]\\.[0-9]";
    let version = (semver, semver, proptest::option::of(semver), any::<bool>(), 0_u8..3).prop_map(|(a, b, change, included, status)| {
        let (low, high) = if cve::versions::compare("semver", &a, &b) == Some(std::cmp::Ordering::Less) { (a, b) } else { (b, a) };
        let status = ["affected", "affected", "unaffected"][usize::from(status)];
        if low == high {
            return json!({"version": low, "status": status});
        }
        let mut entry = json!({"version": low, "status": status, "versionType": "semver"});
        entry[if included { "lessThanOrEqual" } else { "lessThan" }] = json!(high);
        if let Some(at) = change {
            entry["changes"] = json!([{"at": at, "status": if status == "affected" { "unaffected" } else { "affected" }}]);
        }
        entry
    });
    let vector = prop_oneof![
        Just(
            json!({"cvssV3_1": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "baseScore": 7.5, "baseSeverity": "HIGH"}})
        ),
        Just(
            json!({"cvssV3_0": {"version": "3.0", "vectorString": "CVSS:3.0/AV:L/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N", "baseScore": 2.9, "baseSeverity": "LOW"}})
        ),
        Just(
            json!({"cvssV4_0": {"version": "4.0", "vectorString": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "baseScore": 9.3, "baseSeverity": "CRITICAL"}})
        ),
        Just(
            json!({"cvssV2_0": {"version": "2.0", "vectorString": "AV:N/AC:L/Au:N/C:P/I:P/A:P", "baseScore": 7.5}})
        ),
    ];
    let products = proptest::collection::vec(version, 1..4);
    let credit = (
        "(@[a-z]{1,8}|[A-Z][a-z]{1,8} [A-Z][a-z]{1,8})",
        prop_oneof![Just("finder"), Just("remediation developer"), Just("tool")],
    );
    let url = "https://[a-z]{1,6}\\.example/(commit/|issues/)?[a-z0-9]{1,6}";
    (
        proptest::option::of(text), text, proptest::collection::vec(text, 0..3), proptest::collection::vec(text, 0..3),
        products, prop_oneof![Just("unaffected"), Just("unknown")], proptest::collection::vec(vector, 0..3),
        proptest::collection::vec(url, 1..4), proptest::collection::vec(credit, 0..3),
        proptest::collection::vec(prop_oneof![Just(79_u32), Just(89), Just(20)], 0..2), any::<bool>(),
    )
        .prop_map(|(title, description, solutions, workarounds, versions, default, metrics, urls, credits, cwes, package)| {
            let prose = |texts: Vec<String>| -> Vec<Value> { texts.into_iter().map(|text| json!({"lang": "en", "value": text})).collect() };
            let mut product = json!({"vendor": "Kettles", "product": "Teapot", "versions": versions, "defaultStatus": default});
            if package {
                product["collectionURL"] = json!("https://packages.npm.example");
                product["packageName"] = json!("teapot");
                product["packageURL"] = json!("pkg:npm/teapot");
            }
            let mut cna = json!({
                "descriptions": [{"lang": "en", "value": description}], "affected": [product],
                "references": urls.into_iter().map(|url| json!({"url": url})).collect::<Vec<_>>(),
            });
            if let Some(title) = title {
                cna["title"] = json!(title);
            }
            let lists = [
                ("solutions", prose(solutions)), ("workarounds", prose(workarounds)), ("metrics", metrics),
                ("credits", credits.into_iter().map(|(name, kind)| json!({"lang": "en", "value": name, "type": kind})).collect()),
                ("problemTypes", cwes.into_iter().map(|cwe| json!({"descriptions": [{"lang": "en", "cweId": format!("CWE-{cwe}"), "type": "CWE", "description": format!("CWE-{cwe}")}]})).collect()),
            ];
            for (key, items) in lists {
                if !items.is_empty() {
                    cna[key] = Value::Array(items);
                }
            }
            json!({
                "dataType": "CVE_RECORD", "dataVersion": "5.2.0",
                "cveMetadata": {"cveId": "CVE-1900-40001", "assignerOrgId": "5e0a1f3c-2b4d-4c6e-8f10-9a8b7c6d5e4f", "state": "PUBLISHED",
                    "datePublished": "1900-01-03T12:00:00Z", "dateUpdated": "1900-01-05T12:00:00Z"},
                "containers": {"cna": cna},
            })
            .to_string()
        })
}

type Held = fn(&Value, &str) -> Value;

/// The parts of a record that did not come back.
fn lost_parts(
    record: &str,
    target: Target,
    held: Held,
    publisher: &Publisher,
) -> Option<Vec<String>> {
    let original: Value = serde_json::from_str(record).unwrap();
    let id = original["cveMetadata"]["cveId"].as_str().unwrap();
    let back = there_and_back(record, target, publisher)?;
    let (before, after) = (held(&original["containers"]["cna"], id), held(&back, id));
    let keys = before.as_object().unwrap().keys();
    let lost = keys.filter(|key| is_lost(&before[*key], &after[*key]));
    Some(
        lost.map(|key| format!("{key}: {} became {}", before[key], after[key]))
            .collect(),
    )
}

/// Says whether something of a part is missing. More than before is no loss:
/// formats join what others say, and a weakness named in words is recognised.
fn is_lost(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(before), Value::Array(after)) => {
            before.iter().any(|item| !after.contains(item))
        }
        (Value::Null, _) => false,
        _ => before != after,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn osv_keeps_what_it_can_hold(record in records()) {
        // Without an affected version the document has no product.
        let lost = lost_parts(&record, Target::Osv, held_by_osv, &publisher()).unwrap();
        prop_assert_eq!(lost, Vec::<String>::new());
    }

    #[test]
    fn a_github_advisory_keeps_what_it_can_hold(record in records()) {
        let lost = lost_parts(&record, Target::Ghsa, held_by_ghsa, &publisher()).unwrap();
        prop_assert_eq!(lost, Vec::<String>::new());
    }

    #[test]
    fn csaf_keeps_what_it_can_hold(record in records()) {
        if let Some(lost) = lost_parts(&record, CSAF, held_by_csaf, &publisher()) {
            prop_assert_eq!(lost, Vec::<String>::new());
        }
    }

    #[test]
    fn affected_versions_stay_affected_and_no_other_becomes_it(record in records()) {
        let original: Value = serde_json::from_str(&record).unwrap();
        let before = &original["containers"]["cna"]["affected"];
        for target in [Target::Osv, Target::Ghsa, CSAF] {
            let Some(back) = there_and_back(&record, target, &publisher()) else { continue };
            let after = &back["affected"];
            for version in probes(before) {
                let (was, is) = (answer(before, &version), answer(after, &version));
                prop_assert_eq!(was == Status::Affected, is == Status::Affected, "{:?} {}: {:?} became {:?}\n{}\n{}", target, version, was, is, before, after);
                // CSAF says the other two as well.
                if target == CSAF {
                    prop_assert_eq!(was, is, "{}\n{}\n{}", version, before, after);
                }
            }
        }
    }
}

/// Real records: every one is written and read back; the parts that differ are
/// counted, and few may.
#[test]
fn real_records_keep_what_each_format_can_hold() {
    let Some(path) = shared::file("records/dev-sample.jsonl.zst") else {
        return;
    };
    let publisher = publisher();
    let (mut count, mut lost): (u32, BTreeMap<String, u32>) = Default::default();
    shared::each_line(&path, 5, |line| {
        let original: Value = serde_json::from_str(line).unwrap();
        if original["cveMetadata"]["state"] != "PUBLISHED" {
            return;
        }
        count += 1;
        let formats: [(&str, Target, Held); 3] = [
            ("osv", Target::Osv, held_by_osv),
            ("ghsa", Target::Ghsa, held_by_ghsa),
            ("csaf", CSAF, held_by_csaf),
        ];
        for (name, target, held) in formats {
            let Some(parts) = lost_parts(line, target, held, &publisher) else {
                *lost.entry(format!("{name} refused")).or_default() += 1;
                continue;
            };
            for part in parts {
                let key = format!("{name} {}", part.split(':').next().unwrap());
                let seen = lost.entry(key).or_default();
                *seen += 1;
                if *seen <= 2 {
                    println!("{} {name} {part}", original["cveMetadata"]["cveId"]);
                }
            }
        }
    });
    println!("{count} records: {lost:?}");
    for (part, number) in lost.iter().filter(|(part, _)| !part.ends_with("refused")) {
        assert!(number * 25 < count, "{part}: {number} of {count}");
    }
}
