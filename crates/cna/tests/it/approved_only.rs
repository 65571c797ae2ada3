//! Nothing is sent that was not approved: whatever people do in whatever
//! order, each record that arrives at the authority is, byte for byte, the
//! container of the revision that was approved when its publication was
//! asked for, and its advisory answers in public before it arrives.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use client::Method;
use serde_json::{Value, json};

use crate::desk_process::DeskProcess;
use crate::practice_authority::{PracticeAuthority, YEAR};
use crate::story::{Dice, variable};
use crate::team::Engine;

/// Steps of one sequence.
const STEPS: usize = 60;

/// Cases of one sequence.
const CASES: usize = 3;

/// What is known of a record, from what the desk answered.
#[derive(Default)]
struct Known {
    /// The newest revision: its digest and its container.
    newest: Option<(String, Value)>,
    /// The digest whose last verdict is an approval.
    approved: Option<String>,
    /// The containers whose publication was begun, in order.
    ordered: Vec<Value>,
}

struct Sequence {
    authority: PracticeAuthority,
    desk: DeskProcess,
    dice: Dice,
    records: BTreeMap<String, Known>,
    log: Vec<String>,
    _folder: tempfile::TempDir,
    _schema: Option<store::testing::TestStore>,
}

impl Sequence {
    fn start(engine: &Engine, seed: u64) -> Sequence {
        let authority = PracticeAuthority::start(&[]);
        let folder = tempfile::tempdir().unwrap();
        let (database, schema) = engine.database();
        let desk = DeskProcess::start(folder.path(), &database, None);
        authority.watch(&desk.address());
        desk.set_up(&authority);
        let mut records = BTreeMap::new();
        for case in 1..=CASES {
            desk.decide_another();
            let path = format!("/desk/v1/cases/{case}/assign");
            desk.post("ana", &path, &json!({"year": YEAR.to_string()}));
            let view = desk.wait_for(case as i64, |view| {
                view["records"].as_array().is_some_and(|r| !r.is_empty())
            });
            let id = view["records"][0]["cve_id"].as_str().unwrap().to_owned();
            records.insert(id, Known::default());
        }
        Sequence {
            authority,
            desk,
            dice: Dice(seed),
            records,
            log: Vec::new(),
            _folder: folder,
            _schema: schema,
        }
    }

    fn run(&mut self) {
        let ids: Vec<String> = self.records.keys().cloned().collect();
        for _ in 0..STEPS {
            let id = &ids[self.dice.roll(ids.len() as u64) as usize];
            self.step(id);
            self.check();
        }
    }

