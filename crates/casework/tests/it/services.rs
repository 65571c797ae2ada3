//! A small CVE Services and a portal on loopback, and what the desk says to
//! them. It can refuse, break, or do the work and not answer.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use casework::{ApiKey, CaseState, NewAccount, Published};
use serde_json::{Value, json};

use crate::office::{ACCOUNT, API_KEY, Office, year};

/// What the services do with the requests to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Work.
    Works,
    /// Refuse with 403 and their reason.
    Refuses,
    /// Answer 502 and do nothing.
    Broken,
    /// Do the work and answer 502.
    Forgetful,
    /// Do the work and answer 502, while somebody else does the same with the
    /// same account.
    Crowded,
    /// Do not accept the account.
    Unauthorized,
    /// Reserve one of however many are asked for, and say so with 206.
    Short,
}

#[derive(Default)]
struct Kept {
    mood: Option<Mood>,
    ids: Vec<String>,
    records: BTreeMap<String, Value>,
    /// How often each record was accepted.
    accepted: BTreeMap<String, u32>,
    /// How many rejections were accepted.
    rejections: usize,
    published: Option<Published>,
}

pub(crate) struct Services {
    /// Address of both, without a slash at the end.
    pub(crate) url: String,
    kept: Arc<Mutex<Kept>>,
}

/// Lets go of the office: the threads that listen stay as long as the process,
/// and with them would the office's store and its connections.
impl Drop for Services {
    fn drop(&mut self) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.published = None;
        }
    }
}

