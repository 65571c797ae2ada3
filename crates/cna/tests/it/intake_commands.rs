//! `cna case intake|product|ask|link|attach|attachments`, and what `new` says.

use crate::data_folder::{DataFolder, REPORT, run};

fn with_a_case() -> DataFolder {
    let folder = DataFolder::alone();
    let report = folder.file("report.md", REPORT);
    let mut command = folder.case(&["new", "--as", "ana"]);
    run(command.arg("--from").arg(&report)).answer();
    folder
}

#[test]
fn a_second_report_of_the_same_names_its_candidates_and_the_next_command() {
    let folder = with_a_case();
    let report = folder.file("report.md", REPORT);
    let mut command = folder.case(&["new", "--as", "ana"]);
    let ended = run(command.arg("--from").arg(&report));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for expected in [
        "Filed as case 2. See it with `cna case show 2`.\nIts reference is R-2026-000002.\n",
        "case 1",
        "Say what each is with `cna case duplicate 2 CANDIDATE",
    ] {
        assert!(
            ended.stdout.contains(expected),
            "{expected}: {}",
            ended.stdout
        );
    }
}

#[test]
fn a_file_is_attached_listed_and_saved_again() {
    let folder = with_a_case();
    let proof = folder.file("proof \u{e4}.txt", "the proof\n");
    let proof = proof.to_str().unwrap();
    let empty = run(&mut folder.case(&["attachments", "1", "--as", "ana"])).answer();
    assert!(empty.contains("`cna case attach 1 FILE`"), "{empty}");
    let attached = run(&mut folder.case(&["attach", "1", proof, "--as", "ana"])).answer();
    assert!(attached.ends_with("as number 1.\n"), "{attached}");
    let list = run(&mut folder.case(&["attachments", "1", "--as", "ana", "--json"])).json();
    assert_eq!(list["attachments"][0]["name"], "proof \u{e4}.txt");
    let saved = folder.path().join("saved");
    let save = || {
        let name = saved.to_str().unwrap();
        run(&mut folder.case(&["attachments", "1", "--as", "ana", "--save", "1", name]))
    };
    save().answer();
    assert_eq!(std::fs::read_to_string(&saved).unwrap(), "the proof\n");
    // What is there is left alone.
    assert!(
        save()
            .mistake()
            .ends_with("is there already: name another file, or move that one away")
    );
    let hidden = run(&mut folder.case(&["attachments", "1", "--as", "aud"]));
    assert_eq!(hidden.mistake(), "case 1 was not found");
}

#[test]
fn a_link_is_shown_once_and_ended_by_the_next() {
    let folder = with_a_case();
    let answer = run(&mut folder.case(&["link", "1", "--as", "ana", "--json"])).json();
    assert_eq!(answer["reference"], "R-2026-000001");
    let url = answer["url"].as_str().unwrap();
    let secret = url.rsplit('/').next().unwrap().to_owned();
    assert_eq!(secret.len(), 64, "{url}");
    run(&mut folder.case(&["ask", "1", "Which version?", "--as", "ana"])).answer();
    let works = |secret: &str| {
        let desk = folder.desk();
        let status = desk.link().status(secret);
        desk.store().close();
        status.map(|status| status.question)
    };
    assert_eq!(works(&secret).unwrap(), "Which version?");
    let ended = run(&mut folder.case(&["link", "1", "--revoke", "--as", "ana"])).answer();
    assert_eq!(ended, "No link of case 1 works any more.\n");
    assert!(works(&secret).is_err());
}

#[test]
fn how_a_case_came_in_is_shown_with_what_to_do() {
    let folder = with_a_case();
    let shown = run(&mut folder.case(&["intake", "1", "--as", "ana"])).answer();
    assert!(
        shown.starts_with("Case 1 came in as R-2026-000001\n"),
        "{shown}"
    );
    assert!(
        shown.contains("none: `cna case link 1` makes one"),
        "{shown}"
    );
    let unknown = run(&mut folder.case(&["product", "1", "other", "--as", "ana"]));
    assert!(
        unknown.mistake().contains("is not in the catalogue"),
        "{unknown:?}"
    );
    run(&mut folder.case(&["product", "1", "node-agent", "--as", "ana"])).answer();
    let none = run(&mut folder.case(&["confidential", "1", "--as", "ana"])).answer();
    assert_eq!(none, "The report of case 1 has no confidential part.\n");
}

const OSV: &str = r#"{"id": "EX-1", "summary": "Agent reads any file", "modified":
    "2026-01-02T03:04:05Z", "affected": [{"package": {"ecosystem": "npm", "name": "node-agent"}}]}"#;

#[test]
fn a_document_of_others_is_filed_attached_and_shown_with_the_case() {
    let folder = DataFolder::alone();
    let document = folder.file("advisory.json", OSV);
    let mut command = folder.case(&["new", "--as", "ana"]);
    let said = run(command.arg("--from").arg(&document)).answer();
    assert!(said.starts_with("Filed as case 1."), "{said}");
    let shown = run(&mut folder.case(&["show", "1", "--as", "ana"])).answer();
    let digest = cve::hash::Digest::of(OSV.as_bytes());
    for expected in [
        "Case 1: Agent reads any file".to_owned(),
        "  Product   node-agent\n".to_owned(),
        "  Receipt   R-2026-000001, by desk\n".to_owned(),
        "  Link      none: `cna case link 1` makes one\n".to_owned(),
        format!(
            "  File 1    advisory.json, text, {} bytes, sha-256 {digest}\n",
            OSV.len()
        ),
    ] {
        assert!(shown.contains(&expected), "{expected}: {shown}");
    }
    let url = run(&mut folder.case(&["link", "1", "--as", "ana", "--json"])).json();
    let secret = url["url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let case = run(&mut folder.case(&["show", "1", "--as", "ana", "--json"])).json();
    assert_eq!(case["attachments"][0]["name"], "advisory.json");
    assert!(case["intake"]["link_made"].is_string(), "{case}");
    assert!(!case.to_string().contains(&secret));
}

#[test]
fn a_file_of_unknown_form_is_refused_with_the_forms() {
    let folder = DataFolder::alone();
    let document = folder.file("colours.json", r#"{"colour": "red"}"#);
    let new = |words: &[&str]| {
        let mut command = folder.case(&["new", "--as", "ana"]);
        run(command.args(words))
    };
    let refused = new(&["--from", document.to_str().unwrap()]);
    for form in [
        "colours.json",
        "ghsa",
        "osv",
        "csaf",
        "cve4",
        "cve5",
        "vulnogram",
    ] {
        assert!(refused.mistake().contains(form), "{form}: {refused:?}");
    }
    let text = folder.file("notes.txt", "just words");
    let refused = new(&["--from", text.to_str().unwrap()]);
    assert!(
        refused
            .mistake()
            .contains("or a GHSA, OSV, CSAF, CVE JSON or Vulnogram document"),
        "{refused:?}"
    );
    let report = folder.file("report.md", REPORT);
    let refused = new(&["--from", report.to_str().unwrap(), "--product", "x"]);
    assert!(
        refused
            .mistake()
            .contains("a report names its product itself"),
        "{refused:?}"
    );
}
