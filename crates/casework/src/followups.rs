//! The runner: says to other servers what waits to be said.
//!
//! A step answers with what is to become of the follow-up; only this file
//! writes it, so that a lease that was lost can never be written over.

mod desk;
mod fate;
mod file_issue;
mod publish;
mod reserve;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use store::{Claimed, FollowupState, Tx};

use crate::assign::RESERVE;
use crate::case::CaseId;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::mail::{MAIL, Sent};
use crate::people::Actor;
use crate::placeholder::FILE;
use crate::policy::{Action, check};
use crate::publish::PUBLISH;

pub(crate) use fate::{REINSTATE, REJECT};

/// Works off follow-ups.
#[derive(Debug)]
pub struct Runner {
    desk: Desk,
    name: String,
}

/// What a step made of a follow-up.
enum Step {
    /// It is said; the effect is written with the end of the claim.
    Done { answer: String, effect: Effect },
    /// Try again after so many milliseconds.
    Wait { answer: String, wait_ms: i64 },
    /// A person has to look, because what happened cannot be told for sure.
    Hold { answer: String },
    /// The other side refused.
    Fail { answer: String },
}

/// What is written together with the end of a claim; may run twice.
type Effect = Box<dyn FnMut(&mut Tx<'_>) -> Result<(), Error> + Send>;

/// Why a step could not go on.
enum Stop {
    /// The lease passed to another runner: say nothing more.
    LostLease,
    /// Something beneath failed; the lease runs out and the step is repeated.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Stop {
        Stop::Failed(error.into())
    }
}

impl Desk {
    /// A runner for the follow-ups of this desk.
    pub fn runner(&self) -> Runner {
        Runner {
            desk: self.clone(),
            name: self.world.uuid(),
        }
    }

    /// Makes a held or failed follow-up of a case due again.
    ///
    /// Refuses: a follow-up that is neither, or of a case the actor is not on.
    pub fn retry(&self, actor: &Actor, case: CaseId, followup: &str) -> Result<(), Error> {
        check(actor, Action::Retry)?;
        let (actor, followup) = (actor.clone(), followup.to_owned());
        self.store.write(move |tx| {
            let unknown = || Refusal::not_found(format!("follow-up `{followup}` of case {case}"));
            if !crate::case::is_visible(tx, &actor, case.number())?
                || !tx
                    .followups_of(&case.object())?
                    .iter()
                    .any(|row| row.id == followup)
            {
                return Err(unknown().into());
            }
            if !tx.retry_followup(&followup)? {
                let problem = "it neither waits for a person nor has failed";
                return Err(Refusal::invalid("followup", problem).into());
            }
            let detail = json!({"followup": followup});
            crate::case::record(tx, &actor, case, "retried", "retry", detail);
            Ok(())
        })
    }
}

impl Runner {
    /// Works off one follow-up that is due.
    ///
    /// Gives: whether there was one.
    pub fn run_one(&self) -> Result<bool, Error> {
        // A round that finds nothing writes nothing.
        if !self.desk.store.read(|reader| reader.is_followup_due())? {
            return Ok(false);
        }
        let (name, lease_ms) = (self.name.clone(), self.desk.settings.pace.lease_ms);
        let claimed = self
            .desk
            .store
            .write(move |tx| tx.claim_followup(&name, lease_ms).map_err(Error::from))?;
        let Some(claimed) = claimed else {
            return Ok(false);
        };
        self.desk
            .world
            .reached(&format!("{}.claimed", claimed.kind));
        let step = match claimed.kind.as_str() {
            RESERVE => reserve::step(&self.desk, &claimed),
            PUBLISH => publish::step(&self.desk, &claimed),
            REJECT | REINSTATE => fate::step(&self.desk, &claimed),
            MAIL => mail_step(&self.desk, &claimed),
            FILE => file_issue::step(&self.desk, &claimed),
            other => Ok(Step::Fail {
                answer: format!("this program does not know `{other}`"),
            }),
        };
        match step {
            Ok(step) => self.end(&claimed, step)?,
            Err(Stop::LostLease) => {
                tracing::warn!(followup = claimed.id, "the lease passed to another runner");
            }
            Err(Stop::Failed(error)) => {
                // What broke is ours and not the other side's; the claim is
                // given back, to be tried again like any lost answer.
                tracing::error!(followup = claimed.id, %error, "a follow-up could not go on");
                let answer = "the program failed; see its log".to_owned();
                let wait_ms = self.desk.settings.pace.wait_ms(claimed.attempts);
                self.end(&claimed, Step::Wait { answer, wait_ms })?;
            }
        }
        Ok(true)
    }

    /// Works off follow-ups and the feed until nothing is due.
    pub fn run_due(&self) -> Result<(), Error> {
        self.desk.run_plans()?;
        while self.run_one()? {}
        self.desk.follow_feed()?;
        self.desk.follow_clocks()?;
        self.desk.write_digests()?;
        self.desk.remind()?;
        Ok(())
    }

