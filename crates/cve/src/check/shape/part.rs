//! The parts that containers are made of.

use super::cvss::{cvss_2, cvss_3, cvss_4};
use super::{Also, Extra, Form, Format, Key, List, Object, Rule, UNBOUNDED, Value};
use super::{bounded, flag, formed, list, object, tag, text, word};

/// What most objects do with unknown keys: 5.0 lets them pass.
pub(super) fn closed(format: Format) -> Extra {
    match format {
        Format::V5_0 => Extra::Any,
        _ => Extra::Refused,
    }
}

pub(super) fn uri() -> Rule {
    bounded(Form::Uri, 1, 2048).defined("uriType")
}

pub(super) fn uuid() -> Rule {
    formed(Form::Uuid).defined("uuidType")
}

pub(super) fn cve_id() -> Rule {
    formed(Form::CveId).defined("cveId")
}

pub(super) fn short_name() -> Rule {
    text(2, 32).defined("shortName")
}

pub(super) fn timestamp(format: Format) -> Rule {
    let form = match format {
        Format::V5_0 => Form::DateTime,
        _ => Form::Timestamp,
    };
    formed(form).defined("timestamp")
}

fn version() -> Rule {
    text(1, 1024).defined("version")
}

fn status() -> Rule {
    word(&["affected", "unaffected", "unknown"]).defined("status")
}

fn language() -> Rule {
    formed(Form::Language).defined("language")
}

pub(super) fn provider_metadata(format: Format) -> Rule {
    let keys = vec![
        Key::must("orgId", uuid()),
        Key::may("shortName", short_name()),
        Key::may("dateUpdated", timestamp(format)),
    ];
    Rule::from(object(closed(format), keys)).defined("providerMetadata")
}

fn description(format: Format) -> Rule {
    let medium = object(
        closed(format),
        vec![
            Key::must("type", text(1, 256)),
            Key::may("base64", flag()),
            Key::must("value", text(1, 16384)),
        ],
    );
    let keys = vec![
        Key::must("lang", language()),
        Key::must("value", text(1, 4096)),
        Key::may("supportingMedia", list(medium).into()),
    ];
    // Closed in 5.0 already, unlike most.
    Rule::from(object(Extra::Refused, keys)).defined("description")
}

pub(super) fn descriptions(format: Format) -> Rule {
    let english = List {
        english: true,
        ..list(description(format))
    };
    Rule::from(english).defined("descriptions")
}

/// A list of descriptions that need no English.
pub(super) fn prose(format: Format, name: &str) -> Rule {
    Rule::from(list(description(format))).defined(name)
}

pub(super) fn references(format: Format) -> Rule {
    let keys = vec![
        Key::must("url", uri()),
        Key::may("name", text(1, 512)),
        Key::may("tags", list(tag(REFERENCE_TAGS)).into()),
    ];
    let reference = Rule::from(object(closed(format), keys)).defined("reference");
    let references = List {
        max: 512,
        ..list(reference)
    };
    Rule::from(references).defined("references")
}

/// Tags a reference may have.
///
/// Source: CVE Record Format `references[].tags`.
pub(crate) const REFERENCE_TAGS: &[&str] = &[
    "broken-link",
    "customer-entitlement",
    "exploit",
    "government-resource",
    "issue-tracking",
    "mailing-list",
    "mitigation",
    "not-applicable",
    "patch",
    "permissions-required",
    "media-coverage",
    "product",
    "related",
    "release-notes",
    "signature",
    "technical-description",
    "third-party-advisory",
    "vendor-advisory",
    "vdb-entry",
];

pub(super) fn affected(format: Format) -> Rule {
    let products = List {
        unique: false,
        ..list(product(format))
    };
    Rule::from(products).defined("affected")
}

fn product(format: Format) -> Rule {
    let cpe = match format {
        Format::V5_0 => bounded(Form::Cpe, 1, 2048),
        _ => bounded(Form::Cpe, 1, 2048).defined("cpe22and23"),
    };
    let routine = object(closed(format), vec![Key::must("name", text(1, 4096))]);
    let mut keys = vec![
        Key::may("vendor", text(1, 512)),
        Key::may("product", text(1, 2048)),
        Key::may("collectionURL", uri()),
        Key::may("packageName", text(1, 2048)),
        Key::may("cpes", any_number(cpe)),
        Key::may("modules", any_number(text(1, 4096))),
        Key::may("programFiles", any_number(text(1, 1024))),
        Key::may("programRoutines", any_number(routine.into())),
        Key::may("platforms", list(text(0, 1024)).into()),
        Key::may("repo", uri()),
        Key::may("defaultStatus", status()),
        Key::may("versions", list(version_entry(format)).into()),
    ];
    if format >= Format::V5_2_0 {
        keys.push(Key::may("packageURL", uri()));
    }
    let extra = match format {
        Format::V5_2_0 => Extra::Refused,
        _ => Extra::Any,
    };
    let product = Object {
        any_of: vec![
            &[&["vendor", "product"], &["collectionURL", "packageName"]],
            &[&["versions"], &["defaultStatus"]],
        ],
        hashed: false,
        ..object(extra, keys)
    };
    Rule::from(product).defined("product")
}

/// A list of distinct items that may be empty.
fn any_number(item: Rule) -> Rule {
    List {
        min: 0,
        ..list(item)
    }
    .into()
}

fn version_entry(format: Format) -> Object {
    let change = object(
        closed(format),
        vec![Key::must("at", version()), Key::must("status", status())],
    );
    let keys = vec![
        Key::may("version", version()),
        Key::may("status", status()),
        Key::may("versionType", text(1, 128)),
        Key::may("lessThan", version()),
        Key::may("lessThanOrEqual", version()),
        Key::may("changes", list(change).into()),
    ];
    let also = match format {
        Format::V5_0 => Also::Version50,
        _ => Also::Version,
    };
    Object {
        also,
        ..object(closed(format), keys)
    }
}

