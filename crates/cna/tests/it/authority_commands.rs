//! `cna authority org|user|quota|range|transfer|audit`: in a folder, on its
//! running server, and at a server elsewhere.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::data_folder::{Serving, cna, names, run};

/// `cna authority …` on a folder.
fn authority(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = cna();
    for name in [
        "CVE_ORG",
        "CVE_USER",
        "CVE_API_KEY",
        "CVE_API_KEY_FILE",
        "CNA_AUTHORITY_SERVER",
    ] {
        command.env_remove(name);
    }
    command.arg("authority").args(arguments);
    command.arg("--data").arg(folder);
    command
}

fn json_of(folder: &Path, arguments: &[&str]) -> Value {
    run(authority(folder, arguments).arg("--json")).json()
}

/// A Secretariat with a user; gives the user's key.
fn set_up(folder: &Path) -> String {
    let create = [
        "org",
        "create",
        "mitre",
        "--role",
        "secretariat",
        "--role",
        "CNA",
    ];
    json_of(folder, &create);
    let user = json_of(folder, &["user", "create", "mitre", "sec@mitre"]);
    user["key"]["secret"].as_str().unwrap().to_owned()
}

fn serving(folder: &Path) -> Serving {
    let mut command = authority(
        folder,
        &["serve", "--listen", "127.0.0.1:0", "--log", "off"],
    );
    Serving::spawn(&mut command)
}

#[test]
fn an_authority_is_set_up_and_administered_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("new");
    let key = set_up(&folder);
    assert_eq!(key.len(), 36);
    let created = json_of(
        &folder,
        &["org", "create", "acme", "--name", "Acme", "--quota", "5"],
    );
    assert_eq!(created["roles"], json!(["CNA"]));
    json_of(
        &folder,
        &[
            "user", "create", "acme", "ann@acme", "--admin", "--first", "Ann",
        ],
    );
    json_of(&folder, &["range", "open", "2099"]);
    let extended = json_of(&folder, &["range", "extend", "2099", "--last", "60000"]);
    assert_eq!(extended["general"]["last"], 60_000);
    let quota = json_of(&folder, &["quota", "set", "acme", "7"]);
    assert_eq!(quota["available"], 7);
    let updated = json_of(&folder, &["org", "update", "acme", "--name", "Acme Inc."]);
    assert_eq!(updated["name"], "Acme Inc.");
    let user = json_of(
        &folder,
        &["user", "update", "acme", "ann@acme", "--admin", "no"],
    );
    assert_eq!(
        (&user["roles"], &user["active"]),
        (&json!([]), &json!(true))
    );
    let disabled = json_of(&folder, &["org", "disable", "acme", "--reason", "left"]);
    assert_eq!(disabled["disabled_reason"], "left");
    let enabled = json_of(&folder, &["org", "enable", "acme"]);
    assert_eq!(enabled["disabled"], Value::Null);
    let events = json_of(&folder, &["audit", "list", "--limit", "1000"]);
    let done: Vec<_> = events["events"].as_array().unwrap().iter().collect();
    assert_eq!(done.len(), 11, "{events}");
    assert!(done.iter().all(|event| event["actor"] == "operator"));
    assert!(!events.to_string().contains(&key));
    let verdict = json_of(&folder, &["audit", "verify"]);
    assert_eq!(
        (&verdict["entries"], &verdict["broken"]),
        (&json!(11), &Value::Null)
    );
}

#[test]
fn what_is_printed_for_people_names_everything_once() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let empty = run(&mut authority(folder, &["org", "list"]));
    let mistake = empty.mistake();
    assert!(mistake.starts_with("there is no authority in"), "{mistake}");
    set_up(folder);
    let none = run(&mut authority(folder, &["range", "list"])).answer();
    assert_eq!(
        none,
        "No year is open yet. Open one with `cna authority range open YEAR`.\n"
    );
    let listed = run(&mut authority(folder, &["org", "list"])).answer();
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(
        lines,
        [
            "ORG    ROLES            UNDER  RESERVED  USERS  STATE    NAME",
            "mitre  SECRETARIAT CNA         0/1000    1      enabled  mitre",
        ]
    );
    let created = run(&mut authority(
        folder,
        &["user", "create", "mitre", "two@mitre"],
    ))
    .answer();
    assert!(
        created.contains("The API key, shown this once:\n"),
        "{created}"
    );
    let users = run(&mut authority(folder, &["user", "list", "mitre"])).answer();
    assert!(users.contains("never"), "{users}");
    let key = created.lines().last().unwrap();
    assert!(key.len() == 36 && !users.contains(key), "{users}");
}

#[test]
fn a_command_uses_the_server_that_runs_on_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    set_up(folder);
    let mut server = serving(folder);
    assert!(names(folder).contains(&"authority.json".to_owned()));
    json_of(folder, &["org", "create", "acme"]);
    let listed = json_of(folder, &["org", "list"]);
    assert_eq!(listed["orgs"].as_array().unwrap().len(), 2);
    assert_eq!(server.terminate(), Some(0));
    server.wait_for_line("Ended.");
    assert!(!names(folder).contains(&"authority.json".to_owned()));
    assert_eq!(
        json_of(folder, &["org", "show", "acme"])["short_name"],
        "acme"
    );
}

