//! A desk with its people, and cases in the states the tests start from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use casework::clocks::{EventKind, Happening};
use casework::{
    Actor, Assignment, CaseDecision, CaseId, CaseState, Desk, Error, GivenAnswer, MasterKey,
    Organisation, Pace, Product, Refusal, Report, Revision, Role, Settings,
};
use cve::id::{CveId, Year};
use cve::time::Timestamp;
use cve::world::World;
use serde_json::{Value, json};
use store::testing::{TestStore, engines};
use store::{AnswerRow, DatabaseUrl, LedgerRow, Store};

/// IDs of this year are examples by rule.
pub(crate) const YEAR: u16 = 1900;

pub(crate) const ACCOUNT: &str = "practice";
pub(crate) const API_KEY: &str = "key-of-the-practice-account";

/// A portal that does not answer.
pub(crate) const NO_PORTAL: &str = "http://127.0.0.1:9";

const REPORT: &str = include_str!("../../../../fixtures/reports/node-agent-symlink.md");

/// A clock that stands still until a test moves it.
#[derive(Clone)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn stopped() -> Clock {
        Clock(Arc::new(AtomicI64::new(1_793_700_000_000)))
    }

    pub(crate) fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// A world of this clock and of counted "randomness".
    pub(crate) fn world(&self) -> World {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let now = self.0.clone();
        World::new(
            move || Timestamp::from_unix_ms(now.load(Ordering::SeqCst)).unwrap(),
            |bytes| {
                let next = NEXT.fetch_add(1, Ordering::Relaxed);
                let digest = cve::hash::Digest::of(&next.to_be_bytes());
                for (byte, random) in bytes.iter_mut().zip(digest.as_bytes().iter().cycle()) {
                    *byte = *random;
                }
            },
        )
    }
}

/// One desk and its people. When a test ends well, the audit chain must
/// verify and every case must be in the state its facts give.
pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) clock: Clock,
    pub(crate) engine: &'static str,
    pub(crate) url: DatabaseUrl,
    ids: AtomicU64,
    _test: TestStore,
}

/// Runs `claim` in a fresh office on every engine there is.
pub(crate) fn on_each_engine(test: &str, claim: impl Fn(&Office)) {
    for store in engines(test) {
        claim(&Office::open(store, NO_PORTAL));
    }
}

impl Office {
    /// An office with an administrator, two analysts, two reviewers and one
    /// each of the others.
    pub(crate) fn open(test: TestStore, portal_url: &str) -> Office {
        let office = Office::on(test, portal_url);
        office.desk.first_run("admin").unwrap().unwrap();
        for (name, role) in [
            ("tri", Role::Triager),
            ("ana", Role::Analyst),
            ("ben", Role::Analyst),
            ("rev", Role::Reviewer),
            ("ros", Role::Reviewer),
            ("pub", Role::Publisher),
            ("oan", Role::Oa),
            ("aud", Role::Auditor),
        ] {
            office.hire(name, &[role]);
        }
        let admin = office.actor("admin");
        let organisation = Organisation {
            short_name: "example".parse().unwrap(),
            name: "Example".into(),
            account: ACCOUNT.into(),
        };
        office.desk.set_organisation(&admin, &organisation).unwrap();
        office
            .desk
            .put_product(&admin, &product("node-agent"))
            .unwrap();
        office
    }

    /// The office that `template` holds, at which nobody works meanwhile.
    pub(crate) fn copied(template: &Office, portal_url: &str) -> Office {
        let clock = Clock::stopped();
        let test = store::testing::sqlite_copy(&template._test, clock.world());
        let desk = desk_on(test.store.clone(), &clock, portal_url);
        Office::of(desk, test, clock)
    }

    /// A desk nobody has started yet.
    pub(crate) fn empty(test: TestStore) -> Office {
        Office::on(test, NO_PORTAL)
    }

    fn on(test: TestStore, portal_url: &str) -> Office {
        test.store.close();
        let clock = Clock::stopped();
        Office::of(open_desk(&test.url, &clock, portal_url), test, clock)
    }

    fn of(desk: Desk, test: TestStore, clock: Clock) -> Office {
        Office {
            desk,
            clock,
            engine: test.engine,
            url: test.url.clone(),
            ids: AtomicU64::new(1),
            _test: test,
        }
    }

    /// A second process on the same database.
    pub(crate) fn second_desk(&self) -> Desk {
        open_desk(&self.url, &self.clock, self.desk.portal_url())
    }

