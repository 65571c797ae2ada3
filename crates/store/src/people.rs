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
    /// When it left; nothing for whoever is there.
    pub left_at: Option<Timestamp>,
    /// When it last signed in or was made a token; nothing before the first.
    pub seen_at: Option<Timestamp>,
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
    /// What it is good for, by word; `*` is everything the person may do.
    pub scopes: Vec<String>,
}

const PERSON: &str = "id, name, full_name, roles, active, created, left_at, seen_at";

const TOKEN: &str = "digest, person, kind, label, created, expires, used, scopes";

fn person(row: &Row) -> Result<PersonRow, Error> {
    Ok(PersonRow {
        id: row.text(0)?,
        name: row.text(1)?,
        full_name: row.text(2)?,
        roles: row.json(3)?,
        active: row.truth(4)?,
        created: row.parse(5)?,
        left_at: row.opt_parse(6)?,
        seen_at: row.opt_parse(7)?,
    })
}

fn token(row: &Row) -> Result<TokenRow, Error> {
    Ok(TokenRow {
        digest: row.parse(0)?,
        person: row.text(1)?,
        kind: row.text(2)?,
        label: row.text(3)?,
        created: row.parse(4)?,
        expires: row.parse(5)?,
        used: row.opt_parse(6)?,
        scopes: row.text(7)?.split(' ').map(str::to_owned).collect(),
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
        let sql = format!("select {TOKEN} from tokens where digest = ?1");
        self.first(&sql, params![digest])?
            .as_ref()
            .map(token)
            .transpose()
    }

    /// What `person` holds of this kind, oldest first.
    pub fn tokens_of(&mut self, person: &str, kind: &str) -> Result<Vec<TokenRow>, Error> {
        let sql = format!(
            "select {TOKEN} from tokens where person = ?1 and kind = ?2 order by created, digest"
        );
        self.query(&sql, params![person, kind])?
            .iter()
            .map(token)
            .collect()
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
            "insert into tokens (digest, person, kind, label, created, expires, used, scopes) \
             values (?1, ?2, ?3, ?4, ?5, ?6, '', ?7)",
            params![
                token.digest,
                &token.person,
                &token.kind,
                &token.label,
                token.created,
                token.expires,
                token.scopes.join(" ")
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

    /// Everybody, taken for this unit of work: no other node changes who may
    /// do what before this one commits.
    pub fn take_people(&mut self) -> Result<Vec<PersonRow>, Error> {
        let sql = format!(
            "select {PERSON} from people order by name{}",
            self.connection.for_update()
        );
        self.query(&sql, &[])?.iter().map(person).collect()
    }

    /// Writes back what may change of a person: names, roles, whether it may
    /// sign in, since when it is gone.
    pub fn update_person(&mut self, person: &PersonRow) -> Result<(), Error> {
        let left_at = person.left_at.map(|at| at.to_string()).unwrap_or_default();
        self.execute(
            "update people set full_name = ?2, roles = ?3, active = ?4, left_at = ?5 \
             where id = ?1",
            params![
                &person.id,
                &person.full_name,
                serde_json::json!(person.roles).to_string(),
                person.active,
                left_at
            ],
        )?;
        Ok(())
    }

    /// Notes that a person was seen now.
    pub fn see_person(&mut self, id: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "update people set seen_at = ?2 where id = ?1",
            params![id, now],
        )?;
        Ok(())
    }

    /// Removes everything `person` could sign in with.
    ///
    /// Gives: how many there were.
    pub fn delete_tokens_of(&mut self, person: &str) -> Result<u64, Error> {
        self.execute("delete from tokens where person = ?1", params![person])
    }
}
