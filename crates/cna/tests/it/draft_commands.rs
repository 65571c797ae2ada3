//! `cna draft` as forms, with an editor, and with a repository.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::data_folder::{cna, run, run_on_a_terminal};
use crate::job_commands::Job;

/// A repository with a fix on two lines, one of them a cherry-pick.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Repository {
        let repository = Repository {
            folder: tempfile::tempdir().unwrap(),
        };
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, words: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
        command.args(["-c", "commit.gpgsign=false", "-C"]);
        let output = command.arg(self.path()).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits a file named as the message, and gives the hash.
    fn commit(&self, message: &str) -> String {
        std::fs::write(self.path().join(message), message).unwrap();
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// 1.0.0, the flaw, 1.1.0, a merge, the fix, 2.0.0, its revert, 2.1.0, the
    /// revert of that, 2.1.1; and 1.1.1, the backport, 1.1.2.
    ///
    /// Gives: the commit that brings the flaw, the fix, and the backport.
    fn with_a_flaw() -> (Repository, [String; 3]) {
        let repository = Repository::new();
        let git = |words: &[&str]| repository.git(words);
        repository.commit("first");
        git(&["tag", "v1.0.0"]);
        git(&["checkout", "--quiet", "-b", "topic"]);
        let flaw = repository.commit("flaw");
        git(&["checkout", "--quiet", "main"]);
        repository.commit("other");
        git(&["merge", "--quiet", "--no-ff", "-m", "merge", "topic"]);
        git(&["tag", "-a", "-m", "1.1.0", "v1.1.0"]);
        git(&["branch", "line-1"]);
        let fix = repository.commit("fix");
        git(&["tag", "v2.0.0"]);
        git(&["revert", "--no-edit", &fix]);
        let revert = git(&["rev-parse", "HEAD"]);
        git(&["tag", "v2.1.0"]);
        git(&["revert", "--no-edit", &revert]);
        git(&["tag", "v2.1.1"]);
        git(&["checkout", "--quiet", "line-1"]);
        repository.commit("more");
        git(&["tag", "v1.1.1"]);
        git(&["cherry-pick", "-x", &fix]);
        git(&["tag", "v1.1.2"]);
        git(&["tag", "nightly"]);
        let backport = git(&["rev-parse", "HEAD"]);
        (repository, [flaw, fix, backport])
    }

    fn affected(&self, introduced: &str, fixed: &str) -> Command {
        let mut command = cna();
        command.args(["draft", "affected", "CVE-1900-0001", "--dry-run", "--json"]);
        command.args(["--introduced", introduced, "--fixed", fixed, "--repo"]);
        command.arg(self.path());
        command
    }
}

#[test]
fn releases_with_the_flaw_are_found_across_merges_backports_and_reverts() {
    let (repository, [flaw, fix, backport]) = Repository::with_a_flaw();
    let found = run(&mut repository.affected(&flaw, &fix[..10])).json();
    let releases = found["releases"].as_array().unwrap();
    let affected: Vec<&str> = releases
        .iter()
        .filter(|release| release["affected"] == true)
        .map(|release| release["tag"].as_str().unwrap())
        .collect();
    assert_eq!(affected, ["v1.1.0", "v1.1.1", "v2.1.0"]);
    assert_eq!(found["other_tags"], json!(["nightly"]));
    let versions = found["versions"].as_array().unwrap();
    let to: Vec<&Value> = versions
        .iter()
        .filter(|range| range["versionType"] == "git" && range["version"] == flaw)
        .map(|range| &range["lessThan"])
        .collect();
    assert_eq!(to.len(), 2);
    assert!(to.contains(&&json!(fix)) && to.contains(&&json!(backport)));
}

