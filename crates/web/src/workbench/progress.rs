//! How far a case has come, from the report to the published record.

use casework::CaseState;

/// One step on the way of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) name: &'static str,
    /// `done`, `now` or `later`.
    pub(super) place: &'static str,
}

const STEPS: [&str; 7] = [
    "Received",
    "Triage",
    "Determined",
    "ID assigned",
    "Ready",
    "Disclosed",
    "Published",
];

/// The steps of a case in `state`; a closed case stays at its triage.
pub(super) fn progress(state: CaseState) -> Vec<Step> {
    let at = match state {
        CaseState::Received => 0,
        CaseState::Determined => 2,
        CaseState::Assigned => 3,
        CaseState::Ready => 4,
        CaseState::Disclosed => 5,
        // The last step is done when it is reached.
        CaseState::Published | CaseState::Closed => STEPS.len(),
        _ => 1,
    };
    let place = |index: usize| match index.cmp(&at) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "later",
    };
    let steps = STEPS.into_iter().enumerate();
    steps
        .map(|(index, name)| Step {
            name,
            place: place(index),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_but_the_last_has_exactly_one_present_step() {
        for state in CaseState::ALL {
            let now = progress(state).iter().filter(|s| s.place == "now").count();
            let is_last = matches!(state, CaseState::Published | CaseState::Closed);
            assert_eq!(now, usize::from(!is_last), "{state}");
        }
    }
}