    fn ask(&mut self, person: &str, id: &str, rest: &str, body: &Value) -> Option<Value> {
        let path = format!("/desk/v1/records/{id}/{rest}");
        let (status, text) = self.desk.answer(Method::Post, person, &path, Some(body));
        self.log.push(format!("{person}: {rest} of {id}: {status}"));
        assert!(status < 500, "{path}: {text}");
        (status < 300).then(|| serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    fn step(&mut self, id: &str) {
        let people = ["ana", "ana", "rev", "pub"];
        let who = people[self.dice.roll(4) as usize];
        match self.dice.roll(10) {
            0..3 => self.edit(id, who),
            3..6 => self.approve(id),
            6 => self.give_back(id),
            _ => self.publish(id),
        }
    }

    fn edit(&mut self, id: &str, who: &str) {
        let saved = if self.records[id].newest.is_none() {
            self.ask(who, id, "drafts", &json!({"from": "report"}))
        } else {
            // Few titles, so that texts come back; nothing is a finding.
            let titles = ["First title", "Second title", "Third title", ""];
            let title = titles[self.dice.roll(4) as usize];
            let field = json!({"pointer": "/cna/title", "value": title});
            self.ask(who, id, "fields", &field)
        };
        if saved.is_none() {
            return;
        }
        let path = format!("/desk/v1/records/{id}/drafts/newest");
        let draft = self.desk.get("ana", &path);
        let digest = draft["digest"].as_str().unwrap().to_owned();
        let known = self.records.get_mut(id).unwrap();
        known.newest = Some((digest, draft["document"]["cna"].clone()));
    }

    fn approve(&mut self, id: &str) {
        let Some((digest, _)) = self.records[id].newest.clone() else {
            return;
        };
        let path = format!("/desk/v1/records/{id}/drafts/newest");
        let draft = self.desk.get("rev", &path);
        let findings = draft["findings"].as_array().unwrap();
        let taken: serde_json::Map<_, _> = findings
            .iter()
            .filter(|one| one["severity"] == "warning")
            .map(|one| (one["code"].as_str().unwrap().to_owned(), json!("known")))
            .collect();
        let body = json!({"digest": digest, "acknowledged": taken});
        if self.ask("rev", id, "approve", &body).is_some() {
            self.records.get_mut(id).unwrap().approved = Some(digest);
            let told = json!({"item": "PC-08", "note": "told by mail"});
            self.ask("ana", id, "checklist", &told);
        }
    }

    fn give_back(&mut self, id: &str) {
        let Some((digest, _)) = self.records[id].newest.clone() else {
            return;
        };
        let body = json!({"digest": digest, "comment": "no"});
        if self.ask("rev", id, "return", &body).is_some() {
            let known = self.records.get_mut(id).unwrap();
            if known.approved.as_ref() == Some(&digest) {
                known.approved = None;
            }
        }
    }

    fn publish(&mut self, id: &str) {
        let begun = self.ask("pub", id, "publish", &json!({}));
        let Some(begun) = begun else { return };
        let known = self.records.get_mut(id).unwrap();
        let (digest, container) = known.newest.clone().unwrap();
        assert_eq!(known.approved, Some(digest), "published without approval");
        known.ordered.push(container);
        // The next step may come while the record is on its way, or later.
        if self.dice.roll(3) > 0 {
            let case = begun["case"].as_i64().unwrap();
            let followup = begun["followup"].clone();
            self.desk.wait_for(case, |view| {
                let all = view["followups"].as_array().unwrap();
                all.iter()
                    .any(|row| row["id"] == followup && row["state"] == "done")
            });
        }
    }

    /// What has arrived was ordered, and its advisory answered.
    fn check(&self) -> usize {
        let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
        let sent = self.authority.sent();
        let records: Vec<_> = sent
            .iter()
            .filter(|sent| sent.record_id().is_some())
            .collect();
        for sent in &records {
            let id = sent.record_id().unwrap();
            assert_eq!(
                sent.portal_status,
                Some(200),
                "{id} came before its advisory"
            );
            let ordered = &self.records[id].ordered;
            let place = arrived.entry(id.to_owned()).or_default();
            // An order whose text is live already sends nothing.
            let body = String::from_utf8_lossy(&sent.body);
            let found = ordered[*place..]
                .iter()
                .position(|container| json!({"cnaContainer": container}).to_string() == body);
            let found = found.unwrap_or_else(|| panic!("{id}: {body} was never approved"));
            *place += found + 1;
        }
        records.len()
    }

    /// Waits until nothing is on its way; gives how many records arrived.
    fn end(&self) -> usize {
        let start = Instant::now();
        loop {
            let open = self.desk.get("ana", "/desk/v1/followups");
            if open["followups"] == json!([]) {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{open:#}");
            std::thread::sleep(Duration::from_millis(20));
        }
        for (id, known) in &self.records {
            let Some(last) = known.ordered.last() else {
                assert!(self.authority.has_no_record(id));
                continue;
            };
            let live = self.authority.record(id);
            let differs = cve::compare::changes(&live["containers"]["cna"], last);
            assert!(differs.is_empty(), "{id}: {differs:?}");
        }
        self.check()
    }
}

impl Drop for Sequence {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log.join("\n"));
        }
    }
}

#[test]
fn every_record_that_arrives_is_byte_for_byte_what_was_approved() {
    let seeds = match (variable("CNA_SEED"), variable("CNA_LONG")) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(_)) => 1..41,
        (None, None) => 1..4,
    };
    for engine in Engine::all("every_record_that_arrives_is_byte_for_byte_what_was_approved") {
        let mut arrived = 0;
        // Round trips make a sequence slow there.
        let many = match engine {
            Engine::Postgres(_) if variable("CNA_LONG").is_none() => 1,
            _ => seeds.end - seeds.start,
        };
        for seed in (seeds.start..).take(many as usize) {
            eprintln!("CNA_SEED={seed} on {}", engine.name());
            let mut sequence = Sequence::start(&engine, seed);
            sequence.run();
            arrived += sequence.end();
        }
        // A generator that never gets far proves nothing.
        assert!(
            arrived > 2,
            "{}: only {arrived} records arrived",
            engine.name()
        );
    }
}