impl Services {
    pub(crate) fn start() -> Services {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let kept = Arc::new(Mutex::new(Kept::default()));
        let shared = kept.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = shared.clone();
                thread::spawn(move || serve(stream, &kept));
            }
        });
        Services { url, kept }
    }

    /// An office whose account is here and whose portal is here too.
    pub(crate) fn office(&self, test: store::testing::TestStore) -> Office {
        let office = Office::open(test, &self.url);
        self.open_account(&office);
        self.begin(&office);
        office
    }

    /// The same office as `template`, which was made here.
    pub(crate) fn copied(&self, template: &Office) -> Office {
        let office = Office::copied(template, &self.url);
        self.begin(&office);
        office
    }

    fn open_account(&self, office: &Office) {
        let account = NewAccount {
            name: ACCOUNT.into(),
            environment: "practice".into(),
            base_url: format!("{}/api/", self.url),
            org: "example".into(),
            username: "desk@example.org".into(),
            key: ApiKey::new(API_KEY),
        };
        office
            .desk
            .add_account(&office.actor("admin"), account)
            .unwrap();
    }

    /// Forgets everything, for the office that comes.
    fn begin(&self, office: &Office) {
        let mut kept = self.kept.lock().unwrap();
        *kept = Kept {
            published: Some(office.desk.published()),
            ..Kept::default()
        };
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.kept.lock().unwrap().mood = Some(mood);
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.kept.lock().unwrap().ids.clone()
    }

    /// The CNA container of a record as it was sent.
    pub(crate) fn container(&self, id: &str) -> Value {
        self.kept.lock().unwrap().records[id].clone()
    }

    /// A record somebody else made.
    pub(crate) fn put_record(&self, id: &str, container: Value) {
        let mut kept = self.kept.lock().unwrap();
        kept.records.insert(id.to_owned(), container);
    }

    /// Makes these the IDs that are reserved.
    pub(crate) fn put_ids(&self, ids: Vec<String>) {
        self.kept.lock().unwrap().ids = ids;
    }

    /// How many rejections were accepted.
    pub(crate) fn rejections(&self) -> usize {
        self.kept.lock().unwrap().rejections
    }

    /// How many IDs have a record that rejects them.
    pub(crate) fn rejected(&self) -> usize {
        let kept = self.kept.lock().unwrap();
        let is_rejected = |container: &&Value| container.get("rejectedReasons").is_some();
        kept.records.values().filter(is_rejected).count()
    }

    /// Takes the portal off the net.
    fn silence_portal(&self) {
        self.kept.lock().unwrap().published = None;
    }

    /// How often a record was accepted, for each ID.
    pub(crate) fn accepted(&self) -> BTreeMap<String, u32> {
        self.kept.lock().unwrap().accepted.clone()
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Kept>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some((method, path, body)) = read_request(&mut reader) {
        // A test that failed while it held the lock has been told already.
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, answer) = answer(&mut kept, &method, &path, &body);
        drop(kept);
        let head = format!(
            "HTTP/1.1 {status} Any\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        if stream
            .write_all(format!("{head}{answer}").as_bytes())
            .is_err()
        {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, String, Value)> {
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if first.is_empty() {
            first = line.to_owned();
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = first.split(' ');
    let method = words.next()?.to_owned();
    let target = words.next()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let amount = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("amount="));
    // A reservation has no body, so its amount takes that place.
    let body = match amount {
        Some(amount) => json!({"amount": amount.parse::<usize>().unwrap()}),
        None => serde_json::from_slice(&body).unwrap_or_default(),
    };
    Some((method, path.to_owned(), body))
}

fn answer(kept: &mut Kept, method: &str, path: &str, body: &Value) -> (u16, String) {
    if let Some(id) = path.strip_prefix("/advisories/") {
        let Some(published) = kept.published.clone() else {
            return (503, "{}".into());
        };
        return match published.advisory(id).unwrap() {
            Some(advisory) => (200, json!(advisory).to_string()),
            None => (404, "{}".into()),
        };
    }
    let reads = method == "GET";
    match kept.mood.unwrap_or(Mood::Works) {
        Mood::Broken => return (502, "{}".into()),
        Mood::Unauthorized => return refuse(401, "UNAUTHORIZED", "Unauthorized"),
        Mood::Refuses if !reads => return refuse(403, "NO_LUCK", "Not today."),
        _ => {}
    }
    let done = carried_out(kept, method, path, body);
    if kept.mood == Some(Mood::Crowded) && !reads {
        carried_out(kept, method, path, body);
    }
    if matches!(kept.mood, Some(Mood::Forgetful | Mood::Crowded)) && !reads {
        return (502, "{}".into());
    }
    done
}

fn carried_out(kept: &mut Kept, method: &str, path: &str, body: &Value) -> (u16, String) {
    let parts: Vec<_> = path.trim_start_matches("/api/").split('/').collect();
    match (method, parts.as_slice()) {
        ("GET", ["cve-id"]) => {
            let ids: Vec<_> = kept.ids.iter().map(|id| id_in(kept, id)).collect();
            (200, json!({ "cve_ids": ids }).to_string())
        }
        ("POST", ["cve-id"]) => {
            let asked = body["amount"].as_u64().unwrap_or(1);
            let short = kept.mood == Some(Mood::Short) && asked > 1;
            let mut given = Vec::new();
            for _ in 0..if short { 1 } else { asked } {
                let id = format!("CVE-{}-{:04}", year(), kept.ids.len() + 5001);
                given.push(id_object(&id));
                kept.ids.push(id);
            }
            let status = if short { 206 } else { 200 };
            (status, json!({ "cve_ids": given }).to_string())
        }
        ("GET", ["cve", id]) => match kept.records.get(*id) {
            Some(container) => (200, record(id, container).to_string()),
            None => refuse(404, "CVE_RECORD_DNE", "There is none."),
        },
        ("POST", ["cve", id, "cna"]) => {
            if kept.records.contains_key(*id) {
                return refuse(403, "CVE_RECORD_EXISTS", "There is one.");
            }
            let container = body["cnaContainer"].clone();
            kept.records.insert((*id).to_owned(), container.clone());
            *kept.accepted.entry((*id).to_owned()).or_default() += 1;
            let answer = json!({"message": "ok", "created": record(id, &container)});
            (200, answer.to_string())
        }
        ("PUT", ["cve", id, "cna"]) => {
            if !kept.records.contains_key(*id) {
                return refuse(403, "CVE_RECORD_DNE", "There is none.");
            }
            let container = body["cnaContainer"].clone();
            kept.records.insert((*id).to_owned(), container.clone());
            let answer = json!({"message": "ok", "updated": record(id, &container)});
            (200, answer.to_string())
        }
        ("GET", ["cve-id", id]) => (200, id_in(kept, id).to_string()),
        ("POST", ["cve", id, "reject"]) => {
            if kept.records.contains_key(*id) {
                return refuse(400, "CVE_RECORD_EXISTS", "There is one.");
            }
            let container = body["cnaContainer"].clone();
            kept.records.insert((*id).to_owned(), container.clone());
            kept.rejections += 1;
            let answer = json!({"message": "ok", "created": record(id, &container)});
            (200, answer.to_string())
        }
        _ => refuse(404, "NOT_FOUND", "no such path"),
    }
}

/// An ID in the state that its record gives.
fn id_in(kept: &Kept, id: &str) -> Value {
    let mut object = id_object(id);
    if let Some(container) = kept.records.get(id) {
        object["state"] = record(id, container)["cveMetadata"]["state"].clone();
    }
    object
}

fn id_object(id: &str) -> Value {
    json!({
        "requested_by": {"cna": "example", "user": "desk@example.org"},
        "cve_id": id,
        "state": "RESERVED",
        "owning_cna": "example",
        "reserved": "2026-11-03T10:00:00.000Z",
    })
}

fn record(id: &str, container: &Value) -> Value {
    let state = match container.get("rejectedReasons") {
        Some(_) => "REJECTED",
        None => "PUBLISHED",
    };
    let mut container = container.clone();
    container["providerMetadata"] = json!({"orgId": "x", "shortName": "example"});
    json!({
        "dataType": "CVE_RECORD",
        "dataVersion": "5.2.0",
        "cveMetadata": {
            "cveId": id,
            "state": state,
            "assignerOrgId": "6a1f0c52-9d3e-4b7c-8e21-5f0d9a3b7c64",
            "assignerShortName": "example",
            "datePublished": "2026-11-03T12:00:00.000Z",
            "dateUpdated": "2026-11-03T12:00:00.000Z",
        },
        "containers": {"cna": container},
    })
}

fn refuse(status: u16, code: &str, message: &str) -> (u16, String) {
    (
        status,
        json!({"error": code, "message": message}).to_string(),
    )
}

/// Runs `claim` on every engine, with its services.
pub(crate) fn on_each_engine(test: &str, claim: impl Fn(&Services, &Office)) {
    let services = Services::start();
    for store in store::testing::engines(test) {
        claim(&services, &services.office(store));
    }
}

/// Works off what is due, but no more than a test can leave.
pub(crate) fn run_a_while(office: &Office) {
    let runner = office.desk.runner();
    for _ in 0..8 {
        if !runner.run_one().unwrap() {
            return;
        }
    }
}

#[test]
fn an_empty_pool_is_filled_by_a_reservation_that_assigns() {
    on_each_engine(
        "an_empty_pool_is_filled_by_a_reservation_that_assigns",
        |services, office| {
            let case = office.determined();
            let ana = office.actor("ana");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::Assigned);
            let records = office.desk.case(&ana, case).unwrap().records;
            assert_eq!(services.ids(), [records[0].cve_id.to_string()]);
        },
    );
}

#[test]
fn asking_for_an_id_again_while_one_is_reserved_reserves_no_second() {
    on_each_engine(
        "asking_for_an_id_again_while_one_is_reserved_reserves_no_second",
        |services, office| {
            let case = office.determined();
            for name in ["ana", "ben", "ana"] {
                let actor = office.actor(name);
                office.desk.assign(&actor, case, Some(year())).unwrap();
            }
            run_a_while(office);
            assert_eq!(services.ids().len(), 1);
        },
    );
}

#[test]
fn an_id_that_comes_when_its_case_was_closed_goes_to_the_pool() {
    on_each_engine(
        "an_id_that_comes_when_its_case_was_closed_goes_to_the_pool",
        |services, office| {
            let case = office.determined();
            let ana = office.actor("ana");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            let answer = crate::office::given("exact");
            office.desk.answer(&ana, case, "A4", &answer).unwrap();
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::ClosedDuplicate);
            let line = office.desk.ledger(&ana).unwrap().remove(0);
            assert_eq!(line.cve_id.to_string(), services.ids()[0]);
            assert_eq!((line.state.as_str(), line.case), ("POOL", None));
        },
    );
}

