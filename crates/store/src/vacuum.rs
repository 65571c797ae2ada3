//! Writing a database anew, so that what was deleted or replaced is nowhere in
//! its files any more.
//!
//! Source: SQLite "VACUUM" and "Write-Ahead Logging"; PostgreSQL `VACUUM (FULL)`.

use crate::engine::Connection;
use crate::error::Error;
use crate::url::DatabaseUrl;
use crate::{Store, connect};

impl Store {
    /// Writes the database at `url` anew, without what it no longer holds.
    ///
    /// Takes: a database that nobody else uses meanwhile.
    /// Gives: for SQLite, one file, and an empty log beside it. On PostgreSQL
    /// every table of the schema is written anew and counted for the planner,
    /// which forgets the old counts with the old files; its own log and its backups
    /// are the operator's.
    pub fn vacuum(url: &DatabaseUrl) -> Result<(), Error> {
        let mut connection = connect(url)?;
        match &mut connection {
            // The log still has the old pages until it is folded back.
            Connection::Sqlite(sqlite) => {
                sqlite.run("pragma wal_checkpoint(truncate); vacuum;")?;
                sqlite.run("pragma wal_checkpoint(truncate);")
            }
            Connection::Postgres(_) => {
                let tables = connection.query(
                    "select cast(table_name as text) from information_schema.tables \
                     where table_schema = current_schema() and table_type = 'BASE TABLE' \
                     order by table_name",
                    &[],
                )?;
                for table in tables {
                    // A name of our own migrations: letters and underlines.
                    connection.run(&format!("vacuum (full, analyze) {}", table.text(0)?))?;
                }
                Ok(())
            }
        }
    }
}
