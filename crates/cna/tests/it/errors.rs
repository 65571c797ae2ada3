//! Wrong inputs: one line that names the thing and says what to do, an exit
//! code that is not 0, and nothing half-written.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::data_folder::{
    DataFolder, Ended, NOW, REPORT, Serving, cna, names, run, run_on_a_terminal,
};
use crate::practice_authority::{ORG, PracticeAuthority, USER};

/// Asserts that the command failed with one line holding each of `words`.
fn says(ended: &Ended, words: &[&str]) {
    let mistake = ended.mistake();
    for word in words {
        assert!(mistake.contains(word), "`{word}` in: {mistake}");
    }
    assert_eq!(ended.stdout, "", "{mistake}");
}

fn new_case(folder: &DataFolder, report: &Path) -> Ended {
    run(folder
        .case(&["new", "--as", "ana"])
        .arg("--from")
        .arg(report))
}

fn count_cases(folder: &DataFolder) -> usize {
    let listed = run(&mut folder.case(&["list", "--json", "--as", "ana"])).json();
    listed["cases"].as_array().unwrap().len()
}

/// Mistakes in reports, and what is said of them besides the file's name.
fn wrong_reports() -> Vec<(Vec<u8>, Vec<&'static str>)> {
    let with = |from: &str, to: &str| REPORT.replacen(from, to, 1).into_bytes();
    let open = REPORT.split("\n---\n").next().unwrap();
    vec![
        (Vec::new(), vec!["line 1", "`---`"]),
        (b"no front matter".to_vec(), vec!["line 1", "`---`"]),
        (open.into(), vec!["no closing `---`"]),
        (b"---\n---\ntext".to_vec(), vec!["line 2", "empty"]),
        (
            format!("{open}\n---\n \n").into_bytes(),
            vec!["field `body`"],
        ),
        (with("title: Node", "title: ' Node"), vec!["front matter"]),
        (with("title:", "headline:"), vec!["headline"]),
        (with("title:", "colour: red\ntitle:"), vec!["colour"]),
        (
            with("reporter:", "reporter: {name: a}\nreporter:"),
            vec!["reporter"],
        ),
        (with("severity: medium", "severity: huge"), vec!["`huge`"]),
        (with("CWE-61", "CWE-0"), vec!["field `weakness`", "`CWE-0`"]),
        (with("CVSS:3.1/AV:L", "CVSS:3.1/AV:Z"), vec!["field `cvss`"]),
        (with("{from: 1.31.0", "{from: ''"), vec!["affected[0].from"]),
        (
            with("2026-11-03T10:00:00Z", "yesterday"),
            vec!["`yesterday`"],
        ),
        (
            b"---\ntitle: \xff\n---\n".to_vec(),
            vec!["UTF-8", "byte 11"],
        ),
        (
            with("product: node-agent", "product: other"),
            vec!["`other`", "`node-agent`", "add it"],
        ),
    ]
}

#[test]
fn a_wrong_report_is_refused_with_its_place_and_files_nothing() {
    let folder = DataFolder::alone();
    for (bytes, words) in wrong_reports() {
        let report = folder.file("wrong.md", bytes);
        let ended = new_case(&folder, &report);
        says(&ended, &words);
        // An unknown product is the desk's to say; the rest is the file's.
        if !words.contains(&"`other`") {
            says(&ended, &["wrong.md`"]);
        }
    }
    assert_eq!(count_cases(&folder), 0);
}

#[test]
fn a_report_that_is_too_long_is_told_so_whatever_its_characters() {
    let folder = DataFolder::alone();
    for text in ["a".repeat(1024 * 1024 + 1), "é".repeat(600_000)] {
        let report = folder.file("long.md", text);
        let ended = new_case(&folder, &report);
        says(&ended, &["long.md`", "too long", "1048576 bytes"]);
    }
}

#[test]
fn a_missing_report_is_named() {
    let folder = DataFolder::alone();
    let ended = new_case(&folder, &folder.path().join("missing.md"));
    says(
        &ended,
        &["reading the report", "missing.md`", "No such file"],
    );
}

#[test]
fn a_folder_that_is_not_there_is_not_made_by_asking() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("none");
    let mut command = cna();
    let ended = run(command.args(["case", "list", "--data"]).arg(&data));
    says(&ended, &["none`", "--data", "`cna serve`", "--server"]);
    assert!(!data.exists());
    let mut command = cna();
    let ended = run(command.args(["audit", "verify", "--data"]).arg(&data));
    says(&ended, &["no database", "--data"]);
    assert!(!data.exists());
}