    pub(crate) fn hire(&self, name: &str, roles: &[Role]) -> Actor {
        let admin = self.actor("admin");
        self.desk.add_person(&admin, name, "", roles).unwrap();
        self.actor(name)
    }

    pub(crate) fn actor(&self, name: &str) -> Actor {
        self.desk.actor_in_folder(Some(name)).unwrap()
    }

    /// Puts somebody on a case, as no role does by itself.
    pub(crate) fn put_on(&self, case: CaseId, person: &Actor) {
        let person = person.id().to_owned();
        self.write(move |tx| tx.add_member(case.number(), &person));
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut store::Tx<'_>) -> Result<T, store::Error> + Send + 'static,
    ) -> T {
        self.desk.store().write(move |tx| work(tx)).unwrap()
    }

    /// Puts one more ID into the pool, as if it had been reserved.
    pub(crate) fn fill_pool(&self) -> CveId {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let id = CveId::new(year(), number).unwrap();
        self.write(move |tx| {
            let now = tx.now();
            tx.insert_ledger_line(&LedgerRow {
                id,
                state: "POOL".into(),
                account: ACCOUNT.into(),
                case_id: None,
                title: String::new(),
                reserved_at: now,
                reserved_by: "desk@example.org".into(),
                assigned_at: None,
                approved_digest: String::new(),
                approved_by: String::new(),
                approved_at: None,
                advisory: String::new(),
                disclosed_at: None,
                published_at: None,
                modified: now,
            })
        });
        id
    }

    /// A case nobody took.
    pub(crate) fn received(&self) -> CaseId {
        self.desk.receive(&self.actor("tri"), &report()).unwrap()
    }

    /// A case in triage.
    pub(crate) fn in_triage(&self) -> CaseId {
        let case = self.received();
        self.desk.take(&self.actor("tri"), case).unwrap();
        case
    }

    /// A case that waits for an ID. All answers but the last are written as
    /// the desk writes them, in one unit of work, because the way there is not
    /// what is looked at.
    pub(crate) fn determined(&self) -> CaseId {
        let case = self.in_triage();
        let ana = self.actor("ana");
        let answers = assigning_answers();
        let (last, others) = answers.split_last().unwrap();
        let (others, by) = (others.to_vec(), ana.id().to_owned());
        self.write(move |tx| {
            for (index, (node, given)) in others.iter().enumerate() {
                let answer = AnswerRow {
                    number: index as i64 + 1,
                    node: (*node).into(),
                    value: given.value.clone(),
                    reason: given.reason.clone(),
                    ruleset: casework::RULESET.into(),
                    rules: Vec::new(),
                    answered_by: by.clone(),
                    answered_at: tx.now(),
                    supersedes: 0,
                    about: 0,
                    about_other: 0,
                    evidence: Vec::new(),
                    names: Vec::new(),
                    overriding: String::new(),
                    exception: String::new(),
                    trained: true,
                };
                tx.insert_answer(case.number(), &answer)?;
            }
            Ok(())
        });
        self.desk.answer(&ana, case, last.0, &last.1).unwrap();
        assert_eq!(self.state(case), CaseState::Determined);
        case
    }

    /// A case with an ID.
    pub(crate) fn assigned(&self) -> (CaseId, CveId) {
        let case = self.determined();
        self.fill_pool();
        let ana = self.actor("ana");
        match self.desk.assign(&ana, case, Some(year())).unwrap() {
            Assignment::Assigned { cve_id, .. } => (case, cve_id),
            Assignment::Reserving { .. } => panic!("the pool holds an ID"),
        }
    }

    /// A case with a draft by `ana`.
    pub(crate) fn drafted(&self) -> (CaseId, CveId, Revision) {
        let (case, id) = self.assigned();
        let draft = self.desk.draft_from_report(&self.actor("ana"), id).unwrap();
        (case, id, draft)
    }

    /// A case whose draft, by `ana`, is approved, by `rev`.
    pub(crate) fn ready(&self) -> (CaseId, CveId, Revision) {
        let (case, id, draft) = self.drafted();
        self.approve("rev", id, &draft).unwrap();
        self.tell_reporter(id);
        (case, id, draft)
    }

    /// Ticks that the reporter was told, without which nothing is published.
    pub(crate) fn tell_reporter(&self, id: CveId) {
        self.tell_reporter_as(&self.actor("ana"), id);
    }

    pub(crate) fn tell_reporter_as(&self, actor: &Actor, id: CveId) {
        let note = "told by mail, with the date";
        self.desk.tick(actor, id, "PC-08", "done", note).unwrap();
    }

