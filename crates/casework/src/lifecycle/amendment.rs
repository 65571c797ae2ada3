//! Bringing a published record up to date.
//!
//! Source: process section 8.1; CNA Rules 4.5.3.1, 4.5.3.2.

/// The steps of an amendment, in order.
pub const STEPS: &[&str] = &[
    "update_record",
    "read_back",
    "update_advisory",
    "answer_requester",
];

/// What an amendment does and what it leaves alone.
pub const EFFECTS: &[&str] = &[
    "same_id",
    "state_stays",
    "affected_extended",
    "date_updated_moves",
    "adp_kept",
];

/// The steps of a rejection, in order.
///
/// Source: process section 8.2: what it removes is kept first.
pub const REJECT_STEPS: &[&str] = &[
    "archive_record_and_adp",
    "approve_reject_text",
    "reject_record",
    "read_back",
    "correct_advisory",
    "announce_reject",
    "tell_reporter",
];

/// The day before which CNAs do not edit records.
///
/// Source: the Board's cut-off for historic records.
pub const CUT_OFF: &str = "2016-10-31";

/// Who may change a record first published on a day.
pub fn editor(published: &str) -> &'static str {
    if published < CUT_OFF {
        "secretariat"
    } else {
        "cna"
    }
}