#[test]
fn an_unknown_person_is_told_who_is_known() {
    let folder = DataFolder::alone();
    let ended = run(&mut folder.case(&["list", "--as", "zoe"]));
    says(&ended, &["--as", "`zoe`", "`admin`, `ana`, `aud`"]);
}

fn on_server(arguments: &[&str]) -> Command {
    let mut command = cna();
    command.args(["case", "list", "--server"]).args(arguments);
    command
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let folder = DataFolder::alone();
    let token = folder.token_file();
    let token = token.to_str().unwrap();
    let ended = run(&mut on_server(&[
        "http://127.0.0.1:9",
        "--token-file",
        token,
    ]));
    says(&ended, &["http://127.0.0.1:9", "connection refused"]);
    let ended = run(&mut on_server(&["nowhere", "--token-file", token]));
    says(&ended, &["nowhere", "not an address", "https://"]);
}

#[test]
fn a_server_needs_a_token() {
    let folder = DataFolder::alone();
    let ended = run(&mut on_server(&["http://127.0.0.1:9"]));
    says(&ended, &["--token-file", "CNA_TOKEN"]);
    let missing = folder.path().join("missing");
    let missing = missing.to_str().unwrap();
    let ended = run(&mut on_server(&[
        "http://127.0.0.1:9",
        "--token-file",
        missing,
    ]));
    says(&ended, &["reading the token", "missing`"]);
}

#[test]
fn a_token_the_desk_does_not_know_is_said_to_be_the_trouble() {
    let folder = DataFolder::alone();
    let serving = Serving::start(folder.path(), &[]);
    let token = folder.file("wrong", "0".repeat(64));
    let token = token.to_str().unwrap();
    let ended = run(&mut on_server(&[&serving.address, "--token-file", token]));
    says(&ended, &[&serving.address, "token", "--token-file"]);
}

fn serve(data: &Path, arguments: &[&str]) -> Command {
    let mut command = cna();
    command.args(["serve", "--now", NOW, "--data"]).arg(data);
    command.args(arguments);
    command
}

/// Mistakes in starting, what is said of them, and what may lie in the folder
/// afterwards; nothing of it is a database.
const WRONG_STARTS: [(&[&str], &[&str], &[&str]); 5] = [
    (
        &["--database", "mysql://db"],
        &["--database", "`mysql://db`", "sqlite:FILE", "postgres://"],
        &[],
    ),
    (
        &[
            "--database",
            "postgres://cna:hidden@127.0.0.1:9/cna",
            "--listen",
            "127.0.0.1:0",
        ],
        &["postgres://cna@127.0.0.1:9/cna", "is the server running?"],
        &["cna.lock"],
    ),
    (
        &["--listen", "nonsense"],
        &["`nonsense`", "ADDRESS:PORT"],
        &["cna.lock"],
    ),
    (
        &["--listen", "192.0.2.1:1"],
        &["`192.0.2.1:1`", "ADDRESS:PORT"],
        &["cna.lock"],
    ),
    (
        &["--now", "yesterday"],
        &["--now", "`yesterday`", "RFC 3339"],
        &[],
    ),
];

#[test]
fn a_wrong_start_is_refused_and_leaves_no_database() {
    for (arguments, words, left) in WRONG_STARTS {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("data");
        let mut command = cna();
        command.arg("serve").arg("--data").arg(&data);
        let ended = run(command.args(arguments));
        says(&ended, words);
        assert!(!ended.stderr.contains("hidden"), "{}", ended.stderr);
        assert_eq!(names(&data), left, "{arguments:?}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&mut serve(folder.path(), &["--listen", &address]));
    says(&ended, &[&address, "in use"]);
}

#[test]
fn a_data_folder_that_is_a_file_is_refused() {
    let folder = DataFolder::alone();
    let file = folder.file("file", "");
    let ended = run(&mut serve(&file, &[]));
    says(&ended, &["making the data folder", "file`"]);
}

#[test]
fn a_newer_schema_is_refused_and_kept() {
    let folder = DataFolder::alone();
    store::testing::make_newer(&folder.database());
    for ended in [
        run(&mut serve(folder.path(), &["--listen", "127.0.0.1:0"])),
        run(&mut folder.case(&["list", "--as", "ana"])),
    ] {
        says(&ended, &["schema version 9999", "use a newer `cna`"]);
    }
}

#[test]
fn a_database_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cna.sqlite");
    std::fs::write(&file, "no database, but a long enough text to be looked at").unwrap();
    let ended = run(&mut serve(folder.path(), &["--listen", "127.0.0.1:0"]));
    says(&ended, &["database"]);
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.starts_with("no database"));
}

