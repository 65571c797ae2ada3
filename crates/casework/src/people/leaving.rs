//! Changing what people may do, and people who leave.

use cve::hash::Digest;
use store::{PersonRow, Tx, Visibility};

use super::{Actor, Person, Secret, TokenKind, active, insert_person, insert_token, is_name, note};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::policy::{Action, Role, check};

impl Desk {
    /// Gives somebody these roles, in place of the ones before. They hold
    /// from the next request on.
    ///
    /// Refuses: taking `oa` from the last administrator.
    pub fn set_roles(&self, actor: &Actor, name: &str, roles: &[Role]) -> Result<Person, Error> {
        check(actor, Action::Administer)?;
        let (by, name) = (actor.name.clone(), name.to_owned());
        let mut sorted = roles.to_vec();
        sorted.sort();
        sorted.dedup();
        self.store.write(move |tx| {
            let mut row = taken(tx, &name)?;
            row.roles = sorted.iter().map(ToString::to_string).collect();
            keep_an_administrator(tx, &row)?;
            tx.update_person(&row)?;
            note(tx, &by, "person.roles", &name);
            Ok(row.into())
        })
    }

    /// Notes that somebody has left: nothing it holds works any more, what it
    /// did stays.
    ///
    /// Refuses: the last administrator; somebody who has left already.
    pub fn leave(&self, actor: &Actor, name: &str) -> Result<Person, Error> {
        check(actor, Action::Administer)?;
        let (by, name) = (actor.name.clone(), name.to_owned());
        self.store.write(move |tx| {
            let mut row = taken(tx, &name)?;
            row.active = false;
            row.left_at = Some(tx.now());
            keep_an_administrator(tx, &row)?;
            tx.update_person(&row)?;
            tx.delete_tokens_of(&row.id)?;
            tx.change("person.left", "", &name, Visibility::Restricted);
            note(tx, &by, "person.leave", &name);
            Ok(row.into())
        })
    }

    /// Makes somebody an administrator without asking one: for whoever holds
    /// the data folder, when nobody can sign in as one any more.
    ///
    /// Takes: the name of somebody who is there, has left, or is new.
    /// Gives: a one-time sign-in link's secret.
    pub fn recover(&self, name: &str) -> Result<Secret, Error> {
        is_name(name)?;
        let (name, id) = (name.to_owned(), self.world.uuid());
        let secret = self.new_secret();
        let digest = Digest::of(secret.0.as_bytes());
        self.store.write(move |tx| {
            let oa = Role::Oa.to_string();
            let person = match tx.person_by_name(&name)? {
                Some(mut row) => {
                    row.active = true;
                    row.left_at = None;
                    if !row.roles.contains(&oa) {
                        row.roles.push(oa);
                    }
                    tx.update_person(&row)?;
                    row
                }
                None => insert_person(tx, &id, &name, "", vec![oa])?,
            };
            insert_token(tx, digest, &person.id, TokenKind::Link, "recovery")?;
            note(tx, "data folder", "person.recover", &name);
            Ok::<_, Error>(())
        })?;
        Ok(secret)
    }
}

/// Somebody who has not left, with everybody taken for this unit of work.
fn taken(tx: &mut Tx<'_>, name: &str) -> Result<PersonRow, Error> {
    // Two administrators who take the role from each other at once must not
    // both succeed.
    tx.take_people()?;
    active(tx, name)
}

/// Refuses a change after which nobody administers the desk.
fn keep_an_administrator(tx: &mut Tx<'_>, changed: &PersonRow) -> Result<(), Error> {
    let administers = |row: &PersonRow| {
        let oa = Role::Oa.as_str();
        row.active && row.roles.iter().any(|role| role == oa)
    };
    let others = tx.people()?;
    let mut others = others.iter().filter(|row| row.id != changed.id);
    if administers(changed) || others.any(administers) {
        return Ok(());
    }
    Err(Refusal::LastAdministrator {
        name: changed.name.clone(),
    }
    .into())
}
