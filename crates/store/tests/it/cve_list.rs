//! The CVE List: what an import takes, what a search finds, and what becomes of
//! an index that is not whole.

use std::fs;
use std::path::{Path, PathBuf};

use cve::id::Year;
use cve::time::Timestamp;
use serde_json::{Value, json};
use store::cve_list::{CveList, Error, ListQuery, ListSource, Offered, Stamp};
use tempfile::TempDir;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A record of this number with a title, in bytes.
fn record(number: u32, title: &str) -> Vec<u8> {
    changed(number, title, |_| {})
}

fn changed(number: u32, title: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut record = json!({
        "cveMetadata": {
            "cveId": format!("CVE-1900-{}", 10_000 + number),
            "state": "PUBLISHED",
            "datePublished": "2026-01-02T00:00:00.000Z",
            "dateUpdated": "2026-01-02T00:00:00.000Z",
        },
        "containers": {"cna": {
            "title": title,
            "descriptions": [{"lang": "en", "value": format!("What {title} means")}],
            "affected": [{"vendor": "Example", "product": "node-agent"}],
            "references": [{"url": format!("https://example.org/x/pull/{number}")}],
        }},
    });
    change(&mut record);
    record.to_string().into_bytes()
}

fn source(path: &Path) -> ListSource {
    ListSource {
        path: path.to_owned(),
        imported: Timestamp::from_unix_ms(0).unwrap(),
        records: 0,
    }
}

fn import(list: &CveList, records: &[Vec<u8>]) -> Vec<Offered> {
    let mut import = list.import(false).unwrap();
    let offered = records
        .iter()
        .map(|record| import.offer(None, record).unwrap())
        .collect();
    import.commit(vec![source(Path::new("/x"))]).unwrap();
    offered
}

fn filled(records: &[Vec<u8>]) -> (TempDir, CveList) {
    let folder = tempfile::tempdir().unwrap();
    let list = CveList::inside(folder.path());
    import(&list, records);
    (folder, list)
}

fn found(list: &CveList, query: &ListQuery) -> Vec<String> {
    let hits = list.search(query).unwrap();
    hits.iter()
        .map(|hit| hit.entry.cve_id.to_string())
        .collect()
}

fn typed(list: &CveList, text: &str) -> Vec<String> {
    found(list, &ListQuery::typed(text))
}

/// The largest file of the index in use.
fn a_file(folder: &TempDir) -> PathBuf {
    let index = folder.path().join("cve-list/index-1");
    let files = fs::read_dir(index).unwrap().flatten();
    let stores = files.filter(|file| file.path().extension().is_some_and(|end| end == "store"));
    stores.map(|file| file.path()).next().unwrap()
}

#[test]
fn a_second_import_takes_only_what_is_new_or_changed() {
    let (_folder, list) = filled(&[record(1, "one"), record(2, "two"), record(3, "three")]);
    let offered = import(
        &list,
        &[record(1, "one"), record(2, "another"), record(4, "four")],
    );
    assert_eq!(
        offered,
        [Offered::Unchanged, Offered::Changed, Offered::New]
    );
    assert_eq!(list.status().unwrap().records, 4);
    assert_eq!(typed(&list, "two"), Vec::<String>::new());
    assert_eq!(typed(&list, "another"), ["CVE-1900-10002"]);
}

#[test]
fn the_same_record_twice_in_one_import_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let list = CveList::inside(folder.path());
    let offered = import(
        &list,
        &[record(1, "one"), record(1, "one"), record(1, "uno")],
    );
    assert_eq!(
        offered,
        [Offered::New, Offered::Unchanged, Offered::Changed]
    );
    assert_eq!(list.status().unwrap().records, 1);
    assert_eq!(typed(&list, "uno"), ["CVE-1900-10001"]);
}

#[test]
fn an_earlier_state_of_a_record_does_not_replace_a_later_one() {
    let (_folder, list) = filled(&[record(1, "later")]);
    let earlier = changed(1, "earlier", |record| {
        record["cveMetadata"]["dateUpdated"] = json!("2025-12-31T00:00:00.000Z");
    });
    assert_eq!(import(&list, &[earlier]), [Offered::Older]);
    assert_eq!(typed(&list, "later"), ["CVE-1900-10001"]);
}

