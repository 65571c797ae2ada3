//! `--wait`: what is tried again, and that nothing is done twice.

use std::time::{Duration, Instant};

use crate::cve_mischief::Mischief::{
    Late, StatusOnly, WorkThenClose, WorkThenSilence, WorkThenStatus, WorkTwiceThenClose,
};
use crate::cve_mischief::{Mischievous, failed, id, said};

const CONTAINER: &str = r#"{"descriptions":[{"lang":"en","value":"A flaw."}],"affected":[{"vendor":"v","product":"p","defaultStatus":"affected"}],"references":[{"url":"https://example.org/a"}]}"#;
const REJECTED: &str = r#"{"rejectedReasons":[{"lang":"en","value":"Never used."}]}"#;

#[test]
fn a_reservation_whose_answer_is_lost_is_adopted_and_not_repeated() {
    for mischief in [WorkThenClose, WorkThenSilence, WorkThenStatus(502)] {
        let service = Mischievous::start(&[mischief]);
        service.state.lock().unwrap().ids.push(id(0, "RESERVED"));
        let output = service.cve(&["reserve", "-y", "2099", "2", "--wait=20"]);
        let text = said(&output);
        assert!(text.contains("CVE-2099-1001\n"), "{mischief:?}: {text}");
        assert!(text.ends_with("\nRemaining quota: 7\n"), "{text}");
        assert!(
            !text.contains("CVE-2099-1000"),
            "an older ID is not ours: {text}"
        );
        assert_eq!(service.changes(), 1, "{mischief:?}");
        assert_eq!(service.state.lock().unwrap().ids.len(), 3);
    }
}

#[test]
fn a_reservation_that_was_not_carried_out_is_repeated_once_that_is_certain() {
    let service = Mischievous::start(&[StatusOnly(500, "")]);
    let text = said(&service.cve(&["reserve", "-y", "2099", "--wait=20"]));
    assert!(text.contains("CVE-2099-1000\n"), "{text}");
    assert_eq!(service.changes(), 2);
    assert_eq!(service.state.lock().unwrap().ids.len(), 1);
}

#[test]
fn more_new_ids_than_were_asked_for_are_left_to_a_person() {
    let service = Mischievous::start(&[WorkTwiceThenClose]);
    let text = failed(&service.cve(&["reserve", "-y", "2099", "--wait=20"]));
    assert!(text.contains("CVE-2099-1000, CVE-2099-1001"), "{text}");
    assert_eq!(service.changes(), 1);
}

#[test]
fn without_wait_everything_is_tried_once() {
    let service = Mischievous::start(&[WorkThenClose]);
    let text = failed(&service.cve(&["reserve", "-y", "2099"]));
    assert!(text.contains("look before repeating"), "{text}");
    assert_eq!(service.seen(), ["POST cve-id"]);
}

#[test]
fn a_record_whose_answer_is_lost_is_read_back_and_not_sent_again() {
    for mischief in [WorkThenClose, WorkThenSilence, WorkThenStatus(500)] {
        let service = Mischievous::start(&[mischief]);
        let words = ["publish", "CVE-2099-1000", "--wait=20", "-j", CONTAINER];
        let text = said(&service.cve(&words));
        assert!(text.starts_with("Published the following CVE:\n\nCVE-2099-1000\n"));
        assert!(text.contains("API response: the answer was lost"), "{text}");
        assert_eq!(service.changes(), 1, "{mischief:?}");
    }
}

#[test]
fn an_update_that_was_not_carried_out_is_sent_again() {
    let service = Mischievous::start(&[]);
    let words = ["publish", "CVE-2099-1000", "--wait=20", "-j", CONTAINER];
    said(&service.cve(&words));
    let changed = CONTAINER.replace("A flaw.", "Another flaw.");
    // The refused creation, and then the update that fails.
    let state = service.state.clone();
    let service = Mischievous::start(&[crate::cve_mischief::Mischief::None, StatusOnly(503, "")]);
    service.state.lock().unwrap().record = state.lock().unwrap().record.take();
    said(&service.cve(&["publish", "CVE-2099-1000", "--wait=20", "-j", &changed]));
    assert_eq!(
        service
            .seen()
            .iter()
            .filter(|line| *line == "PUT cve/CVE-2099-1000/cna")
            .count(),
        2
    );
}

#[test]
fn rejecting_and_transferring_look_at_the_id() {
    for words in [
        &["reject", "CVE-2099-1000", "--wait=20"][..],
        &["transfer", "CVE-2099-1000", "-n", "other", "--wait=20"],
    ] {
        let service = Mischievous::start(&[WorkThenClose]);
        service.state.lock().unwrap().ids.push(id(0, "RESERVED"));
        said(&service.cve(words));
        assert_eq!(service.changes(), 1, "{words:?}");
    }
    let service = Mischievous::start(&[WorkThenClose]);
    said(&service.cve(&["reject", "CVE-2099-1000", "-j", REJECTED, "--wait=20"]));
    assert_eq!(service.changes(), 1);
}

#[test]
fn a_user_whose_key_is_lost_is_not_created_twice() {
    let service = Mischievous::start(&[WorkThenClose]);
    let text = failed(&service.cve(&["user", "create", "-u", "ann", "--wait=20"]));
    assert!(text.contains("`cve user reset-key -u ann`"), "{text}");
    assert_eq!(service.changes(), 1);
}

#[test]
fn a_key_whose_answer_is_lost_is_not_replaced_again_by_itself() {
    let service = Mischievous::start(&[WorkThenClose]);
    let text = failed(&service.cve(&["user", "reset-key", "-u", "ann", "--wait=20"]));
    assert!(text.contains("may not work any more"), "{text}");
    assert_eq!(service.changes(), 1);
}

#[test]
fn a_busy_service_is_asked_again_when_it_wants() {
    let service = Mischievous::start(&[StatusOnly(429, "Retry-After: 1\r\n")]);
    let start = Instant::now();
    said(&service.cve(&["--wait=20", "reserve", "-y", "2099"]));
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(service.changes(), 2);
    let service = Mischievous::start(&[StatusOnly(429, "Retry-After: 100\r\n")]);
    failed(&service.cve(&["--wait=2", "reserve", "-y", "2099"]));
    assert_eq!(service.changes(), 1);
}

#[test]
fn a_service_that_is_away_is_waited_for() {
    let service = Mischievous::start_later(Duration::from_millis(600));
    service.state.lock().unwrap().ids.push(id(0, "RESERVED"));
    let text = said(&service.cve(&["--wait=20", "show", "CVE-2099-1000"]));
    assert!(text.starts_with("CVE-2099-1000\n"), "{text}");
}

#[test]
fn a_service_that_stays_away_is_waited_for_no_longer_than_told() {
    let service = Mischievous::start_later(Duration::from_secs(60));
    let start = Instant::now();
    let text = failed(&service.cve(&["--wait=1", "quota"]));
    assert!(text.contains("connection refused"), "{text}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn silence_ends_with_the_timeout_and_a_late_answer_counts() {
    let service = Mischievous::start(&[WorkThenSilence]);
    let start = Instant::now();
    let text = failed(&service.cve(&["reserve", "-y", "2099"]));
    assert!(text.contains("did not answer within 500 ms"), "{text}");
    assert!(start.elapsed() < Duration::from_secs(5));
    let service = Mischievous::start(&[Late(200)]);
    said(&service.cve(&["reserve", "-y", "2099"]));
}
