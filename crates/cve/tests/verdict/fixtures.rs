//! Our own records: good ones, and bad ones that each break one rule.

use std::fs;
use std::path::{Path, PathBuf};

use cve::check::{Checker, Format, Kind};

/// A folder of fixtures.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/records")
        .join(name)
}

/// The good records that are to be read as the newest format; the one
/// container among them is checked apart.
pub(crate) fn good() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder("good")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with("-in-5.0") && name != "container" {
            found.push((name, fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn good_records_have_no_finding() {
    let mut checker = Checker::default();
    for (name, text) in good() {
        assert_eq!(checker.findings(Kind::Record, &text), [], "{name}");
        assert!(checker.verdict(Kind::Record, &text), "{name}");
    }
}

#[test]
fn a_good_container_has_no_finding() {
    let text = fs::read(folder("good").join("container.json")).unwrap();
    let findings = Checker::default().findings(Kind::PublishedBody, &wrapped(&text));
    assert_eq!(findings, []);
}

/// A container as the service takes it.
fn wrapped(container: &[u8]) -> Vec<u8> {
    [b"{\"cnaContainer\":", container, b"}"].concat()
}

#[test]
fn what_passed_in_5_0_need_not_pass_later() {
    let text = fs::read(folder("good").join("published-in-5.0.json")).unwrap();
    let codes = |format| -> Vec<(String, String)> {
        let mut checker = Checker::new(format);
        let findings = checker.findings(Kind::Record, &text);
        assert_eq!(checker.verdict(Kind::Record, &text), findings.is_empty());
        findings
            .into_iter()
            .map(|finding| (finding.code.into_owned(), finding.pointer))
            .collect()
    };
    assert_eq!(codes(Format::V5_0), []);
    let cna = "/containers/cna";
    let of_5_1 = [
        ("SCHEMA-UNKNOWN", format!("{cna}/providerMetadata/unknown")),
        (
            "SCHEMA-UNKNOWN",
            format!("{cna}/affected/0/versions/0/unknown"),
        ),
        (
            "SCHEMA-RANGE",
            format!("{cna}/metrics/0/cvssV3_1/baseScore"),
        ),
        (
            "SCHEMA-UNKNOWN",
            format!("{cna}/metrics/0/cvssV3_1/unknown"),
        ),
        ("SCHEMA-UNKNOWN", format!("{cna}/references/0/unknown")),
    ]
    .map(|(code, pointer)| (code.to_owned(), pointer));
    assert_eq!(codes(Format::V5_1_1), of_5_1);
    let product = (
        "SCHEMA-UNKNOWN".to_owned(),
        format!("{cna}/affected/0/unknown"),
    );
    let mut of_5_2 = of_5_1.to_vec();
    of_5_2.insert(1, product);
    assert_eq!(codes(Format::V5_2_0), of_5_2);
}

/// Each file of `bad`, the one code it gets, and where.
const BAD: &[(&str, &str, &str)] = &[
    ("data-type-wrong", "SCHEMA-ENUM", "/dataType"),
    ("data-version-4", "SCHEMA-PATTERN", "/dataVersion"),
    ("root-key-unknown", "SCHEMA-UNKNOWN", "/generator"),
    ("metadata-missing", "SCHEMA-REQUIRED", ""),
    ("state-reserved", "SCHEMA-ENUM", "/cveMetadata/state"),
    ("cve-id-short", "SCHEMA-PATTERN", "/cveMetadata/cveId"),
    ("serial-zero", "SCHEMA-RANGE", "/cveMetadata/serial"),
    (
        "date-rejected-when-published",
        "SCHEMA-UNKNOWN",
        "/cveMetadata/dateRejected",
    ),
    ("adp-in-rejected", "SCHEMA-UNKNOWN", "/containers/adp"),
    ("adp-empty", "SCHEMA-EMPTY", "/containers/adp/0"),
    ("adp-twice", "SCHEMA-UNIQUE", "/containers/adp"),
    (
        "org-id-not-version-4",
        "SCHEMA-PATTERN",
        "/containers/cna/providerMetadata/orgId",
    ),
    (
        "short-name-too-short",
        "SCHEMA-LENGTH",
        "/containers/cna/providerMetadata/shortName",
    ),
    ("descriptions-missing", "SCHEMA-REQUIRED", "/containers/cna"),
    (
        "description-not-english",
        "SCHEMA-CONTAINS",
        "/containers/cna/descriptions",
    ),
    (
        "description-empty",
        "SCHEMA-LENGTH",
        "/containers/cna/descriptions/0/value",
    ),
    (
        "description-too-long",
        "SCHEMA-LENGTH",
        "/containers/cna/descriptions/0/value",
    ),
    (
        "description-language-long",
        "SCHEMA-PATTERN",
        "/containers/cna/descriptions/1/lang",
    ),
    ("title-not-text", "SCHEMA-TYPE", "/containers/cna/title"),
    ("title-too-long", "SCHEMA-LENGTH", "/containers/cna/title"),
    (
        "date-public-impossible",
        "SCHEMA-PATTERN",
        "/containers/cna/datePublic",
    ),
    (
        "extension-key-with-dot",
        "SCHEMA-UNKNOWN",
        "/containers/cna/x_a.b",
    ),
    (
        "product-unnamed",
        "SCHEMA-REQUIRED",
        "/containers/cna/affected/0",
    ),
    (
        "product-without-versions",
        "SCHEMA-REQUIRED",
        "/containers/cna/affected/0",
    ),
    (
        "product-key-unknown",
        "SCHEMA-UNKNOWN",
        "/containers/cna/affected/0/versionType",
    ),
    (
        "platform-repeated",
        "SCHEMA-UNIQUE",
        "/containers/cna/affected/0/platforms",
    ),
    (
        "cpe-too-few-parts",
        "SCHEMA-PATTERN",
        "/containers/cna/affected/0/cpes/0",
    ),
    (
        "version-range-untyped",
        "SCHEMA-VERSION",
        "/containers/cna/affected/0/versions/0",
    ),
    (
        "version-with-two-ends",
        "SCHEMA-VERSION",
        "/containers/cna/affected/0/versions/0",
    ),
    (
        "version-changes-without-range",
        "SCHEMA-VERSION",
        "/containers/cna/affected/0/versions/0",
    ),
    (
        "version-status-wrong",
        "SCHEMA-ENUM",
        "/containers/cna/affected/0/versions/0/status",
    ),
    (
        "versions-equal",
        "SCHEMA-UNIQUE",
        "/containers/cna/affected/0/versions",
    ),
    (
        "references-empty",
        "SCHEMA-EMPTY",
        "/containers/cna/references",
    ),
    (
        "reference-url-with-space",
        "SCHEMA-FORMAT",
        "/containers/cna/references/0/url",
    ),
    (
        "reference-tag-unknown",
        "SCHEMA-ENUM",
        "/containers/cna/references/0/tags/0",
    ),
    (
        "references-too-many",
        "SCHEMA-ITEMS",
        "/containers/cna/references",
    ),
    (
        "problem-type-cwe-padded",
        "SCHEMA-PATTERN",
        "/containers/cna/problemTypes/0/descriptions/0/cweId",
    ),
    (
        "metric-without-score",
        "SCHEMA-REQUIRED",
        "/containers/cna/metrics/0",
    ),
    (
        "cvss-31-severity-not-of-score",
        "SCHEMA-BAND",
        "/containers/cna/metrics/0/cvssV3_1/baseSeverity",
    ),
    (
        "cvss-4-severity-not-of-score",
        "SCHEMA-BAND",
        "/containers/cna/metrics/0/cvssV4_0/baseSeverity",
    ),
    (
        "cvss-31-score-two-decimals",
        "SCHEMA-RANGE",
        "/containers/cna/metrics/0/cvssV3_1/baseScore",
    ),
    (
        "cvss-31-vector-of-30",
        "SCHEMA-PATTERN",
        "/containers/cna/metrics/0/cvssV3_1/vectorString",
    ),
    (
        "cvss-4-threat-score",
        "SCHEMA-UNKNOWN",
        "/containers/cna/metrics/0/cvssV4_0/threatScore",
    ),
    (
        "cvss-2-score-above-ten",
        "SCHEMA-RANGE",
        "/containers/cna/metrics/0/cvssV2_0/baseScore",
    ),
    (
        "other-metric-empty",
        "SCHEMA-EMPTY",
        "/containers/cna/metrics/0/other/content",
    ),
    ("source-empty", "SCHEMA-EMPTY", "/containers/cna/source"),
    (
        "credit-type-wrong",
        "SCHEMA-ENUM",
        "/containers/cna/credits/0/type",
    ),
    (
        "timeline-without-time",
        "SCHEMA-REQUIRED",
        "/containers/cna/timeline/0",
    ),
    (
        "cpe-match-without-criteria",
        "SCHEMA-REQUIRED",
        "/containers/cna/cpeApplicability/0/nodes/0/cpeMatch/0",
    ),
    (
        "cna-tag-of-adp-list",
        "SCHEMA-ENUM",
        "/containers/cna/tags/0",
    ),
    (
        "rejected-reason-missing",
        "SCHEMA-REQUIRED",
        "/containers/cna",
    ),
    (
        "replaced-by-itself-twice",
        "SCHEMA-UNIQUE",
        "/containers/cna/replacedBy",
    ),
    ("json-cut-off", "JSON-SYNTAX", ""),
    ("json-trailing-comma", "JSON-SYNTAX", ""),
    ("json-comment", "JSON-SYNTAX", ""),
    ("json-byte-order-mark", "JSON-ENCODING", ""),
];

#[test]
fn a_bad_record_breaks_only_its_one_rule() {
    let mut checker = Checker::default();
    for (name, code, pointer) in BAD {
        let text = fs::read(folder("bad").join(format!("{name}.json"))).unwrap();
        let findings = checker.findings(Kind::Record, &text);
        let found: Vec<_> = findings
            .iter()
            .map(|finding| (&*finding.code, finding.pointer.as_str()))
            .collect();
        assert_eq!(found, [(*code, *pointer)], "{name}: {findings:#?}");
        assert!(!checker.verdict(Kind::Record, &text), "{name}");
    }
}

#[test]
fn every_bad_file_is_in_the_table() {
    let files = fs::read_dir(folder("bad")).unwrap().count();
    assert_eq!(files, BAD.len());
}

#[test]
fn every_finding_says_what_to_do() {
    let mut checker = Checker::default();
    for (name, ..) in BAD {
        let text = fs::read(folder("bad").join(format!("{name}.json"))).unwrap();
        for finding in checker.findings(Kind::Record, &text) {
            assert!(
                !finding.message.is_empty() && !finding.message.ends_with('.'),
                "{finding:?}"
            );
            assert!(
                !finding.fix.is_empty() && !finding.fix.ends_with('.'),
                "{finding:?}"
            );
            assert!(finding.position.is_some(), "{finding:?}");
            let of_schema = finding.rule.starts_with("#/");
            assert_eq!(finding.keyword().is_empty(), !of_schema, "{finding:?}");
            assert!(
                finding.rule.starts_with("#/") || finding.rule.starts_with("RFC"),
                "{finding:?}"
            );
        }
    }
}
