//! What is done to the desk itself, and to no case, with the action it is.

use casework::clocks::Timing;
use casework::{
    Action, Actor, ApiKey, CatalogueEntry, DecisionSettings, Delivery, Desk, Error, File,
    IncomingMail, MailServer, MailTls, NewAccount, NewReleaseRule, NewTracker, Organisation,
    PersonContact, PoolOrder, Refill, Role, SecurityTxt, SheetImport, YearEndOrder,
};
use serde_json::json;

use crate::office::{product, report, year};

type Call = fn(&Desk, &Actor) -> Result<(), Error>;

fn organisation() -> Organisation {
    Organisation {
        short_name: "example".parse().unwrap(),
        name: "Example".into(),
        account: crate::office::ACCOUNT.into(),
    }
}

fn account() -> NewAccount {
    NewAccount {
        name: "other".into(),
        environment: "test".into(),
        base_url: "https://cve.example/api/".into(),
        org: "other".into(),
        username: "user".into(),
        key: ApiKey::new("key"),
    }
}

fn entry() -> CatalogueEntry {
    CatalogueEntry {
        name: "third".into(),
        vendor: "Example".into(),
        product: "third".into(),
        repository: String::new(),
        version_type: "semver".into(),
        purl: String::new(),
        cpe: String::new(),
        delivery: Delivery::Installed,
        lines: Vec::new(),
        contacts: Vec::new(),
    }
}

fn server() -> MailServer {
    MailServer {
        host: "127.0.0.1".into(),
        port: 9,
        tls: MailTls::None,
        user: String::new(),
        from: "desk@example.org".into(),
        may_carry_texts: false,
    }
}

fn contact() -> PersonContact {
    PersonContact {
        mail: "tri@example.org".into(),
        zone: String::new(),
        hour: 8,
    }
}

