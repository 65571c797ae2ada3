//! Bringing a database to the schema this program knows.

use cve::time::Timestamp;

use crate::engine::Connection;
use crate::error::Error;
use crate::params;
use crate::tallies;

/// Its number, its name and its statements.
type Migration = (i64, &'static str, &'static str);

/// Every migration ever released, in order; released ones never change.
const MIGRATIONS: &[Migration] = &[
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
    (
        24,
        "id keys",
        include_str!("../migrations/0024_id_keys.sql"),
    ),
    (
        25,
        "record ages",
        include_str!("../migrations/0025_record_ages.sql"),
    ),
    (
        26,
        "states of ids",
        include_str!("../migrations/0026_states_of_ids.sql"),
    ),
];

/// How long a batch can be looked up after its COMMIT.
const BATCHES_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Runs what is missing, under a lock, all in one transaction.
///
/// Refuses: a database written by a newer program.
pub(crate) fn migrate(connection: &mut Connection, now: Timestamp) -> Result<(), Error> {
    migrate_by(MIGRATIONS, connection, now)
}

fn migrate_by(
    migrations: &[Migration],
    connection: &mut Connection,
    now: Timestamp,
) -> Result<(), Error> {
    connection.begin()?;
    let result = migrate_locked(migrations, connection, now);
    match result {
        Ok(()) => connection.run("commit"),
        Err(error) => {
            // The first error is the one to report; the connection is dropped.
            let _ = connection.run("rollback");
            Err(error)
        }
    }
}

