//! People of the desk, and what they sign in with.

use cve::hash::Digest;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A person of the desk as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Its id; never changes.
    pub id: String,
    /// The short name it goes by, unique.
    pub name: String,
    /// Its full name; may be empty.
    pub full_name: String,
    /// Its roles, by word.
    pub roles: Vec<String>,
    /// Whether it may sign in.
    pub active: bool,
    /// When it was added.
    pub created: Timestamp,
}

/// Something a person signs in with; the secret itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Digest of the secret.
    pub digest: Digest,
    /// Id of the person.
    pub person: String,
    /// `link`, `session` or `token`.
    pub kind: String,
    /// What it is for, in words.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops working.
    pub expires: Timestamp,
    /// When a link was used; nothing before.
    pub used: Option<Timestamp>,
}

const PERSON: &str = "id, name, full_name, roles, active, created";

fn person(row: &Row) -> Result<PersonRow, Error> {
    Ok(PersonRow {
        id: row.text(0)?,
        name: row.text(1)?,
        full_name: row.text(2)?,
        roles: row.json(3)?,
        active: row.truth(4)?,
        created: row.parse(5)?,
    })
}

impl Reader<'_> {
    /// The person with this id.
    pub fn person(&mut self, id: &str) -> Result<Option<PersonRow>, Error> {
        let sql = format!("select {PERSON} from people where id = ?1");
        self.first(&sql, params![id])?
            .as_ref()
            .map(person)
            .transpose()
    }

    /// The person of this name.
    pub fn person_by_name(&mut self, name: &str) -> Result<Option<PersonRow>, Error> {
        let sql = format!("select {PERSON} from people where name = ?1");
        self.first(&sql, params![name])?
            .as_ref()
            .map(person)
            .transpose()
    }

    /// Everybody, by name.
    pub fn people(&mut self) -> Result<Vec<PersonRow>, Error> {
        let sql = format!("select {PERSON} from people order by name");
        self.query(&sql, &[])?.iter().map(person).collect()
    }

    /// The token whose secret has this digest.
    pub fn token(&mut self, digest: Digest) -> Result<Option<TokenRow>, Error> {
        self.first(
            "select digest, person, kind, label, created, expires, used from tokens \
             where digest = ?1",
            params![digest],
        )?
        .map(|row| {
            Ok(TokenRow {
                digest: row.parse(0)?,
                person: row.text(1)?,
                kind: row.text(2)?,
                label: row.text(3)?,
                created: row.parse(4)?,
                expires: row.parse(5)?,
                used: row.opt_parse(6)?,
            })
        })
        .transpose()
    }
}

impl Tx<'_> {
    /// Adds a person.
    pub fn insert_person(&mut self, person: &PersonRow) -> Result<(), Error> {
        self.execute(
            "insert into people (id, name, full_name, roles, active, created) \
             values (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                &person.id,
                &person.name,
                &person.full_name,
                serde_json::json!(person.roles).to_string(),
                person.active,
                person.created
            ],
        )?;
        Ok(())
    }

    /// Adds a token.
    pub fn insert_token(&mut self, token: &TokenRow) -> Result<(), Error> {
        self.execute(
            "insert into tokens (digest, person, kind, label, created, expires, used) \
             values (?1, ?2, ?3, ?4, ?5, ?6, '')",
            params![
                token.digest,
                &token.person,
                &token.kind,
                &token.label,
                token.created,
                token.expires
            ],
        )?;
        Ok(())
    }

    /// Marks a one-time link as used.
    ///
    /// Gives: `false` when somebody used it before.
    pub fn use_link(&mut self, digest: Digest) -> Result<bool, Error> {
        let now = self.now();
        let rows = self.execute(
            "update tokens set used = ?2 where digest = ?1 and kind = 'link' and used = ''",
            params![digest, now],
        )?;
        Ok(rows > 0)
    }

    /// Removes a token, such as the session of somebody who signs out.
    pub fn delete_token(&mut self, digest: Digest) -> Result<(), Error> {
        self.execute("delete from tokens where digest = ?1", params![digest])?;
        Ok(())
    }
}
