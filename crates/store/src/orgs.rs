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

fn org(row: &Row) -> Result<OrgRow, Error> {
    Ok(OrgRow {
        uuid: row.text(0)?,
        short_name: row.parse(1)?,
        name: row.text(2)?,
        roles: row.json(3)?,
        id_quota: row.int(4)?,
        reserved: row.int(5)?,
        created: row.parse(6)?,
        modified: row.parse(7)?,
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

impl Tx<'_> {
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
