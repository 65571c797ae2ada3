//! CVE Services accounts of the desk.

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// An account at CVE Services as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The name the desk gives it.
    pub name: String,
    /// `production`, `test` or `practice`.
    pub environment: String,
    /// Address of the API, ending in `/api/`.
    pub base_url: String,
    /// Short name of the organisation.
    pub org: String,
    /// Name of the user.
    pub username: String,
    /// The API key, sealed.
    pub sealed_key: Vec<u8>,
    /// When the account was added.
    pub created: Timestamp,
    /// When its key was last set; nothing when that was when it was added.
    pub key_set: Option<Timestamp>,
}

impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "AccountRow({}: {} at {})",
            self.name, self.username, self.base_url
        )
    }
}

fn account(row: &Row) -> Result<AccountRow, Error> {
    Ok(AccountRow {
        name: row.text(0)?,
        environment: row.text(1)?,
        base_url: row.text(2)?,
        org: row.text(3)?,
        username: row.text(4)?,
        sealed_key: row.bytes(5)?,
        created: row.parse(6)?,
        key_set: row.opt_parse(7)?,
    })
}

const COLUMNS: &str = "name, environment, base_url, org, username, sealed_key, created, key_set";

impl Reader<'_> {
    /// The account of this name.
    pub fn account(&mut self, name: &str) -> Result<Option<AccountRow>, Error> {
        let sql = format!("select {COLUMNS} from accounts where name = ?1");
        self.first(&sql, params![name])?
            .as_ref()
            .map(account)
            .transpose()
    }

    /// All accounts, by name.
    pub fn accounts(&mut self) -> Result<Vec<AccountRow>, Error> {
        let sql = format!("select {COLUMNS} from accounts order by name");
        self.query(&sql, &[])?.iter().map(account).collect()
    }
}

impl Tx<'_> {
    /// Sets the sealed key of an account.
    ///
    /// Gives: `false` when there is no such account.
    pub fn set_account_key(&mut self, name: &str, sealed_key: &[u8]) -> Result<bool, Error> {
        let now = self.now();
        let rows = self.execute(
            "update accounts set sealed_key = ?2, key_set = ?3 where name = ?1",
            params![name, sealed_key, now],
        )?;
        Ok(rows > 0)
    }

    /// Removes an account.
    ///
    /// Gives: `false` when there is no such account.
    pub fn delete_account(&mut self, name: &str) -> Result<bool, Error> {
        let rows = self.execute("delete from accounts where name = ?1", params![name])?;
        Ok(rows > 0)
    }

    /// Adds an account.
    pub fn insert_account(&mut self, account: &AccountRow) -> Result<(), Error> {
        self.execute(
            "insert into accounts (name, environment, base_url, org, username, sealed_key, \
             created) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                &account.name,
                &account.environment,
                &account.base_url,
                &account.org,
                &account.username,
                &account.sealed_key,
                account.created
            ],
        )?;
        Ok(())
    }
}
