//! `cna case`: the same answers, whichever way the command goes.

use crate::data_folder::{DataFolder, NOW, REPORT, Serving, cna, run, run_with_input};
use crate::practice_authority::PracticeAuthority;

/// A folder with a report in it and one case filed from that.
fn with_a_case() -> DataFolder {
    let folder = DataFolder::alone();
    file(&folder);
    folder
}

fn file(folder: &DataFolder) {
    let report = folder.file("report.md", REPORT);
    let mut command = folder.case(&["new", "--as", "ana"]);
    run(command.arg("--from").arg(&report)).answer();
}

const LOOKS: [&[&str]; 4] = [
    &["list"],
    &["list", "--json"],
    &["show", "1"],
    &["show", "1", "--json"],
];

#[test]
fn in_process_on_the_folders_server_and_on_a_named_server_the_answers_are_the_same() {
    let folder = with_a_case();
    let token = folder.token_file();
    let in_process: Vec<_> = LOOKS
        .iter()
        .map(|look| run(folder.case(look).args(["--as", "ana"])).answer())
        .collect();
    let serving = Serving::start(folder.path(), &[]);
    for (look, expected) in LOOKS.iter().zip(&in_process) {
        let on_folder = run(folder.case(look).args(["--as", "ana"])).answer();
        assert_eq!(&on_folder, expected, "{look:?} on the folder's server");
        let mut command = cna();
        command.arg("case").args(*look);
        command.args(["--server", &serving.address, "--token-file"]);
        let named = run(command.arg(&token)).answer();
        assert_eq!(&named, expected, "{look:?} on a named server");
    }
}

#[test]
fn a_report_is_filed_with_the_same_words_in_all_three_ways() {
    let folder = DataFolder::alone();
    let report = folder.file("report.md", REPORT);
    let token = folder.token_file();
    let new = |json: bool| {
        let mut command = folder.case(&["new", "--as", "ana"]);
        command.arg("--from").arg(&report);
        if json {
            command.arg("--json");
        }
        run(&mut command).answer()
    };
    let filed = |id: u32| {
        format!(
            "Filed as case {id}. See it with `cna case show {id}`.\n\
             Its reference is R-2026-{id:06}.\n"
        )
    };
    // The candidates come after it: the reports before.
    let is_filed = |said: &str, id: u32| {
        let rest = said
            .strip_prefix(&filed(id))
            .unwrap_or_else(|| panic!("{said}"));
        assert!(rest.starts_with("It may be a duplicate of:\n"), "{said}");
        for other in 1..id {
            assert!(rest.contains(&format!("  case {other}  ")), "{said}");
        }
    };
    let is_document = |said: &str, id: u32| {
        let said: serde_json::Value = serde_json::from_str(said).unwrap();
        assert_eq!(said["id"], id);
        assert_eq!(said["reference"], format!("R-2026-{id:06}"));
        let found = said["duplicates"].as_array().unwrap().len();
        assert_eq!(found, id as usize - 1);
    };
    assert_eq!(new(false), filed(1));
    is_document(&new(true), 2);
    let serving = Serving::start(folder.path(), &[]);
    is_filed(&new(false), 3);
    is_document(&new(true), 4);
    let named = || {
        let mut command = cna();
        command.args(["case", "new", "--server", &serving.address, "--from"]);
        command.arg(&report).arg("--token-file").arg(&token);
        command
    };
    is_filed(&run(&mut named()).answer(), 5);
    is_document(&run(named().arg("--json")).answer(), 6);
}

#[test]
fn a_refusal_is_the_same_in_process_and_on_the_folders_server() {
    let folder = with_a_case();
    let asks: [&[&str]; 4] = [
        &["show", "99", "--as", "ana"],
        &["show", "1", "--as", "aud"],
        &["list", "--as", "zoe"],
        &["list"],
    ];
    let ask = |arguments: &&[&str]| run(&mut folder.case(arguments));
    let in_process: Vec<_> = asks.iter().map(ask).collect();
    let _serving = Serving::start(folder.path(), &[]);
    for (arguments, expected) in asks.iter().zip(&in_process) {
        expected.mistake();
        assert_eq!(&ask(arguments), expected, "{arguments:?}");
    }
}

