//! Bounty awards: proposed by one person, approved by another. An award does
//! not wait for the fix.
//!
//! Source: process section 2.4: the second committee member's approval is
//! wanted.

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AwardRow, Reader};

use crate::case::{self, CaseId, Names, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::tasks::short;

/// Digits before the point at most.
const DIGITS: usize = 9;

const PROPOSED: &str = "proposed";
const APPROVED: &str = "approved";
const REFUSED: &str = "refused";

/// A bounty award of a case. The newest that is approved counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Award {
    /// Its number in the case, from 1.
    pub number: i64,
    /// How much, such as `1500` or `1500.50`.
    pub amount: String,
    /// Of what, such as `USD`.
    pub currency: String,
    /// What for; may be empty.
    pub note: String,
    /// `proposed`, `approved`, `refused`, or `replaced` by a later one.
    pub state: String,
    /// Name of whoever proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Name of whoever approved or refused it, or replaced it undecided; empty
    /// before.
    pub decided_by: String,
    /// When; nothing before.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused; empty otherwise.
    pub reason: String,
}

impl Desk {
    /// Proposes a bounty award. One that waits is replaced; one that is
    /// approved stands until another is approved.
    ///
    /// Takes: `amount`, above nothing, with two decimals at most; `currency`,
    /// three letters of ISO 4217.
    /// Refuses: another form of either; a case the actor is not on.
    pub fn propose_award(
        &self,
        actor: &Actor,
        id: CaseId,
        amount: &str,
        currency: &str,
        note: &str,
    ) -> Result<Award, Error> {
        check(actor, Action::Award)?;
        let amount = amount.trim().to_owned();
        if !is_amount(&amount) {
            let shown: String = amount.chars().take(32).collect();
            let problem = format!("`{shown}` is no amount: expected such as `1500` or `1500.50`");
            return Err(Refusal::invalid("amount", problem).into());
        }
        let currency = currency.trim().to_ascii_uppercase();
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let shown: String = currency.chars().take(32).collect();
            let problem = format!("`{shown}` is no currency: expected three letters such as `USD`");
            return Err(Refusal::invalid("currency", problem).into());
        }
        let note = short("note", note.trim())?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut case = case::take(tx, &actor, id, Verb::Comment)?;
            for row in tx.awards(id.number())? {
                if row.state == PROPOSED {
                    tx.replace_award(id.number(), row.number, actor.id())?;
                }
            }
            let number = tx.insert_award(id.number(), &amount, &currency, &note, actor.id())?;
            case::settle(tx, &mut case)?;
            let detail = json!({"award": number, "amount": amount, "currency": currency});
            case::record(tx, &actor, id, "award-proposed", "propose-award", detail);
            found(tx, id, number)
        })
    }

    /// Approves a proposed award, as a second person. An earlier one that was
    /// approved is replaced by it.
    ///
    /// Refuses: whoever proposed it; one that is decided; one that is not there.
    /// Source: process section 2.4.
    pub fn approve_award(&self, actor: &Actor, id: CaseId, number: i64) -> Result<Award, Error> {
        self.decide_award(actor, id, number, APPROVED, "")
    }

    /// Refuses a proposed award; whoever proposed it takes it back with this.
    ///
    /// Takes: `reason`, not empty.
    /// Refuses: one that is decided; one that is not there.
    pub fn refuse_award(
        &self,
        actor: &Actor,
        id: CaseId,
        number: i64,
        reason: &str,
    ) -> Result<Award, Error> {
        let reason = short("reason", reason.trim())?;
        if reason.is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        self.decide_award(actor, id, number, REFUSED, &reason)
    }

    fn decide_award(
        &self,
        actor: &Actor,
        id: CaseId,
        number: i64,
        end: &'static str,
        reason: &str,
    ) -> Result<Award, Error> {
        check(actor, Action::Award)?;
        let (actor, reason) = (actor.clone(), reason.to_owned());
        self.store.write(move |tx| {
            let mut case = case::take(tx, &actor, id, Verb::Comment)?;
            let rows = tx.awards(id.number())?;
            let row = rows.iter().find(|row| row.number == number);
            let row = row.ok_or_else(|| unknown(id, number))?;
            if row.state != PROPOSED {
                let problem = format!("award {number} is {} already", row.state);
                return Err(Error::from(Refusal::invalid("award", problem)));
            }
            if end == APPROVED && row.proposed_by == actor.id() {
                let reviewer = actor.name().to_owned();
                return Err(Refusal::OwnProposal { reviewer }.into());
            }
            if end == APPROVED {
                for earlier in rows.iter().filter(|row| row.state == APPROVED) {
                    tx.replace_award(id.number(), earlier.number, actor.id())?;
                }
            }
            tx.end_award(id.number(), number, end, actor.id(), &reason)?;
            case::settle(tx, &mut case)?;
            let detail = json!({
                "award": number, "amount": row.amount, "currency": row.currency,
            });
            let (change, action) = match end {
                APPROVED => ("award-approved", "approve-award"),
                _ => ("award-refused", "refuse-award"),
            };
            case::record(tx, &actor, id, change, action, detail);
            found(tx, id, number)
        })
    }
}

fn unknown(id: CaseId, number: i64) -> Refusal {
    Refusal::not_found(format!("award {number} of case {id}"))
}

fn found(reader: &mut Reader<'_>, id: CaseId, number: i64) -> Result<Award, Error> {
    let names = Names::load(reader)?;
    let all = of_case(reader, id, &names)?;
    let award = all.into_iter().find(|award| award.number == number);
    Ok(award.ok_or_else(|| unknown(id, number))?)
}

/// The awards of a case, oldest first.
pub(crate) fn of_case(
    reader: &mut Reader<'_>,
    id: CaseId,
    names: &Names,
) -> Result<Vec<Award>, Error> {
    let shown = |row: AwardRow| Award {
        number: row.number,
        amount: row.amount,
        currency: row.currency,
        note: row.note,
        state: row.state,
        proposed_by: names.of(&row.proposed_by),
        proposed_at: row.proposed_at,
        decided_by: names.of(&row.decided_by),
        decided_at: row.decided_at,
        reason: row.reason,
    };
    Ok(reader.awards(id.number())?.into_iter().map(shown).collect())
}

/// Whether a text is an amount of money above nothing.
fn is_amount(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && whole.len() <= DIGITS
        && (whole == "0" || !whole.starts_with('0'))
        && digits(part)
        && part.len() <= 2
        && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_plain_number_above_nothing() {
        for (text, expected) in [
            ("1500", true),
            ("1500.5", true),
            ("0.50", true),
            ("999999999.99", true),
            ("0", false),
            ("0.00", false),
            ("", false),
            (".5", false),
            ("5.", false),
            ("01", false),
            ("-5", false),
            ("1,500", false),
            ("1e3", false),
            ("1.234", false),
            ("1000000000", false),
        ] {
            assert_eq!(is_amount(text), expected, "{text}");
        }
    }
}
