//! Users of the authority and the digests of their API keys.

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A user of CVE Services as it is kept.
///
/// Source: cve-services section 5.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its UUID; never changes.
    pub uuid: String,
    /// UUID of its organisation.
    pub org: String,
    /// Its name, unique in the organisation.
    pub username: String,
    /// Whether it may sign in.
    pub active: bool,
    /// First, last, middle name and suffix; empty where not given.
    pub name: [String; 4],
    /// Its roles; only `ADMIN` exists.
    pub roles: Vec<String>,
    /// The key's digest: `sha256:HEX` for keys we made, a PHC string
    /// (`$argon2id$…`) for imported ones.
    pub key_hash: String,
    /// When the key was made.
    pub key_created: Timestamp,
    /// When the user was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

impl std::fmt::Debug for UserRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserRow({} of {})", self.username, self.org)
    }
}

const COLUMNS: &str = "uuid, org, username, active, name_first, name_last, name_middle, \
                       name_suffix, roles, key_hash, key_created, created, modified";

fn user(row: &Row) -> Result<UserRow, Error> {
    Ok(UserRow {
        uuid: row.text(0)?,
        org: row.text(1)?,
        username: row.text(2)?,
        active: row.truth(3)?,
        name: [row.text(4)?, row.text(5)?, row.text(6)?, row.text(7)?],
        roles: row.json(8)?,
        key_hash: row.text(9)?,
        key_created: row.parse(10)?,
        created: row.parse(11)?,
        modified: row.parse(12)?,
    })
}

impl Reader<'_> {
    /// The user of this name in the organisation with UUID `org`.
    pub fn user(&mut self, org: &str, username: &str) -> Result<Option<UserRow>, Error> {
        let sql = format!("select {COLUMNS} from users where org = ?1 and username = ?2");
        self.first(&sql, params![org, username])?
            .as_ref()
            .map(user)
            .transpose()
    }

    /// The user with this UUID.
    pub fn user_by_uuid(&mut self, uuid: &str) -> Result<Option<UserRow>, Error> {
        let sql = format!("select {COLUMNS} from users where uuid = ?1");
        self.first(&sql, params![uuid])?
            .as_ref()
            .map(user)
            .transpose()
    }
}

impl Tx<'_> {
    /// Adds a user.
    pub fn insert_user(&mut self, user: &UserRow) -> Result<(), Error> {
        let roles = serde_json::json!(user.roles).to_string();
        let [first, last, middle, suffix] = &user.name;
        self.execute(
            "insert into users (uuid, org, username, active, name_first, name_last, name_middle, \
             name_suffix, roles, key_hash, key_created, created, modified) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                &user.uuid,
                &user.org,
                &user.username,
                user.active,
                first,
                last,
                middle,
                suffix,
                roles,
                &user.key_hash,
                user.key_created,
                user.created,
                user.modified
            ],
        )?;
        Ok(())
    }
}
