//! Schemas and the programs that know them.

use store::testing::{engines, world};
use store::{Error, Store};

#[test]
fn opening_twice_migrates_once() {
    for test in engines("opening_twice_migrates_once") {
        Store::open(test.url.clone(), world()).unwrap();
        let last = test.store.read(|reader| reader.last_change()).unwrap();
        assert_eq!(last, 0, "{}", test.engine);
    }
}

#[test]
fn a_newer_schema_is_refused_with_one_sentence() {
    for test in engines("a_newer_schema_is_refused_with_one_sentence") {
        test.store.close();
        let sql = "insert into migrations (version, name, at) values (9999, 'later', '')";
        match &test.url {
            store::DatabaseUrl::Sqlite(file) => {
                rusqlite::Connection::open(file)
                    .unwrap()
                    .execute(sql, [])
                    .unwrap();
            }
            store::DatabaseUrl::Postgres(url) => {
                postgres::Client::connect(url, postgres::NoTls)
                    .unwrap()
                    .execute(sql, &[])
                    .unwrap();
            }
        }
        let error = Store::open(test.url.clone(), world()).unwrap_err();
        assert!(matches!(error, Error::NewerSchema { found: 9999, .. }));
        assert!(error.to_string().ends_with("use a newer `cna`"), "{error}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let url = "sqlite:no/such/folder/cna.sqlite".parse().unwrap();
    let error = Store::open(url, world()).unwrap_err().to_string();
    assert!(
        error.contains("sqlite:no/such/folder/cna.sqlite"),
        "{error}"
    );
    assert!(error.contains("check that the folder exists"), "{error}");
}
