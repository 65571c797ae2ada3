//! How a text fares that was given to mail, or to a person.

use serde::Serialize;
use store::{FollowupState, Reader};

use crate::error::Error;

/// Where a text stands on its way to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchState {
    /// Nobody sent it yet.
    Unsent,
    /// A person sends it, or did: no mail was left.
    ByHand,
    /// A mail waits, or is tried just now.
    Waiting,
    /// The mail server took it.
    Sent,
    /// The mail server refused it for good, or somebody gave the mail up.
    Failed,
}

/// How a text fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispatch {
    /// Where it stands.
    pub state: DispatchState,
    /// What the mail server answered last, or why the mail was given up; empty
    /// before the first answer.
    pub answer: String,
    /// What to do; empty when nothing is.
    pub todo: String,
}

impl Dispatch {
    /// The same, with what to do where it failed.
    pub(crate) fn with_todo(mut self, todo: impl FnOnce() -> String) -> Dispatch {
        if self.state == DispatchState::Failed {
            self.todo = todo();
        }
        self
    }

    /// Says whether the text may leave, for the first time or again.
    pub(crate) fn may_leave(&self) -> bool {
        matches!(self.state, DispatchState::Unsent | DispatchState::Failed)
    }
}

/// How a text fares whose mail is the follow-up with this id.
///
/// Takes: `is_sent`, whether somebody sent it.
pub(crate) fn of(
    reader: &mut Reader<'_>,
    followup: &str,
    is_sent: bool,
) -> Result<Dispatch, Error> {
    let row = match is_sent {
        true => reader.followup(followup)?,
        false => None,
    };
    let (state, answer) = match row {
        None if is_sent => (DispatchState::ByHand, String::new()),
        None => (DispatchState::Unsent, String::new()),
        Some(row) => {
            let state = match row.state {
                FollowupState::Pending | FollowupState::Leased => DispatchState::Waiting,
                FollowupState::Done => DispatchState::Sent,
                FollowupState::Held | FollowupState::Failed | FollowupState::Cancelled => {
                    DispatchState::Failed
                }
            };
            (state, row.last_answer)
        }
    };
    Ok(Dispatch {
        state,
        answer,
        todo: String::new(),
    })
}
