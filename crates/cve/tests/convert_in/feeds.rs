//! Feeds, by their specifications.

use std::collections::HashSet;

use cve::convert::{Options, Publisher, Record, Target, convert_all};
use cve::time::Timestamp;
use serde_json::{Value, json};

use super::{NOW, publisher};

/// A record with texts that try to break out of their place.
fn record(id: &str, updated: &str, extra: Value) -> String {
    let mut cna = json!({
        "providerMetadata": {"orgId": "5e0a1f3c-2b4d-4c6e-8f10-9a8b7c6d5e4f", "shortName": "kettles"},
        "title": "Pours <b>]]> & \u{1b}[31m\u{0}\"'",
        "descriptions": [{"lang": "en", "value": "Teapot </content><script>alert(1)</script> pours.\u{8}\n\nTwice."}],
        "affected": [{"vendor": "Kettles", "product": "Teapot", "defaultStatus": "unaffected",
            "versions": [{"version": "1.0.0", "status": "affected", "lessThan": "2.1.0", "versionType": "semver"}]}],
        "references": [{"url": "https://forge.example/kettles/teapot/issues/77?a=1&b=2"}, {"url": "https://groups.google.com/g/kettles/c/x"}, {"url": "javascript:alert(1)"}],
        "problemTypes": [{"descriptions": [{"lang": "en", "cweId": "CWE-79", "type": "CWE", "description": "CWE-79"}]}],
    });
    for (key, value) in extra.as_object().unwrap() {
        cna[key] = value.clone();
    }
    json!({
        "dataType": "CVE_RECORD", "dataVersion": "5.2.0",
        "cveMetadata": {"cveId": id, "assignerOrgId": "5e0a1f3c-2b4d-4c6e-8f10-9a8b7c6d5e4f", "state": "PUBLISHED",
            "datePublished": "1900-01-03T12:00:00", "dateUpdated": updated},
        "containers": {"cna": cna},
    })
    .to_string()
}

fn feed(records: &[String], target: Target, publisher: &Publisher) -> String {
    let records: Vec<Record> = records
        .iter()
        .map(|text| Record::parse(text.as_bytes()).unwrap())
        .collect();
    convert_all(
        &records,
        target,
        &Options::new(publisher, NOW.parse().unwrap()),
    )
    .unwrap()
    .document
}

fn three() -> Vec<String> {
    vec![
        record("CVE-1900-30001", "1900-01-04T00:00:00Z", json!({})),
        record(
            "CVE-1900-30003",
            "1900-01-06T00:00:00Z",
            json!({"tags": ["unsupported-when-assigned"]}),
        ),
        record(
            "CVE-1900-30002",
            "1900-01-05T00:00:00Z",
            json!({"affected": [{"vendor": "K", "product": "S", "defaultStatus": "affected"}]}),
        ),
    ]
}

/// Whether a key may stand in an object of JSON Feed: it is known there, or an
/// extension, which begins with an underscore and a letter.
fn check_keys(object: &Value, known: &[&str]) {
    for key in object.as_object().unwrap().keys() {
        let extension =
            key.starts_with('_') && key[1..].starts_with(|c: char| c.is_ascii_alphabetic());
        assert!(known.contains(&key.as_str()) || extension, "{key}");
    }
}

fn check_json_feed(feed: &Value, more_of_item: &[&str]) {
    check_keys(
        feed,
        &[
            "version",
            "title",
            "home_page_url",
            "feed_url",
            "description",
            "authors",
            "language",
            "items",
        ],
    );
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert!(!feed["title"].as_str().unwrap().is_empty());
    let mut ids = HashSet::new();
    for item in feed["items"].as_array().unwrap() {
        let known = [
            "id",
            "url",
            "external_url",
            "title",
            "content_html",
            "content_text",
            "summary",
            "date_published",
            "date_modified",
            "tags",
        ];
        check_keys(item, &[&known[..], more_of_item].concat());
        assert!(
            ids.insert(item["id"].as_str().unwrap().to_owned()),
            "an id twice"
        );
        assert!(item["content_html"].is_string() || item["content_text"].is_string());
        for key in ["date_published", "date_modified"] {
            if let Some(date) = item[key].as_str() {
                assert!(
                    date.ends_with('Z') && date.parse::<Timestamp>().is_ok(),
                    "{date}"
                );
            }
        }
        let text = item.to_string();
        assert!(
            !text.contains("\\u00") && !text.contains("\\b"),
            "a control character: {text}"
        );
    }
}

