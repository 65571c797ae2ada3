//! `cna convert`: inputs, outputs, exit codes and what is said.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn convert(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cna"));
    command.arg("convert").args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn record(number: u32) -> Value {
    json!({
        "dataType": "CVE_RECORD", "dataVersion": "5.2.0",
        "cveMetadata": {
            "cveId": format!("CVE-1900-{number:05}"), "assignerShortName": "kettle",
            "assignerOrgId": "9f2c7a10-5d1e-4b6a-8c3f-0a1b2c3d4e5f", "state": "PUBLISHED",
            "datePublished": "2024-05-01T10:00:00Z", "dateUpdated": "2024-05-01T10:00:00Z",
        },
        "containers": {"cna": {
            "providerMetadata": {"orgId": "9f2c7a10-5d1e-4b6a-8c3f-0a1b2c3d4e5f"},
            "descriptions": [{"lang": "en", "value": "A flaw in Kettle Firmware boils dry."}],
            "affected": [{"vendor": "Kettle Works", "product": "Kettle Firmware", "versions": [
                {"version": "1.0.0", "lessThan": "1.2.0", "versionType": "semver", "status": "affected"}]}],
            "references": [{"url": "https://kettles.example/advisories/1"}],
            "x_note": "kept nowhere",
        }},
    })
}

/// A folder with files, and their paths as texts.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name).display().to_string()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let list = std::fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = list
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn example_publisher() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/convert/publisher.toml");
    path.display().to_string()
}

#[test]
fn one_record_becomes_one_document_on_standard_output() {
    let files = Files::new();
    let file = files.put("a.json", &record(1).to_string());
    let ended = convert(&["--to", "osv", "--publisher", &example_publisher(), &file]);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let document: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(document["id"], "CVE-1900-00001");
    assert_eq!(document["affected"][0]["package"]["ecosystem"], "crates.io");
}

#[test]
fn every_format_can_be_asked_for() {
    let files = Files::new();
    let file = files.put("a.json", &record(1).to_string());
    for format in [
        "csaf",
        "csaf-vex",
        "osv",
        "openvex",
        "cyclonedx",
        "k8s-feed",
        "jsonfeed",
        "atom",
        "rss",
        "ghsa",
        "markdown",
        "text",
        "html",
        "cve",
    ] {
        let ended = convert(&["--to", format, "--publisher", &example_publisher(), &file]);
        assert_eq!(
            ended.status.code(),
            Some(0),
            "{format}: {}",
            text(&ended.stderr)
        );
        assert!(!ended.stdout.is_empty(), "{format}");
    }
}

