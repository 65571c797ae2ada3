//! Rules that need facts beside the document: each is broken by one fact, and
//! passed over without it.

use cve::check::Kind;
use cve::lint::{
    Advisory, Case, Context, LedgerRow, LedgerState, Link, Linter, Needs, OtherRecord,
    RegisteredProduct, Relation, ReleaseLine, Settings, rule, rules,
};

fn published() -> String {
    rule("REC-012").unwrap().good_record()
}

fn rejected() -> String {
    rule("REJ-002").unwrap().good_record()
}

fn codes(record: &str, context: &Context<'_>) -> Vec<String> {
    let mut linter = Linter::new(&Settings::default()).unwrap();
    let findings = linter.lint(Kind::Record, record.as_bytes(), context);
    findings
        .into_iter()
        .map(|finding| finding.code.into_owned())
        .collect()
}

fn row() -> LedgerRow {
    LedgerRow {
        id: "CVE-2026-0042".into(),
        is_ours: true,
        state: LedgerState::Reserved,
        years: vec!["2026".parse().unwrap()],
    }
}

#[test]
fn an_id_must_be_that_of_its_ledger_line() {
    let record = published().replace("CVE-1900-10001", "CVE-2026-0042");
    let with = |row: LedgerRow| {
        codes(
            &record,
            &Context {
                ledger: Some(&row),
                ..Context::default()
            },
        )
    };
    assert_eq!(with(row()), [] as [&str; 0]);
    assert_eq!(
        with(LedgerRow {
            is_ours: false,
            ..row()
        }),
        ["REC-003"]
    );
    assert_eq!(
        with(LedgerRow {
            id: "CVE-2026-0043".into(),
            ..row()
        }),
        ["REC-003"]
    );
    assert_eq!(
        with(LedgerRow {
            years: vec!["2025".parse().unwrap()],
            ..row()
        }),
        ["REC-004"]
    );
}

fn product(is_hosted: bool, lines: &[(&str, bool)]) -> RegisteredProduct {
    RegisteredProduct {
        vendor: "Example Kettles".into(),
        product: "Kettle".into(),
        is_hosted,
        lines: lines
            .iter()
            .map(|(name, is_supported)| ReleaseLine {
                name: (*name).into(),
                is_supported: *is_supported,
            })
            .collect(),
    }
}

#[test]
fn tags_follow_the_registry() {
    let with = |record: &str, product: RegisteredProduct| {
        codes(
            record,
            &Context {
                products: Some(&[product]),
                ..Context::default()
            },
        )
    };
    let plain = published();
    assert_eq!(
        with(&plain, product(false, &[("3", true)])),
        [] as [&str; 0]
    );
    assert_eq!(with(&plain, product(true, &[])), ["REC-061"]);
    assert_eq!(with(&plain, product(false, &[("3.0", false)])), ["REC-062"]);
    assert_eq!(
        with(&plain, product(false, &[("3.0", false), ("3.1", true)])),
        [] as [&str; 0]
    );
}

#[test]
fn a_supported_line_has_a_status() {
    let record = published().replace("\"defaultStatus\": \"unaffected\",", "");
    let lines = [product(false, &[("3.0", true), ("4.0", true)])];
    let context = Context {
        products: Some(&lines),
        ..Context::default()
    };
    assert_eq!(codes(&record, &context), ["REC-016"]);
}

#[test]
fn a_reference_answers_and_is_about_the_vulnerability() {
    let link = Link {
        url: "https://kettles.example.org/KETTLE-1".into(),
        status: Some(200),
        needs_login: false,
        names_id: true,
        names_product: true,
        is_archived: true,
        is_own_advisory: true,
    };
    let with = |link: Link| {
        codes(
            &published(),
            &Context {
                links: Some(&[link]),
                ..Context::default()
            },
        )
    };
    assert_eq!(with(link.clone()), [] as [&str; 0]);
    assert_eq!(
        with(Link {
            status: Some(404),
            ..link.clone()
        }),
        ["REC-042"]
    );
    assert_eq!(
        with(Link {
            needs_login: true,
            ..link.clone()
        }),
        ["REC-042"]
    );
    assert_eq!(
        with(Link {
            names_id: false,
            ..link.clone()
        }),
        ["REC-045"]
    );
    assert_eq!(
        with(Link {
            is_archived: false,
            ..link.clone()
        }),
        ["REC-046"]
    );
    let silent = Link {
        names_id: false,
        names_product: false,
        is_own_advisory: false,
        ..link
    };
    assert_eq!(with(silent), ["REC-045-OTHER"]);
}

#[test]
fn record_and_case_agree() {
    let with = |record: &str, case: Case| {
        codes(
            record,
            &Context {
                case: Some(&case),
                ..Context::default()
            },
        )
    };
    assert_eq!(with(&published(), Case::default()), [] as [&str; 0]);
    let freest = Case {
        freest_url: Some("https://a.example/".into()),
        ..Case::default()
    };
    assert_eq!(with(&published(), freest), ["REC-043"]);
    let split = Case {
        relations: vec![(Relation::Split, "CVE-1900-10002".into())],
        ..Case::default()
    };
    assert_eq!(with(&published(), split), ["REC-068"]);
    let unknown = rule("REC-020").unwrap().bad_record().unwrap();
    assert_eq!(with(&unknown, Case::default()), ["REC-022"]);
    let task = Case {
        has_type_task: true,
        ..Case::default()
    };
    assert_eq!(with(&unknown, task), [] as [&str; 0]);
}