#[test]
fn a_repository_that_cannot_be_used_says_why() {
    let (repository, [flaw, fix, _]) = Repository::with_a_flaw();
    let unknown = run(&mut repository.affected("0123456789", &fix));
    assert!(
        unknown.mistake().starts_with("`0123456789` is no commit"),
        "{unknown:?}"
    );

    let shallow = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repository.path().display());
    repository.git(&[
        "clone",
        "--quiet",
        "--depth",
        "1",
        &url,
        shallow.path().to_str().unwrap(),
    ]);
    let mut command = cna();
    command.args([
        "draft",
        "affected",
        "CVE-1900-0001",
        "--fixed",
        &fix,
        "--repo",
    ]);
    let cut = run(command.arg(shallow.path()));
    assert!(
        cut.mistake()
            .contains("is a shallow clone, whose history is cut"),
        "{cut:?}"
    );

    let untagged = Repository::new();
    let first = untagged.commit("first");
    let bare = run(&mut untagged.affected(&first, &first));
    assert!(
        bare.mistake().contains("has no tags: fetch them"),
        "{bare:?}"
    );
    untagged.git(&["tag", "nightly"]);
    let odd = run(&mut untagged.affected(&first, &first));
    assert!(
        odd.mistake()
            .contains("names a version: expected such as `v1.2.3`"),
        "{odd:?}"
    );

    let mut nowhere = cna();
    nowhere.args([
        "draft",
        "affected",
        "CVE-1900-0001",
        "--introduced",
        &flaw,
        "--repo",
    ]);
    let none = run(nowhere.arg(shallow.path().join("none")));
    assert!(none.mistake().contains("is no git repository"), "{none:?}");
}

#[test]
fn a_form_goes_through_show_save_describe_affected_and_clone() {
    let job = Job::start();
    let id = job.drafted();
    let text = job
        .run("ana", &["draft", "show", &id, "--format", "yaml"])
        .answer();
    let (_, rest) = text.split_once('\n').unwrap();
    let form = job.folder.file(
        "draft.yaml",
        format!("# Monday\ntitle: \"Shorter\"\n{rest}"),
    );
    job.run(
        "ana",
        &["draft", "save", &id, "--from", form.to_str().unwrap()],
    )
    .answer();
    let again = job
        .run("ana", &["draft", "show", &id, "--format", "yaml"])
        .answer();
    assert!(
        again.starts_with("# Monday\ntitle: \"Shorter\"\n"),
        "{again}"
    );

    let bad = job.folder.file("bad.toml", "title = \"x\"\nproblem = 79\n");
    let refused = job.run(
        "ana",
        &["draft", "save", &id, "--from", bad.to_str().unwrap()],
    );
    assert!(
        refused
            .mistake()
            .contains("bad.toml`, line 2, column 1: `problem`: `79` is no text"),
        "{refused:?}"
    );

    job.run(
        "ana",
        &[
            "draft",
            "describe",
            &id,
            "--type",
            "link following",
            "--impact",
            "read files",
        ],
    )
    .answer();
    let (repository, [flaw, fix, _]) = Repository::with_a_flaw();
    let folder = repository.path().to_str().unwrap();
    let words = [
        "draft",
        "affected",
        &id,
        "--repo",
        folder,
        "--introduced",
        &flaw,
        "--fixed",
        &fix,
    ];
    job.run("ana", &words).answer();
    let document = job.json("ana", &["draft", "show", &id])["document"].clone();
    let text = document["cna"]["descriptions"][0]["value"]
        .as_str()
        .unwrap();
    assert!(text.starts_with("Link following in "), "{text}");
    let affected = document["cna"]["affected"].as_array().unwrap();
    assert_eq!(affected[0]["versions"][0]["lessThan"], "1.1.2");
    assert_eq!(affected[1]["versions"][0]["version"], flaw);
}

/// An editor that notes its arguments, and with the second call mends the text.
fn editor(job: &Job, first: &str) -> String {
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> \"$(dirname \"$0\")/calls\"\n\
         for last; do :; done\n\
         if [ -e \"$(dirname \"$0\")/again\" ]; then sed -i 's/^title = .*/title = \"Mended\"/' \"$last\"\n\
         else touch \"$(dirname \"$0\")/again\"; sed -i '{first}' \"$last\"; fi\n"
    );
    // Its name is that of an editor that knows `+LINE`.
    let file = job.folder.file("vim", &script);
    run(Command::new("chmod").arg("+x").arg(&file)).answer();
    file.to_str().unwrap().to_owned()
}

