//! CVE Services and what lies in between do every wrong thing there is, while
//! an ID is reserved, a record published and then updated. Whatever happens,
//! in the end ledger, desk and authority agree, and no edit of anyone is lost.
//!
//! A fault is a row of the table. Each row is met at all three stages; on
//! SQLite all of them, on PostgreSQL a few, and all with `CNA_LONG=1`.
//!
//! One edit nobody can save: CVE Services replaces a record without a
//! condition, so what a colleague writes in the moment between our last look
//! and our update is replaced. That moment holds no work of ours; what was
//! written before it stops the update, and what an ADP writes in it survives.

use serde_json::{Value, json};
use std::time::Duration;

use crate::desk_process::{DeskProcess, SERVER_LIMIT_MS};
use crate::practice_authority::{Mischief, PracticeAuthority};
use crate::story::variable;
use crate::team::Engine;

/// Longer than the server may take for a request.
const LATE: Mischief = Mischief::Late(Duration::from_millis(SERVER_LIMIT_MS * 3 / 2));

const FINE: Mischief = Mischief::None;

/// What goes wrong at a stage.
#[derive(Debug, Clone, Copy)]
struct Fault {
    what: &'static str,
    /// With the requests that change something, in order.
    changes: &'static [Mischief],
    /// With the requests that only look, in order. At each stage the first
    /// looks what is there, and the second whether it was done.
    looks: &'static [Mischief],
}

const FAULTS: &[Fault] = &[
    changing(
        "the work is not done, and 502 answered",
        &[Mischief::Refuses],
    ),
    changing("the work is done, and 502 answered", &[Mischief::Error]),
    changing("the answer comes after everybody's patience", &[LATE]),
    changing(
        "the work is done, and the connection closed",
        &[Mischief::Silent],
    ),
    changing(
        "the answer breaks off in the middle",
        &[Mischief::BrokenOff],
    ),
    changing("JSON of another shape is answered", &[Mischief::OtherShape]),
    looking(
        "the first look is answered in another shape",
        &[Mischief::OtherShape],
    ),
    looking(
        "the second look is answered in another shape",
        &[FINE, Mischief::OtherShape],
    ),
    changing("a page for people is answered with 200", &[Mischief::Page]),
    changing("half a document is answered", &[Mischief::Half]),
    changing("another ID is answered", &[Mischief::WrongId]),
    changing("206 is answered", &[Mischief::Partial]),
    changing("later, says 429", &[Mischief::Busy]),
    changing(
        "502 before and after the work",
        &[Mischief::Refuses, Mischief::Error],
    ),
    changing(
        "it fails three times",
        &[Mischief::Refuses, Mischief::Busy, Mischief::Refuses],
    ),
    looking("the first look is answered with a page", &[Mischief::Page]),
    looking("the first look is answered by half", &[Mischief::Half]),
    looking("the first look is answered with 502", &[Mischief::Error]),
    looking("the first look is not answered", &[Mischief::Silent]),
    looking("the first look is told later", &[Mischief::Busy]),
    looking(
        "the second look is answered with a page",
        &[FINE, Mischief::Page],
    ),
    looking(
        "the second look is answered by half",
        &[FINE, Mischief::Half],
    ),
    looking(
        "the second look is answered with 502",
        &[FINE, Mischief::Error],
    ),
    looking("the second look is answered late", &[FINE, LATE]),
    looking("the second look is not answered", &[FINE, Mischief::Silent]),
    looking(
        "the second look is answered about another ID",
        &[FINE, Mischief::WrongId],
    ),
    Fault {
        what: "the answer is lost, and so is the look after it",
        changes: &[Mischief::Silent],
        looks: &[FINE, Mischief::Page],
    },
];

const fn changing(what: &'static str, changes: &'static [Mischief]) -> Fault {
    Fault {
        what,
        changes,
        looks: &[],
    }
}

const fn looking(what: &'static str, looks: &'static [Mischief]) -> Fault {
    Fault {
        what,
        changes: &[],
        looks,
    }
}

/// A case on its way through the three stages.
struct Job {
    authority: PracticeAuthority,
    desk: DeskProcess,
    case: i64,
    id: String,
    what: String,
    _folder: tempfile::TempDir,
    _schema: Option<store::testing::TestStore>,
}

