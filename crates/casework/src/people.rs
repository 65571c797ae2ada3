//! People, and how they prove who they are.

use cve::hash::Digest;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AuditEvent, PersonRow, TokenRow, Tx};

use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::policy::{Action, Role, Scope, check};

mod leaving;
mod roster;
mod tokens;
pub(crate) mod training;

pub use roster::{Owner, Roster};
pub use tokens::{NewToken, Token};

/// How long a sign-in link works.
const LINK_MS: i64 = 60 * 60 * 1000;

/// How long a session lasts.
const SESSION_MS: i64 = 12 * 60 * 60 * 1000;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How many days a token for programs works at most.
pub(crate) const TOKEN_DAYS: u16 = 365;

/// People of one organisation at most.
///
/// Source: process section 3.5.
const MOST_PEOPLE: usize = 100;

/// A person who has proven who it is. Only this file makes one, so whoever
/// holds an `Actor` has been through a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    id: String,
    name: String,
    roles: Vec<Role>,
    /// What the token is good for; nothing where it is good for everything.
    scopes: Option<Vec<Scope>>,
}

impl Actor {
    /// Its id; never changes.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The short name it goes by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its roles.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Says whether the actor has `role`.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Says whether what the actor signed in with is good for `scope`.
    pub fn is_good_for(&self, scope: Scope) -> bool {
        self.scopes
            .as_ref()
            .is_none_or(|scopes| scopes.contains(&scope))
    }

    /// Says whether the actor may do something, on a case it is on.
    pub fn may(&self, action: Action) -> bool {
        check(self, action).is_ok()
    }

    fn from_row(row: PersonRow, scopes: Option<Vec<Scope>>) -> Result<Actor, Error> {
        let roles = row
            .roles
            .iter()
            .map(|role| role.parse())
            .collect::<Result<_, String>>()
            .map_err(Error::Broken)?;
        Ok(Actor {
            id: row.id,
            name: row.name,
            roles,
            scopes,
        })
    }
}

/// A secret as it is handed to its owner, once. `Debug` does not show it.
#[derive(Clone)]
pub struct Secret(pub(crate) String);

impl Secret {
    /// The secret itself, to be handed to its owner and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A person as others see it.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    /// The short name it goes by.
    pub name: String,
    /// Its full name; may be empty.
    pub full_name: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// Whether it may sign in.
    pub active: bool,
    /// When it left; nothing for whoever is there.
    pub left_at: Option<Timestamp>,
    /// When it last signed in; nothing before the first time.
    pub seen_at: Option<Timestamp>,
    /// The day it was last trained; nothing where none is noted, or where
    /// people are not listed.
    pub trained_on: Option<String>,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Person {
        Person {
            name: row.name,
            full_name: row.full_name,
            roles: row.roles,
            active: row.active,
            left_at: row.left_at,
            seen_at: row.seen_at,
            trained_on: None,
        }
    }
}

/// What a person proves itself with; tokens for programs are made in `tokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    /// Opens one session, once.
    Link,
    /// A signed-in browser.
    Session,
}

impl TokenKind {
    fn as_str(self) -> &'static str {
        match self {
            TokenKind::Link => "link",
            TokenKind::Session => "session",
        }
    }

    fn lifetime_ms(self) -> i64 {
        match self {
            TokenKind::Link => LINK_MS,
            TokenKind::Session => SESSION_MS,
        }
    }
}

impl Desk {
    /// Makes the first administrator when the desk has nobody yet.
    ///
    /// Gives: a one-time sign-in link's secret, or nothing when somebody is
    /// there already.
    pub fn first_run(&self, name: &str) -> Result<Option<Secret>, Error> {
        let name = name.to_owned();
        let id = self.world.uuid();
        let secret = self.new_secret();
        let digest = Digest::of(secret.0.as_bytes());
        let made = self.store.write(move |tx| {
            if !tx.people()?.is_empty() {
                return Ok::<_, Error>(false);
            }
            // Whoever starts alone does everything; adding a second person is
            // what four eyes need next.
            let roles = Role::ALL
                .iter()
                .filter(|role| !matches!(role, Role::Auditor | Role::Fixer | Role::ReleaseManager));
            insert_person(tx, &id, &name, "", roles.map(ToString::to_string).collect())?;
            insert_token(tx, digest, &id, TokenKind::Link, "first administrator")?;
            note(tx, "system", "person.add", &name);
            Ok(true)
        });
        match made {
            // Another node, started at the same moment, was first.
            Err(error) if error.is_duplicate() => Ok(None),
            made => Ok(made?.then_some(secret)),
        }
    }

