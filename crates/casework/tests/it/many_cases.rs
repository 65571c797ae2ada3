//! Status, clocks, lists and pages of a desk with many cases.

use std::time::{Duration, Instant};

use casework::clocks::Wanted;
use cve::id::CveId;
use store::{CaseRow, LedgerRow};

use crate::office::{ACCOUNT, NO_PORTAL, Office, report};
use crate::services::Services;

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn is_long() -> bool {
    std::env::var("CNA_LONG").is_ok()
}

/// Fills the desk with `cases` cases, each with two IDs, two thirds of them
/// published.
fn fill(office: &Office, cases: i64) {
    let ana = office.actor("ana").id().to_owned();
    let text = serde_json::to_string(&report()).unwrap();
    for from in (1..=cases).step_by(500) {
        let (ana, text) = (ana.clone(), text.clone());
        office.write(move |tx| {
            let now = tx.now();
            for number in from..(from + 500).min(cases + 1) {
                let id = tx.next_in_series("case")?;
                let age_ms = number % 400 * 3_600_000;
                let disclosed = (number % 3 > 0).then(|| now.plus_ms(-age_ms));
                let published = (number % 3 > 1).then(|| now.plus_ms(3_600_000 - age_ms));
                let state = match (disclosed, published) {
                    (_, Some(_)) => "PUBLISHED",
                    (Some(_), _) => "DISCLOSED",
                    _ => "ASSIGNED",
                };
                tx.insert_case(&CaseRow {
                    id,
                    title: format!("Case {number}"),
                    state: state.into(),
                    product: "node-agent".into(),
                    severity: String::new(),
                    embargoed: disclosed.is_none(),
                    owner: ana.clone(),
                    report: text.clone(),
                    received: now.plus_ms(-age_ms),
                    created: now,
                    modified: now,
                })?;
                tx.add_member(id, &ana)?;
                for half in [0, 1] {
                    let sequence = u64::try_from(id * 2 + half).unwrap();
                    tx.insert_ledger_line(&LedgerRow {
                        id: CveId::new(crate::office::year(), 10_000 + sequence).unwrap(),
                        state: "ASSIGNED".into(),
                        account: ACCOUNT.into(),
                        case_id: Some(id),
                        title: String::new(),
                        reserved_at: now,
                        reserved_by: "desk".into(),
                        assigned_at: Some(now.plus_ms(-age_ms)),
                        approved_digest: String::new(),
                        approved_by: String::new(),
                        approved_at: None,
                        advisory: String::new(),
                        disclosed_at: disclosed,
                        published_at: published,
                        modified: now,
                    })?;
                }
                tx.change(
                    "case.received",
                    "",
                    &id.to_string(),
                    store::Visibility::Restricted,
                );
            }
            Ok(())
        });
    }
}

/// The shortest of several tries, which is what the machine can do while
/// others use it too.
fn shortest(work: impl Fn()) -> Duration {
    let tries = (0..5).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    tries.min().unwrap()
}

#[test]
fn status_clocks_list_and_case_of_a_large_desk_answer_at_once() {
    // In the short run, that the work does not grow with the cases but with
    // the lines asked for; in the long run, the figures themselves.
    let cases = if is_long() { 10_000 } else { 300 };
    for test in
        store::testing::engines("status_clocks_list_and_case_of_a_large_desk_answer_at_once")
    {
        let url = test.url.clone();
        let office = Office::open(test, NO_PORTAL);
        fill(&office, cases);
        let start = Instant::now();
        office.desk.follow_clocks().unwrap();
        let followed = start.elapsed();
        if office.engine == "postgres" {
            // Its planner knows nothing of what was filled in seconds; of what
            // grows, autovacuum tells it.
            store::Store::vacuum(&url).unwrap();
        }
        let ana = office.actor("ana");
        let status = shortest(|| assert!(!office.desk.status(&ana).unwrap().is_empty()));
        let wanted = Wanted {
            until: None,
            offset: 0,
            limit: 100,
        };
        let clocks = shortest(|| {
            assert_eq!(office.desk.clocks(&ana, wanted).unwrap().len(), 100);
        });
        let newest = office.desk.cases(&ana, 0, 1).unwrap()[0].id;
        let list = shortest(|| {
            let listed = office.desk.cases(&ana, 0, 100).unwrap();
            assert_eq!(listed.len(), 100);
        });
        let page = shortest(|| {
            let view = office.desk.case(&ana, newest).unwrap();
            assert_eq!(view.records.len(), 2);
        });
        let times = [status, clocks, list, page];
        println!(
            "{cases} cases with {} IDs on {}: followed in {followed:?}; status {status:?}, \
             clocks {clocks:?}, list {list:?}, case {page:?}",
            cases * 2,
            office.engine
        );
        if is_long() {
            let limit = Duration::from_millis(100);
            assert!(times.iter().all(|time| *time < limit), "{}", office.engine);
        }
        // States here were written, not derived: only the chain is checked.
        std::mem::forget(office);
    }
}

#[test]
fn the_ledger_of_a_large_desk_is_compared_at_once() {
    let cases = if is_long() { 10_000 } else { 300 };
    let services = Services::start();
    for test in store::testing::engines("the_ledger_of_a_large_desk_is_compared_at_once") {
        let office = services.office(test);
        fill(&office, cases);
        let lines = office.desk.store().read(|reader| reader.ledger()).unwrap();
        services.put_ids(lines.iter().map(|line| line.id.to_string()).collect());
        let request = client::Request::new(client::Settings {
            addresses: client::Addresses::Any,
            ..client::Settings::default()
        });
        let credentials = client::Credentials::new("example", "desk", client::ApiKey::new("x"));
        let base_url = format!("{}/api/", services.url);
        let request = std::sync::Arc::new(request.unwrap());
        let theirs = client::Services::new(&base_url, credentials, request);
        // What the network and the service take, which is not ours to make
        // faster.
        let listed = shortest(|| {
            let ids = theirs.list_ids(&client::IdFilter::default()).unwrap();
            assert_eq!(ids.value().unwrap().len(), lines.len());
        });
        let ana = office.actor("ana");
        let synced = shortest(|| {
            let report = office.desk.sync_ids(&ana, None, false).unwrap().remove(0);
            assert_eq!(report.differences, []);
            assert_eq!(report.in_ledger, lines.len());
        });
        let ours = synced.saturating_sub(listed);
        println!(
            "{} IDs on {}: listed in {listed:?}, compared in {ours:?} more",
            lines.len(),
            office.engine
        );
        if is_long() {
            assert!(ours < Duration::from_secs(1), "{}", office.engine);
        }
        // States here were written, not derived: only the chain is checked.
        std::mem::forget(office);
    }
}