impl Job {
    fn start(engine: &Engine, what: &str) -> Job {
        let authority = PracticeAuthority::start(&[]);
        let folder = tempfile::tempdir().unwrap();
        let (database, schema) = engine.database();
        let desk = DeskProcess::start(folder.path(), &database, None);
        let case = desk.decided_case(&authority);
        Job {
            authority,
            desk,
            case,
            id: String::new(),
            what: format!("{what}, on {}", engine.name()),
            _folder: folder,
            _schema: schema,
        }
    }

    fn meets(&self, fault: Fault) {
        self.authority.plan(fault.changes);
        self.authority.plan_reads(fault.looks);
    }

    fn reserve(&mut self) {
        self.desk.assign(self.case);
        let view = self.desk.wait_for(self.case, |view| {
            view["records"].as_array().is_some_and(|r| !r.is_empty())
        });
        self.id = view["records"][0]["cve_id"].as_str().unwrap().to_owned();
        self.settled("reserve");
    }

    fn publish(&self) {
        self.desk.publish(self.case);
        self.desk
            .wait_for(self.case, |view| view["state"] == "PUBLISHED");
        self.settled("publish");
    }

    fn path(&self, rest: &str) -> String {
        format!("/desk/v1/records/{}/{rest}", self.id)
    }

    /// What a colleague and an ADP add to the live record, each with a tool
    /// of its own.
    fn others_add(&self) {
        let mut container = self.live()["containers"]["cna"].clone();
        let references = container["references"].as_array_mut().unwrap();
        references.push(json!({"url": "https://example.org/seen-by-a-colleague"}));
        self.authority.update(&self.id, &container);
        self.authority.add_adp(&self.id);
    }

    /// Merges what is live, gives it this title, and has that approved.
    fn approve_update(&self, title: &str) {
        self.desk
            .post("ana", &self.path("merge"), &json!({"take": "ours"}));
        self.approve_title(title);
    }

    fn approve_title(&self, title: &str) {
        let field = json!({"pointer": "/cna/title", "value": title});
        let saved = self.desk.post("ana", &self.path("fields"), &field);
        let findings = saved["findings"].as_array().unwrap();
        let warnings = findings.iter().filter(|one| one["severity"] == "warning");
        let taken: serde_json::Map<_, _> = warnings
            .map(|one| (one["code"].as_str().unwrap().to_owned(), json!("known")))
            .collect();
        let digest = json!({"digest": saved["digest"], "acknowledged": taken});
        self.desk.post("rev", &self.path("approve"), &digest);
        let told = json!({"item": "PC-08", "note": "told by mail"});
        self.desk.post("ana", &self.path("checklist"), &told);
    }

    fn update(&self) {
        let begun = self.desk.post("pub", &self.path("publish"), &json!({}));
        self.desk.wait_for(self.case, |view| {
            let all = view["followups"].as_array().unwrap();
            all.iter()
                .any(|row| row["id"] == begun["followup"] && row["state"] == "done")
        });
        self.settled("update");
    }

    fn live(&self) -> Value {
        self.authority.record(&self.id)
    }

    /// Ledger and authority agree, nothing is left to do, and the fault was met.
    fn settled(&self, stage: &str) {
        let what = format!("{stage}: {}", self.what);
        assert!(
            self.authority.plan_is_done(),
            "{what}: the fault was not met"
        );
        let sync = self.desk.get("ana", "/desk/v1/ids/sync");
        assert_eq!(sync["accounts"][0]["differences"], json!([]), "{what}");
        assert_eq!(sync["accounts"][0]["at_service"], 1, "{what}");
        let open = self.desk.get("ana", "/desk/v1/followups");
        assert_eq!(open["followups"], json!([]), "{what}");
    }

    /// What is live is what was approved, with what others added.
    fn prove(&self, title: &str) {
        let live = self.live();
        let draft = self.desk.get("ana", &self.path("drafts/newest"));
        let approved = &draft["document"]["cna"];
        let container = &live["containers"]["cna"];
        let differs = cve::compare::changes(container, approved);
        assert!(differs.is_empty(), "{}: {differs:?}", self.what);
        assert_eq!(container["title"], title, "{}", self.what);
        let seen = container["references"].to_string();
        assert!(
            seen.contains("seen-by-a-colleague"),
            "{}: {seen}",
            self.what
        );
        let enriched = live["containers"]["adp"].to_string();
        assert!(
            enriched.contains("adp.example.org/enriched"),
            "{}: {enriched}",
            self.what
        );
    }
}

