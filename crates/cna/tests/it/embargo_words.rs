//! A word of its own stands in every text of a case. Until its disclosure none
//! of them leaves the desk, by whatever door; after it, those of the approved
//! public fields do, and no other.
//!
//! A place where a case can say something is a row of `PLANTED`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::json;

use crate::desk_process::DeskProcess;
use crate::practice_authority::{PracticeAuthority, YEAR};
use crate::team::Engine;

/// Whether a word may be read by everybody once the case is disclosed.
#[derive(Clone, Copy, PartialEq)]
enum Kept {
    Secret,
    UntilDisclosure,
}
use Kept::{Secret, UntilDisclosure};

/// Every word, and where it stands. None occurs anywhere else.
const PLANTED: &[(&str, Kept)] = &[
    // The report.
    ("zqtitle", UntilDisclosure),
    ("zqdescription", UntilDisclosure),
    ("zqsolution", UntilDisclosure),
    ("zqworkaround", UntilDisclosure),
    ("zqcredit", UntilDisclosure),
    ("zqreference", UntilDisclosure),
    ("77.1.9", UntilDisclosure),
    ("zqname", Secret),
    ("zqcontact", Secret),
    ("zqbody", Secret),
    // What the team says.
    ("zqreason", Secret),
    ("zqmessage", Secret),
    ("zqverdict", Secret),
    ("zqconditions", Secret),
    ("zqlifted", Secret),
    ("zqtracker", Secret),
    ("zqaward", Secret),
    ("zqtier", Secret),
    // What private distributors are told.
    ("zqdeploy", Secret),
    ("zqanswer", Secret),
    // Draft and review.
    ("zqolddraft", Secret),
    ("zqremark", Secret),
    ("zqsuggestion", Secret),
    ("zqreturned", Secret),
    ("zqapproved", Secret),
    ("zqtold", Secret),
    ("zqtaken", Secret),
    // A second case that stays under embargo.
    ("zqother", Secret),
];

const REPORT: &str = "---
title: Zqtitle of a flaw in the agent
product: node-agent
reporter: {name: Zqname, contact: zqcontact@example.org, credit: Zqcredit}
severity: high
weakness: CWE-61
cvss: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N
affected:
  - {from: 77.1.0, before: 77.1.9}
references:
  - https://git.example.org/zqreference
public:
  description: >-
    Improper link resolution in Example node-agent from 77.1.0 before 77.1.9 allows a local user
    to read zqdescription via a symbolic link.
  solution: Update zqsolution to 77.1.9.
  workaround: Until then set zqworkaround.
---
Zqbody tells how to attack.
";

/// A desk under watch, and what left it.
struct Watched {
    authority: PracticeAuthority,
    desk: DeskProcess,
    folder: tempfile::TempDir,
    id: String,
    /// A session of somebody with every role who is on none of the cases.
    session: String,
    _schema: Option<store::testing::TestStore>,
}

/// Every role there is, which still puts nobody on a case that is there.
fn every_role() -> Vec<String> {
    casework::Role::ALL
        .iter()
        .map(ToString::to_string)
        .collect()
}

impl Watched {
    /// Two cases, the first approved and about to be disclosed.
    fn start(engine: &Engine) -> Watched {
        let authority = PracticeAuthority::start(&[]);
        let folder = tempfile::tempdir().unwrap();
        let (database, schema) = engine.database();
        let desk = DeskProcess::start_logging(folder.path(), &database, "trace");
        desk.set_up(&authority);
        let mut watched = Watched {
            authority,
            desk,
            folder,
            id: String::new(),
            session: String::new(),
            _schema: schema,
        };
        watched.plant();
        let eve = json!({"name": "eve", "full_name": "", "roles": every_role()});
        watched.desk.post("admin", "/desk/v1/people", &eve);
        watched.session = watched.sign_in("eve");
        watched
    }

