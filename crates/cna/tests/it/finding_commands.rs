//! A report with two findings, by commands alone: counted, confirmed, two IDs.

use serde_json::Value;

use crate::data_folder::REPORT;
use crate::job_commands::Job;

/// A sheet with two findings that can be fixed apart.
fn sheet() -> String {
    let report = casework::Report::parse(REPORT).unwrap();
    let mut text = "findings:\n  first: {}\n  second: {}\nanswers:\n".to_owned();
    for (node, given) in &report.answers {
        text.push_str(&format!("  {node}: {}\n", serde_json::json!(given.value)));
    }
    text.push_str("pair_answers:\n  first, second:\n");
    text.push_str(
        "    D1: {value: 'yes', reason: two functions, evidence: [src/a.rs, src/b.rs]}\n",
    );
    text
}

/// A desk with a case in triage.
fn started() -> Job {
    let job = Job::start();
    let report = job.folder.file("report.md", REPORT);
    let from = report.to_str().unwrap();
    job.run("ana", &["case", "new", "--from", from]).answer();
    job.run("ana", &["case", "take", "1"]).answer();
    job
}

#[test]
fn a_sheet_with_two_findings_leads_to_two_ids_once_another_person_confirms() {
    let job = started();
    let file = job.folder.file("sheet.yaml", sheet());
    let file = file.to_str().unwrap();
    let said = job
        .run("ana", &["case", "decide", "1", "--answers", file])
        .answer();
    assert_eq!(
        said,
        "Decided: assign, 2 CVE IDs.\nA second trained person confirms the count with \
         `cna case confirm 1 --count 2`.\n"
    );
    let year = crate::practice_authority::YEAR.to_string();
    let assign = ["case", "assign", "1", "--year", &year];
    let early = job.run("ana", &assign);
    let early = early.mistake();
    assert!(early.contains("(PC-01, CNA Rules"), "{early}");
    let wrong = job.run("rev", &["case", "confirm", "1", "--count", "3"]);
    assert_eq!(
        wrong.mistake(),
        "the answers lead to a count of 2, not 3: read them with `cna case show 1`"
    );
    let shown = job.run("rev", &["case", "confirm", "1"]).answer();
    assert_eq!(
        shown,
        "O-ASSIGN(2)\n  1 for first\n  1 for second\n\
         Confirm it with `cna case confirm 1 --count 2`.\n"
    );
    job.run("rev", &["case", "confirm", "1", "--count", "2"])
        .answer();
    job.run("ana", &assign).answer();
    let mut case = Value::Null;
    for _ in 0..400 {
        case = job.json("ana", &["case", "show", "1"]);
        if case["records"]
            .as_array()
            .is_some_and(|records| records.len() == 2)
        {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    assert_eq!(case["state"], "ASSIGNED", "{case}");
    // IDs that are no neighbours come in any order.
    let records = case["records"].as_array().unwrap();
    let mut titles: Vec<_> = records.iter().map(|record| &record["title"]).collect();
    titles.sort_by_key(|title| title.to_string());
    assert_eq!(titles, ["first", "second"]);
    assert_eq!(case["determination"]["confirmation"]["by"], "rev");
}

#[test]
fn findings_are_added_renamed_listed_and_removed() {
    let job = started();
    let add = [
        "case",
        "finding",
        "add",
        "1",
        "second",
        "--implementations",
        "3",
    ];
    assert_eq!(
        job.run("ana", &add).answer(),
        "Added `second` to case 1. Go on with `cna case decide 1`.\n"
    );
    let edit = ["case", "finding", "edit", "1", "second", "--name", "other"];
    job.run("ana", &edit).answer();
    let answer = ["case", "answer", "1", "C1", "yes", "--finding", "other"];
    job.run("ana", &answer).answer();
    let list = job.json("ana", &["case", "finding", "list", "1"]);
    assert_eq!(list["findings"][1]["name"], "other");
    assert_eq!(list["findings"][1]["implementations"], 3);
    let words = job.run("ana", &["case", "finding", "list", "1"]).answer();
    assert!(words.contains("vulnerable"), "{words}");
    job.run("ana", &["case", "finding", "remove", "1", "other"])
        .answer();
    let list = job.json("ana", &["case", "finding", "list", "1"]);
    assert_eq!(list["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_answer_the_rules_refuse_is_said_with_the_number_of_the_rule() {
    let job = started();
    let bare = ["case", "answer", "1", "C3a", "default_documented_known"];
    let mistake = job.run("ana", &bare);
    let mistake = mistake.mistake();
    assert!(mistake.contains("(rule 4.1.3.1)"), "{mistake}");
    let with = [&bare[..], &["--evidence", "manual, chapter 4"]].concat();
    job.run("ana", &with).answer();
    let case = job.json("ana", &["case", "show", "1"]);
    assert_eq!(case["answers"][0]["evidence"][0], "manual, chapter 4");
}

#[test]
fn a_case_is_closed_and_reopened_by_command() {
    let job = started();
    job.run("ana", &["case", "answer", "1", "A2", "no"])
        .answer();
    let close = ["case", "close", "1", "--reason", "three reminders"];
    assert_eq!(
        job.run("ana", &close).answer(),
        "The state of case 1 is CLOSED_NO_RESPONSE.\n"
    );
    let reopen = ["case", "reopen", "1", "--reason", "they wrote"];
    assert_eq!(
        job.run("ana", &reopen).answer(),
        "The state of case 1 is NEED_INFO.\n"
    );
}

#[test]
fn settings_of_the_decision_are_set_from_a_file_and_shown() {
    let job = started();
    let file = job.folder.file("settings.yaml", "profile: kubernetes\n");
    let file = file.to_str().unwrap();
    job.run("admin", &["decision", "settings", "--file", file])
        .answer();
    let settings = job.json("ana", &["decision", "settings"]);
    assert_eq!(settings["profile"], "kubernetes");
}