/// Meets the fault at every stage.
fn meet(fault: Fault, engine: &Engine) {
    let mut job = Job::start(engine, fault.what);
    job.meets(fault);
    job.reserve();
    job.meets(fault);
    job.publish();
    job.others_add();
    job.approve_update("A clearer title");
    job.meets(fault);
    job.update();
    job.prove("A clearer title");
}

/// Rows `part`, `part` + 4 and so on: four tests share the waiting.
fn quarter(part: usize, test: &str) {
    let long = variable("CNA_LONG").is_some();
    for engine in Engine::all(test) {
        let few = matches!(engine, Engine::Postgres(_)) && !long;
        for (index, fault) in FAULTS.iter().enumerate().skip(part).step_by(4) {
            if !few || index / 4 == part {
                meet(*fault, &engine);
            }
        }
    }
}

#[test]
fn every_first_fault_in_four_ends_with_desk_and_authority_equal() {
    quarter(
        0,
        "every_first_fault_in_four_ends_with_desk_and_authority_equal",
    );
}

#[test]
fn every_second_fault_in_four_ends_with_desk_and_authority_equal() {
    quarter(
        1,
        "every_second_fault_in_four_ends_with_desk_and_authority_equal",
    );
}

#[test]
fn every_third_fault_in_four_ends_with_desk_and_authority_equal() {
    quarter(
        2,
        "every_third_fault_in_four_ends_with_desk_and_authority_equal",
    );
}

#[test]
fn every_fourth_fault_in_four_ends_with_desk_and_authority_equal() {
    quarter(
        3,
        "every_fourth_fault_in_four_ends_with_desk_and_authority_equal",
    );
}

#[test]
fn a_record_delivered_twice_is_one_record() {
    for engine in Engine::all("a_record_delivered_twice_is_one_record") {
        let fault = changing("delivered twice", &[Mischief::Twice]);
        let mut job = Job::start(&engine, fault.what);
        job.reserve();
        job.meets(fault);
        job.publish();
        job.others_add();
        job.approve_update("A clearer title");
        job.meets(fault);
        job.update();
        job.prove("A clearer title");
    }
}

#[test]
fn an_id_that_a_proxy_reserved_twice_is_found_by_the_comparison_and_taken_into_the_pool() {
    for engine in Engine::all("an_id_that_a_proxy_reserved_twice_is_found") {
        let job = Job::start(&engine, "reserved twice");
        job.authority.plan(&[Mischief::Twice]);
        job.desk.assign(job.case);
        let view = job.desk.wait_for(job.case, |view| {
            view["records"].as_array().is_some_and(|r| !r.is_empty())
        });
        let ours = view["records"][0]["cve_id"].as_str().unwrap().to_owned();
        let both: Vec<_> = job
            .authority
            .ids()
            .iter()
            .map(|row| row.id.to_string())
            .collect();
        assert_eq!(both.len(), 2, "{both:?}");
        let stray = both.iter().find(|id| **id != ours).unwrap();
        let sync = job.desk.get("ana", "/desk/v1/ids/sync");
        let differences = sync["accounts"][0]["differences"].as_array().unwrap();
        assert_eq!(differences.len(), 1, "{sync}");
        assert_eq!(differences[0]["cve_id"], json!(stray));
        assert_eq!(differences[0]["kind"], "only_at_service");
        let rows = job.authority.ids();
        let found = rows
            .iter()
            .find(|row| row.id.to_string() == *stray)
            .unwrap();
        let reserved_at = found.reserved.to_string();
        let row = json!({"row": 1, "cve_id": stray, "state": "POOL", "reserved_at": reserved_at});
        let report = job
            .desk
            .post("admin", "/desk/v1/ids/import", &json!({"rows": [row]}));
        assert_eq!(report["added"], json!([stray]), "{report}");
        let sync = job.desk.get("ana", "/desk/v1/ids/sync");
        assert_eq!(sync["accounts"][0]["differences"], json!([]));
    }
}

