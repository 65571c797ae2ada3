//! `cna person`, `cna token` and `cna recover`.

use crate::data_folder::{DataFolder, NOW, Serving, cna, run};

#[test]
fn people_are_added_changed_and_leave() {
    let folder = DataFolder::alone();
    let say = |words: &[&str]| run(&mut folder.cna("admin", words)).answer();
    let added = say(&[
        "person",
        "add",
        "rev",
        "--role",
        "reviewer",
        "--full-name",
        "Rev I",
    ]);
    assert!(
        added.starts_with("Added rev: reviewer.\nSign in once, within an hour: http"),
        "{added}"
    );
    assert_eq!(
        say(&[
            "person",
            "roles",
            "rev",
            "--role",
            "analyst",
            "--role",
            "publisher"
        ]),
        "rev is now analyst, publisher.\n"
    );
    assert_eq!(
        say(&["person", "leave", "rev"]),
        "rev has left: nothing rev holds works any more.\n"
    );
    let list = say(&["person", "list"]);
    let line = list.lines().find(|line| line.starts_with("rev")).unwrap();
    assert!(
        line.contains("left 2026-11-03 12:00") && line.ends_with("Rev I"),
        "{line}"
    );
}

#[test]
fn the_last_administrator_stays() {
    let folder = DataFolder::alone();
    let refused = run(&mut folder.cna("admin", &["person", "leave", "admin"]));
    assert_eq!(
        refused.mistake(),
        "`admin` is the last administrator: give somebody else the role `oa` first (`cna person roles`)"
    );
}

#[test]
fn an_unknown_role_and_an_unknown_scope_are_usage_errors_that_name_the_known_ones() {
    let folder = DataFolder::alone();
    for (words, known) in [
        (
            &["person", "add", "x", "--role", "boss"][..],
            "triager, commander",
        ),
        (
            &["token", "new", "x", "--scope", "all"],
            "read, report, work",
        ),
    ] {
        let ended = run(&mut folder.cna("admin", words));
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(known), "{}", ended.stderr);
    }
}

#[test]
fn a_token_is_shown_once_listed_and_revoked() {
    let folder = DataFolder::alone();
    let words = [
        "token", "new", "reader", "--scope", "read", "--days", "7", "--json",
    ];
    let made = run(&mut folder.cna("ana", &words)).json();
    let (secret, id) = (
        made["token"].as_str().unwrap(),
        made["id"].as_str().unwrap(),
    );
    let list = run(&mut folder.cna("ana", &["token", "list"])).answer();
    assert!(
        list.contains(id) && list.contains("2026-11-10 12:00"),
        "{list}"
    );
    assert!(!list.contains(secret));
    let file = folder.file("reader", secret);
    let serving = Serving::start(folder.path(), &[]);
    let named = |words: &[&str]| {
        let mut command = cna();
        command.args(words).args(["--server", &serving.address]);
        run(command.arg("--token-file").arg(&file))
    };
    named(&["case", "list"]).answer();
    let refused = named(&["case", "event", "1", "closed"]);
    assert_eq!(
        refused.mistake(),
        "`ana` may not record what happened: it needs a token with the scope `work`"
    );
    let revoked = run(&mut folder.cna("admin", &["token", "revoke", id, "--person", "ana"]));
    assert_eq!(
        revoked.answer(),
        format!("Token {id} does not work any more.\n")
    );
    assert!(
        named(&["case", "list"])
            .mistake()
            .contains("does not accept this token")
    );
}

fn recover(folder: &DataFolder, name: &str) -> std::process::Command {
    let mut command = cna();
    command.args(["recover", name, "--now", NOW, "--data"]);
    command.arg(folder.path());
    command
}

#[test]
fn recovering_makes_an_administrator_and_the_chain_keeps_it() {
    let folder = DataFolder::alone();
    let said = run(&mut recover(&folder, "zoe")).answer();
    assert!(said.starts_with("zoe is an administrator now."), "{said}");
    assert!(
        said.contains("http://127.0.0.1:8080/sign-in?link="),
        "{said}"
    );
    run(&mut folder.cna("zoe", &["person", "leave", "admin"])).answer();
    let desk = folder.desk();
    let events = desk.store().read(|reader| reader.audit_of("person zoe"));
    let actions: Vec<_> = events
        .unwrap()
        .into_iter()
        .map(|entry| entry.action)
        .collect();
    assert_eq!(actions, ["person.recover"]);
    desk.store().close();
}

#[test]
fn recovering_is_refused_while_something_else_holds_the_folder() {
    let folder = DataFolder::alone();
    let _serving = Serving::start(folder.path(), &[]);
    let refused = run(&mut recover(&folder, "zoe"));
    assert!(
        refused.mistake().contains("is held by `cna serve`"),
        "{refused:?}"
    );
}

#[test]
fn recovering_makes_no_folder_where_there_is_none() {
    let empty = tempfile::tempdir().unwrap();
    let missing = empty.path().join("none");
    let mut command = cna();
    command.args(["recover", "zoe", "--data"]).arg(&missing);
    assert!(
        run(&mut command)
            .mistake()
            .starts_with("there is no data folder")
    );
    assert!(!missing.exists());
}
