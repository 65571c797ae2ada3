//! Texts for people.

use cve::convert::{Publisher, Target};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{publisher, written};

fn record(title: &str, text: &str, more: Value) -> String {
    let mut cna = json!({
        "title": title, "descriptions": [{"lang": "en", "value": text}],
        "affected": [{"vendor": "Kettles", "product": "Teapot", "versions": [
            {"version": "1.0.0", "status": "affected", "lessThan": "2.1.0", "versionType": "semver"}, {"version": "3.0.0", "status": "unknown"}]}],
        "references": [{"url": "https://kettles.example/1"}],
    });
    for (key, value) in more.as_object().unwrap() {
        cna[key] = value.clone();
    }
    json!({"cveMetadata": {"cveId": "CVE-1900-30010", "state": "PUBLISHED", "datePublished": "1900-01-03T12:00:00Z"}, "containers": {"cna": cna}}).to_string()
}

fn text(record: &str, target: Target) -> String {
    written(record, target, &publisher()).unwrap().document
}

#[test]
fn what_to_do_follows_from_the_fixed_version_where_the_record_says_nothing() {
    let mail = text(&record("Pours", "It pours.", json!({})), Target::Text);
    assert!(
        mail.contains("\nUpdate Kettles Teapot to 2.1.0 or later.\n"),
        "{mail}"
    );
    let told = text(
        &record(
            "Pours",
            "It pours.",
            json!({"solutions": [{"lang": "en", "value": "Buy a cup."}]}),
        ),
        Target::Text,
    );
    assert!(told.contains("\nBuy a cup.\n") && !told.contains("Update Kettles"));
}

#[test]
fn the_subject_says_which_how_bad_and_what() {
    let metrics = json!({"metrics": [{"cvssV3_1": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "baseScore": 7.5}}]});
    let mail = text(
        &record("Pours\nBcc: all@kettles.example", "x", metrics),
        Target::Text,
    );
    assert!(
        mail.starts_with("Subject: CVE-1900-30010 [high]: Pours Bcc: all@kettles.example\n\n"),
        "{mail}"
    );
}

#[test]
fn the_affected_versions_are_said_in_words() {
    let mail = text(&record("Pours", "x", json!({})), Target::Text);
    assert!(
        mail.contains("affected:     versions from 1.0.0 up to, not including, 2.1.0\n"),
        "{mail}"
    );
    assert!(mail.contains("not known:    version 3.0.0\n"), "{mail}");
    assert!(mail.contains("fixed in:     2.1.0\n"), "{mail}");
}

#[test]
fn nothing_of_a_text_is_read_as_markup() {
    let hostile = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](https://a.example/i.png)\n# Title\n- list\n1. one\n***\n`code` &lt; \\";
    let record = record(
        hostile,
        hostile,
        json!({"references": [{"url": "javascript:alert(1)"}, {"url": "https://a.example/\"onclick=\"x"}]}),
    );
    let html = text(&record, Target::Html);
    assert!(
        !html.contains("<script")
            && !html.contains("href=\"javascript")
            && !html.contains("\"onclick"),
        "{html}"
    );
    assert!(html.contains("&amp;lt;"));
    let markdown = text(&record, Target::Markdown);
    let body = &markdown[markdown.find("## Summary").unwrap()..];
    assert!(
        body.contains("\\<script\\>")
            && body.contains("\n\\# Title\\\n\\- list\\\n1\\. one\\\n\\*\\*\\*"),
        "{body}"
    );
    assert!(!markdown.contains("<javascript:"), "{markdown}");
}

#[test]
fn a_rejected_record_says_why_and_what_to_use_instead() {
    let record = json!({"cveMetadata": {"cveId": "CVE-1900-30011", "state": "REJECTED", "dateRejected": "1900-01-03T12:00:00Z"},
        "containers": {"cna": {"rejectedReasons": [{"lang": "en", "value": "A duplicate."}], "replacedBy": ["CVE-1900-30010"]}}})
    .to_string();
    for target in [Target::Text, Target::Markdown, Target::Html] {
        let text = text(&record, target);
        assert!(
            text.contains("CVE-1900-30011: rejected")
                && text.contains("A duplicate.")
                && text.contains("Use CVE-1900-30010 instead."),
            "{text}"
        );
    }
}

#[test]
fn what_a_text_leaves_out_is_listed() {
    let record = record(
        "Pours",
        "x",
        json!({"x_tea": 1, "source": {"discovery": "INTERNAL"}}),
    );
    let converted = written(&record, Target::Text, &Publisher::unnamed()).unwrap();
    let kinds: Vec<_> = converted.losses.iter().map(|loss| loss.kind).collect();
    assert_eq!(kinds, ["source", "extension"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_mail_has_no_line_that_mail_would_mangle(title in "\\PC{0,90}", words in "(From |\\.\n|-- \n|[a-z]{1,9} |\n|\u{1b}|\u{202e}|\\PC){0,60}") {
        prop_assume!(!title.trim().is_empty());
        let mail = text(&record(&title, &words, json!({"solutions": [{"lang": "en", "value": words.clone()}]})), Target::Text);
        for (place, line) in mail.lines().enumerate() {
            prop_assert!(!line.starts_with("From ") && line != "." && line != "-- ", "{line:?}");
            prop_assert!(line.trim_end() == line, "{line:?}");
            let one_word = line.split_whitespace().count() <= 2;
            prop_assert!(line.chars().count() <= 76 || one_word || place == 0, "{line:?}");
            prop_assert!(line.chars().all(|c| !c.is_control()));
        }
    }

    #[test]
    fn html_has_the_tags_we_write_and_no_others(title in "\\PC{0,40}", words in "(<[a-z/]{1,6}|>|&|\"|'|\\PC){0,40}") {
        prop_assume!(!title.trim().is_empty());
        let html = text(&record(&title, &words, json!({})), Target::Html);
        let known = ["article", "h2", "h3", "h4", "dl", "dt", "dd", "p", "br", "ul", "li", "a", "code", "time"];
        for tag in html.split('<').skip(1) {
            let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
            prop_assert!(known.contains(&name), "{tag}");
        }
    }
}