fn migrate_locked(
    migrations: &[Migration],
    connection: &mut Connection,
    now: Timestamp,
) -> Result<(), Error> {
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
    let known = migrations.last().map_or(0, |migration| migration.0);
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
    for (version, name, sql) in migrations.iter().filter(|migration| migration.0 > found) {
        let sql = connection.translate_types(sql);
        connection.run(&sql)?;
        connection.execute(
            "insert into migrations (version, name, at) values (?1, ?2, ?3)",
            params![*version, *name, now],
        )?;
    }
    tallies::rebuild_missing(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{engines, world};
    use crate::{DatabaseUrl, IdFilter, RecordCursor, RecordFilter, Store, connect, record_age};

    /// A store with the schema of an earlier release, and `sql` run on it,
    /// opened by this one.
    fn brought_up(url: &DatabaseUrl, version: usize, sql: &str) -> Store {
        let mut connection = connect(url).unwrap();
        let fresh = match url {
            DatabaseUrl::Sqlite(file) => {
                let url = DatabaseUrl::Sqlite(file.with_extension("old"));
                connection = connect(&url).unwrap();
                url
            }
            DatabaseUrl::Postgres(_) => {
                let schema = connection
                    .query("select cast(current_schema() as text)", &[])
                    .unwrap()[0]
                    .text(0)
                    .unwrap();
                connection
                    .run(&format!(
                        "drop schema {schema} cascade; create schema {schema}"
                    ))
                    .unwrap();
                url.clone()
            }
        };
        let now = world().now();
        migrate_by(&MIGRATIONS[..version], &mut connection, now).unwrap();
        connection.run(sql).unwrap();
        drop(connection);
        Store::open(fresh, world()).unwrap()
    }

    /// A line of `cve_ids` before the IDs had keys.
    fn id(text: &str, number: i64) -> String {
        format!(
            "insert into cve_ids (cve_id, year, number, state, owner, requester_org, \
             requester_user, reserved, created, modified) values ('{text}', 2026, {number}, \
             'RESERVED', 'o', 'o', 'u', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', \
             '2026-01-02T03:04:05.000Z');"
        )
    }

    #[test]
    fn ids_of_an_earlier_release_are_found_listed_and_counted_as_before() {
        let ids = [
            ("CVE-2026-0007", 7),
            ("CVE-2026-100000", 100_000),
            ("CVE-2026-9999", 9_999),
            // As it was kept, in a column of 64 bits with a sign.
            ("CVE-2026-9999999999999999999", -8_446_744_073_709_551_617),
        ];
        for test in engines("ids_of_an_earlier_release_are_found_listed_and_counted_as_before") {
            let mut sql: String = ids.iter().map(|(text, number)| id(text, *number)).collect();
            for (level, block, entries) in [
                (0, "", 4),
                (1, "CVE-2026-", 4),
                (2, "CVE-2026-00", 1),
                (2, "CVE-2026-10", 1),
                (2, "CVE-2026-99", 2),
                (3, "CVE-2026-000", 1),
                (3, "CVE-2026-100", 1),
                (3, "CVE-2026-999", 2),
            ] {
                sql.push_str(&format!(
                    "insert into tallies (level, list, block, entries) \
                     values ({level}, 'id:o', '{block}', {entries});"
                ));
            }
            let store = brought_up(&test.url, 23, &sql);
            let filter = IdFilter {
                owner: Some("o".into()),
                ..IdFilter::default()
            };
            let texts = |offset| {
                let (total, rows) = store
                    .read(|reader| reader.cve_ids(&filter, offset, 10))
                    .unwrap();
                assert_eq!(total, 4, "{}", test.engine);
                rows.iter()
                    .map(|row| row.id.to_string())
                    .collect::<Vec<_>>()
            };
            let all = ids.map(|(text, _)| text);
            assert_eq!(texts(0), all, "{}", test.engine);
            assert_eq!(texts(2), all[2..], "{}", test.engine);
            for text in all {
                let found = store.read(|reader| reader.cve_id(text.parse().unwrap()));
                assert_eq!(
                    found.unwrap().unwrap().id.to_string(),
                    text,
                    "{}",
                    test.engine
                );
            }
            // It has the key of the last.
            let other = "CVE-2026-104073709551617".parse().unwrap();
            let found = store.read(|reader| reader.cve_id(other)).unwrap();
            assert_eq!(found, None, "{}", test.engine);
        }
    }

    #[test]
    fn records_of_an_earlier_release_are_walked_in_the_order_they_were_stored_first() {
        // Two of one moment, one before a leap day, one before our era of time.
        let records = [
            ("CVE-2026-0003", "2026-01-02T03:04:05.006Z"),
            ("CVE-2026-0002", "2026-01-02T03:04:05.005Z"),
            ("CVE-2026-0001", "2026-01-02T03:04:05.005Z"),
            ("CVE-2024-0002", "2024-03-01T00:00:00.000Z"),
            ("CVE-2024-0001", "2024-02-29T23:59:59.999Z"),
            ("CVE-1999-0001", "1969-12-31T23:59:59.999Z"),
        ];
        for test in
            engines("records_of_an_earlier_release_are_walked_in_the_order_they_were_stored_first")
        {
            let empty = match test.url {
                DatabaseUrl::Sqlite(_) => "x''",
                DatabaseUrl::Postgres(_) => "''",
            };
            let sql: String = records
                .iter()
                .map(|(id, created)| {
                    format!(
                        "insert into records (cve_id, state, assigner_org, assigner_name, \
                         cna_modified, revision, created, modified, body) values ('{id}', \
                         'PUBLISHED', 'o', 'n', '', 1, '{created}', '{created}', {empty});\
                         insert into record_adps (cve_id, short_name) values ('{id}', 'adp');"
                    )
                })
                .collect();
            let store = brought_up(&test.url, 24, &sql);
            let filter = RecordFilter {
                adp: Some("adp".into()),
                ..RecordFilter::default()
            };
            let walk = |cursor| {
                let rows = store.read(|reader| reader.records_by_age(&filter, cursor, 10));
                let rows = rows.unwrap();
                rows.iter()
                    .map(|row| row.id.to_string())
                    .collect::<Vec<_>>()
            };
            let all = records.map(|(id, _)| id.to_owned());
            assert_eq!(walk(RecordCursor::Start), all, "{}", test.engine);
            let (at, id) = (records[1].1.parse().unwrap(), records[1].0.parse().unwrap());
            let after = walk(RecordCursor::After(at, id));
            assert_eq!(after, all[2..], "{}", test.engine);
            let before = walk(RecordCursor::Before(at, id));
            assert_eq!(before, all[..1], "{}", test.engine);
            for (id, created) in records {
                let age = store.read(|reader| {
                    let sql = "select age from records where cve_id = ?1";
                    reader.query(sql, params![id])?[0].int(0)
                });
                let at: Timestamp = created.parse().unwrap();
                assert!(
                    record_age::before(at) < age.unwrap(),
                    "{}: {id}",
                    test.engine
                );
            }
        }
    }

    #[test]
    fn an_id_of_the_pool_loses_the_owner_an_earlier_release_took_for_it() {
        for test in engines("an_id_of_the_pool_loses_the_owner_an_earlier_release_took_for_it") {
            let row = |key: i64, state: &str| {
                format!(
                    "insert into cve_ids (key, cve_id, year, number, state, owner, \
                     requester_org, requester_user, reserved, created, modified) \
                     values ({key}, 'CVE-2026-{key:04}', 2026, {key}, '{state}', 'o', 'o', 'u', \
                     '', '', '');"
                )
            };
            let sql = row(1, "AVAILABLE") + &row(2, "RESERVED");
            let store = brought_up(&test.url, 25, &sql);
            let owners: Vec<String> = store
                .read(|reader| {
                    let rows = reader.query("select owner from cve_ids order by key", &[])?;
                    rows.iter().map(|row| row.text(0)).collect()
                })
                .unwrap();
            assert_eq!(owners, ["", "o"], "{}", test.engine);
        }
    }
}
