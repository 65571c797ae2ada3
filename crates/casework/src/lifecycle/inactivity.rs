//! A CNA that does nothing.
//!
//! Source: process D-22 and section 11; the Inactive CNA policy.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

/// The days of the procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InactivityPlan {
    /// From when the procedure may begin.
    pub eligible: String,
    /// The first notice.
    pub notice_1: String,
    /// The second.
    pub notice_2: String,
    /// The warning.
    pub warning: String,
    /// The revocation.
    pub revoke: String,
    /// What the revocation does.
    pub effects: Vec<&'static str>,
}

/// Plans the procedure.
///
/// Takes: the day of the last assignment, record or participation, and the
/// day the procedure begins, both `2026-04-01`.
/// Refuses: a text that is no day; a beginning less than six months later.
pub fn plan(last: &str, begins: &str) -> Result<InactivityPlan, String> {
    let day = |text: &str| {
        text.parse::<Date>()
            .map_err(|_| format!("`{text}` is not a day"))
    };
    let too_far = |_| "the day lies too far from today".to_owned();
    let (last, begins) = (day(last)?, day(begins)?);
    let eligible = last.checked_add(6.months()).map_err(too_far)?;
    if begins < eligible {
        return Err(format!(
            "it may begin on {eligible}, six months after the last sign of life"
        ));
    }
    let after = |weeks: i64| begins.checked_add(weeks.weeks()).map_err(too_far);
    Ok(InactivityPlan {
        eligible: eligible.to_string(),
        notice_1: begins.to_string(),
        notice_2: after(2)?.to_string(),
        warning: after(4)?.to_string(),
        revoke: after(6)?.to_string(),
        effects: vec![
            "tell_board",
            "take_off_list",
            "reject_reserved_not_public",
            "transfer_rest",
            "revoke_credentials_and_lists",
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_after_six_months_and_takes_six_weeks() {
        let plan = plan("2026-04-01", "2026-11-02").unwrap();
        assert_eq!(
            [&plan.eligible, &plan.notice_2, &plan.warning, &plan.revoke],
            ["2026-10-01", "2026-11-16", "2026-11-30", "2026-12-14"]
        );
        assert!(super::plan("2026-04-01", "2026-09-30").is_err());
    }
}