#[test]
fn what_is_no_record_is_told_and_the_rest_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let list = CveList::inside(folder.path());
    let offered = import(&list, &[b"[]".to_vec(), b"{".to_vec(), record(1, "one")]);
    assert!(
        matches!(
            offered.as_slice(),
            [Offered::Unreadable(_), Offered::Unreadable(_), Offered::New]
        ),
        "{offered:?}"
    );
}

#[test]
fn a_stamp_is_known_while_its_record_is_in_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let list = CveList::inside(folder.path());
    let stamp = Stamp::of(&[b"a file"]);
    let mut first = list.import(false).unwrap();
    assert!(!first.has(stamp));
    first.offer(Some(stamp), &record(1, "one")).unwrap();
    first.commit(Vec::new()).unwrap();
    let mut second = list.import(false).unwrap();
    assert!(second.has(stamp));
    second.offer(None, &record(1, "another")).unwrap();
    assert!(!second.has(stamp));
}

#[test]
fn a_record_is_found_by_all_that_names_it() {
    let other = changed(2, "Password in a log", |record| {
        record["containers"]["cna"]["affected"] =
            json!([{"packageName": "left-pad", "packageURL": "pkg:npm/left-pad"}]);
        record["containers"]["cna"]["references"] =
            json!([{"url": format!("https://git.example.org/y/commit/{COMMIT}?x=1")}]);
    });
    let (_folder, list) = filled(&[record(1, "Symbolic link in rotation"), other]);
    let ask = || ListQuery {
        limit: 10,
        ..ListQuery::default()
    };
    let one = ["CVE-1900-10001"];
    let two = ["CVE-1900-10002"];
    assert_eq!(typed(&list, "SYMBOLIC rotation"), one);
    assert_eq!(typed(&list, "cve-1900-10002"), two);
    assert_eq!(typed(&list, "http://www.example.org/x/pull/1/"), one);
    assert_eq!(typed(&list, COMMIT), two);
    for (query, expected) in [
        (
            ListQuery {
                product: "Node Agent".into(),
                ..ask()
            },
            one,
        ),
        (
            ListQuery {
                product: "pkg:npm/left-pad".into(),
                ..ask()
            },
            two,
        ),
        (
            ListQuery {
                reference: Some("git.example.org/y".into()),
                ..ask()
            },
            two,
        ),
        (
            ListQuery {
                commit: Some(COMMIT[..9].into()),
                ..ask()
            },
            two,
        ),
        (
            ListQuery {
                text: "what".into(),
                product: "left".into(),
                ..ask()
            },
            two,
        ),
    ] {
        assert_eq!(found(&list, &query), expected, "{query:?}");
    }
    let year = |year| ListQuery {
        year: Year::new(year),
        ..ask()
    };
    assert_eq!(found(&list, &year(1900)).len(), 2);
    assert_eq!(found(&list, &year(2026)).len(), 0);
}

#[test]
fn a_short_name_of_a_commit_is_found_by_the_long_one() {
    let short = changed(1, "one", |record| {
        let url = format!("https://git.example.org/y/commit/{}", &COMMIT[..12]);
        record["containers"]["cna"]["references"] = json!([{"url": url}]);
    });
    let (_folder, list) = filled(&[short, record(2, "two")]);
    assert_eq!(typed(&list, COMMIT), ["CVE-1900-10001"]);
}

#[test]
fn an_address_is_not_found_by_the_beginning_of_its_last_part() {
    let (_folder, list) = filled(&[record(1, "one"), record(12, "twelve")]);
    assert_eq!(
        typed(&list, "https://example.org/x/pull/1"),
        ["CVE-1900-10001"]
    );
    assert_eq!(typed(&list, "https://example.org/x").len(), 2);
}

#[test]
fn all_words_are_needed_unless_one_is_enough() {
    let (_folder, list) = filled(&[record(1, "red door"), record(2, "red house")]);
    assert_eq!(typed(&list, "red house"), ["CVE-1900-10002"]);
    let any = ListQuery {
        any_word: true,
        ..ListQuery::typed("red house")
    };
    assert_eq!(found(&list, &any), ["CVE-1900-10002", "CVE-1900-10001"]);
}