#[test]
fn a_reservation_whose_answer_was_lost_is_adopted_and_not_repeated() {
    on_each_engine(
        "a_reservation_whose_answer_was_lost_is_adopted_and_not_repeated",
        |services, office| {
            services.set_mood(Mood::Forgetful);
            let case = office.determined();
            let ana = office.actor("ana");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            run_a_while(office);
            assert_eq!(services.ids().len(), 1);
            assert_eq!(office.state(case), CaseState::Assigned);
        },
    );
}

/// A case whose reservation is held, and the id of the follow-up.
fn held(services: &Services, office: &Office) -> (casework::CaseId, String) {
    services.set_mood(Mood::Crowded);
    let case = office.determined();
    let ana = office.actor("ana");
    office.desk.assign(&ana, case, Some(year())).unwrap();
    run_a_while(office);
    services.set_mood(Mood::Works);
    let view = office.desk.case(&ana, case).unwrap();
    let followup = view.followups.first().unwrap();
    assert_eq!(followup.state, store::FollowupState::Held, "{followup:?}");
    (case, followup.id.clone())
}

#[test]
fn a_reservation_that_cannot_be_told_apart_waits_for_a_person() {
    on_each_engine(
        "a_reservation_that_cannot_be_told_apart_waits_for_a_person",
        |services, office| {
            let (case, _) = held(services, office);
            assert_eq!(office.state(case), CaseState::Determined);
            assert_eq!(services.ids().len(), 2);
        },
    );
}