pub(super) fn problem_types(format: Format) -> Rule {
    let description = object(
        closed(format),
        vec![
            Key::must("lang", language()),
            Key::must("description", text(1, 4096)),
            Key::may("cweId", bounded(Form::Cwe, 5, 9)),
            Key::may("type", text(1, 128)),
            Key::may("references", references(format)),
        ],
    );
    let keys = vec![Key::must("descriptions", list(description).into())];
    Rule::from(list(object(closed(format), keys))).defined("problemTypes")
}

pub(super) fn impacts(format: Format) -> Rule {
    let keys = vec![
        Key::may("capecId", bounded(Form::Capec, 7, 11)),
        Key::must("descriptions", descriptions(format)),
    ];
    Rule::from(list(object(closed(format), keys))).defined("impacts")
}

pub(super) fn metrics(format: Format) -> Rule {
    let scenario = object(
        closed(format),
        vec![
            Key::must("lang", language()),
            Key::must("value", text(1, 4096)),
        ],
    );
    let other = object(
        closed(format),
        vec![
            Key::must("type", text(1, 128)),
            Key::must("content", Rule::new(Value::Filled)),
        ],
    );
    let mut keys = vec![
        Key::may("format", text(1, 64)),
        Key::may("scenarios", list(scenario).into()),
        Key::may("cvssV3_1", cvss_3(format, "3.1")),
        Key::may("cvssV3_0", cvss_3(format, "3.0")),
        Key::may("cvssV2_0", cvss_2(format)),
        Key::may("other", other.into()),
    ];
    if format >= Format::V5_1_1 {
        keys.push(Key::may("cvssV4_0", cvss_4()));
    }
    // 5.0 knows no cvssV4_0: there it is one of the unknown keys.
    let scored: &[&[&str]] = match format {
        Format::V5_0 => &[&["cvssV3_1"], &["cvssV3_0"], &["cvssV2_0"], &["other"]],
        _ => &[
            &["cvssV4_0"],
            &["cvssV3_1"],
            &["cvssV3_0"],
            &["cvssV2_0"],
            &["other"],
        ],
    };
    let metric = Object {
        any_of: vec![scored],
        ..object(closed(format), keys)
    };
    Rule::from(list(metric)).defined("metrics")
}

pub(super) fn timeline(format: Format) -> Rule {
    let keys = vec![
        Key::must("time", timestamp(format)),
        Key::must("lang", language()),
        Key::must("value", text(1, 4096)),
    ];
    Rule::from(list(object(closed(format), keys))).defined("timeline")
}

pub(super) fn credits(format: Format) -> Rule {
    let keys = vec![
        Key::must("lang", language()),
        Key::must("value", text(1, 4096)),
        Key::may("user", uuid()),
        Key::may("type", word(CREDIT_TYPES)),
    ];
    Rule::from(list(object(closed(format), keys))).defined("credits")
}

/// What somebody may be thanked for.
///
/// Source: CVE Record Format `credits[].type`.
pub(crate) const CREDIT_TYPES: &[&str] = &[
    "finder",
    "reporter",
    "analyst",
    "coordinator",
    "remediation developer",
    "remediation reviewer",
    "remediation verifier",
    "tool",
    "sponsor",
    "other",
];

pub(super) fn taxonomy_mappings(format: Format) -> Rule {
    let relation = object(
        closed(format),
        vec![
            Key::must("taxonomyId", text(1, 2048)),
            Key::must("relationshipName", text(1, 128)),
            Key::must("relationshipValue", text(1, 2048)),
        ],
    );
    let keys = vec![
        Key::must("taxonomyName", text(1, 128)),
        Key::may("taxonomyVersion", text(1, 128)),
        Key::must("taxonomyRelations", list(relation).into()),
    ];
    Rule::from(list(object(closed(format), keys))).defined("taxonomyMappings")
}

/// CPE configurations. The elements and their nodes have no `type` in the
/// schema: a number passes as one, and unknown keys do.
pub(super) fn cpe_applicability() -> Rule {
    let operator = || word(&["AND", "OR"]);
    let node = Object {
        untyped: true,
        ..object(
            Extra::Any,
            vec![
                Key::must("operator", operator()),
                Key::may("negate", flag()),
                Key::must("cpeMatch", loose(cpe_match())),
            ],
        )
    };
    let element = Object {
        untyped: true,
        ..object(
            Extra::Any,
            vec![
                Key::may("operator", operator()),
                Key::may("negate", flag()),
                Key::must("nodes", loose(Rule::from(node).defined("cpe_node"))),
            ],
        )
    };
    loose(Rule::from(element).defined("cpeApplicabilityElement"))
}

fn cpe_match() -> Rule {
    let keys = vec![
        Key::must("vulnerable", flag()),
        Key::must("criteria", bounded(Form::Cpe23, 1, 2048).defined("cpe23")),
        Key::may("matchCriteriaId", uuid()),
        Key::may("versionStartExcluding", version()),
        Key::may("versionStartIncluding", version()),
        Key::may("versionEndExcluding", version()),
        Key::may("versionEndIncluding", version()),
    ];
    let cpe_match = Object {
        hashed: false,
        ..object(Extra::Refused, keys)
    };
    Rule::from(cpe_match).defined("cpe_match")
}

/// A list without bounds whose items may be equal.
fn loose(item: Rule) -> Rule {
    let unique = false;
    List {
        min: 0,
        max: UNBOUNDED,
        unique,
        ..list(item)
    }
    .into()
}