#[test]
fn a_master_key_that_is_none_is_refused() {
    let folder = DataFolder::alone();
    folder.file("master.key", "short");
    let ended = run(&mut serve(folder.path(), &["--listen", "127.0.0.1:0"]));
    says(&ended, &["master.key`", "64 hexadecimal characters"]);
}

#[test]
fn a_wrong_or_lost_master_key_is_told_at_the_start_and_not_by_the_first_reservation() {
    let folder = DataFolder::alone();
    let words = [
        "master key does not fit",
        "account `practice`",
        "CNA_MASTER_KEY_FILE",
    ];
    folder.file("master.key", "08".repeat(32));
    says(
        &run(&mut serve(folder.path(), &["--listen", "127.0.0.1:0"])),
        &words,
    );
    says(&run(&mut folder.case(&["list", "--as", "ana"])), &words);
    let key = folder.path().join("master.key");
    std::fs::remove_file(&key).unwrap();
    says(
        &run(&mut serve(folder.path(), &["--listen", "127.0.0.1:0"])),
        &["master.key` is missing", "put it back from its backup"],
    );
    assert!(!key.exists(), "a key that opens nothing was made");
    folder.file("master.key", "07".repeat(32));
    run(&mut folder.case(&["list", "--as", "ana"])).answer();
}

/// `cna` as an ordinary user; nothing where this test is not run by root.
fn as_nobody(arguments: &[&str]) -> Option<Ended> {
    let tried = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(env!("CARGO_BIN_EXE_cna"))
        .args(arguments)
        .output()
        .ok()?;
    let stderr = String::from_utf8(tried.stderr).unwrap();
    if stderr.starts_with("setpriv:") {
        return None;
    }
    Some(Ended {
        code: tried.status.code(),
        stdout: String::from_utf8(tried.stdout).unwrap(),
        stderr,
    })
}

#[test]
fn a_folder_that_may_not_be_written_is_named() {
    // Its owner is whoever runs the tests, and its mode is 0755.
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let data = folder.path().to_str().unwrap();
    let inside = folder.path().join("data");
    let inside = inside.to_str().unwrap();
    for data in [data, inside] {
        let Some(ended) = as_nobody(&["serve", "--data", data, "--listen", "127.0.0.1:0"]) else {
            // Written past the capture, so that it shows when the test passes.
            let name = "a_folder_that_may_not_be_written_is_named";
            let _ = writeln!(
                std::io::stderr(),
                "skipped: {name} (needs root and setpriv)"
            );
            return;
        };
        says(
            &ended,
            &[data, "may this user write there?", "Permission denied"],
        );
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_wrong_key_fails_the_follow_up_in_the_authoritys_words() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, "not-the-key");
    folder.reserving_case();
    run(&mut folder.case(&["list", "--as", "ana"])).answer();
    let shown = run(&mut folder.case(&["show", "1", "--as", "ana", "--json"])).json();
    let followup = &shown["followups"][0];
    assert_eq!(followup["state"], "failed");
    let said = followup["last_answer"].as_str().unwrap();
    assert!(said.contains("refused with 401"), "{said}");
    assert!(said.contains("check org, user and key"), "{said}");
    assert!(!said.contains("not-the-key"), "{said}");
    assert!(authority.ids().is_empty());
}

#[test]
fn cve_prints_the_401_of_a_wrong_key() {
    let authority = PracticeAuthority::start(&[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cve"));
    command
        .args(["list"])
        .env("CVE_API_URL", &authority.url)
        .env("CVE_ORG", ORG)
        .env("CVE_USER", USER)
        .env("CVE_API_KEY", "not-the-key");
    let ended = run(&mut command);
    assert_ne!(ended.code, Some(0), "{ended:?}");
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(said.contains("401"), "{said}");
    assert!(!said.contains("not-the-key"), "{said}");
}

#[test]
fn on_a_terminal_a_command_says_its_answer_in_bold_and_nothing_else() {
    let program = env!("CARGO_BIN_EXE_cna");
    let words = format!("{program} cvss CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    let Some(ended) = run_on_a_terminal(&words, b"") else {
        return;
    };
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let plain = run(cna().args(["cvss", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"]));
    let mut told = String::new();
    let mut inside = false;
    for c in ended.stdout.replace("\r\n", "\n").chars() {
        match c {
            '\u{1b}' => inside = true,
            'm' if inside => inside = false,
            c if !inside => told.push(c),
            _ => {}
        }
    }
    assert_eq!(told, plain.answer());
}
