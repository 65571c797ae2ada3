//! `cna demo`: the whole job, and nothing left behind but what was promised.

use std::path::Path;

use serde_json::Value;

use crate::data_folder::{Ended, REPORT, cna, names, run};

/// Runs the demo with a temporary folder of its own; gives how it ended and
/// what was left there.
fn demo(arguments: &[&str], output: Option<&Path>) -> (Ended, Vec<String>) {
    let temporary = tempfile::tempdir().unwrap();
    let mut command = cna();
    command.args(["demo", "--exit"]).args(arguments);
    command.env("TMPDIR", temporary.path());
    if let Some(output) = output {
        command.arg("--output").arg(output);
    }
    let ended = run(&mut command);
    (ended, names(temporary.path()))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_step_is_a_line_of_json_and_the_outputs_are_all_that_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("output");
    let (ended, left) = demo(&["--json"], Some(&output));
    let mut lines = lines(&ended.answer());
    assert_eq!(left, [""; 0]);
    let last = lines.pop().unwrap();
    for line in &lines {
        for key in ["step", "by", "detail"] {
            let text = line[key].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{key}: {line}");
        }
        assert!(line["ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{line}");
    }
    let steps: Vec<_> = lines.iter().filter_map(|l| l["step"].as_str()).collect();
    for step in [
        "received",
        "determined",
        "reserved",
        "approved",
        "published",
    ] {
        assert!(steps.contains(&step), "{step} in {steps:?}");
    }
    let id = last["published"].as_str().unwrap();
    assert!(id.starts_with("CVE-1900-"), "{id}");
    assert_eq!(last["output"], output.to_str().unwrap());
    let record = format!("{id}.json");
    let mut expected = vec![
        record.as_str(),
        "EXAMPLE-",
        "case-1.json",
        "feed.json",
        "ledger.json",
    ];
    expected.sort_unstable();
    let found = names(&output);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}, expected {expected}");
    }
    check_outputs(&output, id);
}

/// The outputs fit together.
fn check_outputs(output: &Path, id: &str) {
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(output.join(name)).unwrap()).unwrap()
    };
    let record = read(&format!("{id}.json"));
    assert_eq!(record["cveMetadata"]["cveId"], id);
    assert_eq!(record["cveMetadata"]["state"], "PUBLISHED");
    assert_eq!(read("case-1.json")["state"], "PUBLISHED");
    let line = &read("ledger.json")[0];
    assert_eq!(
        (&line["cve_id"], &line["state"]),
        (&id.into(), &"PUBLISHED".into())
    );
    let item = &read("feed.json")["items"][0];
    let advisory = read(&format!("{}.json", item["id"].as_str().unwrap()));
    assert_eq!(advisory["cve_id"], id);
    let cited = record["containers"]["cna"]["references"][0]["url"].as_str();
    assert_eq!(cited, item["url"].as_str());
}

#[test]
fn without_an_output_folder_the_outputs_and_only_they_are_left() {
    let (ended, left) = demo(&[], None);
    let text = ended.answer();
    assert!(text.contains("Published CVE-1900-"), "{text}");
    // One folder with one folder in it; it is gone with the test's own.
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].starts_with("cna-demo-"), "{left:?}");
}

#[test]
fn a_report_whose_answers_end_elsewhere_ends_with_one_sentence_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.md");
    let text = REPORT.replace("A1: {value: report", "A1: {value: spam");
    std::fs::write(&report, text).unwrap();
    let output = folder.path().join("output");
    let arguments = ["--json", "--report", report.to_str().unwrap()];
    let (ended, left) = demo(&arguments, Some(&output));
    assert_eq!(
        ended.mistake(),
        "the answers of the report end with O-CLOSE: no CVE ID is assigned, so there is \
         nothing to publish"
    );
    // What was printed until then is still a line of JSON each.
    lines(&ended.stdout);
    assert_eq!((left, output.exists()), (Vec::new(), false));
}

#[test]
fn a_report_that_leaves_a_question_open_is_told_which() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.md");
    let kept = |line: &&str| !line.trim_start().starts_with("B2:");
    let text: Vec<_> = REPORT.lines().filter(kept).collect();
    std::fs::write(&report, text.join("\n")).unwrap();
    let (ended, left) = demo(&["--report", report.to_str().unwrap()], None);
    assert_eq!(
        ended.mistake(),
        "the report does not answer question B2: add it under `answers`"
    );
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_report_about_another_product_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.md");
    std::fs::write(
        &report,
        REPORT.replace("product: node-agent", "product: other"),
    )
    .unwrap();
    let (ended, left) = demo(&["--report", report.to_str().unwrap()], None);
    let mistake = ended.mistake();
    assert!(mistake.starts_with("product `other` is not in the catalogue"));
    assert_eq!(left, [""; 0]);
}