#[test]
fn a_reservation_of_several_that_gets_fewer_keeps_those_and_asks_for_the_rest() {
    for engine in
        Engine::all("a_reservation_of_several_that_gets_fewer_keeps_those_and_asks_for_the_rest")
    {
        let job = Job::start(&engine, "fewer than asked for");
        job.authority.plan(&[Mischief::Partial]);
        let order = json!({"amount": 5, "year": crate::practice_authority::YEAR.to_string()});
        job.desk.post("admin", "/desk/v1/ids/reservations", &order);
        let start = std::time::Instant::now();
        loop {
            let open = job.desk.get("admin", "/desk/v1/followups");
            if open["followups"] == json!([]) {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{open}");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(job.authority.ids().len(), 5);
        let sync = job.desk.get("ana", "/desk/v1/ids/sync");
        assert_eq!(sync["accounts"][0]["differences"], json!([]), "{sync}");
        assert_eq!(sync["accounts"][0]["in_ledger"], 5, "{sync}");
    }
}

/// The newest follow-up of the case, once it waits for a person.
fn held(job: &Job) -> Value {
    let view = job.desk.wait_for(job.case, |view| {
        let all = view["followups"].as_array().unwrap();
        all.iter().any(|row| row["state"] == "held")
    });
    let all = view["followups"].as_array().unwrap();
    all.iter()
        .find(|row| row["state"] == "held")
        .unwrap()
        .clone()
}

#[test]
fn a_record_a_colleague_published_between_our_look_and_our_sending_is_not_replaced() {
    for engine in Engine::all("a_record_a_colleague_published_between_our_look_and_our_sending") {
        let mut job = Job::start(&engine, "a colleague was first");
        job.reserve();
        job.authority.plan(&[Mischief::ColleagueFirst]);
        job.desk.publish(job.case);
        let held = held(&job);
        let said = held["last_answer"].as_str().unwrap();
        assert!(said.contains("cna draft merge"), "{said}");
        let theirs = "What a colleague published first";
        assert_eq!(job.live()["containers"]["cna"]["title"], theirs);
        // Once what is live is what was approved, looking again is enough.
        let draft = job.desk.get("ana", &job.path("drafts/newest"));
        job.authority.update(&job.id, &draft["document"]["cna"]);
        let retry = format!("/desk/v1/followups/{}/retry", held["id"].as_str().unwrap());
        job.desk.post("pub", &retry, &json!({}));
        job.desk
            .wait_for(job.case, |view| view["state"] == "PUBLISHED");
        job.settled("publish");
    }
}

#[test]
fn what_a_colleague_wrote_after_the_approval_stops_the_update_and_is_merged() {
    for engine in Engine::all("what_a_colleague_wrote_after_the_approval_stops_the_update") {
        let mut job = Job::start(&engine, "a colleague wrote after the approval");
        job.reserve();
        job.publish();
        job.approve_title("A clearer title");
        let before = job.authority.sent().len();
        job.others_add();
        let begun = job.desk.answer(
            client::Method::Post,
            "pub",
            &job.path("publish"),
            Some(&json!({})),
        );
        // Either the plan sees it or the runner does; nothing is sent.
        if begun.0 < 300 {
            let held = held(&job);
            let path = format!("/desk/v1/followups/{}/cancel", held["id"].as_str().unwrap());
            job.desk.post("pub", &path, &json!({"reason": "merged"}));
        }
        let sent = &job.authority.sent()[before..];
        assert!(
            sent.iter().all(|sent| sent.record_id().is_none()),
            "{sent:?}"
        );
        job.approve_update("The clearest title");
        job.update();
        job.prove("The clearest title");
    }
}

#[test]
fn what_an_adp_adds_between_our_look_and_our_update_survives() {
    for engine in Engine::all("what_an_adp_adds_between_our_look_and_our_update_survives") {
        let mut job = Job::start(&engine, "an ADP writes meanwhile");
        job.reserve();
        job.publish();
        job.approve_title("A clearer title");
        job.authority.plan(&[Mischief::AdpFirst]);
        job.update();
        let live = job.live();
        assert_eq!(live["containers"]["cna"]["title"], "A clearer title");
        let enriched = live["containers"]["adp"].to_string();
        assert!(enriched.contains("adp.example.org/enriched"), "{enriched}");
    }
}