    pub(crate) fn approve(
        &self,
        name: &str,
        id: CveId,
        revision: &Revision,
    ) -> Result<CaseState, Error> {
        self.desk
            .approve(&self.actor(name), id, revision.digest, "", &taken())
    }

    /// Saves the newest document with another title, as `name`.
    pub(crate) fn retitle(&self, name: &str, case: CaseId, id: CveId, title: &str) -> Revision {
        let mut document = self.document(case);
        document["cna"]["title"] = json!(title);
        self.save(name, id, &document)
    }

    pub(crate) fn save(&self, name: &str, id: CveId, document: &Value) -> Revision {
        self.desk
            .save_draft(&self.actor(name), id, document, None)
            .unwrap()
    }

    /// The newest revision's document.
    pub(crate) fn document(&self, case: CaseId) -> Value {
        let view = self.desk.case(&self.actor("ana"), case).unwrap();
        view.records[0].draft.as_ref().unwrap().document.clone()
    }

    /// Answers a question about the whole report, as `ana`.
    pub(crate) fn answer(&self, case: CaseId, node: &str, value: &str) -> CaseDecision {
        let ana = self.actor("ana");
        self.desk.answer(&ana, case, node, &given(value)).unwrap()
    }

    /// Records that something happened to a case, just now.
    pub(crate) fn happened(&self, name: &str, case: CaseId, kind: EventKind) {
        let happening = happening(kind);
        let actor = self.actor(name);
        self.desk
            .record_event(&actor, Some(case), &happening)
            .unwrap();
    }

    pub(crate) fn state(&self, case: CaseId) -> CaseState {
        let row = self.desk.store().read(|reader| reader.case(case.number()));
        row.unwrap().unwrap().state.parse().unwrap()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let verdict = self.desk.store().read(|reader| reader.verify_audit());
        assert_eq!(verdict.unwrap().broken, None, "{}", self.engine);
        assert_eq!(self.desk.check_states().unwrap(), [], "{}", self.engine);
    }
}

fn open_desk(url: &DatabaseUrl, clock: &Clock, portal_url: &str) -> Desk {
    let store = Store::open(url.clone(), clock.world()).unwrap();
    desk_on(store, clock, portal_url)
}

fn desk_on(store: Store, clock: &Clock, portal_url: &str) -> Desk {
    let request = client::Request::new(client::Settings {
        addresses: client::Addresses::Any,
        total_timeout_ms: 5_000,
        ..client::Settings::default()
    });
    let settings = Settings {
        portal_url: portal_url.to_owned(),
        master_key: MasterKey::new([7; 32]),
        request: Arc::new(request.unwrap()),
        pace: Pace {
            lease_ms: 60_000,
            server_limit_ms: 0,
            first_wait_ms: 0,
            longest_wait_ms: 0,
        },
    };
    Desk::new(store, clock.world(), settings)
}

pub(crate) fn year() -> Year {
    Year::new(YEAR).unwrap()
}

/// The example report, which answers the whole tree with `O-ASSIGN`.
pub(crate) fn report() -> Report {
    Report::parse(REPORT).unwrap()
}

/// Its answers, in the order of the tree.
pub(crate) fn assigning_answers() -> Vec<(&'static str, GivenAnswer)> {
    let answers = report().answers;
    casework::nodes()
        .iter()
        .filter_map(|node| Some((node.id, answers.get(node.id)?.clone())))
        .collect()
}

/// Something that happened just now, to nothing in particular.
pub(crate) fn happening(kind: EventKind) -> Happening {
    Happening {
        kind,
        at: None,
        subject: String::new(),
        date: None,
        severity: None,
        note: String::new(),
    }
}

pub(crate) fn given(value: &str) -> GivenAnswer {
    GivenAnswer {
        value: value.into(),
        reason: String::new(),
    }
}

pub(crate) fn product(name: &str) -> Product {
    Product {
        name: name.into(),
        vendor: "Example".into(),
        product: name.into(),
        repository: String::new(),
        version_type: "semver".into(),
    }
}

/// The refusal a call ended with.
pub(crate) fn refused<T>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => panic!("expected a refusal, found the failure: {error}"),
        Ok(_) => panic!("expected a refusal, and it was done"),
    }
}

/// The refusal's word for programs.
pub(crate) fn refusal_code<T>(result: Result<T, Error>) -> &'static str {
    refused(result).code()
}

/// A reason for every warning there is.
pub(crate) fn taken() -> casework::Acknowledged {
    let codes = cve::lint::rules().iter().map(|rule| rule.code.to_owned());
    codes.map(|code| (code, "known".to_owned())).collect()
}
