//! Words of programs as words of people.

use casework::CaseState;

/// `text` with an upper-case first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// `public_own` as `public own`.
pub(crate) fn spaced(text: &str) -> String {
    text.replace('_', " ")
}

/// A state in words.
pub(crate) fn state(state: CaseState) -> &'static str {
    match state {
        CaseState::Received => "Received",
        CaseState::Triage => "In triage",
        CaseState::NeedInfo => "Waiting for information",
        CaseState::Consulting => "Asking experts",
        CaseState::Coordinating => "Coordinating with other CNAs",
        CaseState::Routed => "Handed to another organisation",
        CaseState::Determined => "Determined: gets an ID",
        CaseState::Assigned => "ID assigned",
        CaseState::Ready => "Ready to publish",
        CaseState::Disclosed => "Disclosed, record on its way",
        CaseState::Published => "Published",
        CaseState::ClosedNotVuln => "Closed: not a vulnerability",
        CaseState::ClosedNoAssign => "Closed: gets no ID",
        CaseState::ClosedDuplicate => "Closed: has an ID already",
        CaseState::ClosedWithdrawn => "Closed: its ID is withdrawn",
        CaseState::ClosedRouted => "Closed: another organisation assigned",
        CaseState::ClosedNoResponse => "Closed: the reporter did not answer",
        CaseState::Closed => "Closed: all is done",
    }
}

/// `one`, `one or two`, `one, two or three`.
pub(crate) fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
