//! A reserved ID that is named in public.
//!
//! Source: process section 9; the RBP policy.

/// What follows a Root's notice, rung by rung.
pub const LADDER: &[&str] = &[
    "notice",
    "warning_plan_of_action",
    "reservation_cap",
    "lr_publishes_ownership_moves",
    "formal_review",
];

/// What a sighting means.
///
/// Takes: whether details were there with the ID, whether the output was
/// ours, whether the ID was tied to a vulnerability.
pub fn sighting(details: bool, ours: bool, is_assigned: bool) -> &'static str {
    match (is_assigned, details, ours) {
        // Never assign it to hide the slip.
        (false, ..) => "find_right_id_and_correct_page",
        (true, true, true) => "publish_now_own",
        (true, true, false) => "publish_now_third_party",
        (true, false, _) => "flag",
    }
}

/// The share of a CNA's public IDs that lack a record, in percent.
///
/// Gives: nothing when none is public.
pub fn ratio(without_record: u64, public: u64) -> Option<f64> {
    (public > 0).then(|| without_record as f64 * 100.0 / public as f64)
}