    /// Adds a person.
    ///
    /// Refuses: a name that is taken or is no name, an unknown role.
    pub fn add_person(
        &self,
        actor: &Actor,
        name: &str,
        full_name: &str,
        roles: &[Role],
    ) -> Result<Person, Error> {
        check(actor, Action::Administer)?;
        is_name(name)?;
        let id = self.world.uuid();
        let by = actor.name.clone();
        let (name, full_name) = (name.to_owned(), full_name.to_owned());
        let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
        let taken = format!("`{name}` is taken: choose another name");
        let taken = Refusal::invalid("name", taken);
        let refused = taken.clone();
        let added = self.store.write(move |tx| {
            if tx.person_by_name(&name)?.is_some() {
                return Err(Error::from(refused.clone()));
            }
            let people = tx.people()?;
            if people.iter().filter(|person| person.active).count() >= MOST_PEOPLE {
                let problem = format!(
                    "the desk has {MOST_PEOPLE} people: somebody has to leave before `{name}` can come"
                );
                return Err(Refusal::invalid("name", problem).into());
            }
            let row = insert_person(tx, &id, &name, &full_name, roles.clone())?;
            note(tx, &by, "person.add", &name);
            Ok(row.into())
        });
        added.map_err(|error| error.or_if_duplicate(taken))
    }

    /// Makes a one-time sign-in link's secret for somebody.
    pub fn invite(&self, actor: &Actor, name: &str) -> Result<Secret, Error> {
        check(actor, Action::Administer)?;
        let secret = self.new_secret();
        let digest = Digest::of(secret.0.as_bytes());
        let (by, name) = (actor.name.clone(), name.to_owned());
        self.store.write(move |tx| {
            let person = active(tx, &name)?;
            insert_token(tx, digest, &person.id, TokenKind::Link, "invitation")?;
            note(tx, &by, "token.issue", &name);
            Ok::<_, Error>(())
        })?;
        Ok(secret)
    }

    /// Uses up a sign-in link and opens a session.
    ///
    /// Refuses: a link that is unknown, used or too old, and somebody who was
    /// deactivated since.
    pub fn sign_in(&self, link: &str) -> Result<Secret, Error> {
        let digest = Digest::of(link.as_bytes());
        let session = self.new_secret();
        let session_digest = Digest::of(session.0.as_bytes());
        let refused = || {
            Refusal::NotSignedIn(
                "this sign-in link does not work (any more): ask for a new one".into(),
            )
        };
        // What was never made costs the writer nothing.
        if self.store.read(|reader| reader.token(digest))?.is_none() {
            return Err(refused().into());
        }
        self.store.write(move |tx| {
            let link = tx
                .token(digest)?
                .filter(|token| token.kind == "link")
                .ok_or_else(refused)?;
            let person = tx
                .person(&link.person)?
                .filter(|person| person.active)
                .ok_or_else(refused)?;
            if link.expires < tx.now() || !tx.use_link(digest)? {
                return Err(refused().into());
            }
            insert_token(
                tx,
                session_digest,
                &link.person,
                TokenKind::Session,
                "browser",
            )?;
            tx.see_person(&link.person)?;
            note(tx, &person.name, "person.sign-in", &person.name);
            Ok::<_, Error>(())
        })?;
        Ok(session)
    }

    /// Ends a session. One that is over already is left alone.
    pub fn sign_out(&self, session: &str) -> Result<(), Error> {
        let digest = Digest::of(session.as_bytes());
        self.store.write(move |tx| {
            let Some(session) = tx.token(digest)?.filter(|token| token.kind == "session") else {
                return Ok(());
            };
            tx.delete_token(digest)?;
            if let Some(person) = tx.person(&session.person)? {
                note(tx, &person.name, "person.sign-out", &person.name);
            }
            Ok(())
        })
    }

    /// Whoever holds this session or token.
    ///
    /// Refuses: an unknown or expired secret, and somebody who was
    /// deactivated since; the row is read at every call.
    pub fn actor(&self, secret: &str) -> Result<Actor, Error> {
        let refused = || Refusal::NotSignedIn("sign in first".into());
        let digest = Digest::of(secret.as_bytes());
        let now = self.world.now();
        let (person, scopes) = self.store.read(|reader| {
            let token = reader
                .token(digest)?
                .filter(|token| token.kind != "link" && token.expires >= now)
                .ok_or_else(refused)?;
            let person = reader
                .person(&token.person)?
                .filter(|person| person.active)
                .ok_or_else(|| Error::from(refused()))?;
            Ok::<_, Error>((person, tokens::scopes(&token)?))
        })?;
        Actor::from_row(person, scopes)
    }

