//! `cna list` and `cna case duplicates`, as people run them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use crate::data_folder::{DataFolder, Ended, REPORT, Serving, cna, run};

const LINK: &str = "https://git.example.org/example-orchestrator/node-agent/pull/4711";

fn record(number: u32, title: &str) -> String {
    json!({
        "cveMetadata": {
            "cveId": format!("CVE-1900-{}", 10_000 + number),
            "state": "PUBLISHED",
            "datePublished": "2026-01-02T00:00:00.000Z",
        },
        "containers": {"cna": {
            "title": title,
            "descriptions": [{"lang": "en", "value": format!("What {title} means")}],
            "affected": [{"vendor": "Example", "product": "node-agent"}],
            "references": [{"url": LINK}],
        }},
    })
    .to_string()
}

/// A place for inputs, and a data folder beside it.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = cna();
        command
            .arg("list")
            .args(words)
            .arg("--data")
            .arg(self.path("data"));
        command
    }

    fn import(&self, path: &Path) -> Ended {
        run(self.command(&["import"]).arg(path))
    }

    fn ids(&self, words: &[&str]) -> Vec<String> {
        let answer = run(self.command(&["search"]).args(words).arg("--json")).json();
        let hits = answer["hits"].as_array().unwrap();
        hits.iter()
            .map(|hit| hit["cve_id"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut zip = zip::ZipWriter::new(&mut bytes);
    for (name, body) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(body).unwrap();
    }
    zip.finish().unwrap();
    bytes.into_inner()
}

#[test]
fn a_clone_is_read_once_and_then_only_what_changed() {
    let place = Place::new();
    for (name, text) in [
        ("clone/cves/1900/0xxx/CVE-1900-10001.json", record(1, "one")),
        ("clone/cves/1900/0xxx/CVE-1900-10002.json", record(2, "two")),
        ("clone/cves/delta.json", "{}".into()),
        ("clone/README.json", "{}".into()),
    ] {
        place.file(name, text);
    }
    let clone = place.path("clone");
    let first = place.import(&clone).answer();
    assert_eq!(
        first,
        "2 new, 0 changed, 0 unchanged, 0 unreadable. The list has 2 records.\n"
    );
    place.file(
        "clone/cves/1900/0xxx/CVE-1900-10002.json",
        record(2, "another"),
    );
    place.file(
        "clone/cves/1900/0xxx/CVE-1900-10003.json",
        record(3, "three"),
    );
    let second = place.import(&clone).answer();
    assert_eq!(
        second,
        "1 new, 1 changed, 1 unchanged, 0 unreadable. The list has 3 records.\n"
    );
    assert_eq!(place.ids(&["another"]), ["CVE-1900-10002"]);
}

#[test]
fn a_release_with_a_zip_inside_is_read() {
    let place = Place::new();
    let one = record(1, "one");
    let inner = zipped(&[
        ("cves/1900/0xxx/CVE-1900-10001.json", one.as_bytes()),
        ("cves/deltaLog.json", b"[]"),
    ]);
    let release = place.file("all.zip", zipped(&[("cves.zip", &inner)]));
    let expected = "1 new, 0 changed, 0 unchanged, 0 unreadable. The list has 1 records.\n";
    assert_eq!(place.import(&release).answer(), expected);
    let again = "0 new, 0 changed, 1 unchanged, 0 unreadable. The list has 1 records.\n";
    assert_eq!(place.import(&release).answer(), again);
    assert!(!place.path("data/cve-list/inner.zip").exists());
}

#[test]
fn lines_are_read_packed_and_unpacked_and_one_record_over_many_lines() {
    let place = Place::new();
    let lines = format!("{}\n\n{}", record(1, "one"), record(2, "two"));
    let packed = zstd::encode_all(lines.as_bytes(), 1).unwrap();
    let packed = place.file("lines.jsonl.zst", packed);
    let pretty: Value = serde_json::from_str(&record(3, "three")).unwrap();
    let pretty = place.file("three.json", serde_json::to_string_pretty(&pretty).unwrap());
    let mut command = place.command(&["import", "--json"]);
    let answer = run(command.arg(&packed).arg(&pretty)).json();
    let counts = [&answer["new"], &answer["unreadable"], &answer["records"]];
    assert_eq!(counts, [&json!(3), &json!(0), &json!(3)]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_taken() {
    let place = Place::new();
    let lines = place.file("lines.jsonl", format!("{{}}\n{}\nno\n", record(1, "one")));
    let ended = place.import(&lines);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let counts = "1 new, 0 changed, 0 unchanged, 2 unreadable. The list has 1 records.\n";
    assert_eq!(ended.stdout, counts);
    let problems: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        problems[0].contains("lines.jsonl, line 1: not a CVE Record"),
        "{problems:?}"
    );
    assert!(
        problems[1].contains("lines.jsonl, line 3: not a CVE Record"),
        "{problems:?}"
    );
}

#[test]
fn a_place_without_records_leaves_nothing_behind() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    for (input, expected) in [
        (place.path("missing"), "reading `"),
        (place.path("empty"), "holds no CVE Record"),
        (
            place.file("half.zip", &zipped(&[("a.json", b"{}")])[..20]),
            "not a whole zip",
        ),
    ] {
        let ended = place.import(&input);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(expected), "{ended:?}");
    }
    let status = run(&mut place.command(&["status"])).answer();
    assert!(
        status.starts_with("No CVE List yet.") || status.starts_with("0 records"),
        "{status}"
    );
}

