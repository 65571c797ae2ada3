//! `cna serve`: what it makes, what it says, how it ends.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use client::{Addresses, Call, Request, Settings};

use crate::data_folder::{DataFolder, NOW, Serving, cna, names, run};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn status(url: &str) -> u16 {
    let settings = Settings {
        addresses: Addresses::Any,
        max_redirects: 0,
        ..Settings::default()
    };
    let answer = Request::new(settings).unwrap().send(&Call::get(url));
    answer.unwrap().status
}

#[test]
fn a_missing_folder_is_made_for_its_owner_only() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("new/data");
    let _serving = Serving::start(&folder, &[]);
    assert_eq!(mode(&folder), 0o700);
    for name in ["master.key", "server.json", "cna.lock"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
}

#[test]
fn in_a_folder_others_may_look_into_no_file_is_theirs_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let _serving = Serving::start(folder.path(), &[]);
    let found = names(folder.path());
    assert!(found.contains(&"cna.sqlite-wal".to_owned()), "{found:?}");
    for name in found {
        assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
    }
}

#[test]
fn it_says_where_it_is_and_answers_there() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &[]);
    let printed = serving.wait_for_line("Data ");
    assert!(printed.contains("cna.sqlite"), "{printed}");
    let desk = serving.wait_for_line("Desk ");
    assert!(
        desk.ends_with(&format!("{}/desk", serving.address)),
        "{desk}"
    );
    assert_eq!(status(&format!("{}/", serving.address)), 200);
    let text = std::fs::read_to_string(folder.path().join("server.json")).unwrap();
    let server: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(server["address"], serving.address);
}

#[test]
fn a_desk_with_nothing_to_do_leaves_the_processor_alone() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &[]);
    serving.wait_for_line("Desk ");
    // What a first round writes is written by then.
    std::thread::sleep(Duration::from_secs(2));
    let Some(before) = serving.processor_time() else {
        return;
    };
    std::thread::sleep(Duration::from_secs(3));
    let used = serving.processor_time().unwrap() - before;
    assert!(used < 30, "{used} hundredths of a second in three seconds");
}

/// What every start on `arguments` must hold to.
fn starts_twice(folder: &Path, arguments: &[&str]) {
    let mut first = Serving::start(folder, arguments);
    let link = first.wait_for_line("Sign in once");
    assert!(link.contains("/sign-in?link="), "{link}");
    let key = std::fs::read(folder.join("master.key")).unwrap();
    assert_eq!(first.terminate(), Some(0));
    first.wait_for_line("Ended.");
    assert!(!names(folder).contains(&"server.json".to_owned()));
    let mut second = Serving::start(folder, arguments);
    second.wait_for_line("Data ");
    assert_eq!(second.terminate(), Some(0));
    second.wait_for_line("Ended.");
    assert!(!second.printed().contains("link="), "{}", second.printed());
    assert_eq!(std::fs::read(folder.join("master.key")).unwrap(), key);
}

#[test]
fn it_ends_when_asked_and_starts_again_on_the_same_data_without_a_new_link() {
    let folder = tempfile::tempdir().unwrap();
    starts_twice(folder.path(), &[]);
}

#[test]
fn on_postgresql_it_ends_and_starts_again_as_well() {
    let name = "on_postgresql_it_ends_and_starts_again_as_well";
    let Some(server) = store::testing::postgres_server(name) else {
        return;
    };
    let test = store::testing::postgres(&server);
    let store::DatabaseUrl::Postgres(url) = &test.url else {
        unreachable!()
    };
    let folder = tempfile::tempdir().unwrap();
    starts_twice(folder.path(), &["--database", url]);
    assert_eq!(names(folder.path()), ["cna.lock", "master.key"]);
}

#[test]
fn a_second_serve_says_who_holds_the_folder_and_changes_nothing() {
    let folder = DataFolder::alone();
    let serving = Serving::start(folder.path(), &[]);
    let server = std::fs::read(folder.path().join("server.json")).unwrap();
    let before = folder.names();
    let mut command = cna();
    command.args(["serve", "--listen", "127.0.0.1:0", "--now", NOW, "--data"]);
    let ended = run(command.arg(folder.path()));
    let mistake = ended.mistake();
    let holder = format!("is held by `cna serve` at {} (process ", serving.address);
    assert!(mistake.contains(&holder), "{mistake}");
    assert!(mistake.contains("--data"), "{mistake}");
    assert_eq!(ended.stdout, "");
    assert_eq!(folder.names(), before);
    let after = std::fs::read(folder.path().join("server.json")).unwrap();
    assert_eq!(after, server);
    assert_eq!(status(&format!("{}/", serving.address)), 200);
}

#[test]
fn a_killed_serve_leaves_a_folder_that_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    Serving::start(folder.path(), &[]).kill();
    let mut again = Serving::start(folder.path(), &[]);
    assert_eq!(again.terminate(), Some(0));
}

#[test]
fn the_audit_chain_verifies_after_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Serving::start(folder.path(), &[]).terminate(), Some(0));
    let mut command = cna();
    command.args(["audit", "verify", "--json", "--data"]);
    let verdict = run(command.arg(folder.path())).json();
    assert_eq!(verdict["broken"], serde_json::Value::Null);
    assert!(verdict["entries"].as_i64().unwrap() > 0);
}