/// Has `first` written by the editor, goes back once, and leaves it mended.
fn goes_back_after(first: &str, said_before: &str) {
    let job = Job::start();
    let id = job.drafted();
    let vim = editor(&job, first);
    let words = format!(
        "env -u VISUAL EDITOR={vim} {} draft edit {id} --as ana --data {}",
        env!("CARGO_BIN_EXE_cna"),
        job.folder.path().display()
    );
    let Some(ended) = run_on_a_terminal(&words, b"y\nn\n") else {
        return;
    };
    let said = ended.answer();
    assert!(said.contains(said_before), "{said}");
    assert!(said.contains("Go back to line 1? [Y/n]"), "{said}");
    let calls = std::fs::read_to_string(job.folder.path().join("calls")).unwrap();
    assert!(calls.lines().nth(1).unwrap().starts_with("+1 "), "{calls}");
    let draft = job.json("ana", &["draft", "show", &id]);
    assert_eq!(draft["document"]["cna"]["title"], "Mended");
}

#[test]
fn the_editor_opens_again_where_a_form_cannot_be_read() {
    goes_back_after(
        "s/^title = .*/title = 1/",
        "line 1, column 1: `title`: `1` is no text",
    );
}

#[test]
fn the_editor_opens_again_at_the_line_of_a_finding() {
    goes_back_after(
        "s/^title = .*/title = \"TODO\"/",
        "line 1: violation DRAFT-LEFTOVER: `TODO` is left over from a template",
    );
}

/// A GitHub advisory as it is handed in.
const GHSA: &str = r#"{
  "ghsa_id": "GHSA-2222-3333-4444", "summary": "Node agent reads any file",
  "description": "It follows symbolic links.", "severity": "high",
  "cwes": [{"cwe_id": "CWE-61", "name": "UNIX Symbolic Link (Symlink) Following"}],
  "references": [{"url": "https://git.example.org/node-agent/pull/1"}],
  "vulnerabilities": [
    {"package": {"ecosystem": "go", "name": "node-agent"}, "vulnerable_version_range": ">= 1.2.0, < 1.4.3"}
  ]
}"#;

#[test]
fn a_draft_begins_with_the_document_that_came_beside_the_report() {
    let job = Job::start();
    let id = job.drafted();
    let from_report = ["draft", "new", &id, "--from-report"];
    let none = job.run("ana", &from_report);
    assert!(
        none.mistake()
            .starts_with("report: case 1 has no attachment that is a GitHub advisory"),
        "{none:?}"
    );
    let notes = job.folder.file("notes.txt", "what I tried\n");
    let document = job.folder.file("advisory.json", GHSA);
    for file in [&notes, &document] {
        let attach = ["case", "attach", "1", file.to_str().unwrap()];
        job.run("ana", &attach).answer();
    }
    let said = job.run("ana", &from_report).answer();
    assert!(said.contains("revision 2"), "{said}");
    let draft = job.json("ana", &["draft", "show", &id]);
    let cna = &draft["document"]["cna"];
    assert_eq!(cna["title"], "Node agent reads any file");
    assert_eq!(cna["affected"][0]["versions"][0]["lessThan"], "1.4.3");
    // The first attachment is none, and says what one would be.
    let first = [&from_report[..], &["--attachment", "1"]].concat();
    let wrong = job.run("ana", &first);
    let said = wrong.mistake();
    assert!(
        said.starts_with("attachment: `1` (notes.txt) is no document"),
        "{said}"
    );
    assert!(
        said.contains("expected a GitHub advisory, OSV, CSAF"),
        "{said}"
    );
    let second = [&from_report[..], &["--attachment", "2"]].concat();
    let again = run(job.command("ana", &second).arg("--json")).json();
    assert_eq!(again["revision"], 3, "{again}");
    let both = [&from_report[..], &["--from", "report"]].concat();
    assert_eq!(job.run("ana", &both).code, Some(2));
}