    fn plant(&mut self) {
        let desk = &self.desk;
        let report = |text: &str| json!({ "report": text });
        desk.post("ana", "/desk/v1/cases", &report(REPORT));
        let mut other = REPORT.to_owned();
        for (word, _) in PLANTED {
            let capital = format!("Z{}", &word[1..]);
            other = other.replace(word, "zqother").replace(&capital, "Zqother");
        }
        desk.post(
            "ana",
            "/desk/v1/cases",
            &report(&other.replace("zqother to 77", "it to 77")),
        );
        desk.post("ana", "/desk/v1/cases/1/take", &json!({}));
        let model = casework::Report::parse(crate::data_folder::REPORT).unwrap();
        for node in casework::nodes() {
            if let Some(given) = model.answers.get(node.id) {
                let body = json!({"node": node.id, "value": given.value, "reason": "Zqreason"});
                desk.post("ana", "/desk/v1/cases/1/answers", &body);
            }
        }
        desk.post(
            "ana",
            "/desk/v1/cases/1/messages",
            &json!({"body": "Zqmessage"}),
        );
        let verdict = json!({"candidate": "2", "verdict": "related", "reason": "Zqverdict"});
        desk.post("ana", "/desk/v1/cases/1/duplicates", &verdict);
        let embargo = json!({"until": "2030-12-03T16:00", "conditions": "Zqconditions"});
        desk.put("ana", "/desk/v1/cases/1/embargo", &embargo);
        desk.post(
            "ana",
            "/desk/v1/cases/1/assign",
            &json!({"year": YEAR.to_string()}),
        );
        let view = desk.wait_for(1, |view| {
            view["records"].as_array().is_some_and(|r| !r.is_empty())
        });
        self.id = view["records"][0]["cve_id"].as_str().unwrap().to_owned();
        self.draft();
        self.tell_distributors();
    }

    /// The private issue, an award, and a package for private distributors.
    fn tell_distributors(&self) {
        let (desk, case) = (&self.desk, |rest: &str| format!("/desk/v1/cases/1/{rest}"));
        let tracker = json!({"relation": "tracker", "target": "https://git.example.org/zqtracker"});
        desk.post("ana", &case("links"), &tracker);
        let kubernetes = json!({"profile": "kubernetes"});
        desk.put("admin", "/desk/v1/release-rule", &kubernetes);
        let answers = json!({"answers": {
            "place": "server", "actor": "authenticated", "effect": "sensitive_disclosure",
            "interaction": "no", "setup": "default", "mitigation": "no",
        }, "note": "Zqtier"});
        desk.post("ana", &case("severity-answers"), &answers);
        let award = json!({"amount": "500", "currency": "USD", "note": "Zqaward"});
        desk.post("ana", &case("awards"), &award);
        let acme = json!({"name": "Acme", "address": "a@example.org", "product": "Acme Cloud"});
        desk.post("admin", "/desk/v1/distributors", &acme);
        let new = json!({"values": {"DEPLOY": "Zqdeploy", "PATCH_EMBARGO": "yes"}});
        let package = desk.post("ana", &case("packages"), &new);
        let approval = json!({"digest": package["digest"]});
        desk.post("rev", &case("packages/1/approve"), &approval);
        let roles = json!({"name": "cor", "roles": ["commander"]});
        desk.post("admin", "/desk/v1/people", &roles);
        desk.post("ana", &case("members"), &json!({"person": "cor"}));
        desk.post("cor", &case("packages/1/send"), &json!({"by_hand": true}));
        let answer = json!({"member": "Acme", "words": "Zqanswer"});
        desk.post("ana", &case("packages/1/answers"), &answer);
    }

    fn draft(&self) {
        let (desk, path) = (&self.desk, |rest: &str| self.path(rest));
        desk.post("ana", &path("drafts"), &json!({"from": "report"}));
        let title = |text: &str| json!({"pointer": "/cna/title", "value": text});
        desk.post("ana", &path("fields"), &title("Zqolddraft"));
        let remark =
            json!({"pointer": "/cna/title", "comment": "Zqremark", "suggestion": "Zqsuggestion"});
        desk.post("rev", &path("comments"), &remark);
        let saved = desk.post(
            "ana",
            &path("fields"),
            &title("Zqtitle of a flaw in the agent"),
        );
        let returned = json!({"digest": saved["digest"], "comment": "Zqreturned"});
        desk.post("rev", &path("return"), &returned);
        let findings = saved["findings"].as_array().unwrap();
        let taken: serde_json::Map<_, _> = findings
            .iter()
            .filter(|one| one["severity"] == "warning")
            .map(|one| (one["code"].as_str().unwrap().to_owned(), json!("Zqtaken")))
            .collect();
        assert!(!taken.is_empty(), "a warning is needed to plant a word at");
        let approved =
            json!({"digest": saved["digest"], "comment": "Zqapproved", "acknowledged": taken});
        desk.post("rev", &path("approve"), &approved);
        let told = json!({"item": "PC-08", "note": "Zqtold"});
        desk.post("ana", &path("checklist"), &told);
    }

    fn path(&self, rest: &str) -> String {
        format!("/desk/v1/records/{}/{rest}", self.id)
    }

