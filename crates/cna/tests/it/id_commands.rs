//! `cna id`, `cna account` and `cna followup` against a real authority.

use std::process::Command;

use serde_json::Value;

use crate::data_folder::{DataFolder, NOW, cna, run};
use crate::practice_authority::{Mischief, PracticeAuthority};

fn command(folder: &DataFolder, words: &[&str]) -> Command {
    let mut command = cna();
    command
        .args(words)
        .args(["--now", NOW, "--as", "ana", "--data"]);
    command.arg(folder.path()).env("CNA_PACE", "300");
    command
}

fn json(folder: &DataFolder, words: &[&str]) -> Value {
    run(command(folder, words).arg("--json")).json()
}

fn states(folder: &DataFolder) -> Vec<String> {
    let ids = json(folder, &["id", "list"])["ids"].clone();
    let ids = ids.as_array().unwrap();
    ids.iter()
        .map(|id| id["state"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn ids_are_reserved_to_the_buffer_and_a_second_order_finds_it_full() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    let asked = json(&folder, &["id", "reserve", "--year", "1900"]);
    assert_eq!(
        (&asked["amount"], &asked["year"]),
        (&3.into(), &"1900".into())
    );
    assert_eq!(states(&folder), ["POOL", "POOL", "POOL"]);
    assert_eq!(authority.ids().len(), 3);
    let again = run(&mut command(&folder, &["id", "reserve", "--year", "1900"])).answer();
    assert_eq!(again, "The buffer is full; nothing was reserved.\n");
    let synced = run(&mut command(&folder, &["id", "sync"])).answer();
    let expected = "practice (practice): 3 IDs in the ledger, 3 at the service, 0 differences\n";
    assert_eq!(synced, expected);
}

#[test]
fn neighbours_are_reserved_when_asked_for() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    json(
        &folder,
        &["id", "reserve", "12", "--sequential", "--year", "1900"],
    );
    let mut numbers: Vec<u64> = authority.ids().iter().map(|id| id.id.number()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers.len(), 12);
    assert_eq!(numbers[11] - numbers[0], 11);
}

#[test]
fn after_a_lost_answer_nothing_differs() {
    for mischief in [Mischief::Silent, Mischief::Error, Mischief::Refuses] {
        let authority = PracticeAuthority::start(&[mischief]);
        let folder = DataFolder::new(&authority.url, &authority.key);
        json(&folder, &["id", "reserve", "2", "--year", "1900"]);
        assert_eq!(states(&folder), ["POOL", "POOL"], "{mischief:?}");
        let synced = run(&mut command(&folder, &["id", "sync"]));
        assert_eq!(synced.code, Some(0), "{mischief:?}: {synced:?}");
    }
}

#[test]
fn an_id_that_only_the_service_has_is_a_difference_with_a_mend() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    json(&folder, &["id", "reserve", "1", "--year", "1900"]);
    let id = authority.ids()[0].id.to_string();
    // Another desk of the same account knows nothing of it.
    let other = DataFolder::new(&authority.url, &authority.key);
    let ended = run(command(&other, &["id", "sync"]).arg("--json"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    let difference = &answer["accounts"][0]["differences"][0];
    assert_eq!(difference["cve_id"], id.as_str());
    assert_eq!(difference["kind"], "only_at_service");
    assert_ne!(difference["mend"], "");
}

#[test]
fn the_sheet_goes_out_and_comes_back_in_both_forms() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    let sheet = "CVE ID,Date reserved,Description,Status,Tracking issue\n\
                 CVE-1900-20001,2019-02-03,=cmd()|' /C calc'!A1,reserved,https://example.org/1\n\
                 CVE-1900-20002,2019-02-04,,reserved,\n\
                 CVE-1900-20003,3 February,x,reserved,\n\
                 CVE-1900-20002,2019-02-04,,reserved,\n\
                 nothing,,,,\n";
    let sheet = folder.file("sheet.csv", sheet);
    let import = |dry: bool| {
        let mut command = command(&folder, &["id", "import", "--json"]);
        if dry {
            command.arg("--dry-run");
        }
        let ended = run(command.arg(&sheet));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        serde_json::from_str::<Value>(&ended.stdout).unwrap()
    };
    let dry = import(true);
    assert_eq!(states(&folder), Vec::<String>::new());
    let done = import(false);
    assert_eq!(dry["added"], done["added"]);
    assert_eq!(states(&folder), ["ASSIGNED", "POOL"]);
    let rows: Vec<u64> = done["unplaced"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["row"].as_u64().unwrap())
        .collect();
    assert_eq!(rows, [4, 5, 6]);
    let csv = run(&mut command(&folder, &["id", "export"])).answer();
    assert!(
        csv.contains("\"'=cmd()|' /C calc'!A1\"") || csv.contains("'=cmd()|"),
        "{csv}"
    );
    assert!(
        csv.contains("Tracking issue: https://example.org/1"),
        "{csv}"
    );
    let xlsx = folder.path().join("sheet.xlsx");
    run(command(&folder, &["id", "export"])
        .arg("--output")
        .arg(&xlsx))
    .answer();
    let other = DataFolder::new(&authority.url, &authority.key);
    let back = run(command(&other, &["id", "import", "--json"]).arg(&xlsx)).json();
    assert_eq!(back["added"], done["added"]);
    let title = json(&other, &["id", "show", "CVE-1900-20001"])["title"].clone();
    assert_eq!(title, "=cmd()|' /C calc'!A1");
}

#[test]
fn an_account_is_tested_and_its_key_replaced_only_by_one_that_works() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    let tested = json(&folder, &["account", "test", "practice"]);
    assert_eq!(tested["id_quota"], 100);
    let listed = json(&folder, &["account", "list"]);
    assert!(listed["accounts"][0]["key_age_days"].is_i64(), "{listed}");
    assert!(!listed.to_string().contains(&authority.key));
    let wrong = folder.file("wrong", "not-the-key");
    let right = folder.file("right", &authority.key);
    let rotate = |file: &std::path::Path| {
        let mut command = cna();
        command.args([
            "account", "rotate", "practice", "--as", "admin", "--now", NOW, "--data",
        ]);
        run(command.arg(folder.path()).arg("--key-file").arg(file))
    };
    assert_eq!(rotate(&wrong).code, Some(1));
    assert!(json(&folder, &["account", "test", "practice"])["available"].is_i64());
    assert_eq!(rotate(&right).code, Some(0));
    let mut remove = cna();
    remove.args([
        "account", "remove", "practice", "--as", "admin", "--now", NOW, "--data",
    ]);
    let removed = run(remove.arg(folder.path()));
    assert!(
        removed
            .mistake()
            .contains("IDs are reserved with `practice`"),
        "{removed:?}"
    );
}

