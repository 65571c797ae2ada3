//! Real records, and mutants of them with the verdicts of ajv.

use std::collections::BTreeMap;

use cve::check::{Checker, Finding, Format, Kind, Severity};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::shared;

fn errors(findings: &[Finding]) -> usize {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count()
}

/// The one record of the corpus that 5.2.0 refuses: its products have a
/// `versionType`, which earlier versions let pass.
///
/// Source: formats section 1.8.
const STRAY_KEYS: &str = "\"CVE-2024-8105\"";

#[test]
fn real_records_are_valid_but_for_the_one_with_stray_keys() {
    let Some(path) = shared::file("records/corpus.jsonl.zst") else {
        return;
    };
    let mut checker = Checker::new(Format::V5_2_0);
    let (mut valid, mut refused) = (0, Vec::new());
    let count = shared::each_line(&path, 4, |line| {
        if checker.verdict(Kind::Record, line.as_bytes()) {
            valid += 1;
        } else {
            refused.push(line.to_owned());
        }
    });
    println!("{valid} valid, {} refused", refused.len());
    for line in &refused {
        assert!(
            line.contains(STRAY_KEYS),
            "{:#?}",
            checker.findings(Kind::Record, line.as_bytes())
        );
        assert!(errors(&checker.findings(Kind::Record, line.as_bytes())) > 0);
        assert!(Checker::new(Format::V5_1_1).verdict(Kind::Record, line.as_bytes()));
    }
    assert!(count > 10_000 && refused.len() <= 1);
    assert_eq!(valid + refused.len(), count);
}

#[derive(serde::Deserialize)]
struct Mutant<'a> {
    id: &'a str,
    mutation: &'a str,
    #[serde(borrow)]
    path: std::borrow::Cow<'a, str>,
    valid_by_ajv: bool,
    #[serde(borrow)]
    ajv_first_error: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    record: &'a RawValue,
}

/// The recorded verdicts are those of ajv with the schema of 5.1.1: mutants
/// with unknown keys in a product are valid there.
const MUTANTS_OF: Format = Format::V5_1_1;

#[test]
fn every_mutant_gets_the_verdict_of_ajv_from_both_engines() {
    let Some(path) = shared::file("records/mutants-dev.jsonl.zst") else {
        return;
    };
    let mut checker = Checker::new(MUTANTS_OF);
    let (mut valid, mut wrong) = (0, Vec::new());
    let count = shared::each_line(&path, 16, |line| {
        let mutant: Mutant<'_> = serde_json::from_str(line).unwrap();
        let text = mutant.record.get().as_bytes();
        let quick = checker.verdict(Kind::Record, text);
        let slow = errors(&checker.findings(Kind::Record, text)) == 0;
        valid += usize::from(mutant.valid_by_ajv);
        if quick != mutant.valid_by_ajv || slow != mutant.valid_by_ajv {
            let Mutant {
                id,
                mutation,
                path,
                valid_by_ajv,
                ..
            } = mutant;
            wrong.push(format!(
                "{id} {mutation} {path}: ajv {valid_by_ajv}, {quick}, {slow}"
            ));
        }
    });
    println!(
        "{count} mutants, {valid} of them valid, {} disagreements",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(20)]);
    assert!(count >= 1_250);
}

/// Where ajv names a single place, one of our findings is there or below or
/// above it; and the rule of every finding exists in the official schema.
#[test]
fn findings_name_the_place_ajv_names_and_rules_that_exist() {
    let (Some(path), Some(schema)) = (
        shared::file("records/mutants-dev.jsonl.zst"),
        shared::schema("CVE_JSON_bundled_5.1.1.json"),
    ) else {
        return;
    };
    let mut checker = Checker::new(MUTANTS_OF);
    let mut rules: BTreeMap<String, String> = BTreeMap::new();
    let (mut compared, mut elsewhere) = (0, Vec::new());
    shared::each_line(&path, 16, |line| {
        let mutant: Mutant<'_> = serde_json::from_str(line).unwrap();
        if mutant.valid_by_ajv {
            return;
        }
        let findings = checker.findings(Kind::Record, mutant.record.get().as_bytes());
        assert!(
            findings.iter().all(|finding| finding.position.is_some()),
            "{}",
            mutant.id
        );
        for finding in findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
        {
            rules
                .entry(finding.rule.to_string())
                .or_insert_with(|| mutant.id.to_owned());
        }
        let ajv = mutant.ajv_first_error.as_deref().unwrap_or_default();
        let Some(place) = ajv.split(" @ ").nth(1) else {
            return;
        };
        compared += 1;
        // Of a score that does not suit its severity, or of a severity that is
        // none, ajv names the score; and of a rejected record what is wrong
        // with it as a published one, because it tries that branch first.
        let beside = match ajv.contains("ScoreType") {
            true => place.rsplit_once('/').map_or("", |(parent, _)| parent),
            false => place,
        };
        if place == "/cveMetadata/state" || mutant.record.get().contains("\"REJECTED\"") {
            return;
        }
        let near = findings.iter().any(|finding| {
            finding.pointer.starts_with(place)
                || place.starts_with(&finding.pointer)
                || finding.pointer.starts_with(beside)
        });
        if !near {
            elsewhere.push(format!("{}: ajv {ajv}, we {:?}", mutant.id, findings[0]));
        }
    });
    println!(
        "{compared} places compared, {} elsewhere, {} rules",
        elsewhere.len(),
        rules.len()
    );
    assert!(
        elsewhere.is_empty(),
        "{:#?}",
        &elsewhere[..elsewhere.len().min(10)]
    );
    for (rule, mutant) in rules {
        let pointer = rule.strip_prefix('#').unwrap_or(&rule);
        // `type` may stand beside `anyOf`, and a `oneOf` has both branches.
        let found: Option<&Value> = schema.pointer(pointer);
        assert!(found.is_some(), "{rule} ({mutant}) is not in the schema");
    }
}
