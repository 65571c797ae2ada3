//! The retrospective of a case, with its text.
//!
//! Source: process sections 3.4 (D-19) and 12.2.

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{CaseRow, RetrospectiveRow, Tx};

use crate::approvals;
use crate::case::{self, CaseId, Names, Verb, is_visible, not_found};
use crate::clocks::EventKind;
use crate::decision::profile;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::intake::insert_event;
use crate::people::Actor;
use crate::policy::{Action, check};

/// Bytes a text has at most.
const LONGEST_BYTES: usize = 256 * 1024;

/// A text of a retrospective; the newest counts, and the earlier ones stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retrospective {
    /// Its number in the case, from 1.
    pub number: i64,
    /// The text, Markdown.
    pub body: String,
    /// Name of whoever wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

impl Desk {
    /// Keeps the text of the retrospective of a case; it was held with that,
    /// and its clock (D-19) stops.
    ///
    /// Refuses: an empty text, one of more than 256 KiB; a case the actor is
    /// not on, as one that is not there.
    pub fn keep_retrospective(
        &self,
        actor: &Actor,
        id: CaseId,
        body: &str,
    ) -> Result<Retrospective, Error> {
        check(actor, Action::Record)?;
        let body = body.trim().to_owned();
        if body.is_empty() {
            let problem = "it is empty: say what went well, what did not, and what changes";
            return Err(Refusal::invalid("body", problem).into());
        }
        if body.len() > LONGEST_BYTES {
            let problem = format!(
                "it has {} bytes: expected at most {LONGEST_BYTES}",
                body.len()
            );
            return Err(Refusal::invalid("body", problem).into());
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            let number = tx.retrospectives(id.number())?.len() as i64 + 1;
            let kept = RetrospectiveRow {
                number,
                body: body.clone(),
                author: actor.id().to_owned(),
                at: tx.now(),
            };
            tx.insert_retrospective(id.number(), &kept)?;
            insert_event(tx, id, EventKind::RetrospectiveHeld, actor.id())?;
            case::settle(tx, &mut row)?;
            let detail = json!({"number": number});
            case::record(tx, &actor, id, "recorded", "retrospective", detail);
            Ok(Retrospective {
                number,
                body: kept.body,
                author: actor.name().to_owned(),
                at: kept.at,
            })
        })
    }

    /// The texts of the retrospective of a case, oldest first. The look at one
    /// of a case under embargo is written to the audit chain.
    pub fn retrospectives(&self, actor: &Actor, id: CaseId) -> Result<Vec<Retrospective>, Error> {
        check(actor, Action::See)?;
        let (texts, embargoed) = self.store.snapshot(|reader| {
            if !is_visible(reader, actor, id.number())? {
                return Err(Error::from(not_found(id)));
            }
            let names = Names::load(reader)?;
            let rows = reader.retrospectives(id.number())?.into_iter();
            let texts: Vec<Retrospective> = rows
                .map(|row| Retrospective {
                    number: row.number,
                    body: row.body,
                    author: names.of(&row.author),
                    at: row.at,
                })
                .collect();
            let embargoed = reader.case(id.number())?.is_some_and(|row| row.embargoed);
            Ok((texts, embargoed))
        })?;
        if embargoed {
            self.note_view(actor, id)?;
        }
        Ok(texts)
    }
}

/// Refuses to close a published case whose retrospective has no text, where
/// the profile asks for one.
///
/// Source: our choice, and data of the profile: process section 12.2 has a
/// retrospective after every disclosure of a committee.
pub(crate) fn refuse_without(tx: &mut Tx<'_>, row: &CaseRow) -> Result<(), Error> {
    let name = approvals::rule(tx)?.profile;
    if !profile(&name).map_err(Error::Broken)?.retrospective {
        return Ok(());
    }
    let lines = tx.ledger_of(row.id)?;
    let is_published = lines.iter().any(|line| line.published_at.is_some());
    if !is_published || !tx.retrospectives(row.id)?.is_empty() {
        return Ok(());
    }
    let problem = format!(
        "case {0} is published, and the profile `{name}` asks for the text of its \
         retrospective first: keep it with `cna case retrospective {0} -m TEXT` (D-19)",
        row.id
    );
    Err(Refusal::invalid("retrospective", problem).into())
}
