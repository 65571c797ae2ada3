//! `cna decision partners` and `cna case route`.

use serde_json::json;

use crate::data_folder::{DataFolder, REPORT, run};

#[test]
fn a_report_is_handed_over_by_letter_and_the_clock_on_the_answer_runs() {
    let folder = DataFolder::alone();
    let report = folder.file("report.md", REPORT);
    let say = |person: &str, words: &[&str]| run(&mut folder.cna(person, words));
    let from = report.to_str().unwrap();
    say("ana", &["case", "new", "--from", from]).answer();
    assert_eq!(
        say("ana", &["case", "route", "1"]).answer(),
        "No list of partners is kept. Read the Program's with `cna decision partners FILE`.\n"
    );
    let list = json!([{"shortName": "acme", "organizationName": "Acme", "scope": "Acme Anvil only",
        "contact": [{"email": [{"emailAddr": "psirt@acme.example"}]}]}]);
    let list = folder.file("list.json", list.to_string());
    let list = list.to_str().unwrap();
    let early = say("ana", &["decision", "partners", list]);
    assert!(early.mistake().starts_with("`ana` may not "), "{early:?}");
    let wrong = say("admin", &["decision", "partners", from]);
    assert!(wrong.mistake().contains("is not JSON"), "{wrong:?}");
    let read = say("admin", &["decision", "partners", list]).answer();
    assert!(read.starts_with("1 partners. "), "{read}");
    let nobody = say("ana", &["case", "route", "1"]).answer();
    assert!(
        nobody.starts_with("Nobody's scope names `Example node-agent`."),
        "{nobody}"
    );
    let anvil = ["case", "route", "1", "--product", "Acme Anvil"];
    let found = say("ana", &anvil).answer();
    assert!(found.starts_with("acme (Acme)\n  because  "), "{found}");
    let ranked = run(folder.cna("ana", &anvil).arg("--json")).json();
    assert_eq!(ranked["routes"][0]["partner"]["short_name"], "acme");
    let letter = say("ana", &[&anvil[..], &["--to", "acme", "--public"]].concat()).answer();
    assert!(
        letter.starts_with("To: Acme <psirt@acme.example>\n"),
        "{letter}"
    );
    assert!(letter.contains("within 72 hours"), "{letter}");
    let file = folder.file("letter.txt", &letter);
    let draft = ["case", "route", "1", "--to", "acme", "--from"];
    let draft = [&draft[..], &[file.to_str().unwrap()]].concat();
    let open = say("ana", &draft);
    assert!(
        open.mistake().contains("is still to be filled in"),
        "{open:?}"
    );
    folder.file("letter.txt", "It is in your scope; our case is 1.");
    let drafted = say("ana", &draft).answer();
    assert!(
        drafted.starts_with("Drafted as 1; nothing is sent yet."),
        "{drafted}"
    );
    let clocks = || say("ana", &["clocks"]).answer();
    assert!(!clocks().contains("D-03"));
    say("ana", &["case", "send", "1", "1", "--by-hand"]).answer();
    assert!(clocks().contains("D-03"), "{}", clocks());
}