#[test]
fn folders_lines_packed_files_and_standard_input_are_inputs() {
    let files = Files::new();
    std::fs::create_dir(files.path("in")).unwrap();
    files.put("in/a.json", &record(1).to_string());
    let lines = format!("{}\n\n{}\n", record(2), record(3));
    files.put("in/b.jsonl", &lines);
    let packed = zstd::encode_all(format!("{}\n", record(4)).as_bytes(), 1).unwrap();
    std::fs::write(files.path("in/c.jsonl.zst"), packed).unwrap();
    let (folder, out) = (
        files.path("in").display().to_string(),
        files.path("out").display().to_string(),
    );
    let mut child = command(&["--to", "csaf", "-o", &out, &folder, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let more = format!("{}\n{}\n", record(5), record(6));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(more.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    let expected: Vec<String> = (1..=6)
        .map(|number| format!("cve-1900-{number:05}.json"))
        .collect();
    assert_eq!(files.names("out"), expected);
}

#[test]
fn a_link_back_into_the_folder_and_lists_of_changes_are_no_inputs() {
    let files = Files::new();
    std::fs::create_dir(files.path("in")).unwrap();
    files.put("in/a.json", &record(1).to_string());
    files.put("in/delta.json", "{}");
    std::os::unix::fs::symlink(files.path("in"), files.path("in/loop")).unwrap();
    let (folder, out) = (
        files.path("in").display().to_string(),
        files.path("out").display().to_string(),
    );
    let ended = convert(&["--to", "csaf", "-o", &out, &folder]);
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    assert_eq!(files.names("out"), ["cve-1900-00001.json"]);
}

#[test]
fn several_documents_take_a_line_each() {
    let files = Files::new();
    let file = files.put("a.jsonl", &format!("{}\n{}\n", record(1), record(2)));
    let ended = convert(&["--to", "cyclonedx", &file]);
    let lines: Vec<Value> = text(&ended.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_record_that_becomes_no_document_is_told_and_the_others_are_made() {
    let files = Files::new();
    let mut dateless = record(2);
    dateless["cveMetadata"] = json!({"cveId": "CVE-1900-00002", "state": "PUBLISHED",
        "assignerOrgId": "9f2c7a10-5d1e-4b6a-8c3f-0a1b2c3d4e5f"});
    let file = files.put(
        "a.jsonl",
        &format!("{}\n{dateless}\n{{}}\n{}\n", record(1), record(3)),
    );
    let ended = convert(&["--to", "osv", &file]);
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(text(&ended.stdout).lines().count(), 2);
    let said = text(&ended.stderr);
    assert!(
        said.contains("a.jsonl:2: /cveMetadata") && said.contains("CONV-OSV-DATE"),
        "{said}"
    );
    assert!(said.contains("a.jsonl:3"), "{said}");
    assert!(said.contains("2 of 4 records became no document"), "{said}");
}

#[test]
fn two_records_of_one_id_do_not_overwrite_each_other() {
    let files = Files::new();
    let file = files.put("a.jsonl", &format!("{}\n{}\n", record(1), record(1)));
    let out = files.path("out").display().to_string();
    let ended = convert(&["--to", "osv", "-o", &out, &file]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stderr).contains("has the name `CVE-1900-00001.json`"));
    assert_eq!(files.names("out"), ["CVE-1900-00001.json"]);
}

#[test]
fn the_report_counts_what_is_lost() {
    let files = Files::new();
    let file = files.put("a.jsonl", &format!("{}\n{}\n", record(1), record(2)));
    let ended = convert(&["--to", "csaf", "--report", &file]);
    let said = text(&ended.stdout);
    assert!(
        said.starts_with("2 records: 2 documents, 0 refused\n"),
        "{said}"
    );
    let row = said
        .lines()
        .find(|line| line.starts_with("extension"))
        .unwrap();
    let words: Vec<&str> = row.split_whitespace().take(3).collect();
    assert_eq!(words, ["extension", "2", "2"]);
    let ended = convert(&["--to", "csaf", "--json", &file]);
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(report["losses"]["extension"]["places"], 2);
    assert_eq!(
        report["converted"][0]["losses"][0]["pointer"],
        "/containers/cna/x_note"
    );
}

#[test]
fn what_others_write_is_converted_through_a_draft() {
    let files = Files::new();
    let advisory = json!({
        "ghsa_id": "GHSA-2222-3333-4444", "cve_id": "CVE-1900-10007", "summary": "Kettle boils dry",
        "description": "It boils dry.", "html_url": "https://kettles.example/GHSA-2222-3333-4444",
        "vulnerabilities": [{"package": {"ecosystem": "npm", "name": "kettle"},
            "vulnerable_version_range": ">= 1.3.0, < 1.3.19"}],
    });
    let file = files.put("a.json", &advisory.to_string());
    let ended = convert(&["--to", "cyclonedx", &file]);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert!(text(&ended.stdout).contains(">=1.3.0|<1.3.19"));
    let refused = convert(&["--to", "cyclonedx", "--from", "osv", &file]);
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn wrong_words_and_settings_are_one_clear_error() {
    let files = Files::new();
    let file = files.put("a.json", &record(1).to_string());
    let settings = files.put("p.toml", "name = \"Kettle\"\nnamespace = \"nowhere\"\n");
    let misspelt = files.put(
        "q.toml",
        "name = \"Kettle\"\nnamespace = \"https://k.example\"\nkategory = \"vendor\"\n",
    );
    for (arguments, code, words) in [
        (vec!["--to", "pdf", &file], 2, "pdf"),
        (
            vec!["--to", "osv", "nowhere.json"],
            1,
            "no file or folder `nowhere.json`",
        ),
        (
            vec!["--to", "osv", "--csaf-version", "2.1", &file],
            1,
            "--csaf-version has no meaning",
        ),
        (
            vec!["--to", "osv", "--publisher", &settings, &file],
            1,
            "`namespace` is `nowhere`",
        ),
        (
            vec!["--to", "osv", "--publisher", &misspelt, &file],
            1,
            "kategory",
        ),
        (
            vec!["--to", "osv", "--report", "-o", "-", &file],
            1,
            "name a folder with --output",
        ),
    ] {
        let ended = convert(&arguments);
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}");
        assert!(
            text(&ended.stderr).contains(words),
            "{arguments:?}: {}",
            text(&ended.stderr)
        );
        assert_eq!(text(&ended.stdout), "", "{arguments:?}");
    }
}
