//! The pool and its follow-ups: who may see them, and what may be cancelled.

use casework::{PoolOrder, Role};

use crate::office::{on_each_engine, refused, year};

fn order(amount: u32) -> PoolOrder {
    PoolOrder {
        amount: Some(amount),
        year: Some(year()),
        ..PoolOrder::default()
    }
}

#[test]
fn an_order_of_many_is_several_requests_of_at_most_ten() {
    on_each_engine(
        "an_order_of_many_is_several_requests_of_at_most_ten",
        |office| {
            let ana = office.actor("ana");
            let made = office.desk.reserve(&ana, &order(25)).unwrap();
            assert_eq!(
                (made.amount, made.followups.len()),
                (25, 3),
                "{}",
                office.engine
            );
            let years = office.desk.pool(&ana).unwrap();
            let of_year = years.iter().find(|pool| pool.year == year()).unwrap();
            assert_eq!((of_year.pool, of_year.on_order), (0, 25));
        },
    );
}

#[test]
fn the_alarm_stands_while_the_pool_of_the_year_is_below_half_its_buffer() {
    on_each_engine(
        "the_alarm_stands_while_the_pool_of_the_year_is_below_half_its_buffer",
        |office| {
            let pool = office.desk.pool(&office.actor("ana")).unwrap();
            assert_eq!(
                (pool[0].buffer, pool[0].low_water),
                (3, 2),
                "{}",
                office.engine
            );
            assert!(pool[0].is_low);
        },
    );
}

#[test]
fn an_order_of_none_or_too_many_is_refused() {
    on_each_engine("an_order_of_none_or_too_many_is_refused", |office| {
        for amount in [0, 1_001] {
            let refusal = refused(office.desk.reserve(&office.actor("ana"), &order(amount)));
            assert_eq!(refusal.code(), "invalid", "{amount}");
        }
    });
}

#[test]
fn a_follow_up_of_a_case_is_not_there_for_whoever_is_not_on_it() {
    on_each_engine(
        "a_follow_up_of_a_case_is_not_there_for_whoever_is_not_on_it",
        |office| {
            let case = office.determined();
            let ana = office.actor("ana");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            let id = office.desk.followups(&ana, false).unwrap().remove(0).id;
            let other = office.hire("new", &[Role::Analyst]);
            let desk = &office.desk;
            assert_eq!(
                desk.followups(&other, true).unwrap().len(),
                0,
                "{}",
                office.engine
            );
            let unknown = refused(desk.followup(&other, "nothing")).to_string();
            for refusal in [
                refused(desk.followup(&other, &id)),
                refused(desk.retry_followup(&other, &id)),
                refused(desk.cancel_followup(&other, &id, "x")),
            ] {
                assert_eq!(refusal.to_string().replace(&id, "nothing"), unknown);
            }
        },
    );
}

#[test]
fn what_was_never_tried_can_be_cancelled_and_what_is_done_cannot() {
    on_each_engine(
        "what_was_never_tried_can_be_cancelled_and_what_is_done_cannot",
        |office| {
            let ana = office.actor("ana");
            let made = office.desk.reserve(&ana, &order(1)).unwrap();
            let id = &made.followups[0];
            assert_eq!(
                refused(office.desk.cancel_followup(&ana, id, " ")).code(),
                "invalid"
            );
            office.desk.cancel_followup(&ana, id, "not needed").unwrap();
            let row = office.desk.followup(&ana, id).unwrap();
            assert_eq!(
                row.state,
                store::FollowupState::Cancelled,
                "{}",
                office.engine
            );
            assert_eq!(row.last_answer, "cancelled by ana: not needed");
            let again = refused(office.desk.cancel_followup(&ana, id, "again"));
            assert_eq!(again.code(), "invalid");
            assert!(!office.desk.runner().run_one().unwrap());
        },
    );
}
