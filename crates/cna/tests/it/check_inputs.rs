//! `cna check`: what it takes, what it calls things, and how it ends.

use serde_json::json;

use crate::check_support::{GOOD, Records, line_of, read_lines, verdict};

/// A file and its expected ID, verdict and errors.
type Case<'a> = (&'a str, Vec<u8>, Option<&'a str>, bool, &'a [&'a str]);

#[test]
fn every_document_gives_exactly_one_line_whatever_it_is() {
    let records = Records::new();
    let id = "CVE-1900-1234";
    let marked = [b"\xef\xbb\xbf".as_slice(), b"{}"].concat();
    let lossy = line_of(id, "PUBLISHED").replace("PUBLISHED", "PUBLISHED\u{0}");
    let latin = lossy
        .into_bytes()
        .iter()
        .map(|b| if *b == 0 { 0xff } else { *b })
        .collect();
    let cases: Vec<Case<'_>> = vec![
        (
            "a-good.json",
            line_of(id, "PUBLISHED").into(),
            Some(id),
            true,
            &[],
        ),
        (
            "b-enum.json",
            line_of(id, "SHUT").into(),
            Some(id),
            false,
            &["SCHEMA-ENUM"],
        ),
        ("c-empty.json", Vec::new(), None, false, &["JSON-SYNTAX"]),
        (
            "d-cut.json",
            GOOD.as_bytes()[..GOOD.len() / 2].into(),
            None,
            false,
            &["JSON-SYNTAX"],
        ),
        ("e-mark.json", marked, None, false, &["JSON-ENCODING"]),
        (
            "f-utf16.json",
            b"\xff\xfe{\0}\0".into(),
            None,
            false,
            &["JSON-ENCODING"],
        ),
        (
            "g-utf8.json",
            latin,
            Some("CVE-1900-1234"),
            false,
            &["SCHEMA-ENUM"],
        ),
        ("h-list.json", b"[]".into(), None, false, &["SCHEMA-TYPE"]),
        ("i-null.json", b"null".into(), None, false, &["SCHEMA-TYPE"]),
        (
            "j-deep.json",
            b"[".repeat(300_000),
            None,
            false,
            &["JSON-SYNTAX"],
        ),
    ];
    for (name, bytes, ..) in &cases {
        records.file(name, bytes);
    }
    let lines = records.lines(&[".", "--level", "schema"]);
    let found: Vec<_> = lines.iter().map(verdict).collect();
    assert_eq!(found.len(), cases.len());
    for ((name, _, id, valid, errors), found) in cases.iter().zip(found) {
        assert_eq!(found.0, format!("./{name}"));
        assert_eq!(
            (found.2, found.3),
            (*valid, errors.iter().map(|e| (*e).to_owned()).collect()),
            "{name}"
        );
        // Of a cut text the ID may still be readable.
        if *name != "d-cut.json" {
            assert_eq!(found.1.as_deref(), *id, "{name}");
        }
    }
}

