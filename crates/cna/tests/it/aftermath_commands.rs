//! `cna publish copies` and `cna case retrospective`.

use crate::job_commands::Job;

#[test]
fn copies_are_looked_at_and_one_that_differs_ends_with_an_error() {
    let job = Job::start();
    let id = job.published();
    let none = job.run("ana", &["publish", "copies", &id, "--last"]);
    assert!(none.answer().starts_with("Nobody looked at the copies of"));
    let seen = job.run("ana", &["publish", "copies", &id]).answer();
    assert!(
        seen.starts_with("same     service: it holds what was published\n"),
        "{seen}"
    );
    assert!(seen.contains("the same since 2026-11-03"), "{seen}");
    let list = job.json("ana", &["publish", "copies", &id, "--last"]);
    assert_eq!(list["copies"][0]["state"], "same");
    // A list that was imported before the publication does not have it yet.
    let record = serde_json::json!({
        "cveMetadata": {"cveId": "CVE-1900-20001", "state": "PUBLISHED"},
        "containers": {"cna": {"descriptions": [{"lang": "en", "value": "Old."}]}},
    });
    let old = job.folder.file("CVE-1900-20001.json", record.to_string());
    let import = ["list", "import", old.to_str().unwrap()];
    let mut command = crate::data_folder::cna();
    command.args(import).arg("--data").arg(job.folder.path());
    crate::data_folder::run(&mut command).answer();
    let ended = job.run("ana", &["publish", "copies", &id]);
    assert_eq!(
        ended.mistake(),
        format!("copies of {id} are not as published: imported CVE List (missing)")
    );
}

#[test]
fn a_retrospective_is_kept_from_a_file_and_shown() {
    let job = Job::start();
    job.drafted();
    let show = ["case", "retrospective", "1"];
    let none = job.run("ana", &show).answer();
    assert!(
        none.starts_with("Case 1 has no retrospective yet."),
        "{none}"
    );
    let file = job.folder.file("learnt.md", "# Learnt\n\nWe were slow.\n");
    let keep = [&show[..], &["--from", file.to_str().unwrap()]].concat();
    let kept = job.run("ana", &keep).answer();
    assert_eq!(kept, "The retrospective of case 1 is kept.\n");
    let shown = job.run("ana", &show).answer();
    assert!(
        shown.ends_with("ana, text 1\n# Learnt\n\nWe were slow.\n"),
        "{shown}"
    );
    let missing = [&show[..], &["--from", "nowhere.md"]].concat();
    let ended = job.run("ana", &missing);
    assert!(
        ended.mistake().contains("reading `nowhere.md`"),
        "{ended:?}"
    );
}
