//! `cna case severity`, with a word and with the questions of the profile.

use crate::data_folder::run;
use crate::job_commands::Job;

const ANSWERS: &str = "place: server\nactor: authenticated\neffect: sensitive_disclosure\n\
                       interaction: \"no\"\nsetup: default\nmitigation: \"no\"\n";

fn job() -> Job {
    let job = Job::start();
    job.drafted();
    let rule = ["review", "rule", "--profile", "kubernetes"];
    job.run("admin", &rule).answer();
    job
}

#[test]
fn the_questions_are_answered_from_a_file_and_shown_beside_the_score() {
    let job = job();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("severity.yaml");
    std::fs::write(&file, ANSWERS).unwrap();
    let file = file.to_str().unwrap();
    let asked = ["case", "severity", "1", "--answers", file];
    let bare = job.run("ana", &asked);
    let said = bare.mistake();
    assert!(
        said.contains("the answers say high and the score of 6.5 says medium"),
        "{said}"
    );
    let noted = [&asked[..], &["--note", "the files hold keys"]].concat();
    assert_eq!(
        job.run("ana", &noted).answer(),
        "Tier    high: somebody with less gets more rights\n\
         CVSS    6.5 (medium) CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N\n\
         Track   usually a release of its own, out of band (the level is critical or high)\n\
         Track   may be fixed semi-publicly (the score is below 7.0)\n\
         Note    the files hold keys\n"
    );
    let shown = job.run("ana", &["case", "show", "1"]).answer();
    let line =
        "\n  Tier      high, beside CVSS 6.5 (medium), by ana\n            usually a release";
    assert!(shown.contains(line), "{shown}");
    let list = run(job
        .command("ana", &["case", "severity", "1", "--show"])
        .arg("--json"))
    .json();
    assert_eq!(list["rounds"][0]["tier"]["level"], "high");
    assert_eq!(list["score"]["score"], "6.5");
}

#[test]
fn a_word_still_says_how_severe_a_case_is() {
    let job = job();
    let said = job.run("ana", &["case", "severity", "1", "high"]).answer();
    assert_eq!(said, "Case 1 is high.\n");
}

#[test]
fn without_a_terminal_and_a_file_nobody_is_asked() {
    let job = job();
    let ended = job.run("ana", &["case", "severity", "1"]);
    let said = ended.mistake();
    assert!(said.contains("nobody is there to be asked"), "{said}");
}

#[test]
fn a_file_with_an_answer_missing_keeps_nothing() {
    let job = job();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("severity.yaml");
    std::fs::write(&file, "place: server\n").unwrap();
    let asked = ["case", "severity", "1", "--answers", file.to_str().unwrap()];
    let ended = job.run("ana", &asked);
    let said = ended.mistake();
    assert!(said.contains("`actor` is not answered"), "{said}");
    let list = job.json("ana", &["case", "severity", "1", "--show"]);
    assert_eq!(list["rounds"], serde_json::json!([]));
}