#[test]
fn the_id_a_person_names_goes_to_the_case_and_the_other_is_left_alone() {
    on_each_engine(
        "the_id_a_person_names_goes_to_the_case_and_the_other_is_left_alone",
        |services, office| {
            let (case, followup) = held(services, office);
            let ours = services.ids()[1].parse().unwrap();
            let ana = office.actor("ana");
            office
                .desk
                .settle_reservation(&ana, case, &followup, &[ours])
                .unwrap();
            let view = office.desk.case(&ana, case).unwrap();
            assert_eq!(view.followups[0].state, store::FollowupState::Done);
            let ids: Vec<_> = view.records.iter().map(|record| record.cve_id).collect();
            assert_eq!(ids, [ours]);
            assert_eq!(office.desk.ledger(&ana).unwrap().len(), 1);
        },
    );
}

#[test]
fn an_id_that_is_no_candidate_is_refused() {
    on_each_engine(
        "an_id_that_is_no_candidate_is_refused",
        |services, office| {
            let (case, followup) = held(services, office);
            let ana = office.actor("ana");
            for ids in [vec![], vec!["CVE-1900-9999".parse().unwrap()]] {
                let refused = office.desk.settle_reservation(&ana, case, &followup, &ids);
                let message = refused.unwrap_err().to_string();
                assert!(message.starts_with("ids: "), "{message}");
            }
            assert_eq!(office.state(case), CaseState::Determined);
        },
    );
}

#[test]
fn an_account_that_is_not_accepted_fails_the_follow_up_in_the_servers_words() {
    on_each_engine(
        "an_account_that_is_not_accepted_fails_the_follow_up_in_the_servers_words",
        |services, office| {
            services.set_mood(Mood::Unauthorized);
            let case = office.determined();
            let ana = office.actor("ana");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            run_a_while(office);
            let followup = office.desk.case(&ana, case).unwrap().followups.remove(0);
            assert_eq!(followup.state, store::FollowupState::Failed);
            assert_eq!(followup.attempts, 1);
            let said = followup.last_answer;
            assert!(said.contains("refused with 401 `UNAUTHORIZED`"), "{said}");
            assert!(said.ends_with("check org, user and key"), "{said}");
        },
    );
}

#[test]
fn a_failed_follow_up_is_done_when_it_is_tried_again_after_the_cause_is_gone() {
    on_each_engine(
        "a_failed_follow_up_is_done_when_it_is_tried_again_after_the_cause_is_gone",
        |services, office| {
            services.set_mood(Mood::Refuses);
            let case = office.determined();
            let ana = office.actor("ana");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            run_a_while(office);
            services.set_mood(Mood::Works);
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::Determined);
            let followup = office.desk.case(&ana, case).unwrap().followups.remove(0);
            assert!(followup.last_answer.contains("Not today"));
            office.desk.retry(&ana, case, &followup.id).unwrap();
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::Assigned);
        },
    );
}

#[test]
fn what_is_published_is_what_was_approved() {
    on_each_engine(
        "what_is_published_is_what_was_approved",
        |services, office| {
            let (case, id, draft) = office.ready();
            let approved = office.document(case);
            assert_eq!(cve::hash::Digest::of_json(&approved), draft.digest);
            let plan = office.desk.publish(&office.actor("pub"), id).unwrap();
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::Published);
            let sent = services.container(&id.to_string());
            assert_eq!(sent.to_string(), approved["cna"].to_string());
            let public = office.desk.published().advisory(&plan.advisory).unwrap();
            let public = json!(public.unwrap().advisory);
            let whole = json!({"cna": sent, "advisory": public});
            assert_eq!(cve::hash::Digest::of_json(&whole), draft.digest);
        },
    );
}