#[test]
fn lines_of_a_file_keep_their_numbers_and_blank_ones_are_none() {
    let records = Records::new();
    let text = format!(
        "{}\r\n\n  \n{}\n{{\"a\": \n{}",
        line_of("CVE-1900-0001", "PUBLISHED"),
        line_of("CVE-1900-0002", "SHUT"),
        line_of("CVE-1900-0003", "PUBLISHED"),
    );
    records.file("r.jsonl", &text);
    let packed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    records.file("r.jsonl.zst", packed);
    for name in ["r.jsonl", "r.jsonl.zst"] {
        let lines = records.lines(&[name, "--level", "schema"]);
        let found: Vec<_> = lines
            .iter()
            .map(|line| {
                (
                    line["line"].clone(),
                    line["id"].clone(),
                    line["valid"].clone(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (json!(1), json!("CVE-1900-0001"), json!(true)),
                (json!(4), json!("CVE-1900-0002"), json!(false)),
                (json!(5), json!(null), json!(false)),
                (json!(6), json!("CVE-1900-0003"), json!(true)),
            ]
        );
        // A finding's line is that of the file, its column that of the line.
        assert_eq!(lines[1]["findings"][0]["line"], 4);
        assert!(lines[1]["findings"][0]["column"].as_u64().unwrap() > 1);
    }
}

#[test]
fn standard_input_holds_one_document_or_one_a_line() {
    let records = Records::new();
    let one = records.check_input(
        &["-", "--level", "schema", "--output", "ndjson"],
        GOOD.as_bytes(),
    );
    assert_eq!(read_lines(&one.stdout).len(), 1);
    assert_eq!(one.code, Some(0), "{one:?}");
    let two = format!("{}\n{}\n", line_of("CVE-1900-0001", "PUBLISHED"), "{}");
    let two = records.check_input(
        &["-", "--level", "schema", "--output", "ndjson"],
        two.as_bytes(),
    );
    let lines = read_lines(&two.stdout);
    assert_eq!(lines.len(), 2);
    assert_eq!(verdict(&lines[0]).0, "<stdin>");
    assert_eq!(two.code, Some(1));
    let packed = zstd::encode_all(GOOD.as_bytes(), 3).unwrap();
    let packed = records.check_input(&["-", "--level", "schema", "--output", "ndjson"], &packed);
    assert!(verdict(&read_lines(&packed.stdout)[0]).2);
}

#[test]
fn a_folder_is_read_as_the_programs_archive_is_laid_out() {
    let records = Records::new();
    let good = line_of("CVE-1900-0001", "PUBLISHED");
    for name in [
        "cves/1900/0xxx/CVE-1900-0002.json",
        "cves/1900/0xxx/CVE-1900-0001.json",
    ] {
        records.file(name, &good);
    }
    records.file("cves/delta.json", "{}");
    records.file("cves/deltaLog.json", "[]");
    records.file("cves/recent_activities.json", "[]");
    records.file("cves/README.md", "x");
    std::os::unix::fs::symlink(records.path(), records.path().join("cves/loop")).unwrap();
    let lines = records.lines(&["cves"]);
    let sources: Vec<_> = lines.iter().map(|line| verdict(line).0).collect();
    assert_eq!(
        sources,
        [
            "cves/1900/0xxx/CVE-1900-0001.json",
            "cves/1900/0xxx/CVE-1900-0002.json"
        ]
    );
}

#[test]
fn the_answer_is_the_same_with_any_number_of_threads() {
    let records = Records::new();
    let mut text = String::new();
    for number in 0..3000 {
        let state = if number % 7 == 0 { "SHUT" } else { "PUBLISHED" };
        text.push_str(&line_of(&format!("CVE-1900-{number:05}"), state));
        text.push('\n');
    }
    records.file("r.jsonl", &text);
    for output in ["text", "ndjson", "sarif", "csv"] {
        let arguments = ["r.jsonl", "--level", "schema", "--output", output, "--jobs"];
        let one = records.check(&[&arguments[..], &["1"]].concat());
        let five = records.check(&[&arguments[..], &["5"]].concat());
        assert_eq!(one.code, Some(1));
        assert!(one == five, "{output} differs");
    }
}

#[test]
fn the_kind_of_a_document_is_found_out() {
    let records = Records::new();
    let record: serde_json::Value = serde_json::from_str(GOOD).unwrap();
    let cna = &record["containers"]["cna"];
    let body = json!({ "cnaContainer": cna });
    let rejected = json!({"rejectedReasons": [{"lang": "en", "value": "Not a vulnerability."}],
        "providerMetadata": cna["providerMetadata"]});
    let adp = json!({"providerMetadata": cna["providerMetadata"], "references": cna["references"]});
    for (name, document, kind) in [
        ("a.json", cna.clone(), "cna"),
        ("b.json", body, "cna"),
        ("c.json", rejected.clone(), "rejected"),
        ("d.json", json!({ "cnaContainer": rejected }), "rejected"),
        ("e.json", adp.clone(), "adp"),
        ("f.json", json!({ "adpContainer": adp }), "adp"),
    ] {
        records.file(name, document.to_string());
        for arguments in [
            &[name, "--level", "schema"][..],
            &[name, "--level", "schema", "--type", kind],
        ] {
            let line = records.lines(arguments).remove(0);
            assert_eq!(line["type"], kind, "{name}");
            assert_eq!(line["valid"], true, "{name}: {line}");
        }
        let line = records
            .lines(&[name, "--level", "schema", "--type", "full"])
            .remove(0);
        assert_eq!(line["valid"], false, "{name}");
    }
}

#[test]
fn an_older_version_of_the_format_may_take_what_a_newer_refuses() {
    let records = Records::new();
    let mut record: serde_json::Value = serde_json::from_str(GOOD).unwrap();
    record["containers"]["cna"]["affected"][0]["versionType"] = "semver".into();
    if let Some(product) = record["containers"]["cna"]["affected"][0].as_object_mut() {
        product.remove("packageURL");
    }
    records.file("a.json", record.to_string());
    let valid = |version: &str| {
        let line = records
            .lines(&["a.json", "--level", "schema", "--format-version", version])
            .remove(0);
        line["valid"] == true
    };
    assert!(valid("5.1.1"));
    assert!(!valid("5.2.0"));
}

#[test]
fn only_the_records_of_one_cna_are_checked_on_request() {
    let records = Records::new();
    records.file("a.json", GOOD);
    let name = records.lines(&["a.json"])[0]["cna"].clone();
    let name = name.as_str().unwrap();
    assert_eq!(records.lines(&["a.json", "--cna", name]).len(), 1);
    assert_eq!(
        records.lines(&["a.json", "--cna", "somebody-else"]).len(),
        0
    );
}

#[test]
fn a_document_that_is_too_large_is_one_finding() {
    let records = Records::new();
    let large = vec![b' '; 17 * 1024 * 1024];
    records.file("a.json", &large);
    records.file(
        "b.jsonl",
        [b"{\"a\":".as_slice(), &vec![b'x'; 17 << 20], b"}\n{}\n"].concat(),
    );
    let lines = records.lines(&["a.json", "b.jsonl", "--level", "schema"]);
    let found: Vec<_> = lines.iter().map(|line| verdict(line).3).collect();
    assert_eq!(found[0], ["JSON-SIZE"]);
    assert_eq!(found[1], ["JSON-SIZE"]);
    assert_eq!(found[2].len(), 4);
}

#[test]
fn what_cannot_be_read_is_one_sentence_and_exit_code_2() {
    let records = Records::new();
    records.file("good.json", GOOD);
    records.file(
        "cut.jsonl.zst",
        &zstd::encode_all(GOOD.as_bytes(), 3).unwrap()[..60],
    );
    for (arguments, words) in [
        (
            &["missing.json"][..],
            &["missing.json", "No such file", "check the path"][..],
        ),
        (&["missing"], &["missing"]),
        (&["cut.jsonl.zst"], &["cut.jsonl.zst"]),
        (
            &["good.json", "--schema", "none"],
            &["reading the schema `none`"],
        ),
        (
            &["good.json", "--baseline", "good.json"],
            &["is no baseline", "--write-baseline"],
        ),
        (
            &["good.json", "--select", "SCHEMA-ENUN"],
            &["`SCHEMA-ENUN`", "`SCHEMA-ENUM`"],
        ),
        (&["good.json", "--jobs", "0"], &["--jobs"]),
        (
            &["good.json", "--level", "deep"],
            &["deep", "schema, server, lint"],
        ),
        (
            &["good.json", "--summary", "--output", "sarif"],
            &["--summary", "text"],
        ),
        (&["-", "-"], &["named twice"]),
        (&[], &["<FILE|DIR|->"]),
    ] {
        let ended = records.check(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(ended.stderr.starts_with("error: "), "{ended:?}");
        for word in words {
            assert!(ended.stderr.contains(word), "`{word}` in {}", ended.stderr);
        }
    }
}

#[test]
fn what_can_be_read_is_checked_although_another_input_cannot() {
    let records = Records::new();
    records.file("good.json", GOOD);
    let ended = records.check(&["missing.json", "good.json", "--output", "ndjson"]);
    assert_eq!(ended.code, Some(2));
    assert_eq!(read_lines(&ended.stdout).len(), 1);
}

#[test]
fn a_folder_without_records_is_said_to_have_none() {
    let records = Records::new();
    let ended = records.check(&["."]);
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.stderr.contains("no file there ends in `.json`"),
        "{ended:?}"
    );
}

#[test]
fn the_exit_code_follows_the_worst_finding() {
    let records = Records::new();
    records.file("good.json", GOOD);
    records.file("bad.json", line_of("CVE-1900-0001", "SHUT"));
    let code = |file: &str, least: &str| {
        records
            .check(&[file, "--level", "schema", "--fail-on", least])
            .code
    };
    assert_eq!(code("good.json", "error"), Some(0));
    assert_eq!(code("bad.json", "error"), Some(1));
    assert_eq!(code("bad.json", "advice"), Some(1));
    assert_eq!(code("bad.json", "never"), Some(0));
}

#[test]
fn a_rule_of_the_server_is_found_at_its_level_and_not_before() {
    let records = Records::new();
    let mut record: serde_json::Value = serde_json::from_str(GOOD).unwrap();
    record["containers"]["cna"]["datePublic"] = "2026-12-24T00:00:00Z".into();
    records.file("a.json", serde_json::to_string_pretty(&record).unwrap());
    let codes = |level: &str| verdict(&records.lines(&["a.json", "--level", level])[0]).3;
    assert_eq!(codes("schema"), Vec::<String>::new());
    assert_eq!(codes("server"), ["SERVER-DATE"]);
    assert!(codes("lint").contains(&"SERVER-DATE".to_owned()));
    let line = &records.lines(&["a.json", "--level", "server"])[0];
    assert_eq!(line["valid"], true, "the verdict is the schema's");
    assert!(line["findings"][0]["line"].as_u64().unwrap() > 1);
}

#[test]
fn a_loss_in_a_valid_record_is_a_warning() {
    let records = Records::new();
    let text = line_of("CVE-1900-0001", "PUBLISHED");
    let text = text.replacen("\"cna\":{", "\"cna\":{\"x_a\":{\"b\":1,\"b\":2},", 1);
    records.file("a.json", text);
    let line = &records.lines(&["a.json", "--level", "schema"])[0];
    assert_eq!(line["valid"], true, "{line}");
    assert_eq!(line["findings"][0]["code"], "JSON-DUPLICATE");
    assert_eq!(line["findings"][0]["pointer"], "/containers/cna/x_a/b");
}