#[test]
fn a_failed_follow_up_is_listed_shown_retried_and_cancelled() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, "not-the-key");
    json(&folder, &["id", "reserve", "2", "--year", "1900"]);
    let waiting = json(&folder, &["followup", "list"])["followups"].clone();
    assert_eq!(waiting[0]["state"], "failed", "{waiting}");
    let id = waiting[0]["id"].as_str().unwrap();
    assert_eq!(
        json(&folder, &["followup", "show", id])["subject"],
        "pool practice"
    );
    json(&folder, &["followup", "retry", id]);
    assert_eq!(json(&folder, &["followup", "show", id])["state"], "failed");
    let cancelled = json(
        &folder,
        &["followup", "cancel", id, "--reason", "wrong key"],
    );
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(
        json(&folder, &["followup", "list"])["followups"],
        Value::Array(Vec::new())
    );
    let again = run(&mut command(&folder, &["followup", "retry", id]));
    assert!(
        again.mistake().contains("neither waits for a person"),
        "{again:?}"
    );
    let unknown = run(&mut command(&folder, &["followup", "show", "nothing"]));
    assert_eq!(unknown.mistake(), "follow-up `nothing` was not found");
}

#[test]
fn the_sheet_says_what_is_known_of_each_vulnerability_and_comes_back_without_becoming_notes() {
    let job = crate::job_commands::Job::start();
    let id = job.published();
    let share = ["id", "shared", &id, "--with", "Vendor"];
    job.run("ana", &share).answer();
    let rows = job.json("ana", &["id", "export"]);
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["cve_id"] == id.as_str());
    let row = row.unwrap();
    let starts = |column: &str, words: &str| {
        let cell = row[column].as_str().unwrap();
        assert!(cell.starts_with(words), "{column}: {cell}");
    };
    starts("owner", "example");
    starts("state", "PUBLISHED");
    starts("program_state", "PUBLISHED");
    starts("finding", "Node agent follows symbolic links");
    starts("description", "Improper link resolution");
    starts("products", "node-agent");
    starts("severity", "medium CVSS:3.1/AV:L");
    starts("cwe", "CWE-61");
    starts("reporter", "Alex Beispiel");
    starts("source", "desk");
    starts("approved_by", "rev");
    starts("ruleset", "4.2");
    starts("public_since", "2026-11-03T12:");
    assert!(
        row["shared_outside"]
            .as_str()
            .unwrap()
            .contains("Vendor was told on")
    );
    assert_eq!(row["rejected_at"], "");
    // Whoever is on no case sees that the ID is accounted for.
    let rows = job.json("aud", &["id", "export"]);
    assert_eq!(rows[0]["state"], "PUBLISHED");
    for column in [
        "description",
        "reporter",
        "severity",
        "finding",
        "shared_outside",
    ] {
        assert_eq!(rows[0][column], "", "{column}");
    }
    let sheet = job.folder.path().join("sheet.xlsx");
    let sheet = sheet.to_str().unwrap();
    job.run("ana", &["id", "export", "--output", sheet])
        .answer();
    let back = job.json("ana", &["id", "import", sheet]);
    assert_eq!(back["unchanged"][0], id.as_str(), "{back}");
}

#[test]
fn an_account_that_was_added_says_how_it_is_tested() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    let key = folder.file("key", &authority.key);
    let words = ["account", "add", "second", "--environment", "test"];
    let mut add = folder.cna("admin", &words);
    add.args(["--url", &authority.url, "--org", "example"]);
    add.args(["--user", "desk@example.org", "--key-file"]);
    let said = run(add.arg(key)).answer();
    assert_eq!(
        said,
        "Added `second`. Test it with `cna account test second`.\n"
    );
    let tested = run(&mut folder.cna("admin", &["account", "test", "second"])).answer();
    assert!(
        tested.starts_with("The service takes `second` (test): 0 of 100"),
        "{tested}"
    );
}
