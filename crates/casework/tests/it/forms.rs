//! Drafts as forms, and what they begin with, through the desk.

use casework::describe::Details;
use casework::form::FormFormat;
use casework::{Refusal, Start};
use serde_json::{Value, json};

use crate::office::{Office, on_each_engine, refusal_code, refused};

fn newest(office: &Office, id: cve::id::CveId) -> Value {
    office
        .desk
        .revision(&office.actor("ana"), id, None)
        .unwrap()
        .document
}

#[test]
fn a_form_is_saved_and_comes_back_with_its_comments() {
    on_each_engine("forms_comments", |office| {
        let (_, id, _) = office.drafted();
        let ana = office.actor("ana");
        let form = office.desk.form(&ana, id, None, FormFormat::Toml).unwrap();
        let text = format!("# From the call of Monday.\n{}", form.text);
        let saved = office
            .desk
            .save_form(&ana, id, &text, FormFormat::Toml, Some(form.revision))
            .unwrap();
        assert_eq!(saved.revision, 2);
        office
            .desk
            .set_field(&ana, id, "/cna/title", &json!("Another title"))
            .unwrap();
        let again = office.desk.form(&ana, id, None, FormFormat::Toml).unwrap();
        assert_eq!(again.revision, 3);
        assert!(
            again
                .text
                .starts_with("# From the call of Monday.\ntitle = \"Another title\"\n")
        );
    });
}

#[test]
fn a_form_of_each_format_says_the_document() {
    on_each_engine("forms_formats", |office| {
        let (_, id, _) = office.drafted();
        let ana = office.actor("ana");
        for format in [FormFormat::Toml, FormFormat::Yaml, FormFormat::Json] {
            let form = office.desk.form(&ana, id, None, format).unwrap();
            let read = casework::form::read(&form.text, format).unwrap();
            assert_eq!(read.document, newest(office, id), "{format}");
        }
    });
}

#[test]
fn a_form_that_cannot_be_read_is_refused_with_its_line_and_saves_nothing() {
    on_each_engine("forms_refused", |office| {
        let (_, id, draft) = office.drafted();
        let ana = office.actor("ana");
        let saved = office
            .desk
            .save_form(&ana, id, "title = 1\n", FormFormat::Toml, None);
        let Refusal::Invalid { field, problem } = refused(saved) else {
            panic!("another refusal");
        };
        assert_eq!(field, "form");
        assert!(
            problem.starts_with("line 1, column 1: `title`: `1` is no text"),
            "{problem}"
        );
        let newest = office.desk.revision(&ana, id, None).unwrap();
        assert_eq!(newest.revision, draft.revision);
    });
}

#[test]
fn a_check_gives_each_finding_the_line_it_is_about() {
    on_each_engine("forms_check", |office| {
        let (_, id, _) = office.drafted();
        let ana = office.actor("ana");
        let form = office.desk.form(&ana, id, None, FormFormat::Toml).unwrap();
        let rest: Vec<&str> = form.text.lines().skip(1).collect();
        let text = format!("# one\ntitle = \"TODO\"\n{}\n", rest.join("\n"));
        let checked = office
            .desk
            .check_form(&ana, id, &text, FormFormat::Toml)
            .unwrap();
        let left = checked
            .findings
            .iter()
            .find(|found| found.finding.code == "DRAFT-LEFTOVER")
            .unwrap();
        assert_eq!(
            (left.line, left.finding.pointer.as_str()),
            (2, "/cna/title")
        );
    });
}

#[test]
fn what_a_template_left_stands_in_the_way_of_an_approval() {
    on_each_engine("forms_leftover", |office| {
        let (case, id, _) = office.drafted();
        let draft = office.retitle("ana", case, id, "[VULNTYPE] in node-agent");
        assert!(office.approve("rev", id, &draft).is_err());
        let codes: Vec<&str> = draft.findings.iter().map(|f| &*f.code).collect();
        assert!(codes.contains(&"DRAFT-LEFTOVER"), "{codes:?}");
    });
}

#[test]
fn whoever_is_not_on_the_case_finds_no_form_and_a_triager_writes_none() {
    on_each_engine("forms_permission", |office| {
        let (_, id, _) = office.drafted();
        let toml = FormFormat::Toml;
        let oan = office.actor("oan");
        assert_eq!(
            refusal_code(office.desk.form(&oan, id, None, toml)),
            "not_found"
        );
        let tri = office.actor("tri");
        let text = "title = \"x\"\n";
        for code in [
            refusal_code(office.desk.save_form(&tri, id, text, toml, None)),
            refusal_code(office.desk.check_form(&tri, id, text, toml)),
            refusal_code(office.desk.describe(&tri, id, &Details::default())),
            refusal_code(office.desk.set_ranges(&tri, id, None, None, &[])),
            refusal_code(
                office
                    .desk
                    .start_draft(&tri, id, &Start::Template(String::new())),
            ),
            refusal_code(office.desk.put_template(&tri, "node-agent", &json!({}))),
        ] {
            assert_eq!(code, "not_allowed");
        }
    });
}

