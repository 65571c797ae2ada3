//! `cna person compare` and `cna person trained`.

use serde_json::{Value, json};

use crate::data_folder::{DataFolder, run};

#[test]
fn lists_are_compared_each_and_the_exit_code_says_whether_all_agree() {
    let folder = DataFolder::alone();
    for name in ["admin", "ana", "aud"] {
        let mail = format!("{name}@example.org");
        let words = ["person", "contact", name, "--mail", &mail];
        run(&mut folder.cna("admin", &words)).answer();
    }
    let all = "admin@example.org\nAna <ana@example.org>\naud@example.org\n";
    let same = folder.file("same.txt", all);
    let other = folder.file("other.txt", "ana@example.org\ngone@example.org\n");
    let compare = |files: &[&std::path::Path]| {
        let mut command = folder.cna("admin", &["person", "compare", "--json"]);
        let ended = run(command.args(files));
        let told: Value = serde_json::from_str(&ended.stdout).unwrap();
        (ended.code, told)
    };
    let (code, told) = compare(&[&same]);
    assert_eq!((code, &told["is_same"]), (Some(0), &json!(true)), "{told}");
    let (code, told) = compare(&[&same, &other]);
    assert_eq!((code, &told["is_same"]), (Some(1), &json!(false)));
    assert_eq!(told["lists"][0]["is_same"], true);
    assert_eq!(
        told["lists"][1]["too_many"][0]["address"],
        "gone@example.org"
    );
    let missing = told["lists"][1]["missing"].as_array().unwrap().len();
    assert_eq!(missing, 2, "{told}");
}

#[test]
fn a_line_that_is_no_address_is_named_with_its_file_and_nothing_is_compared() {
    let folder = DataFolder::alone();
    let list = folder.file("list.txt", "ana@example.org\nnobody\n");
    let mut command = folder.cna("admin", &["person", "compare"]);
    let refused = run(command.arg(&list));
    let mistake = refused.mistake();
    assert!(
        mistake.contains("line 2: `nobody` is no mail address"),
        "{mistake}"
    );
    assert!(mistake.contains("list.txt"), "{mistake}");
}

#[test]
fn the_day_of_a_training_stands_in_the_list() {
    let folder = DataFolder::alone();
    let words = ["person", "trained", "ana", "--on", "2026-09-01"];
    let said = run(&mut folder.cna("admin", &words)).answer();
    assert_eq!(said, "ana was trained on 2026-09-01.\n");
    let people = run(&mut folder.cna("admin", &["person", "list", "--json"])).json();
    let ana = people["people"].as_array().unwrap().iter();
    let ana = ana.clone().find(|person| person["name"] == "ana").unwrap();
    assert_eq!(ana["trained_on"], "2026-09-01");
    let late = ["person", "trained", "ana", "--on", "2027-09-01"];
    let refused = run(&mut folder.cna("admin", &late));
    assert!(
        refused.mistake().contains("is no day up to today"),
        "{refused:?}"
    );
}