    fn disclose(&self) {
        self.desk.post(
            "ana",
            "/desk/v1/cases/1/embargo/lift",
            &json!({"reason": "Zqlifted"}),
        );
        self.desk.post("pub", &self.path("publish"), &json!({}));
        self.desk.wait_for(1, |view| view["state"] == "PUBLISHED");
    }

    /// Signs a person in by link, as a browser does; gives its cookie.
    fn sign_in(&self, person: &str) -> String {
        let path = format!("/desk/v1/people/{person}/invitation");
        let invitation = self.desk.post("admin", &path, &json!({}));
        let url = invitation["url"].as_str().unwrap();
        let body = format!("link={}", url.split("link=").nth(1).unwrap());
        let origin = format!("Origin: {}", self.desk.address());
        let form = "Content-Type: application/x-www-form-urlencoded";
        let answer = self.raw("POST", "/sign-in", &[&origin, form], &body);
        let cookie = answer.lines().find_map(|line| {
            let line = line.to_ascii_lowercase();
            let is_cookie = line.starts_with("set-cookie:");
            is_cookie.then(|| answer.clone())
        });
        let answer = cookie.unwrap_or_else(|| panic!("no session: {answer}"));
        let at = answer.to_ascii_lowercase().find("set-cookie:").unwrap();
        let value = answer[at + "set-cookie:".len()..].trim_start();
        value.split([';', '\r']).next().unwrap().to_owned()
    }

