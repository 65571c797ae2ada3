//! `cna distributor` and `cna case notify`.

use crate::data_folder::run;
use crate::job_commands::Job;

const SET: [&str; 6] = [
    "--set",
    "DEPLOY=No.",
    "--set",
    "PATCH_EMBARGO=Yes.",
    "--set",
    "DATE=2026-12-01 16:00 (UTC)",
];

#[test]
fn distributors_are_added_listed_and_removed() {
    let job = Job::start();
    let empty = job.run("ana", &["distributor", "list"]).answer();
    assert!(empty.contains("No distributors."), "{empty}");
    let add = [
        "distributor",
        "add",
        "Acme",
        "--mail",
        "security@acme.example.org",
        "--product",
        "Acme Cloud",
    ];
    assert_eq!(job.run("admin", &add).answer(), "Added Acme.\n");
    let refused = job.run("ana", &add);
    assert!(refused.mistake().contains("`oa`"), "{refused:?}");
    let address = ["distributor", "address", "distributors@example.org"];
    job.run("admin", &address).answer();
    let list = job.json("ana", &["distributor", "list"]);
    assert_eq!(list["list"], "distributors@example.org");
    assert_eq!(list["members"][0]["product"], "Acme Cloud");
    let gone = job.run("admin", &["distributor", "remove", "Acme"]);
    assert_eq!(gone.answer(), "Removed Acme.\n");
    let list = job.json("ana", &["distributor", "list"]);
    assert_eq!(list["members"], serde_json::json!([]));
}

#[test]
fn a_package_is_written_approved_sent_by_hand_and_answered() {
    let job = Job::start();
    job.drafted();
    let hire = ["person", "add", "cor", "--role", "commander"];
    job.run("admin", &hire).answer();
    job.run("ana", &["case", "member", "add", "1", "cor"])
        .answer();
    let add = [
        "distributor",
        "add",
        "Acme",
        "--mail",
        "security@acme.example.org",
        "--product",
        "Acme Cloud",
    ];
    job.run("admin", &add).answer();
    let write = [&["case", "notify", "write", "1"][..], &SET].concat();
    let package = run(job.command("ana", &write).arg("--json")).json();
    let digest = package["digest"].as_str().unwrap();
    let approve = ["case", "notify", "approve", "1", "1", "--digest", digest];
    let own = job.run("ana", &approve);
    assert!(own.mistake().contains("`reviewer`"), "{own:?}");
    job.run("rev", &approve).answer();
    let by_mail = job.run("cor", &["case", "notify", "send", "1", "1"]);
    assert!(by_mail.mistake().contains("--by-hand"), "{by_mail:?}");
    let by_hand = ["case", "notify", "send", "1", "1", "--by-hand"];
    assert_eq!(
        job.run("cor", &by_hand).answer(),
        "Package 1 of case 1 is noted as sent by hand.\n"
    );
    let told = |words: &str| {
        let shown = job.run("ana", &["case", "show", "1"]);
        let shown = shown.answer();
        assert!(shown.contains(words), "{shown}");
    };
    told(", not answered by Acme\n");
    let status = job.run("ana", &["status"]).answer();
    assert!(
        status.contains("Distributors that have not answered\n"),
        "{status}"
    );
    let answer = [
        "case", "notify", "answer", "1", "1", "Acme", "-m", "received",
    ];
    assert_eq!(
        job.run("ana", &answer).answer(),
        "Noted. Everybody has answered package 1.\n"
    );
    told(", answered by all\n");
    let show = job.run("ana", &["case", "notify", "show", "1"]);
    let show = show.answer();
    assert!(show.contains("\nSeverity: medium\n"), "{show}");
    assert!(show.contains("received"), "{show}");
}