    /// A person without proof: for whoever holds the data folder and so owns
    /// everything in it.
    ///
    /// Takes: the person's name; nothing where the desk has only one person.
    pub fn actor_in_folder(&self, name: Option<&str>) -> Result<Actor, Error> {
        let people = self.store.read(|reader| reader.people())?;
        let active = people.into_iter().filter(|person| person.active);
        let mut matching: Vec<_> = active.collect();
        let names: Vec<_> = matching
            .iter()
            .map(|person| format!("`{}`", person.name))
            .collect();
        let names = names.join(", ");
        matching.retain(|person| name.is_none_or(|name| person.name == name));
        match (matching.pop(), matching.is_empty(), name) {
            (Some(person), true, _) => Actor::from_row(person, None),
            (None, _, Some(name)) if !names.is_empty() => {
                let problem = format!("nobody is called `{name}`, the desk knows {names}");
                Err(Refusal::invalid("--as", problem).into())
            }
            (None, ..) => {
                let problem = "the desk has nobody yet: start it once with `cna serve`";
                Err(Refusal::invalid("--as", problem).into())
            }
            _ => {
                let problem = format!("name the person to act as: one of {names}");
                Err(Refusal::invalid("--as", problem).into())
            }
        }
    }

    /// Everybody who has not left, to find out what needs them.
    pub(crate) fn everybody_active(&self) -> Result<Vec<Actor>, Error> {
        let people = self.store.read(|reader| reader.people())?;
        let active = people.into_iter().filter(|person| person.active);
        active.map(|row| Actor::from_row(row, None)).collect()
    }

    /// Everybody, by name.
    pub fn people(&self, actor: &Actor) -> Result<Vec<Person>, Error> {
        check(actor, Action::See)?;
        let people = self.store.snapshot(|reader| {
            let rows = reader.people()?.into_iter();
            let mut people: Vec<_> = rows
                .map(|row| (row.id.clone(), Person::from(row)))
                .collect();
            training::told(reader, &mut people)?;
            Ok::<_, Error>(people)
        })?;
        Ok(people.into_iter().map(|(_, person)| person).collect())
    }

    pub(crate) fn new_secret(&self) -> Secret {
        Secret(self.world.random_hex::<32>())
    }
}

fn is_name(name: &str) -> Result<(), Refusal> {
    let valid = (1..=64).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c));
    if valid {
        return Ok(());
    }
    let problem = format!("`{name}` is not a name: expected 1 to 64 letters, digits or `-_.@`");
    Err(Refusal::invalid("name", problem))
}

/// Somebody of this name who has not left.
fn active(tx: &mut Tx<'_>, name: &str) -> Result<PersonRow, Error> {
    let person = tx.person_by_name(name)?.filter(|person| person.active);
    Ok(person.ok_or_else(|| Refusal::not_found(format!("person `{name}`")))?)
}

fn insert_person(
    tx: &mut Tx<'_>,
    id: &str,
    name: &str,
    full_name: &str,
    roles: Vec<String>,
) -> Result<PersonRow, Error> {
    let row = PersonRow {
        id: id.to_owned(),
        name: name.to_owned(),
        full_name: full_name.to_owned(),
        roles,
        active: true,
        created: tx.now(),
        left_at: None,
        seen_at: None,
    };
    tx.insert_person(&row)?;
    Ok(row)
}

fn insert_token(
    tx: &mut Tx<'_>,
    digest: Digest,
    person: &str,
    kind: TokenKind,
    label: &str,
) -> Result<(), Error> {
    let created: Timestamp = tx.now();
    Ok(tx.insert_token(&TokenRow {
        digest,
        person: person.to_owned(),
        kind: kind.as_str().to_owned(),
        label: label.to_owned(),
        created,
        expires: created.plus_ms(kind.lifetime_ms()),
        used: None,
        scopes: vec![tokens::EVERYTHING.to_owned()],
    })?)
}

fn note(tx: &mut Tx<'_>, actor: &str, action: &str, name: &str) {
    tx.audit(AuditEvent {
        actor: actor.to_owned(),
        org: String::new(),
        action: action.to_owned(),
        object: format!("person {name}"),
        detail: json!({}),
    });
}
