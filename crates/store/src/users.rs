//! Users of the authority and the digests of their API keys.

use std::collections::BTreeMap;

use cve::time::Timestamp;

use crate::callers::CallerRow;
use crate::engine::Row;
use crate::error::Error;
use crate::orgs;
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

/// Columns of a user in a join, where it is called `u`.
const JOINED: &str = "u.uuid, u.org, u.username, u.active, u.name_first, u.name_last, \
                      u.name_middle, u.name_suffix, u.roles, u.key_hash, u.key_created, \
                      u.created, u.modified";

/// How many columns a user has.
const WIDTH: usize = 13;

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

/// The statement that finds a user of an organisation that is not disabled,
/// and the organisation.
pub(crate) fn caller_sql() -> String {
    format!(
        "select {JOINED}, {} from users u join orgs o on o.uuid = u.org \
         where o.short_name = ?1 and u.username = ?2 and not exists \
         (select 1 from org_standing s where s.org = o.uuid and s.disabled <> '')",
        orgs::JOINED
    )
}

pub(crate) fn caller_of(row: &Row) -> Result<CallerRow, Error> {
    Ok(CallerRow {
        org: orgs::org_at(row, WIDTH)?,
        user: user(row)?,
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

impl Reader<'_> {
    /// The user of this name and its organisation, by the organisation's short
    /// name; nothing when either is unknown or the organisation is disabled. One
    /// statement, as every request with a key asks it.
    ///
    /// Takes: the names as a client sent them, valid or not.
    pub fn caller(&mut self, short_name: &str, username: &str) -> Result<Option<CallerRow>, Error> {
        self.first(&caller_sql(), params![short_name, username])?
            .as_ref()
            .map(caller_of)
            .transpose()
    }

    /// Users of the organisation with UUID `org`, by name.
    pub fn users_of(&mut self, org: &str, offset: u32, limit: u32) -> Result<Vec<UserRow>, Error> {
        let sql = format!(
            "select {COLUMNS} from users where org = ?1 order by username limit ?2 offset ?3"
        );
        self.query(&sql, params![org, limit, offset])?
            .iter()
            .map(user)
            .collect()
    }

    /// How many users the organisation with UUID `org` has.
    pub fn count_users_of(&mut self, org: &str) -> Result<i64, Error> {
        self.first("select count(*) from users where org = ?1", params![org])?
            .map_or(Ok(0), |row| row.int(0))
    }

    /// How many users each organisation has, by its UUID; one without any is
    /// not in it.
    pub fn user_counts(&mut self) -> Result<BTreeMap<String, i64>, Error> {
        self.query("select org, count(*) from users group by org", &[])?
            .iter()
            .map(|row| Ok((row.text(0)?, row.int(1)?)))
            .collect()
    }

    /// All users, by organisation and name.
    pub fn users(&mut self, offset: u32, limit: u32) -> Result<Vec<UserRow>, Error> {
        let sql = format!("select {COLUMNS} from users order by org, username limit ?1 offset ?2");
        self.query(&sql, params![limit, offset])?
            .iter()
            .map(user)
            .collect()
    }

    /// How many users there are.
    pub fn count_users(&mut self) -> Result<i64, Error> {
        self.first("select count(*) from users", &[])?
            .map_or(Ok(0), |row| row.int(0))
    }
}

impl Tx<'_> {
    /// The user with this UUID, whom nobody else changes before this unit of
    /// work commits.
    pub fn take_user(&mut self, uuid: &str) -> Result<Option<UserRow>, Error> {
        let lock = self.connection.for_update();
        let sql = format!("select {COLUMNS} from users where uuid = ?1{lock}");
        self.first(&sql, params![uuid])?
            .as_ref()
            .map(user)
            .transpose()
    }

    /// Replaces everything of a user but its UUID and creation.
    pub fn update_user(&mut self, user: &UserRow) -> Result<(), Error> {
        let roles = serde_json::json!(user.roles).to_string();
        let [first, last, middle, suffix] = &user.name;
        self.execute(
            "update users set org = ?2, username = ?3, active = ?4, name_first = ?5, \
             name_last = ?6, name_middle = ?7, name_suffix = ?8, roles = ?9, key_hash = ?10, \
             key_created = ?11, modified = ?12 where uuid = ?1",
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
                user.modified
            ],
        )?;
        Ok(())
    }

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