#[test]
fn a_command_signs_in_at_a_server_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let key = set_up(folder);
    let server = serving(folder);
    let key_file = dir.path().join("key");
    std::fs::write(&key_file, format!("{key}\n")).unwrap();
    let elsewhere = dir.path().join("elsewhere");
    let at = |arguments: &[&str], url: &str| {
        let mut command = authority(&elsewhere, arguments);
        command.args([
            "--server",
            url,
            "--cve-org",
            "mitre",
            "--cve-user",
            "sec@mitre",
        ]);
        command
    };
    for url in [server.address.clone(), format!("{}/api/", server.address)] {
        let listed = run(at(&["org", "list", "--json"], &url).env("CVE_API_KEY", &key)).json();
        assert_eq!(listed["orgs"][0]["short_name"], "mitre");
    }
    let mut command = at(&["user", "list", "mitre", "--json"], &server.address);
    let users = run(command.arg("--api-key-file").arg(&key_file)).json();
    assert_eq!(users["users"][0]["username"], "sec@mitre");
    assert!(
        !elsewhere.exists(),
        "nothing is made for a server elsewhere"
    );
    let refused = run(at(&["org", "list"], &server.address).env("CVE_API_KEY", "wrong"));
    assert_eq!(
        refused.mistake(),
        "the authority answered UNAUTHORIZED: the organisation, user or key is not accepted, or \
         is disabled"
    );
    let without = run(&mut at(&["org", "list"], &server.address));
    assert!(without.mistake().starts_with("--server needs an API key"));
}

#[test]
fn ids_are_transferred_by_name_or_all_together() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let key = set_up(folder);
    json_of(folder, &["org", "create", "acme"]);
    json_of(folder, &["range", "open", "2099"]);
    let server = serving(folder);
    let mut reserve = Command::new(env!("CARGO_BIN_EXE_cve"));
    reserve.env("CVE_API_URL", format!("{}/api/", server.address));
    reserve.env("CVE_ORG", "mitre").env("CVE_USER", "sec@mitre");
    reserve.env("CVE_API_KEY", &key);
    reserve.args(["reserve", "3", "--year", "2099", "--raw"]);
    assert_eq!(run(&mut reserve).code, Some(0));
    let moved = json_of(folder, &["transfer", "--to", "acme", "CVE-2099-20002"]);
    assert_eq!(
        moved["transferred"],
        json!([{"cve_id": "CVE-2099-20002", "from": "mitre", "to": "acme"}])
    );
    let rest = [
        "transfer", "--to", "acme", "--from", "mitre", "--state", "reserved",
    ];
    let moved = json_of(folder, &rest);
    assert_eq!(moved["transferred"].as_array().unwrap().len(), 2);
    let unknown = run(&mut authority(
        folder,
        &["transfer", "--to", "acme", "CVE-2099-9999"],
    ));
    assert_eq!(
        unknown.mistake(),
        "the authority answered CVE_IDS_NOT_FOUND: Not found: CVE-2099-9999."
    );
    let wrong = run(&mut authority(
        folder,
        &["transfer", "--to", "acme", "nonsense"],
    ));
    assert!(wrong.mistake().contains("BAD_INPUT"), "{wrong:?}");
}

#[test]
fn a_file_that_cannot_be_loaded_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("seed.json");
    let empty = r#"{"orgs":[],"users":[],"cve_id_ranges":[],"cve_ids":[],"cve_records":[]}"#;
    let twice = r#"{"orgs":[{"UUID":"1","short_name":"aa","name":"a","authority":{},
        "policies":{"id_quota":1},"time":{"created":"2001-01-01T00:00:00Z",
        "modified":"2001-01-01T00:00:00Z"}},{"UUID":"1","short_name":"bb","name":"a",
        "authority":{},"policies":{"id_quota":1},"time":{"created":"2001-01-01T00:00:00Z",
        "modified":"2001-01-01T00:00:00Z"}}],"users":[],"cve_id_ranges":[],"cve_ids":[],
        "cve_records":[]}"#;
    let state = r#"{"orgs":[],"users":[],"cve_id_ranges":[],"cve_ids":[],"cve_records":[
        {"cve":{"cveMetadata":{"cveId":"CVE-1900-0001","state":"LOST"}},
        "time":{"created":"2001-01-01T00:00:00Z","modified":"2001-01-01T00:00:00Z"}}]}"#;
    for (text, says, makes_folder) in [
        ("not json", "is no export of an authority", false),
        ("{}", "missing field `orgs`", false),
        ("", "is no export of an authority", false),
        (state, "/cve_records/0/cve/cveMetadata", false),
        (twice, "nothing was loaded", true),
    ] {
        std::fs::write(&file, text).unwrap();
        let folder = dir.path().join("authority");
        let database = dir.path().join("a.sqlite");
        let mut command = authority(&folder, &["load"]);
        command.arg(&file).arg("--database");
        let ended = run(command.arg(format!("sqlite:{}", database.display())));
        let mistake = ended.mistake();
        assert!(mistake.contains(says), "{mistake}");
        assert_eq!(folder.exists(), makes_folder, "{text}");
        let left = names(dir.path());
        assert!(
            !left.iter().any(|name| name.starts_with("a.sqlite")),
            "{left:?}"
        );
    }
    std::fs::write(&file, empty).unwrap();
    let folder = dir.path().join("authority");
    let loaded = run(authority(&folder, &["load"]).arg(&file)).answer();
    assert!(loaded.starts_with("Loaded 0 organisations, 0 users, 0 CVE IDs and 0 records"));
}
