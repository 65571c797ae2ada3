//! Bringing a database to the schema this program knows.

use cve::time::Timestamp;

use crate::engine::Connection;
use crate::error::Error;
use crate::params;
use crate::tallies;

/// Every migration ever released, in order; released ones never change.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "spine", include_str!("../migrations/0001_spine.sql")),
    (
        2,
        "authority",
        include_str!("../migrations/0002_authority.sql"),
    ),
    (3, "desk", include_str!("../migrations/0003_desk.sql")),
    (
        4,
        "administration",
        include_str!("../migrations/0004_administration.sql"),
    ),
    (5, "clocks", include_str!("../migrations/0005_clocks.sql")),
    (
        6,
        "duplicates",
        include_str!("../migrations/0006_duplicates.sql"),
    ),
    (7, "reviews", include_str!("../migrations/0007_reviews.sql")),
    (
        8,
        "findings",
        include_str!("../migrations/0008_findings.sql"),
    ),
    (9, "intake", include_str!("../migrations/0009_intake.sql")),
    (10, "ids", include_str!("../migrations/0010_ids.sql")),
    (11, "office", include_str!("../migrations/0011_office.sql")),
    (12, "forms", include_str!("../migrations/0012_forms.sql")),
    (
        13,
        "release",
        include_str!("../migrations/0013_release.sql"),
    ),
    (14, "mails", include_str!("../migrations/0014_mails.sql")),
    (15, "issues", include_str!("../migrations/0015_issues.sql")),
    (16, "desk", include_str!("../migrations/0016_desk.sql")),
    (
        17,
        "dispatches",
        include_str!("../migrations/0017_dispatches.sql"),
    ),
    (18, "people", include_str!("../migrations/0018_people.sql")),
    (
        19,
        "aftermath",
        include_str!("../migrations/0019_aftermath.sql"),
    ),
    (20, "awards", include_str!("../migrations/0020_awards.sql")),
    (
        21,
        "distributors",
        include_str!("../migrations/0021_distributors.sql"),
    ),
    (
        22,
        "severity_rounds",
        include_str!("../migrations/0022_severity_rounds.sql"),
    ),
    (
        23,
        "routing",
        include_str!("../migrations/0023_routing.sql"),
    ),
];

/// How long a batch can be looked up after its COMMIT.
const BATCHES_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Runs what is missing, under a lock, all in one transaction.
///
/// Refuses: a database written by a newer program.
pub(crate) fn migrate(connection: &mut Connection, now: Timestamp) -> Result<(), Error> {
    connection.begin()?;
    let result = migrate_locked(connection, now);
    match result {
        Ok(()) => connection.run("commit"),
        Err(error) => {
            // The first error is the one to report; the connection is dropped.
            let _ = connection.run("rollback");
            Err(error)
        }
    }
}

fn migrate_locked(connection: &mut Connection, now: Timestamp) -> Result<(), Error> {
    if let Connection::Postgres(_) = connection {
        // "cna" in ASCII: one lock for all migrations of this program.
        connection.query("select pg_advisory_xact_lock(6516321)::text", &[])?;
    }
    let table = connection.translate_types(
        "create table if not exists migrations (\nversion bigint primary key,\nname text not null,\nat text not null\n)",
    );
    connection.run(&table)?;
    let rows = connection.query("select coalesce(max(version), 0) from migrations", &[])?;
    let found = rows.first().map_or(Ok(0), |row| row.int(0))?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.0);
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    // Long after a COMMIT nobody asks any more whether it went through.
    if found > 0 {
        connection.execute(
            "delete from batches where at < ?1",
            params![now.plus_ms(-BATCHES_KEPT_MS)],
        )?;
    }
    for (version, name, sql) in MIGRATIONS.iter().filter(|migration| migration.0 > found) {
        let sql = connection.translate_types(sql);
        connection.run(&sql)?;
        connection.execute(
            "insert into migrations (version, name, at) values (?1, ?2, ?3)",
            params![*version, *name, now],
        )?;
    }
    tallies::rebuild_missing(connection)
}
