//! `cna clocks`, `cna status`, `cna case event` and `cna case embargo`.

use crate::data_folder::{DataFolder, NOW, REPORT, Serving, cna, run};

/// A folder with one case, filed at the time of the tests.
fn with_a_case() -> DataFolder {
    let folder = DataFolder::alone();
    let report = folder.file("report.md", REPORT);
    let mut command = folder.case(&["new", "--as", "ana"]);
    run(command.arg("--from").arg(&report)).answer();
    folder
}

const LOOKS: [&[&str]; 8] = [
    &["clocks"],
    &["clocks", "--json"],
    &["clocks", "--case", "1"],
    &["clocks", "--until", "2026-11-04T00:00:00Z"],
    &["clocks", "breaches"],
    &["clocks", "settings", "--json"],
    &["status"],
    &["status", "--json"],
];

#[test]
fn in_process_on_the_folders_server_and_on_a_named_server_the_answers_are_the_same() {
    let folder = with_a_case();
    let token = folder.token_file();
    let in_process: Vec<_> = LOOKS
        .iter()
        .map(|look| run(&mut folder.cna("ana", look)).answer())
        .collect();
    let serving = Serving::start(folder.path(), &[]);
    for (look, expected) in LOOKS.iter().zip(&in_process) {
        let on_folder = run(&mut folder.cna("ana", look)).answer();
        assert_eq!(
            &steady(&on_folder),
            &steady(expected),
            "{look:?} on the folder's server"
        );
        let mut command = cna();
        command.args(*look);
        command.args(["--server", &serving.address, "--token-file"]);
        let named = run(command.arg(&token)).answer();
        assert_eq!(
            &steady(&named),
            &steady(expected),
            "{look:?} on a named server"
        );
    }
}

/// The answer without what is counted from the present: a server's clock goes
/// on from `--now`.
fn steady(answer: &str) -> String {
    let mut text = String::new();
    for part in answer.split("\"left_ms\":") {
        let digits = part.find(',').filter(|_| !text.is_empty()).unwrap_or(0);
        text.push_str(&part[digits..]);
    }
    text
}

#[test]
fn the_first_answer_to_a_report_is_due_in_local_time_too() {
    let folder = with_a_case();
    let mut zone = folder.cna("admin", &["clocks", "settings", "--zone", "Europe/Berlin"]);
    let shown = run(&mut zone).answer();
    assert!(shown.contains("  Zone          Europe/Berlin\n"), "{shown}");
    let clocks = run(&mut folder.cna("ana", &["clocks"])).answer();
    let answer = clocks.lines().find(|line| line.contains("D-01")).unwrap();
    assert!(clocks.contains("LOCAL (Europe/Berlin)"), "{clocks}");
    assert!(
        answer.contains("22:59") && answer.contains("23:59 +01:00"),
        "{answer}"
    );
}

#[test]
fn an_event_stops_the_clock_it_answers() {
    let folder = with_a_case();
    let runs = || run(&mut folder.cna("ana", &["clocks", "--json"])).json();
    let has = |id: &str| {
        let clocks = runs()["clocks"].as_array().unwrap().clone();
        clocks.iter().any(|clock| clock["id"] == id)
    };
    assert!(has("D-01"));
    let mut event = folder.cna("ana", &["case", "event", "1", "human_answered"]);
    assert_eq!(run(&mut event).answer(), "Recorded `human_answered`.\n");
    assert!(!has("D-01"));
}

#[test]
fn an_event_nobody_knows_is_refused_before_anything_is_opened() {
    let folder = DataFolder::alone();
    let ended = run(&mut folder.cna("ana", &["case", "event", "1", "heard"]));
    assert_eq!(ended.code, Some(2));
    assert!(
        ended
            .stderr
            .contains("`heard` is not an event a clock knows: docs/clocks.md"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_embargo_is_set_with_date_hour_and_zone_and_warns_of_a_bad_slot() {
    let folder = with_a_case();
    let set = |until: &str| {
        let words = [
            "case",
            "embargo",
            "1",
            "--until",
            until,
            "--zone",
            "America/Los_Angeles",
        ];
        run(&mut folder.cna("ana", &words))
    };
    assert_eq!(
        set("2026-12-04T09:00").answer(),
        "Case 1 is under embargo until 2026-12-04 09:00 in America/Los_Angeles (2026-12-04 17:00 UTC).\n\
         \x20 Mind (D-18): it is a Friday: few are there to act until Monday.\n\
         \x20 Mind (D-18): it is at 17:00 UTC, not at 16:00 UTC.\n"
    );
    assert_eq!(
        set("tomorrow").mistake(),
        "until: `tomorrow` is not a local date and hour: expected one such as `2026-12-01T16:00`"
    );
    assert!(set("2020-01-01T00:00").mistake().contains("has passed"));
    let clocks = run(&mut folder.cna("ana", &["clocks"])).answer();
    assert!(
        clocks.contains("D-16") && clocks.contains("D-17"),
        "{clocks}"
    );
    let mut lift = folder.cna("ana", &["case", "embargo", "1", "--lift", "it leaked"]);
    assert_eq!(
        run(&mut lift).answer(),
        "Case 1 is under no embargo any more.\n"
    );
}

#[test]
fn a_setting_that_cannot_be_is_refused_by_its_name() {
    let folder = DataFolder::alone();
    let set = |flag: &str, value: &str| {
        let words = ["clocks", "settings", flag, value];
        run(&mut folder.cna("admin", &words)).mistake().to_owned()
    };
    assert!(set("--zone", "Mars/Base").starts_with("zone: `Mars/Base` is not a time zone"));
    assert!(set("--holiday", "2026-13-01").starts_with("holidays: `2026-13-01` is not a date"));
    assert!(set("--length", "D-07").starts_with("--length is `D-07`: expected an id"));
    assert!(set("--length", "D-07=96 h").starts_with("clocks: D-07 cannot be `96 h`"));
    assert!(set("--without", "D-07").starts_with("clocks: D-07 cannot be left out"));
}

#[test]
fn empty_states_say_what_to_do_next() {
    let folder = DataFolder::alone();
    let add = ["person", "add", "fix", "--role", "fixer"];
    run(&mut folder.cna("admin", &add)).answer();
    let say = |words: &[&str]| run(&mut folder.cna("fix", words)).answer();
    assert_eq!(
        say(&["clocks"]),
        "No deadline runs. They start when something happens: see docs/clocks.md.\n"
    );
    assert_eq!(
        say(&["clocks", "breaches"]),
        "Every deadline was met so far.\n"
    );
    assert_eq!(
        say(&["status"]),
        "Nothing needs you now. `cna clocks` shows what runs.\n"
    );
}

#[test]
fn a_breach_is_recorded_by_whoever_looks_first_and_the_chain_holds() {
    let folder = with_a_case();
    let later = |words: &[&str]| {
        let mut command = cna();
        command
            .args(words)
            .args(["--as", "ana", "--now", "2026-12-24T12:00:00Z"]);
        run(command.arg("--data").arg(folder.path())).answer()
    };
    let first = later(&["clocks", "breaches", "--json"]);
    assert!(first.contains("\"id\":\"D-01\""), "{first}");
    assert_eq!(later(&["clocks", "breaches", "--json"]), first);
    let status = later(&["status"]);
    assert!(status.starts_with("Late, or soon to be\n"), "{status}");
    let mut verify = cna();
    verify.args(["audit", "verify", "--now", NOW, "--data"]);
    let verdict = run(verify.arg(folder.path())).answer();
    assert!(
        verdict.starts_with("The audit chain is unbroken"),
        "{verdict}"
    );
}