#[test]
fn a_clone_takes_the_text_and_keeps_id_and_address_of_its_own() {
    on_each_engine("forms_clone", |office| {
        let (_, first, _) = office.drafted();
        let (_, second) = office.assigned();
        let ana = office.actor("ana");
        office
            .desk
            .start_draft(&ana, second, &Start::Clone(first))
            .unwrap();
        let (old, new) = (newest(office, first), newest(office, second));
        assert_eq!(new["cna"]["title"], old["cna"]["title"]);
        assert_eq!(new["advisory"]["cve_id"], json!(second));
        assert_ne!(new["advisory"]["id"], old["advisory"]["id"]);
        let own = new["cna"]["references"][0]["url"].as_str().unwrap();
        assert!(
            own.ends_with(new["advisory"]["id"].as_str().unwrap()),
            "{own}"
        );
        let old_url = &old["cna"]["references"][0]["url"];
        let urls = new["cna"]["references"].as_array().unwrap();
        assert!(urls.iter().all(|reference| reference["url"] != *old_url));
    });
}

#[test]
fn a_draft_begins_with_what_others_wrote() {
    on_each_engine("forms_osv", |office| {
        let (_, id) = office.assigned();
        let osv = json!({
            "schema_version": "1.6.0", "id": "EXAMPLE-1", "modified": "2026-01-01T00:00:00Z",
            "summary": "Logs follow links", "details": "Logs follow symbolic links."
        });
        let start = Start::Document(osv.to_string(), None);
        office
            .desk
            .start_draft(&office.actor("ana"), id, &start)
            .unwrap();
        let document = newest(office, id);
        assert_eq!(document["cna"]["title"], "Logs follow links");
        assert_eq!(document["advisory"]["title"], "Logs follow links");
        assert_eq!(
            document["cna"]["references"][0]["tags"][0],
            "vendor-advisory"
        );
    });
}

#[test]
fn a_draft_begins_with_the_template_of_the_reported_product() {
    on_each_engine("forms_template", |office| {
        let (_, id) = office.assigned();
        let start = Start::Template(String::new());
        let ana = office.actor("ana");
        assert_eq!(
            refusal_code(office.desk.start_draft(&ana, id, &start)),
            "not_found"
        );
        let template = json!({"title": "[VULNTYPE] in node-agent"});
        let admin = office.actor("admin");
        office
            .desk
            .put_template(&admin, "node-agent", &template)
            .unwrap();
        office.desk.start_draft(&ana, id, &start).unwrap();
        assert_eq!(
            newest(office, id)["cna"]["title"],
            "[VULNTYPE] in node-agent"
        );
    });
}

#[test]
fn a_description_is_built_with_the_product_and_versions_of_the_draft() {
    on_each_engine("forms_describe", |office| {
        let (_, id, _) = office.drafted();
        let details = Details {
            kind: "Link following".into(),
            impact: "read files".into(),
            ..Details::default()
        };
        office
            .desk
            .describe(&office.actor("ana"), id, &details)
            .unwrap();
        let document = newest(office, id);
        let text = document["cna"]["descriptions"][0]["value"]
            .as_str()
            .unwrap();
        assert!(text.starts_with("Link following in "), "{text}");
        assert!(text.contains("node-agent"), "{text}");
        assert!(
            text.ends_with(" allows attackers to read files via unspecified vectors."),
            "{text}"
        );
        assert_eq!(document["advisory"]["summary"], text);
    });
}

#[test]
fn ranges_of_versions_and_of_commits_lie_beside_each_other() {
    on_each_engine("forms_ranges", |office| {
        let (_, id, _) = office.drafted();
        let range = |from: &str, to: &str, kind: &str| json!({"version": from, "lessThan": to, "status": "affected", "versionType": kind});
        let versions = [
            range("1.0.0", "1.0.2", "semver"),
            range(&"a".repeat(40), &"b".repeat(40), "git"),
        ];
        let ana = office.actor("ana");
        let url = "https://example.org/node-agent.git";
        for _ in 0..2 {
            office
                .desk
                .set_ranges(&ana, id, None, Some(url), &versions)
                .unwrap();
            let document = newest(office, id);
            let affected = document["cna"]["affected"].as_array().unwrap();
            assert_eq!(affected.len(), 2);
            assert_eq!(affected[0]["versions"], json!([versions[0]]));
            assert_eq!(affected[1]["versions"], json!([versions[1]]));
            assert_eq!(affected[1]["repo"], url);
        }
    });
}
