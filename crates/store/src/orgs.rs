//! Organisations of the authority.

use cve::org::ShortName;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// An organisation as it is kept.
///
/// Source: cve-services section 5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgRow {
    /// Its UUID; never changes.
    pub uuid: String,
    /// Its short name; may change.
    pub short_name: ShortName,
    /// Its full name.
    pub name: String,
    /// Its roles, in the order they were given.
    pub roles: Vec<String>,
    /// IDs it may hold in state RESERVED.
    pub id_quota: i64,
    /// IDs it holds in state RESERVED.
    pub reserved: i64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

impl OrgRow {
    /// Says whether the organisation has `role`.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }
}

const COLUMNS: &str = "uuid, short_name, name, roles, id_quota, reserved, created, modified";

/// Columns of an organisation in a join, where it is called `o`.
pub(crate) const JOINED: &str =
    "o.uuid, o.short_name, o.name, o.roles, o.id_quota, o.reserved, o.created, o.modified";

fn org(row: &Row) -> Result<OrgRow, Error> {
    org_at(row, 0)
}

/// Reads an organisation from the columns starting at `first`.
pub(crate) fn org_at(row: &Row, first: usize) -> Result<OrgRow, Error> {
    Ok(OrgRow {
        uuid: row.text(first)?,
        short_name: row.parse(first + 1)?,
        name: row.text(first + 2)?,
        roles: row.json(first + 3)?,
        id_quota: row.int(first + 4)?,
        reserved: row.int(first + 5)?,
        created: row.parse(first + 6)?,
        modified: row.parse(first + 7)?,
    })
}

impl Reader<'_> {
    /// The organisation with this short name.
    pub fn org(&mut self, short_name: &ShortName) -> Result<Option<OrgRow>, Error> {
        let sql = format!("select {COLUMNS} from orgs where short_name = ?1");
        self.first(&sql, params![short_name])?
            .as_ref()
            .map(org)
            .transpose()
    }

    /// The organisation with this UUID.
    pub fn org_by_uuid(&mut self, uuid: &str) -> Result<Option<OrgRow>, Error> {
        let sql = format!("select {COLUMNS} from orgs where uuid = ?1");
        self.first(&sql, params![uuid])?
            .as_ref()
            .map(org)
            .transpose()
    }
}

impl Reader<'_> {
    /// Organisations by short name.
    pub fn orgs(&mut self, offset: u32, limit: u32) -> Result<Vec<OrgRow>, Error> {
        let sql = format!("select {COLUMNS} from orgs order by short_name limit ?1 offset ?2");
        self.query(&sql, params![limit, offset])?
            .iter()
            .map(org)
            .collect()
    }

    /// How many organisations there are.
    pub fn count_orgs(&mut self) -> Result<i64, Error> {
        self.first("select count(*) from orgs", &[])?
            .map_or(Ok(0), |row| row.int(0))
    }
}

impl Tx<'_> {
    /// The organisation with this UUID, which nobody else changes before this
    /// unit of work commits.
    pub fn take_org(&mut self, uuid: &str) -> Result<Option<OrgRow>, Error> {
        let lock = self.connection.for_update();
        let sql = format!("select {COLUMNS} from orgs where uuid = ?1{lock}");
        self.first(&sql, params![uuid])?
            .as_ref()
            .map(org)
            .transpose()
    }

    /// Replaces what can change of an organisation; not its `reserved`.
    pub fn update_org(&mut self, org: &OrgRow) -> Result<(), Error> {
        let roles = serde_json::json!(org.roles).to_string();
        self.execute(
            "update orgs set short_name = ?2, name = ?3, roles = ?4, id_quota = ?5, modified = ?6 \
             where uuid = ?1",
            params![
                &org.uuid,
                &org.short_name,
                &org.name,
                roles,
                org.id_quota,
                org.modified
            ],
        )?;
        Ok(())
    }

    /// Adds `count` to the IDs the organisation holds in state RESERVED;
    /// negative when IDs leave that state or that owner.
    pub(crate) fn add_reserved(&mut self, uuid: &str, count: i64) -> Result<(), Error> {
        self.execute(
            "update orgs set reserved = reserved + ?2 where uuid = ?1",
            params![uuid, count],
        )?;
        Ok(())
    }

    /// Adds an organisation. Its `reserved` starts at 0.
    pub fn insert_org(&mut self, org: &OrgRow) -> Result<(), Error> {
        let roles = serde_json::json!(org.roles).to_string();
        self.execute(
            "insert into orgs (uuid, short_name, name, roles, id_quota, reserved, created, \
             modified) values (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)",
            params![
                &org.uuid,
                &org.short_name,
                &org.name,
                roles,
                org.id_quota,
                org.created,
                org.modified
            ],
        )?;
        Ok(())
    }
}