#[rustfmt::skip]
pub(crate) const OF_THE_DESK: &[(&str, Action, Call)] = &[
    ("accounts", Action::Audit, |d, a| d.accounts(a).map(drop)),
    ("add_account", Action::Administer, |d, a| d.add_account(a, account())),
    ("add_person", Action::Administer, |d, a| {
        d.add_person(a, "friend", "", &[Role::Oa]).map(drop)
    }),
    ("catalogue", Action::See, |d, a| d.catalogue(a).map(drop)),
    ("catalogue_entry", Action::See, |d, a| d.catalogue_entry(a, "node-agent").map(drop)),
    ("compare_owners", Action::Administer, |d, a| d.compare_owners(a, "a@example.org").map(drop)),
    ("decision_settings", Action::Audit, |d, a| d.decision_settings(a).map(drop)),
    ("distributors", Action::See, |d, a| d.distributors(a).map(drop)),
    ("erase_person", Action::Administer, |d, a| d.erase_person(a, "tri", "asked").map(drop)),
    ("file", Action::Receive, |d, a| d.file(a, &report()).map(drop)),
    ("file_document", Action::Receive, |d, a| {
        let file = File { name: "a.json".into(), bytes: b"{}".to_vec() };
        d.file_document(a, file, None).map(drop)
    }),
    ("give_reminders_now", Action::Administer, |d, a| d.give_reminders_now(a).map(drop)),
    ("import_catalogue", Action::Administer, |d, a| {
        d.import_catalogue(a, &[entry()], true).map(drop)
    }),
    ("import_ids", Action::Reserve, |d, a| {
        let sheet = SheetImport { account: None, dry_run: true, rows: Vec::new() };
        d.import_ids(a, sheet).map(drop)
    }),
    ("invite", Action::Administer, |d, a| d.invite(a, "tri").map(drop)),
    ("leave", Action::Administer, |d, a| d.leave(a, "missing").map(drop)),
    ("mail_server", Action::Administer, |d, a| d.mail_server(a).map(drop)),
    ("mend_ids", Action::Reserve, |d, a| d.mend_ids(a, Some("none"), false, None).map(drop)),
    ("note_training", Action::Administer, |d, a| d.note_training(a, "tri", None).map(drop)),
    ("people", Action::See, |d, a| d.people(a).map(drop)),
    ("pool", Action::Audit, |d, a| d.pool(a).map(drop)),
    ("propose_year_end", Action::Reserve, |d, a| {
        let order = YearEndOrder {
            state_only: false,
            drop: std::collections::BTreeMap::new(),
            no_more_wanted: false,
        };
        d.propose_year_end(a, year(), &order).map(drop)
    }),
    ("put_product", Action::Administer, |d, a| d.put_product(a, &product("another"))),
    ("put_distributor", Action::Administer, |d, a| {
        d.put_distributor(a, "Some Linux", "security@linux.example", "Some Linux 12")
    }),
    ("put_template", Action::Administer, |d, a| {
        d.put_template(a, "node-agent", &json!({"source": {}}))
    }),
    ("rebuild_public", Action::Administer, |d, a| d.rebuild_public(a).map(drop)),
    ("receive", Action::Receive, |d, a| d.receive(a, &report()).map(drop)),
    ("record_hits", Action::Record, |d, a| d.record_hits(a, Vec::new()).map(drop)),
    ("refill", Action::Reserve, |d, a| d.refill(a).map(drop)),
    ("refill_setting", Action::Audit, |d, a| d.refill_setting(a).map(drop)),
    ("release_rule", Action::See, |d, a| d.release_rule(a).map(drop)),
    ("remove_account", Action::Administer, |d, a| d.remove_account(a, "none")),
    ("remove_distributor", Action::Administer, |d, a| d.remove_distributor(a, "none")),
    ("remove_product", Action::Administer, |d, a| d.remove_product(a, "none")),
    ("reopen_year", Action::Administer, |d, a| d.reopen_year(a, year(), "more")),
    ("reserve", Action::Reserve, |d, a| d.reserve(a, &PoolOrder::default()).map(drop)),
    ("set_account_key", Action::Administer, |d, a| {
        d.set_account_key(a, "none", ApiKey::new("key")).map(drop)
    }),
    ("set_contact", Action::Administer, |d, a| d.set_contact(a, "tri", &contact())),
    ("set_decision_settings", Action::Administer, |d, a| {
        d.set_decision_settings(a, &DecisionSettings::default())
    }),
    ("set_distributors_list", Action::Administer, |d, a| {
        d.set_distributors_list(a, "distributors@example.org")
    }),
    ("set_mail_server", Action::Administer, |d, a| d.set_mail_server(a, &server(), None)),
    ("set_organisation", Action::Administer, |d, a| d.set_organisation(a, &organisation())),
    ("set_partners", Action::Administer, |d, a| d.set_partners(a, "[]").map(drop)),
    ("set_refill", Action::Administer, |d, a| d.set_refill(a, Refill::Off)),
    ("set_release_rule", Action::Administer, |d, a| {
        d.set_release_rule(a, &NewReleaseRule::default()).map(drop)
    }),
    ("set_roles", Action::Administer, |d, a| d.set_roles(a, "missing", &[]).map(drop)),
    ("set_security_txt", Action::Administer, |d, a| {
        let text = SecurityTxt {
            contact: vec!["mailto:security@example.org".into()],
            expires: "2027-06-01T00:00:00Z".parse().unwrap(),
            policy: String::new(),
            preferred_languages: String::new(),
        };
        d.set_security_txt(a, &text)
    }),
    ("set_timing", Action::Administer, |d, a| d.set_timing(a, &Timing::default())),
    ("set_tracker", Action::Administer, |d, a| {
        let new = NewTracker { repository: "example/agent".into(), api: None, token: None };
        d.set_tracker(a, &new).map(drop)
    }),
    ("sync_ids", Action::Audit, |d, a| d.sync_ids(a, Some("none"), false).map(drop)),
    ("take_mail", Action::Receive, |d, a| {
        let mail = IncomingMail::parse(b"From: a@example.org\nSubject: x\n\nwords\n").unwrap();
        d.take_mail(a, &mail, None, true).map(drop)
    }),
    ("templates", Action::See, |d, a| d.templates(a).map(drop)),
    ("test_account", Action::Audit, |d, a| d.test_account(a, "none").map(drop)),
    ("test_mail", Action::Administer, |d, a| d.test_mail(a, "no address").map(drop)),
    ("tracker", Action::See, |d, a| d.tracker(a).map(drop)),
    ("year_end", Action::Audit, |d, a| d.year_end(a, year()).map(drop)),
];