#[test]
fn what_the_fields_may_leave_out_must_stand_in_the_text() {
    let case = Case {
        has_type_task: true,
        ..Case::default()
    };
    let context = Context {
        case: Some(&case),
        ..Context::default()
    };
    let mut record: serde_json::Value = serde_json::from_str(&published()).unwrap();
    let container = &mut record["containers"]["cna"];
    container.as_object_mut().unwrap().remove("problemTypes");
    assert_eq!(codes(&record.to_string(), &context), [] as [&str; 0]);
    let text = "The pouring component of Example Kettles Kettle 3.0.0 before 3.2.1 has a problem when somebody tilts it.";
    record["containers"]["cna"]["descriptions"][0]["value"] = text.into();
    assert_eq!(codes(&record.to_string(), &context), ["REC-032"]);
    assert_eq!(
        codes(&record.to_string(), &Context::default()),
        ["REC-020", "REC-032"]
    );
}

#[test]
fn a_text_that_says_the_type_is_not_known_yet_is_asked_for_no_word_for_it() {
    let case = Case {
        has_type_task: true,
        ..Case::default()
    };
    let context = Context {
        case: Some(&case),
        ..Context::default()
    };
    let mut record: serde_json::Value = serde_json::from_str(&published()).unwrap();
    let container = &mut record["containers"]["cna"];
    container.as_object_mut().unwrap().remove("problemTypes");
    let text = "A problem in the pouring component of Example Kettles Kettle 3.0.0 before 3.2.1 was mended; its type cannot be determined yet.";
    record["containers"]["cna"]["descriptions"][0]["value"] = text.into();
    let codes = codes(&record.to_string(), &context);
    assert!(!codes.contains(&"REC-032".to_owned()), "{codes:?}");
}

#[test]
fn record_and_advisory_agree() {
    let with = |advisory: Advisory| {
        codes(
            &published(),
            &Context {
                advisory: Some(&advisory),
                ..Context::default()
            },
        )
    };
    let same = Advisory {
        title: Some("Kettle pours past its lid when it is tilted".into()),
        severity: Some("Medium".into()),
        credits: Vec::new(),
        fixed_versions: vec!["3.2.1".into()],
    };
    assert_eq!(with(same.clone()), [] as [&str; 0]);
    assert_eq!(
        with(Advisory {
            fixed_versions: vec!["3.3".into()],
            ..same.clone()
        }),
        ["REC-067"]
    );
    assert_eq!(
        with(Advisory {
            severity: Some("high".into()),
            ..same.clone()
        }),
        ["REC-067-SEVERITY"]
    );
    assert_eq!(
        with(Advisory {
            title: Some("Lid".into()),
            ..same.clone()
        }),
        ["REC-067-TITLE"]
    );
    assert_eq!(
        with(Advisory {
            credits: vec!["Jo".into()],
            ..same
        }),
        ["REC-067-CREDIT"]
    );
}

#[test]
fn a_record_is_told_apart_from_the_others() {
    let text = "Out-of-bounds write in the pouring component of Example Kettles Kettle 3.0.0 before 3.2.1 allows local attackers to cause a denial of service via a crafted tilt.";
    let other = OtherRecord {
        id: "CVE-1900-10002".into(),
        product: "kettle".into(),
        cwe: Some("CWE-787".into()),
        description: text.into(),
        ..OtherRecord::default()
    };
    let with = |other: OtherRecord| {
        codes(
            &published(),
            &Context {
                others: Some(&[other]),
                ..Context::default()
            },
        )
    };
    assert_eq!(with(other.clone()), ["REC-050"]);
    assert_eq!(
        with(OtherRecord {
            cwe: None,
            ..other.clone()
        }),
        [] as [&str; 0]
    );
    assert_eq!(
        with(OtherRecord {
            id: "CVE-1900-10001".into(),
            ..other
        }),
        [] as [&str; 0]
    );
}

#[test]
fn a_rejection_is_explained_and_leads_somewhere() {
    let stock = rule("REJ-002").unwrap().bad_record().unwrap();
    let was_published = Context {
        was_published: Some(true),
        ..Context::default()
    };
    assert_eq!(codes(&stock, &was_published), ["REJ-002-PUBLISHED"]);

    let good = Case {
        reject_reason: Some("duplicate".into()),
        ..Case::default()
    };
    let with = |case: Case| {
        codes(
            &rejected(),
            &Context {
                case: Some(&case),
                ..Context::default()
            },
        )
    };
    assert_eq!(with(good.clone()), [] as [&str; 0]);
    assert_eq!(with(Case::default()), ["REJ-003"]);
    assert_eq!(
        with(Case {
            reject_reason: Some("because".into()),
            ..good.clone()
        }),
        ["REJ-003"]
    );
    assert_eq!(
        with(Case {
            is_target_updated: Some(false),
            ..good.clone()
        }),
        ["REJ-006"]
    );
    assert_eq!(
        with(Case {
            is_archived: Some(false),
            ..good.clone()
        }),
        ["REJ-007"]
    );
    assert_eq!(
        with(Case {
            is_still_announced: Some(true),
            ..good
        }),
        ["REJ-008"]
    );

    let duplicate = rule("REJ-004").unwrap().good_record();
    let void = [OtherRecord {
        id: "CVE-1900-10002".into(),
        is_rejected: true,
        replaced_by: vec!["CVE-1900-10001".into()],
        ..OtherRecord::default()
    }];
    let context = Context {
        others: Some(&void),
        ..Context::default()
    };
    assert_eq!(codes(&duplicate, &context), ["REJ-005-VOID"]);
}

#[test]
fn what_only_a_person_knows_is_listed_and_not_checked() {
    let listed: Vec<_> = rules()
        .iter()
        .filter(|rule| rule.needs == Needs::Person)
        .map(|rule| rule.code)
        .collect();
    assert_eq!(listed, ["REC-044", "REC-065"]);
}