    /// Works off follow-ups until all are done, held or failed, or `patience`
    /// has passed.
    ///
    /// Gives: whether none waits any more.
    pub fn settle(&self, patience: Duration) -> Result<bool, Error> {
        let pause = Duration::from_millis(20);
        let mut left = patience;
        loop {
            self.run_due()?;
            if self.desk.store.read(|reader| reader.open_followups())? == 0 {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
            std::thread::sleep(pause.min(left));
            left = left.saturating_sub(pause);
        }
    }

    /// Works off follow-ups until `stop` is set; for a thread of its own.
    ///
    /// Looks at every change of this process, and each second for what other
    /// nodes left and for what has become due.
    pub fn run(&self, stop: &AtomicBool) {
        let mut seen = 0;
        while !stop.load(Ordering::Acquire) {
            if let Err(error) = self.run_due() {
                tracing::error!(%error, "working off follow-ups");
            }
            if let Err(error) = self.desk.refill_when_low() {
                tracing::error!(%error, "looking after the pool");
            }
            let due = self.until_due().min(Duration::from_secs(1));
            seen = self.desk.store.wait_for_change(seen, due);
        }
    }

    /// How long until the next waiting follow-up is due.
    fn until_due(&self) -> Duration {
        let next = self.desk.store.read(|reader| {
            let now = reader.database_time()?;
            let due = reader.next_followup_due()?;
            Ok::<_, store::Error>(due.map(|due| due.ms_since(now).max(0)))
        });
        match next {
            Ok(Some(ms)) => Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(10)),
            // A store that cannot be read is reported by the next round.
            Ok(None) | Err(_) => Duration::from_secs(1),
        }
    }

    fn end(&self, claimed: &Claimed, step: Step) -> Result<(), Error> {
        let (state, answer, wait_ms, mut effect) = match step {
            Step::Done { answer, effect } => (FollowupState::Done, answer, 0, Some(effect)),
            Step::Wait { answer, wait_ms } => (FollowupState::Pending, answer, wait_ms, None),
            Step::Hold { answer } => (FollowupState::Held, answer, 0, None),
            Step::Fail { answer } => (FollowupState::Failed, answer, 0, None),
        };
        let ended = claimed.clone();
        let kept = self.desk.store.write(move |tx| {
            if !tx.end_claim(&ended, state, &answer, wait_ms)? {
                return Ok(false);
            }
            if let Some(effect) = &mut effect {
                effect(tx)?;
            }
            Ok::<_, Error>(true)
        })?;
        if !kept {
            tracing::warn!(followup = claimed.id, "the lease passed to another runner");
        }
        self.desk.world.reached(&format!("{}.ended", claimed.kind));
        Ok(())
    }
}

/// Sends a mail: at least once, each time under the same Message-ID.
fn mail_step(desk: &Desk, claimed: &Claimed) -> Result<Step, Stop> {
    Ok(match desk.send_mail(claimed)? {
        Sent::Taken(answer) => Step::Done {
            answer,
            effect: Box::new(|_| Ok(())),
        },
        Sent::Later(answer) => Step::Wait {
            answer,
            wait_ms: desk.settings.pace.wait_ms(claimed.attempts),
        },
        Sent::Refused(answer) => Step::Fail { answer },
    })
}

/// Reads the payload of a follow-up.
fn order<T: serde::de::DeserializeOwned>(claimed: &Claimed) -> Result<T, Stop> {
    serde_json::from_value(claimed.payload.clone()).map_err(|error| {
        Error::Broken(format!("payload of follow-up {}: {error}", claimed.id)).into()
    })
}

/// Keeps how far a step has come, or stops it when the lease is lost.
fn note(desk: &Desk, claimed: &Claimed, progress: &Value) -> Result<(), Stop> {
    let (ended, progress) = (claimed.clone(), progress.clone());
    let kept = desk
        .store
        .write(move |tx| tx.note_progress(&ended, &progress).map_err(Error::from))?;
    if kept { Ok(()) } else { Err(Stop::LostLease) }
}

/// What a look that failed means: a service that refuses it in its own words,
/// for the account perhaps, needs a person; anything else is tried again, also
/// a refusal without a code, which something in between made.
fn looked_in_vain(desk: &Desk, claimed: &Claimed, error: &client::Error) -> Step {
    let refused = matches!(error, client::Error::Refused { code: Some(_), .. });
    if refused && !says_later(error) {
        let answer = error.to_string();
        return Step::Fail { answer };
    }
    look_again(desk, claimed, error)
}

/// Says whether the server only wants to be asked later: 429 means that it did
/// nothing, and nothing else.
fn says_later(error: &client::Error) -> bool {
    matches!(error, client::Error::Refused { status: 429, .. })
}

/// What a failed request means for a follow-up that may safely look again.
fn look_again(desk: &Desk, claimed: &Claimed, error: &client::Error) -> Step {
    Step::Wait {
        answer: error.to_string(),
        wait_ms: desk.settings.pace.wait_ms(claimed.attempts),
    }
}