#[test]
fn odd_texts_find_nothing_and_break_nothing() {
    let (_folder, list) = filled(&[record(1, "one")]);
    for text in [
        "",
        "   ",
        "\"",
        "a AND (b",
        "title:one*",
        "\u{0}",
        "💥",
        &"x".repeat(100_000),
    ] {
        let _ = typed(&list, text);
    }
}

#[test]
fn an_import_that_is_given_up_leaves_the_list_as_it_was() {
    let (folder, list) = filled(&[record(1, "one")]);
    let mut given_up = list.import(false).unwrap();
    given_up.offer(None, &record(1, "changed")).unwrap();
    given_up.offer(None, &record(2, "two")).unwrap();
    drop(given_up);
    let mut anew = list.import(true).unwrap();
    anew.offer(None, &record(3, "three")).unwrap();
    drop(anew);
    let list = CveList::inside(folder.path());
    assert_eq!(list.status().unwrap().records, 1);
    assert_eq!(typed(&list, "one"), ["CVE-1900-10001"]);
    // And the next one works.
    assert_eq!(import(&list, &[record(2, "two")]), [Offered::New]);
}

#[test]
fn what_one_process_imports_another_sees() {
    let (folder, list) = filled(&[record(1, "one")]);
    let other = CveList::inside(folder.path());
    assert_eq!(typed(&other, "two"), Vec::<String>::new());
    import(&list, &[record(2, "two")]);
    assert_eq!(typed(&other, "two"), ["CVE-1900-10002"]);
    let mut anew = list.import(true).unwrap();
    anew.offer(None, &record(3, "three")).unwrap();
    anew.commit(Vec::new()).unwrap();
    assert_eq!(typed(&other, "two"), Vec::<String>::new());
    assert_eq!(typed(&other, "three"), ["CVE-1900-10003"]);
}

#[test]
fn one_import_runs_at_a_time() {
    let (_folder, list) = filled(&[record(1, "one")]);
    let first = list.import(false).unwrap();
    assert!(matches!(list.import(false), Err(Error::Busy)));
    drop(first);
    assert!(list.import(false).is_ok());
}

#[test]
fn a_list_that_was_never_filled_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let list = CveList::inside(folder.path());
    let asked = list.search(&ListQuery::typed("x"));
    assert!(matches!(asked, Err(Error::Missing)), "{asked:?}");
}

#[test]
fn an_index_that_is_not_whole_is_found_out_and_can_be_built_anew() {
    type Harm = fn(&TempDir);
    let harms: [(&str, Harm); 5] = [
        ("a byte is another", |folder| {
            let file = a_file(folder);
            let mut bytes = fs::read(&file).unwrap();
            bytes[3] ^= 0x55;
            fs::write(&file, bytes).unwrap();
        }),
        ("a file is cut", |folder| {
            let file = a_file(folder);
            let bytes = fs::read(&file).unwrap();
            fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("a file is gone", |folder| {
            fs::remove_file(a_file(folder)).unwrap()
        }),
        ("the list of files is no list", |folder| {
            fs::write(folder.path().join("cve-list/index-1/meta.json"), "{").unwrap();
        }),
        ("the name of the index is none", |folder| {
            fs::write(folder.path().join("cve-list/current"), "../..").unwrap();
        }),
    ];
    for (name, harm) in harms {
        let (folder, list) = filled(&[record(1, "one"), record(2, "two")]);
        harm(&folder);
        for list in [list.clone(), CveList::inside(folder.path())] {
            let status = list.status();
            assert!(
                matches!(status, Err(Error::Broken { .. })),
                "{name}: {status:?}"
            );
        }
        let list = CveList::inside(folder.path());
        let asked = list.search(&ListQuery::typed("one"));
        assert!(
            matches!(asked, Err(Error::Broken { .. })),
            "{name}: {asked:?}"
        );
        let mut anew = list.import(true).unwrap();
        anew.offer(None, &record(1, "one")).unwrap();
        anew.commit(Vec::new()).unwrap();
        assert_eq!(typed(&list, "one"), ["CVE-1900-10001"], "{name}");
    }
}