#[test]
fn a_record_whose_answer_was_lost_is_found_and_not_sent_again() {
    on_each_engine(
        "a_record_whose_answer_was_lost_is_found_and_not_sent_again",
        |services, office| {
            let (case, id, _) = office.ready();
            services.set_mood(Mood::Forgetful);
            office.desk.publish(&office.actor("pub"), id).unwrap();
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::Published);
            assert_eq!(services.accepted()[&id.to_string()], 1);
        },
    );
}

#[test]
fn an_approved_text_that_was_changed_in_the_database_is_not_sent() {
    let services = Services::start();
    let office = services.office(store::testing::sqlite());
    let (case, id, draft) = office.ready();
    office.desk.publish(&office.actor("pub"), id).unwrap();
    // A row beside the approved one that claims its digest.
    let mut forged = office.document(case);
    forged["cna"]["title"] = json!("Forged");
    let digest = draft.digest;
    office.write(move |tx| {
        let mut row = tx.draft(id)?.unwrap();
        row.revision = 0;
        row.digest = digest;
        row.document = forged.to_string();
        tx.insert_draft(&row)
    });
    run_a_while(&office);
    assert_eq!(office.state(case), CaseState::Disclosed);
    assert!(services.accepted().is_empty());
}

/// The follow-up that sends the record of a case.
fn sending(office: &Office, case: casework::CaseId) -> store::FollowupRow {
    let view = office.desk.case(&office.actor("ana"), case).unwrap();
    view.followups.into_iter().next_back().unwrap()
}

#[test]
fn a_record_that_is_there_and_differs_waits_for_a_person() {
    on_each_engine(
        "a_record_that_is_there_and_differs_waits_for_a_person",
        |services, office| {
            let (case, id, _) = office.ready();
            services.put_record(&id.to_string(), json!({"title": "Somebody else's"}));
            office.desk.publish(&office.actor("pub"), id).unwrap();
            run_a_while(office);
            let held = sending(office, case);
            assert_eq!(held.state, store::FollowupState::Held);
            let expected = format!("{id} has a record in state `PUBLISHED` that is neither");
            assert!(held.last_answer.starts_with(&expected), "{held:?}");
            assert!(services.accepted().is_empty());
            // Once it is as approved, looking again is all that is left.
            let approved = office.document(case)["cna"].clone();
            services.put_record(&id.to_string(), approved);
            let publisher = office.actor("pub");
            office.desk.retry(&publisher, case, &held.id).unwrap();
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::Published);
            assert!(services.accepted().is_empty());
        },
    );
}

#[test]
fn a_record_is_never_sent_before_its_advisory_answers() {
    on_each_engine(
        "a_record_is_never_sent_before_its_advisory_answers",
        |services, office| {
            let (case, id, _) = office.ready();
            services.silence_portal();
            let plan = office.desk.publish(&office.actor("pub"), id).unwrap();
            run_a_while(office);
            let waiting = sending(office, case);
            assert_eq!(waiting.state, store::FollowupState::Pending);
            let expected = format!("{} answers 503", plan.advisory_url);
            assert_eq!(waiting.last_answer, expected);
            assert!(services.accepted().is_empty());
            assert_eq!(office.state(case), CaseState::Disclosed);
        },
    );
}

#[test]
fn a_record_that_is_refused_fails_in_the_servers_words() {
    on_each_engine(
        "a_record_that_is_refused_fails_in_the_servers_words",
        |services, office| {
            let (case, id, _) = office.ready();
            services.set_mood(Mood::Refuses);
            office.desk.publish(&office.actor("pub"), id).unwrap();
            run_a_while(office);
            let failed = sending(office, case);
            assert_eq!(failed.state, store::FollowupState::Failed);
            let said = failed.last_answer;
            assert!(said.contains("403 `NO_LUCK`: Not today"), "{said}");
            assert_eq!(office.state(case), CaseState::Disclosed);
        },
    );
}

#[test]
fn what_is_done_cannot_be_tried_again() {
    on_each_engine("what_is_done_cannot_be_tried_again", |_, office| {
        let (case, id, _) = office.ready();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        run_a_while(office);
        let done = sending(office, case);
        let result = office.desk.retry(&office.actor("pub"), case, &done.id);
        let refusal = crate::office::refused(result).to_string();
        let expected = "followup: it neither waits for a person nor has failed";
        assert_eq!(refusal, expected);
    });
}
