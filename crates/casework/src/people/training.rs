//! Who was trained in the rules of the Program, and when.
//!
//! Source: process sections 3.5 (who is `cna_trained`) and 12.7.

use cve::time::Timestamp;
use serde_json::json;
use store::{AuditEvent, Reader};

use super::{Actor, Person, active};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::policy::{Action, Role, check};

/// The roles whose work needs the training.
///
/// Source: process section 3.5.
const TRAINED: [Role; 3] = [Role::Analyst, Role::Reviewer, Role::Publisher];

impl Desk {
    /// Notes the day somebody was trained; the newest takes the place of an
    /// earlier one.
    ///
    /// Takes: `day` such as `2026-11-03`; today, in the zone of the CNA,
    /// without one.
    /// Gives: the day.
    /// Refuses: a day that is none, or has not come yet; somebody who is not
    /// there.
    pub fn note_training(
        &self,
        actor: &Actor,
        name: &str,
        day: Option<&str>,
    ) -> Result<String, Error> {
        check(actor, Action::Administer)?;
        let today = self.timing()?.calendar.date(self.world.now());
        let day = day.map_or_else(|| today.clone(), |day| day.trim().to_owned());
        let is_day = day.len() == 10 && format!("{day}T00:00:00Z").parse::<Timestamp>().is_ok();
        if !is_day || day > today {
            let shown: String = day.chars().take(32).collect();
            let problem = format!("`{shown}` is no day up to today: expected such as `{today}`");
            return Err(Refusal::invalid("day", problem).into());
        }
        let (by, name) = (actor.clone(), name.to_owned());
        self.store.write(move |tx| {
            let person = active(tx, &name)?;
            tx.put_training(&person.id, &day, by.id())?;
            tx.audit(AuditEvent {
                actor: by.name().to_owned(),
                org: String::new(),
                action: "person.trained".into(),
                object: format!("person {name}"),
                detail: json!({"day": day}),
            });
            Ok(day.clone())
        })
    }
}

/// Puts the day of each one's training beside it.
pub(super) fn told(reader: &mut Reader<'_>, people: &mut [(String, Person)]) -> Result<(), Error> {
    for (id, day) in reader.trainings()? {
        if let Some((_, person)) = people.iter_mut().find(|(other, _)| *other == id) {
            person.trained_on = Some(day);
        }
    }
    Ok(())
}

/// Names of those whose roles need the training and of whom none is noted.
pub(crate) fn untrained(reader: &mut Reader<'_>) -> Result<Vec<String>, Error> {
    let trained = reader.trainings()?;
    let people = reader.people()?.into_iter().filter(|person| {
        let needs = person.roles.iter().filter_map(|role| role.parse().ok());
        let is_trained = trained.iter().any(|(id, _)| *id == person.id);
        person.active && !is_trained && needs.into_iter().any(|role| TRAINED.contains(&role))
    });
    Ok(people.map(|person| person.name).collect())
}
