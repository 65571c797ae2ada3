//! The catalogue: what is kept of a product, and what a draft is held to.

use casework::{CatalogueEntry, Delivery, SupportLine};

use crate::office::{on_each_engine, product, refusal_code, refused};

fn entry(name: &str) -> CatalogueEntry {
    CatalogueEntry {
        name: name.into(),
        vendor: "Example".into(),
        product: name.into(),
        repository: String::new(),
        version_type: "semver".into(),
        purl: "pkg:npm/%40example/agent".into(),
        cpe: "cpe:2.3:a:example:agent:*:*:*:*:*:*:*:*".into(),
        delivery: Delivery::Both,
        lines: vec![SupportLine {
            name: "1.29".into(),
            released: "2026-04-01".into(),
            end_of_support: String::new(),
            end_of_life: "2027-04-01".into(),
        }],
        contacts: vec!["agent-security@example.org".into()],
    }
}

#[test]
fn an_import_adds_changes_and_leaves_alone_and_a_dry_run_writes_nothing() {
    on_each_engine(
        "an_import_adds_changes_and_leaves_alone_and_a_dry_run_writes_nothing",
        |office| {
            let oan = office.actor("oan");
            let both = [entry("agent"), entry("node-agent")];
            let dry = office.desk.import_catalogue(&oan, &both, true).unwrap();
            assert_eq!((dry.added.len(), dry.changed.len()), (1, 1));
            assert_eq!(office.desk.catalogue(&oan).unwrap().len(), 1);
            office.desk.import_catalogue(&oan, &both, false).unwrap();
            assert_eq!(office.desk.catalogue(&oan).unwrap(), both);
            let again = office.desk.import_catalogue(&oan, &both, false).unwrap();
            assert_eq!(again.unchanged, ["agent", "node-agent"]);
        },
    );
}

#[test]
fn the_five_fields_put_as_before_leave_the_rest_of_a_product_as_it_is() {
    on_each_engine(
        "the_five_fields_put_as_before_leave_the_rest_of_a_product_as_it_is",
        |office| {
            let oan = office.actor("oan");
            let all = [entry("node-agent")];
            office.desk.import_catalogue(&oan, &all, false).unwrap();
            let mut five = product("node-agent");
            five.vendor = "Another".into();
            office.desk.put_product(&oan, &five).unwrap();
            let kept = office.desk.catalogue_entry(&oan, "node-agent").unwrap();
            assert_eq!(
                (kept.vendor.as_str(), &kept.lines),
                ("Another", &all[0].lines)
            );
        },
    );
}

#[test]
fn one_wrong_product_keeps_all_out_and_says_the_rule() {
    on_each_engine(
        "one_wrong_product_keeps_all_out_and_says_the_rule",
        |office| {
            let oan = office.actor("oan");
            let refusal = |change: &dyn Fn(&mut CatalogueEntry)| {
                let mut wrong = entry("wrong");
                change(&mut wrong);
                let all = [entry("right"), wrong];
                refused(office.desk.import_catalogue(&oan, &all, false)).to_string()
            };
            let purl = refusal(&|entry| entry.purl = "pkg:npm/agent@1.0".into());
            assert!(
                purl.starts_with("purl of `wrong`: `pkg:npm/agent@1.0`: "),
                "{purl}"
            );
            assert!(
                purl.ends_with("(CVE Record Format, `packageURL`)"),
                "{purl}"
            );
            let cpe = refusal(&|entry| entry.cpe = "agent".into());
            assert!(cpe.ends_with("(CVE Record Format, `cpes`)"), "{cpe}");
            let day = refusal(&|entry| entry.lines[0].end_of_life = "soon".into());
            assert!(
                day.contains("has the day `soon`: expected one such as"),
                "{day}"
            );
            assert_eq!(office.desk.catalogue(&oan).unwrap().len(), 1);
        },
    );
}

#[test]
fn only_an_administrator_changes_the_catalogue() {
    on_each_engine("only_an_administrator_changes_the_catalogue", |office| {
        let ana = office.actor("ana");
        let import = office.desk.import_catalogue(&ana, &[entry("agent")], true);
        assert_eq!(refusal_code(import), "not_allowed");
        let removed = office.desk.remove_product(&ana, "node-agent");
        assert_eq!(refusal_code(removed), "not_allowed");
    });
}

#[test]
fn a_product_of_an_open_case_stays() {
    on_each_engine("a_product_of_an_open_case_stays", |office| {
        let oan = office.actor("oan");
        office.received();
        let stays = office.desk.remove_product(&oan, "node-agent");
        assert_eq!(refusal_code(stays), "invalid");
        office
            .desk
            .import_catalogue(&oan, &[entry("agent")], false)
            .unwrap();
        office.desk.remove_product(&oan, "agent").unwrap();
        assert_eq!(office.desk.catalogue(&oan).unwrap().len(), 1);
        assert_eq!(
            refusal_code(office.desk.remove_product(&oan, "agent")),
            "not_found"
        );
    });
}

#[test]
fn a_draft_is_held_to_how_the_catalogue_says_a_product_is_delivered() {
    on_each_engine(
        "a_draft_is_held_to_how_the_catalogue_says_a_product_is_delivered",
        |office| {
            let (oan, ana) = (office.actor("oan"), office.actor("ana"));
            let (_, id, before) = office.drafted();
            let codes = |draft: &casework::Revision| {
                let codes = draft
                    .findings
                    .iter()
                    .map(|finding| finding.code.to_string());
                codes.collect::<Vec<_>>()
            };
            assert!(!codes(&before).contains(&"REC-061".to_owned()));
            let mut hosted = entry("node-agent");
            hosted.delivery = Delivery::Hosted;
            office
                .desk
                .import_catalogue(&oan, &[hosted], false)
                .unwrap();
            let after = office.desk.draft_from_report(&ana, id).unwrap();
            assert!(
                codes(&after).contains(&"REC-061".to_owned()),
                "{:?}",
                codes(&after)
            );
        },
    );
}
