//! Two nodes, the same moment: what may be done once is done once, and whoever
//! comes second is refused rather than failed.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use casework::{Assignment, Desk, Error, Role};
use serde_json::json;

use crate::office::{Office, on_each_engine, refusal_code, report, year};

/// Runs `work` on two nodes at once, with the number of the node.
fn at_once<T: Send>(office: &Office, work: impl Fn(&Desk, usize) -> T + Sync) -> [T; 2] {
    let desks = [office.desk.clone(), office.second_desk()];
    let start = Barrier::new(2);
    thread::scope(|scope| {
        let threads = [0, 1].map(|node| {
            let (desks, start, work) = (&desks, &start, &work);
            scope.spawn(move || {
                start.wait();
                work(&desks[node], node)
            })
        });
        threads.map(|thread| thread.join().unwrap())
    })
}

/// The one success of two; the other must be refused with `code`.
fn one_of<T>(results: [Result<T, Error>; 2], code: &str) -> T {
    let (mut done, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    for result in refused {
        assert_eq!(refusal_code(result), code);
    }
    done.remove(0).unwrap_or_else(|_| unreachable!())
}

#[test]
fn an_advisory_published_twice_is_published_once() {
    on_each_engine("an_advisory_published_twice_is_published_once", |office| {
        for _ in 0..3 {
            let (case, id, _) = office.ready();
            let publisher = office.actor("pub");
            let results = at_once(office, |desk, _| desk.publish(&publisher, id));
            one_of(results, "on_its_way");
            let followups = office
                .desk
                .case(&office.actor("ana"), case)
                .unwrap()
                .followups;
            assert_eq!(followups.len(), 1);
        }
    });
}

#[test]
fn the_last_id_of_the_pool_serves_one_case() {
    on_each_engine("the_last_id_of_the_pool_serves_one_case", |office| {
        for _ in 0..3 {
            let cases = [office.determined(), office.determined()];
            office.fill_pool();
            let ana = office.actor("ana");
            let results = at_once(office, |desk, node| {
                desk.assign(&ana, cases[node], Some(year())).unwrap()
            });
            let assigned = results
                .iter()
                .filter(|result| matches!(result, Assignment::Assigned { .. }));
            assert_eq!(assigned.count(), 1, "{results:?}");
        }
    });
}

#[test]
fn a_case_assigned_twice_gets_one_id() {
    on_each_engine("a_case_assigned_twice_gets_one_id", |office| {
        for _ in 0..3 {
            let case = office.determined();
            office.fill_pool();
            office.fill_pool();
            let ana = office.actor("ana");
            let results = at_once(office, |desk, _| desk.assign(&ana, case, Some(year())));
            one_of(results, "wrong_state");
            assert_eq!(office.desk.case(&ana, case).unwrap().records.len(), 1);
        }
    });
}

#[test]
fn drafts_saved_at_once_are_revisions_one_after_the_other() {
    on_each_engine(
        "drafts_saved_at_once_are_revisions_one_after_the_other",
        |office| {
            let (case, id, _) = office.drafted();
            let document = office.document(case);
            let actors = [office.actor("ana"), office.actor("ben")];
            at_once(office, |desk, node| {
                for turn in 0..5 {
                    let mut document = document.clone();
                    document["cna"]["title"] = json!(format!("{node} {turn}"));
                    desk.save_draft(&actors[node], id, &document, None).unwrap();
                }
            });
            let revisions = office.desk.store().read(|reader| reader.revisions(id));
            let numbers: Vec<_> = revisions.unwrap().iter().map(|r| r.revision).collect();
            assert_eq!(numbers, (1..=11).collect::<Vec<_>>());
        },
    );
}

#[test]
fn an_approval_while_the_draft_changes_is_of_the_newest_text_or_refused() {
    on_each_engine(
        "an_approval_while_the_draft_changes_is_of_the_newest_text_or_refused",
        |office| {
            for turn in 0..3 {
                let (case, id, draft) = office.drafted();
                let mut document = office.document(case);
                document["cna"]["title"] = json!(format!("Changed {turn}"));
                let (rev, ana) = (office.actor("rev"), office.actor("ana"));
                let results = at_once(office, |desk, node| match node {
                    0 => desk
                        .approve(&rev, id, draft.digest, "", &crate::office::taken())
                        .map(drop),
                    _ => desk.save_draft(&ana, id, &document, None).map(drop),
                });
                // Whichever came first, the newest text is not approved.
                assert_eq!(office.state(case), casework::CaseState::Assigned);
                let [approved, saved] = results;
                saved.unwrap();
                if approved.is_err() {
                    assert_eq!(refusal_code(approved), "stale");
                }
            }
        },
    );
}

#[test]
fn reports_filed_at_once_are_cases_of_their_own() {
    on_each_engine("reports_filed_at_once_are_cases_of_their_own", |office| {
        let tri = office.actor("tri");
        let filed = at_once(office, |desk, _| {
            let file = |_| desk.receive(&tri, &report()).unwrap();
            (0..5).map(file).collect::<Vec<_>>()
        });
        let unique: BTreeSet<_> = filed.iter().flatten().collect();
        assert_eq!(unique.len(), 10);
    });
}

#[test]
fn a_name_given_twice_at_once_is_taken_for_the_second() {
    on_each_engine(
        "a_name_given_twice_at_once_is_taken_for_the_second",
        |office| {
            let admin = office.actor("admin");
            for turn in 0..5 {
                let name = format!("twin{turn}");
                let results = at_once(office, |desk, _| {
                    desk.add_person(&admin, &name, "", &[Role::Analyst])
                });
                one_of(results, "invalid");
            }
        },
    );
}

#[test]
fn two_nodes_started_at_once_on_an_empty_database_make_one_administrator() {
    let name = "two_nodes_started_at_once_on_an_empty_database_make_one_administrator";
    for _ in 0..3 {
        for test in store::testing::engines(name) {
            let office = Office::empty(test);
            let links = at_once(&office, |desk, _| desk.first_run("admin").unwrap());
            assert_eq!(links.iter().flatten().count(), 1, "{}", office.engine);
            office.actor("admin");
        }
    }
}