#[test]
fn a_broken_index_is_built_anew_by_the_next_search() {
    let place = Place::new();
    let lines = place.file("lines.jsonl", record(1, "one"));
    place.import(&lines).answer();
    let index = place.path("data/cve-list/index-1");
    let store = fs::read_dir(&index)
        .unwrap()
        .flatten()
        .map(|file| file.path());
    let store = store
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "store"));
    fs::write(store.unwrap(), "x").unwrap();
    let status = run(&mut place.command(&["status"]));
    assert!(
        status
            .mistake()
            .starts_with("the index of the CVE List is broken"),
        "{status:?}"
    );
    let ended = run(&mut place.command(&["search", "one"]));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("building it anew"), "{ended:?}");
    assert!(ended.stdout.contains("CVE-1900-10001"), "{ended:?}");
    let status = run(&mut place.command(&["status"])).answer();
    assert!(status.starts_with("1 records"), "{status}");
}

#[test]
fn a_search_has_to_ask_for_something_that_can_be() {
    let place = Place::new();
    place
        .import(&place.file("lines.jsonl", record(1, "one")))
        .answer();
    for (words, expected) in [
        (&["search"][..], "there is nothing to search for"),
        (&["search", "--commit", "xyz"], "--commit is `xyz`"),
        (&["search", "--reference", " "], "--reference is ` `"),
        (
            &["show", "CVE-1900-10009"],
            "CVE-1900-10009 is not in the imported list",
        ),
    ] {
        let ended = run(&mut place.command(words));
        assert!(ended.mistake().contains(expected), "{ended:?}");
    }
    let empty = Place::new();
    let ended = run(&mut empty.command(&["search", "one"]));
    assert!(
        ended.mistake().contains("cna list import PATH"),
        "{ended:?}"
    );
}

#[test]
fn codes_in_a_record_do_not_reach_the_terminal() {
    let place = Place::new();
    let title = "one \u{1b}[31m red\u{1b}]0;x\u{7} two";
    place
        .import(&place.file("lines.jsonl", record(1, title)))
        .answer();
    for words in [&["search", "red"][..], &["show", "CVE-1900-10001"]] {
        let shown = run(&mut place.command(words)).answer();
        assert!(shown.contains("red"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}

#[test]
fn duplicates_and_verdicts_are_the_same_in_process_and_on_the_folders_server() {
    let folder = DataFolder::alone();
    let report = folder.file("report.md", REPORT);
    for _ in 0..2 {
        let mut command = folder.case(&["new", "--as", "ana"]);
        run(command.arg("--from").arg(&report)).answer();
    }
    let lines = folder.file("lines.jsonl", record(1, "one"));
    run(cna()
        .args(["list", "import", "--data"])
        .arg(folder.path())
        .arg(&lines))
    .answer();
    let look = || run(&mut folder.case(&["duplicates", "2", "--json", "--as", "ana"])).json();
    let in_process = look();
    let names: Vec<&str> = in_process["duplicates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| candidate["candidate"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["case 1", "CVE-1900-10001"]);
    let serving = Serving::start(folder.path(), &[]);
    assert_eq!(look(), in_process);
    let judged = run(&mut folder.case(&[
        "duplicate",
        "2",
        "cve-1900-10001",
        "--verdict",
        "related",
        "--reason",
        "the same file",
        "--as",
        "ana",
    ]))
    .answer();
    assert_eq!(
        judged,
        "CVE-1900-10001 is related, says ana: the same file\n"
    );
    drop(serving);
    let verdict = &look()["duplicates"][1]["verdict"]["verdict"];
    assert_eq!(verdict, "related");
}
