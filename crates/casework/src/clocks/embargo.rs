//! Embargoes: until when, to the hour, in which zone.

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::EmbargoRow;

use super::{Calendar, InvalidCalendar, announcement_slot};
use crate::case::{self, CaseId, CaseState, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// An embargo to be set.
#[derive(Debug, Clone)]
pub struct NewEmbargo {
    /// The local date and hour it ends at, such as `2026-12-01T16:00`.
    pub until: String,
    /// The zone these are in; the desk's own without one.
    pub zone: Option<String>,
    /// What else was agreed, in words; may be empty.
    pub conditions: String,
}

/// Until when a case is under embargo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Embargo {
    /// The moment it ends.
    pub lifts_at: Timestamp,
    /// The local date and hour that were agreed.
    pub local: String,
    /// The zone they were agreed in.
    pub zone: String,
    /// What else was agreed, in words; may be empty.
    pub conditions: String,
    /// When it was set.
    pub set_at: Timestamp,
    /// What is unwise about the moment (D-18); empty when nothing is.
    pub warnings: Vec<String>,
}

impl Desk {
    /// Puts a case under embargo until a local hour, or changes the hour.
    ///
    /// Refuses: an hour that cannot be read or has passed, a zone that is
    /// none, a case whose advisory is public.
    /// Source: process section 12.1.
    pub fn set_embargo(
        &self,
        actor: &Actor,
        id: CaseId,
        new: &NewEmbargo,
    ) -> Result<Embargo, Error> {
        check(actor, Action::Embargo)?;
        let timing = self.timing()?;
        let zone = new.zone.as_deref().unwrap_or(timing.calendar.zone_name());
        // A calendar of the zone first, so that a wrong zone is told as one.
        let zone = Calendar::new(zone, [])
            .map_err(|error| Refusal::invalid("zone", error.to_string()))?
            .zone_name()
            .to_owned();
        let lifts_at = Calendar::moment_in(&zone, &new.until).map_err(|error| {
            let found: String = new.until.chars().take(64).collect();
            let problem = match error {
                InvalidCalendar::NoSuchHour(_) => error.to_string(),
                _ => format!(
                    "`{found}` is not a local date and hour: expected one such as \
                     `2026-12-01T16:00`"
                ),
            };
            Refusal::invalid("until", problem)
        })?;
        if lifts_at <= self.world.now() {
            let problem = format!("`{}` in {zone} has passed: name a later hour", new.until);
            return Err(Refusal::invalid("until", problem).into());
        }
        let row = EmbargoRow {
            lifts_at,
            local: new.until.clone(),
            zone,
            conditions: new.conditions.trim().to_owned(),
            set_by: actor.id().to_owned(),
            set_at: self.world.now(),
        };
        let actor = actor.clone();
        let kept = self.store.write(move |tx| {
            let mut case = case::take(tx, &actor, id, Verb::Comment)?;
            not_public(&case.state)?;
            let row = EmbargoRow {
                set_at: tx.now(),
                ..row.clone()
            };
            tx.put_embargo(id.number(), &row)?;
            case.embargoed = true;
            case::settle(tx, &mut case)?;
            let detail = json!({"lifts_at": row.lifts_at, "zone": row.zone});
            case::record(tx, &actor, id, "embargoed", "embargo", detail);
            Ok::<_, Error>(row)
        })?;
        let faults = announcement_slot(kept.lifts_at, &timing.calendar, &timing.clocks);
        Ok(shown(
            kept,
            faults.iter().map(ToString::to_string).collect(),
        ))
    }

    /// Ends the embargo of a case before its advisory does.
    ///
    /// Refuses: no reason; a case that is under none.
    pub fn lift_embargo(&self, actor: &Actor, id: CaseId, reason: &str) -> Result<(), Error> {
        check(actor, Action::Embargo)?;
        if reason.trim().is_empty() {
            let problem = "it is empty: say why the embargo ends";
            return Err(Refusal::invalid("reason", problem).into());
        }
        let (actor, reason) = (actor.clone(), reason.to_owned());
        self.store.write(move |tx| {
            let mut case = case::take(tx, &actor, id, Verb::Comment)?;
            let dated = tx.delete_embargo(id.number())?;
            if !dated && !case.embargoed {
                let problem = "the case is under none";
                return Err(Refusal::invalid("embargo", problem).into());
            }
            case.embargoed = false;
            case::settle(tx, &mut case)?;
            let detail = json!({"reason": reason});
            case::record(tx, &actor, id, "embargo-lifted", "lift-embargo", detail);
            Ok(())
        })
    }

    /// Until when a case is under embargo; nothing where no hour is agreed.
    pub fn embargo(&self, actor: &Actor, id: CaseId) -> Result<Option<Embargo>, Error> {
        check(actor, Action::See)?;
        let timing = self.timing()?;
        let row = self.store.snapshot(|reader| {
            let seen = reader.is_member(id.number(), actor.id())?
                && super::title(reader, actor, id.number())?.is_some();
            if !seen {
                return Err(Error::from(case::not_found(id)));
            }
            Ok(reader.embargo(id.number())?)
        })?;
        Ok(row.map(|row| {
            let faults = announcement_slot(row.lifts_at, &timing.calendar, &timing.clocks);
            shown(row, faults.iter().map(ToString::to_string).collect())
        }))
    }
}

fn not_public(state: &str) -> Result<(), Error> {
    let state: CaseState = state.parse().map_err(Error::Broken)?;
    if state.is_public() {
        return Err(Refusal::WrongState {
            state: state.to_string(),
            verb: "put under embargo",
            needs: "its advisory is public".to_owned(),
        }
        .into());
    }
    Ok(())
}

fn shown(row: EmbargoRow, warnings: Vec<String>) -> Embargo {
    Embargo {
        lifts_at: row.lifts_at,
        local: row.local,
        zone: row.zone,
        conditions: row.conditions,
        set_at: row.set_at,
        warnings,
    }
}