    /// Every byte of the answer to a request.
    fn raw(&self, method: &str, path: &str, headers: &[&str], body: &str) -> String {
        let host = self.desk.address().replace("http://", "");
        let mut stream = TcpStream::connect(&host).unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for header in headers {
            head.push_str(&format!("{header}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Walks every route there is, as everybody, as somebody in a browser who
    /// is on no case, and as a program of theirs; gives what it was told.
    fn walk(&self) -> Vec<(String, String)> {
        let cookie = format!("Cookie: {}", self.session);
        let token = format!("Authorization: Bearer {}", self.desk.token());
        let json = "Content-Type: application/json";
        let as_eve = ["Desk-As: eve", &token, json];
        let people: [&[&str]; 3] = [&[], &[&cookie], &as_eve];
        let mut told = Vec::new();
        let mut paths: Vec<(String, String)> = ["/metrics", "/robots.txt", "/nothing", "/?page=1"]
            .map(|path| ("GET".to_owned(), path.to_owned()))
            .to_vec();
        for (word, _) in PLANTED {
            paths.push(("GET".to_owned(), format!("/?q={}", &word[2..])));
        }
        for route in web::routes() {
            let filled = self.filled(route.path);
            // What names no case is only read: a stranger's writing elsewhere
            // is no matter of this case.
            let names_a_case = filled.iter().any(|path| path != route.path);
            let method = route.method.to_string();
            if method == "GET" || (names_a_case && !route.path.contains("{name}")) {
                paths.extend(filled.into_iter().map(|path| (method.clone(), path)));
            }
        }
        // The session is one, and may look at its own list.
        let desk = self.raw("GET", "/desk", &[&cookie], "");
        assert!(
            desk.starts_with("HTTP/1.1 200") && desk.contains("eve"),
            "{desk}"
        );
        for (method, path) in paths {
            for person in people {
                let body = if method == "GET" { "" } else { "{}" };
                let what = format!("{method} {path} as {}", person.first().unwrap_or(&"nobody"));
                let asked = path.split('?').next().unwrap_or_default();
                assert!(!asked.contains("zq"), "the walk itself says a word");
                told.push((what, self.raw(&method, &path, person, body)));
            }
        }
        told
    }

    /// The route with what the cases are called in the place of each name.
    fn filled(&self, path: &str) -> Vec<String> {
        let advisories = ["EXAMPLE-1900-001", "EXAMPLE-2026-001", "EXAMPLE-2026-002"];
        let mut paths = Vec::new();
        for id in ["1", "2", "99"].iter().chain(&advisories) {
            let path = path.replace("{id}", id).replace("{cve_id}", &self.id);
            let path = path
                .replace("{revision}", "newest")
                .replace("{number}", "1");
            paths.push(path.replace("{followup}", "none"));
        }
        paths.sort();
        paths.dedup();
        paths
    }

    /// Everything that left the desk, by where it was seen.
    fn told(&self) -> Vec<(String, String)> {
        let mut told = self.walk();
        for sent in self.authority.sent() {
            let body = String::from_utf8_lossy(&sent.body).into_owned();
            told.push((
                format!("sent {} {}", sent.method, sent.target),
                sent.head + &body,
            ));
        }
        files(self.folder.path(), &mut told);
        told
    }
}

/// Every file of the data folder but the database itself: logs, indexes.
fn files(folder: &Path, told: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, told);
        } else if !name.starts_with("cna.sqlite") {
            let bytes = std::fs::read(&path).unwrap();
            told.push((
                format!("file {name}"),
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
    }
}

/// Says where each of the words was told.
fn found(told: &[(String, String)], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (place, text) in told {
        let text = text.to_lowercase();
        for word in words.iter().filter(|word| text.contains(**word)) {
            found.push(format!("`{word}` at {place}"));
        }
    }
    found
}

fn words(kept: &[Kept]) -> Vec<&'static str> {
    let planted = PLANTED.iter().filter(|(_, of)| kept.contains(of));
    planted.map(|(word, _)| *word).collect()
}

#[test]
fn no_word_of_a_case_leaves_the_desk_before_its_disclosure_and_no_internal_one_after() {
    let name = "no_word_of_a_case_leaves_the_desk_before_its_disclosure";
    for engine in Engine::all(name) {
        let watched = Watched::start(&engine);
        // Whoever is on the case reads every word, so each was planted.
        let own = [
            watched.desk.get("ana", "/desk/v1/cases/1").to_string(),
            watched
                .desk
                .get("ana", "/desk/v1/cases/1/duplicates")
                .to_string(),
            watched
                .desk
                .get("ana", "/desk/v1/cases/1/embargo")
                .to_string(),
            watched
                .desk
                .get("ana", &watched.path("reviews"))
                .to_string(),
            watched
                .desk
                .get("ana", &watched.path("checklist"))
                .to_string(),
            watched
                .desk
                .get("ana", &watched.path("drafts/2"))
                .to_string(),
            watched.desk.get("ana", "/desk/v1/cases/2").to_string(),
            watched
                .desk
                .get("ana", "/desk/v1/cases/1/packages")
                .to_string(),
        ];
        let own = own.map(|text| (String::new(), text));
        for (word, _) in PLANTED.iter().filter(|(word, _)| *word != "zqlifted") {
            assert!(!found(&own, &[word]).is_empty(), "`{word}` was not planted");
        }
        let before = watched.told();
        assert!(
            before.len() > 300,
            "only {} places were looked at",
            before.len()
        );
        let leaks = found(&before, &words(&[Secret, UntilDisclosure]));
        assert!(leaks.is_empty(), "{}: {leaks:#?}", engine.name());
        watched.disclose();
        let after = watched.told();
        let leaks = found(&after, &words(&[Secret]));
        assert!(leaks.is_empty(), "{}: {leaks:#?}", engine.name());
        for word in words(&[UntilDisclosure]) {
            let places = found(&after, &[word]);
            let public = places.iter().filter(|place| place.contains("as nobody"));
            assert!(
                public.count() > 1,
                "{}: `{word}` is not public",
                engine.name()
            );
        }
    }
}

/// Asked by somebody who is on neither, a case and none are answered alike:
/// status, headers and body, but for the number asked for.
#[test]
fn a_case_one_is_not_on_and_one_that_is_missing_are_answered_alike() {
    let watched = Watched::start(&Engine::Sqlite);
    let token = format!("Authorization: Bearer {}", watched.desk.token());
    let eve = ["Desk-As: eve", &token, "Content-Type: application/json"];
    let missing = "CVE-1900-9998";
    let mut compared = 0;
    for route in web::routes() {
        let case = route.path.contains("cases/{id}");
        // That an ID is accounted for, everybody with the ledger may know.
        let ledger = route.path.starts_with("/desk/v1/ids/");
        let record = route.path.contains("{cve_id}") && route.path.starts_with("/desk") && !ledger;
        if !case && !record {
            continue;
        }
        let path = |id: &str, cve_id: &str| {
            let path = route.path.replace("{id}", id).replace("{cve_id}", cve_id);
            let path = path
                .replace("{revision}", "newest")
                .replace("{number}", "1");
            path.replace("{followup}", "none")
        };
        let method = route.method.to_string();
        let there = watched.raw(&method, &path("1", &watched.id), &eve, "{}");
        let not = watched.raw(&method, &path("99", missing), &eve, "{}");
        let plain = |text: String| {
            let text = text.replace(&watched.id, "ID").replace(missing, "ID");
            let text = text.replace("ase 99", "ase N").replace("ase 1", "ase N");
            let lines = text.lines().filter(|line| {
                let line = line.to_ascii_lowercase();
                !line.starts_with("date:") && !line.starts_with("content-length:")
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(plain(there), plain(not), "{method} {}", route.path);
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}