#[test]
fn a_dash_reads_standard_input() {
    let folder = DataFolder::alone();
    let mut command = folder.case(&["new", "--from", "-", "--as", "ana"]);
    let answer = run_with_input(&mut command, REPORT.as_bytes()).answer();
    assert!(answer.starts_with("Filed as case 1."), "{answer}");
}

#[test]
fn the_list_is_a_table_and_says_what_to_do_when_it_is_empty() {
    let folder = DataFolder::alone();
    let list = || run(folder.case(&["list"]).args(["--as", "ana"])).answer();
    assert_eq!(
        list(),
        "No cases yet. File a report with `cna case new --from FILE`.\n"
    );
    file(&folder);
    let text = list();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("CASE  STATE     PRODUCT"), "{text}");
    assert!(
        lines[1].starts_with("1     RECEIVED  node-agent  2026-11-03 10:00"),
        "{text}"
    );
}

#[test]
fn whoever_is_not_on_a_case_gets_the_answer_of_a_missing_one() {
    let folder = with_a_case();
    let show = |id: &str| run(folder.case(&["show", id]).args(["--as", "aud"]));
    assert_eq!(show("1").mistake(), "case 1 was not found");
    assert_eq!(show("2").mistake(), "case 2 was not found");
}

#[test]
fn in_process_a_command_works_off_the_follow_ups_before_it_ends() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    folder.reserving_case();
    run(&mut folder.case(&["list", "--as", "ana"])).answer();
    let shown = run(&mut folder.case(&["show", "1", "--as", "ana", "--json"])).json();
    assert_eq!(shown["state"], "ASSIGNED");
    assert_eq!(shown["followups"][0]["state"], "done");
    assert_eq!(
        shown["records"][0]["cve_id"],
        authority.ids()[0].id.to_string()
    );
}

#[test]
fn a_follow_up_that_has_to_wait_disturbs_no_program_that_reads_the_answer() {
    let folder = DataFolder::alone();
    folder.reserving_case();
    let mut command = folder.case(&["list", "--json", "--as", "ana"]);
    let ended = run(command.env("CNA_PACE", "30"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(answer["cases"][0]["state"], "DETERMINED");
    assert_eq!(
        ended.stderr,
        "note: some follow-ups wait to be tried again; `cna serve` goes on with them\n"
    );
}

#[test]
fn a_folder_held_by_something_that_is_no_desk_is_left_alone() {
    let folder = with_a_case();
    let stale = r#"{"address": "http://127.0.0.1:9", "token": "x"}"#;
    folder.file("server.json", stale);
    let mut command = cna();
    command.args(["authority", "serve", "--listen", "127.0.0.1:0", "--data"]);
    let _holder = Serving::spawn(command.arg(folder.path()));
    let ended = run(&mut folder.case(&["list", "--as", "ana"]));
    let mistake = ended.mistake();
    assert!(
        mistake.contains("is held by `cna authority serve` (process "),
        "{mistake}"
    );
    assert!(mistake.ends_with("wait until it ends"), "{mistake}");
}

#[test]
fn after_its_server_was_killed_a_folder_is_worked_on_in_process() {
    let folder = with_a_case();
    let mut serving = Serving::start(folder.path(), &[]);
    serving.kill();
    assert!(folder.names().contains(&"server.json".to_owned()));
    run(&mut folder.case(&["list", "--as", "ana"])).answer();
    assert!(!folder.names().contains(&"server.json".to_owned()));
}

#[test]
fn as_goes_with_the_folders_own_desk_only() {
    let folder = DataFolder::alone();
    let token = folder.token_file();
    let mut command = folder.case(&["list", "--as", "ana", "--server", "http://127.0.0.1:9"]);
    let ended = run(command.arg("--token-file").arg(token));
    let mistake = ended.mistake();
    assert!(mistake.starts_with("--as goes with"), "{mistake}");
}

#[test]
fn the_token_may_come_from_the_environment() {
    let folder = with_a_case();
    let token = std::fs::read_to_string(folder.token_file()).unwrap();
    let serving = Serving::start(folder.path(), &[]);
    let mut command = cna();
    command.args(["case", "list", "--json", "--server", &serving.address]);
    let listed = run(command.env("CNA_TOKEN", token.trim())).json();
    assert_eq!(listed["cases"].as_array().unwrap().len(), 1, "at {NOW}");
}
