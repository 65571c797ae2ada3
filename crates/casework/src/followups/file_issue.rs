//! Filing a placeholder issue: once, whatever becomes of the answer.
//!
//! Before it is sent, the first try and who files are kept, and the mark is
//! part of the order. Whoever tries again waits until the tracker cannot work
//! on the last request any more, and looks for an issue with the mark; only
//! where there is none it is filed again.

use client::{Filing, IssueFailure, IssueSeen, Issues, NewIssue};
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Claimed;

use super::{Step, Stop, note, order};
use crate::desk::Desk;
use crate::error::Error;
use crate::placeholder::{FileOrder, keep_filed};

/// How much earlier than the first try an issue may say it was changed: the
/// clocks of two machines differ.
const SKEW_MS: i64 = 10 * 60 * 1_000;

/// How far filing has come.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Progress {
    /// When it was first tried, by our clock.
    first_at: Option<Timestamp>,
    /// Who files, as the tracker calls it; nothing where it does not say.
    creator: Option<String>,
    /// When it was last sent, in database time; nothing when it certainly was
    /// not taken.
    sent_at: Option<Timestamp>,
}

pub(super) fn step(desk: &Desk, claimed: &Claimed) -> Result<Step, Stop> {
    let order: FileOrder = order(claimed)?;
    let (tracker, token) = match desk.open_tracker() {
        Ok(open) => open,
        Err(Error::Refused(refusal)) => {
            let answer = refusal.to_string();
            return Ok(Step::Fail { answer });
        }
        Err(error) => return Err(error.into()),
    };
    if tracker.repository != order.repository {
        let answer = format!(
            "it was to be filed in `{}`, and public issues are in `{}` now: set the tracker back, \
             or cancel this",
            order.repository, tracker.repository
        );
        return Ok(Step::Fail { answer });
    }
    let issues = Issues::new(&desk.settings.request, &tracker.api, token.as_ref());
    let mut progress: Progress = serde_json::from_value(claimed.progress.clone())
        .map_err(|error| Error::Broken(format!("progress of {}: {error}", claimed.id)))?;
    if let Some(sent_at) = progress.sent_at {
        let now = desk.store.read(|reader| reader.database_time())?;
        let left = desk.settings.pace.server_limit_ms - now.ms_since(sent_at);
        if left > 0 {
            let answer = "the answer was lost; it is looked for once the tracker is done with it";
            return Ok(Step::Wait {
                answer: answer.to_owned(),
                wait_ms: left,
            });
        }
        let since = progress.first_at.unwrap_or(sent_at).plus_ms(-SKEW_MS);
        let creator = progress.creator.as_deref();
        match issues.find(&order.repository, since, creator, &order.mark) {
            Ok(Some(seen)) => return Ok(done(order, seen, "found after a lost answer:")),
            Ok(None) => {}
            Err(failure) => return Ok(later(desk, claimed, &failure)),
        }
    }
    if progress.first_at.is_none() {
        progress.creator = match issues.login() {
            Ok(creator) => creator,
            Err(failure @ (IssueFailure::Token | IssueFailure::Moved { .. })) => {
                let answer = failure.to_string();
                return Ok(Step::Fail { answer });
            }
            Err(failure) => return Ok(later(desk, claimed, &failure)),
        };
        progress.first_at = Some(desk.world.now());
    }
    progress.sent_at = Some(desk.store.read(|reader| reader.database_time())?);
    note(desk, claimed, &json!(progress))?;
    desk.world.reached("issue.file.noted");
    let new = NewIssue {
        title: order.title.clone(),
        body: format!("{}\n<!-- {} -->\n", order.body.trim_end(), order.mark),
        labels: order.labels.clone(),
    };
    let filing = issues.file(&order.repository, &new);
    desk.world.reached("issue.file.answered");
    match filing {
        Filing::Filed(seen) => Ok(done(order, seen, "filed as")),
        Filing::Unknown(answer) => Ok(Step::Wait {
            answer,
            wait_ms: desk.settings.pace.server_limit_ms,
        }),
        Filing::Refused(answer) => {
            forget(desk, claimed, &mut progress)?;
            Ok(Step::Fail { answer })
        }
        Filing::Later(answer) => {
            forget(desk, claimed, &mut progress)?;
            let wait_ms = desk.settings.pace.wait_ms(claimed.attempts);
            Ok(Step::Wait { answer, wait_ms })
        }
    }
}

/// Notes that nothing was filed, so that nothing has to be looked for.
fn forget(desk: &Desk, claimed: &Claimed, progress: &mut Progress) -> Result<(), Stop> {
    progress.sent_at = None;
    note(desk, claimed, &json!(progress))
}

fn done(order: FileOrder, seen: IssueSeen, how: &str) -> Step {
    let answer = format!("{how} {}", crate::issues::short(&seen.html_url));
    Step::Done {
        answer,
        effect: Box::new(move |tx| keep_filed(tx, &order, &seen)),
    }
}

/// A look that failed says nothing: it is tried again, and nothing is filed.
fn later(desk: &Desk, claimed: &Claimed, failure: &IssueFailure) -> Step {
    Step::Wait {
        answer: failure.to_string(),
        wait_ms: desk.settings.pace.wait_ms(claimed.attempts),
    }
}