#[test]
fn a_json_feed_keeps_to_version_1_1() {
    let text = feed(&three(), Target::JsonFeed, &publisher());
    let document: Value = serde_json::from_str(&text).unwrap();
    check_json_feed(&document, &[]);
    let ids: Vec<_> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["_cve"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["CVE-1900-30003", "CVE-1900-30002", "CVE-1900-30001"]);
    assert_eq!(
        document["items"][0]["id"],
        "tag:kettles.example,1900:CVE-1900-30003"
    );
    assert_eq!(
        document["items"][0]["url"],
        "https://kettles.example/advisories/CVE-1900-30003"
    );
    assert_eq!(
        document["feed_url"],
        "https://kettles.example/feeds/feed.json"
    );
    assert_eq!(
        document["items"][2]["date_published"],
        "1900-01-03T12:00:00.000Z"
    );
}

#[test]
fn the_kubernetes_form_has_the_keys_its_readers_read_and_no_others() {
    let text = feed(&three(), Target::K8sFeed, &publisher());
    let document: Value = serde_json::from_str(&text).unwrap();
    check_json_feed(&document, &["status"]);
    let keys: Vec<_> = document
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "version",
            "title",
            "home_page_url",
            "feed_url",
            "description",
            "authors",
            "_kubernetes_io",
            "items"
        ]
    );
    assert_eq!(
        document["_kubernetes_io"],
        json!({"feed_refresh_job": "", "updated_at": "1900-01-06T00:00:00Z"})
    );
    let item = &document["items"][2];
    assert_eq!(
        item.as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>(),
        [
            "id",
            "url",
            "external_url",
            "summary",
            "content_text",
            "date_published",
            "status",
            "_kubernetes_io"
        ]
    );
    assert_eq!(item["id"], "CVE-1900-30001");
    assert_eq!(
        item["url"],
        "https://forge.example/kettles/teapot/issues/77?a=1&b=2"
    );
    assert_eq!(
        item["external_url"],
        "https://www.cve.org/cverecord?id=CVE-1900-30001"
    );
    assert_eq!(item["date_published"], "1900-01-03T12:00:00Z");
    assert_eq!(
        item["_kubernetes_io"],
        json!({"google_group_url": "https://groups.google.com/g/kettles/c/x", "issue_number": 77})
    );
    let statuses: Vec<_> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["unfixed", "open", "fixed"]);
}

#[test]
fn xml_feeds_hold_texts_only_as_texts() {
    for target in [Target::Atom, Target::Rss] {
        let text = feed(&three(), target, &publisher());
        assert!(!text.contains("<script"), "{text}");
        assert!(!text.contains("<b>"));
        assert!(
            text.chars().all(|c| !c.is_control() || c == '\n'),
            "a control character"
        );
        // No link leads to a script; the address stands as text only.
        assert!(
            !text.contains("href=&amp;quot;javascript") && !text.contains("href=&quot;javascript")
        );
    }
}

#[test]
fn the_id_of_an_entry_stays_when_its_record_changes() {
    let before = feed(&three()[..1], Target::Atom, &publisher());
    let after = feed(
        &[record(
            "CVE-1900-30001",
            "1900-06-01T00:00:00Z",
            json!({"title": "Other"}),
        )],
        Target::Atom,
        &publisher(),
    );
    let id = "<id>tag:kettles.example,1900:CVE-1900-30001</id>";
    assert!(before.contains(id) && after.contains(id));
    assert!(after.contains("<updated>1900-06-01T00:00:00.000Z</updated>"));
    assert!(after.contains("<published>1900-01-03T12:00:00.000Z</published>"));
}

#[test]
fn the_order_of_the_records_does_not_matter() {
    let (mut turned, records) = (three(), three());
    turned.reverse();
    for target in [Target::JsonFeed, Target::K8sFeed, Target::Atom, Target::Rss] {
        assert_eq!(
            feed(&records, target, &publisher()),
            feed(&turned, target, &publisher())
        );
    }
}

#[test]
fn a_feed_of_nothing_is_a_feed() {
    let text = feed(&[], Target::Rss, &Publisher::unnamed());
    assert!(
        text.contains("<lastBuildDate>Thu, 01 Feb 1900 00:00:00 +0000</lastBuildDate>"),
        "{text}"
    );
    let document: Value =
        serde_json::from_str(&feed(&[], Target::JsonFeed, &Publisher::unnamed())).unwrap();
    assert_eq!(document["items"], json!([]));
}

#[test]
fn a_record_given_twice_is_refused() {
    let (publisher, twice) = (publisher(), [&three()[0], &three()[0]].map(Clone::clone));
    let records: Vec<Record> = twice
        .iter()
        .map(|text| Record::parse(text.as_bytes()).unwrap())
        .collect();
    let refused = convert_all(
        &records,
        Target::Atom,
        &Options::new(&publisher, NOW.parse().unwrap()),
    )
    .unwrap_err();
    assert_eq!(refused.findings[0].code, "CONV-FEED-ID");
}
