//! An instance with people, a product and IDs in the pool, as tests and the
//! example start from.

use casework::{
    Actor, ApiKey, CaseId, Desk, GivenAnswer, MasterKey, NewAccount, Organisation, Pace, Product,
    Report, Role,
};
use cve::id::CveId;
use cve::world::World;
use serde_json::json;
use store::testing::TestStore;
use store::{DocumentRow, LedgerRow, Visibility};

/// A desk whose people are `ann` (every role but auditor), `bob` (reviewer),
/// `pia` (publisher) and `oli` (administrator, on no case).
pub(crate) struct Instance {
    pub(crate) desk: Desk,
    pub(crate) kept: TestStore,
    world: World,
}

/// The whole path through the decision tree to an assignment.
pub(crate) const ANSWERS: &[(&str, &str, &str)] = &[
    ("A1", "report", "Mail to the security address."),
    ("A2", "yes", "Reproduced with the script in the report."),
    ("A3", "private", ""),
    ("A4", "none", "Searched the CVE List and our own cases."),
    ("A5", "no", ""),
    (
        "B1",
        "ours",
        "The flaw is in the rotation of the agent's own logs.",
    ),
    ("B2", "yes", ""),
    ("B5", "no", ""),
    ("B6", "all_supported", ""),
    ("C1", "yes", "The maintainers of the agent agree."),
    ("D8", "1", ""),
    ("E1", "expected", "A release is planned."),
    ("E3", "no", ""),
    ("E4", "no", ""),
    ("E6", "yes", "Operators have to update."),
];

impl Instance {
    pub(crate) fn new(kept: TestStore, portal_url: &str) -> Instance {
        let world = store::testing::world();
        let request = client::Request::new(client::Settings::default()).unwrap();
        let settings = casework::Settings {
            portal_url: portal_url.to_owned(),
            master_key: MasterKey::new([7; 32]),
            request: std::sync::Arc::new(request),
            pace: Pace::default(),
        };
        let desk = Desk::new(kept.store.clone(), world.clone(), settings);
        desk.first_run("ann").unwrap();
        let instance = Instance { desk, kept, world };
        instance.set_up();
        instance
    }

    fn set_up(&self) {
        let ann = self.actor("ann");
        let organisation = Organisation {
            short_name: "example".parse().unwrap(),
            name: "Example Software".into(),
            account: "practice".into(),
        };
        self.desk.set_organisation(&ann, &organisation).unwrap();
        for (name, role) in [
            ("bob", Role::Reviewer),
            ("pia", Role::Publisher),
            ("oli", Role::Oa),
        ] {
            self.desk.add_person(&ann, name, "", &[role]).unwrap();
        }
        let product = Product {
            name: "node-agent".into(),
            vendor: "Example".into(),
            product: "Node Agent".into(),
            repository: "https://git.example.org/node-agent".into(),
            version_type: "semver".into(),
        };
        self.desk.put_product(&ann, &product).unwrap();
        let account = NewAccount {
            name: "practice".into(),
            environment: "practice".into(),
            base_url: "http://127.0.0.1:9".into(),
            org: "example".into(),
            username: "ann@example.org".into(),
            key: ApiKey::new("not-a-key"),
        };
        self.desk.add_account(&ann, account).unwrap();
    }

    /// The person, as the executable would dispatch as them.
    pub(crate) fn actor(&self, name: &str) -> Actor {
        self.desk.actor_in_folder(Some(name)).unwrap()
    }

    /// A token of the person.
    pub(crate) fn token(&self, name: &str) -> String {
        let token = self.desk.issue_token(&self.actor(name), "test").unwrap();
        token.reveal().to_owned()
    }

    /// A session of the person, through a sign-in link.
    pub(crate) fn session(&self, name: &str) -> String {
        let link = self.desk.invite(&self.actor("ann"), name).unwrap();
        self.desk
            .sign_in(link.reveal())
            .unwrap()
            .reveal()
            .to_owned()
    }

    /// Puts an ID into the pool.
    pub(crate) fn pool(&self, id: &str) -> CveId {
        let id: CveId = id.parse().unwrap();
        let at = self.world.now();
        let row = LedgerRow {
            id,
            state: "POOL".into(),
            account: "practice".into(),
            case_id: None,
            title: String::new(),
            reserved_at: at,
            reserved_by: "ann@example.org".into(),
            assigned_at: None,
            approved_digest: String::new(),
            approved_by: String::new(),
            approved_at: None,
            advisory: String::new(),
            disclosed_at: None,
            published_at: None,
            modified: at,
        };
        let inserted = self
            .kept
            .store
            .write(move |tx| tx.insert_ledger_line(&row))
            .unwrap();
        assert!(inserted);
        id
    }

    pub(crate) fn receive(&self, report: &str) -> CaseId {
        let report = Report::parse(report).unwrap();
        self.desk.receive(&self.actor("ann"), &report).unwrap()
    }

    /// Takes the case and answers the tree, all of it or the first `count`.
    pub(crate) fn decide(&self, id: CaseId, count: usize) {
        let ann = self.actor("ann");
        self.desk.take(&ann, id).unwrap();
        for (node, value, reason) in ANSWERS.iter().take(count) {
            let given = GivenAnswer {
                value: (*value).into(),
                reason: (*reason).into(),
            };
            self.desk.answer(&ann, id, node, &given).unwrap();
        }
    }

    /// Brings a case to its first draft, with an ID of its own.
    pub(crate) fn draft(&self, id: CaseId, cve_id: &str) -> CveId {
        let cve_id = self.pool(cve_id);
        self.decide(id, ANSWERS.len());
        let ann = self.actor("ann");
        self.desk.assign(&ann, id, Some(cve_id.year())).unwrap();
        self.desk.draft_from_report(&ann, cve_id).unwrap();
        cve_id
    }

    /// Saves a further revision in which these fields of the advisory are `text`,
    /// past whatever a report may hold.
    pub(crate) fn redraft(&self, id: CaseId, cve_id: CveId, fields: &[&str], text: &str) {
        let ann = self.actor("ann");
        let view = self.desk.case(&ann, id).unwrap();
        let record = view.records.iter().find(|r| r.cve_id == cve_id).unwrap();
        let mut document = record.draft.as_ref().unwrap().document.clone();
        for field in fields {
            document["advisory"][*field] = json!(text);
        }
        self.desk.save_draft(&ann, cve_id, &document, None).unwrap();
    }

    /// Approves the newest revision as `bob`.
    pub(crate) fn approve(&self, id: CaseId, cve_id: CveId) {
        let bob = self.actor("bob");
        let case = self.desk.case(&bob, id).unwrap();
        let record = case.records.iter().find(|r| r.cve_id == cve_id).unwrap();
        let draft = record.draft.as_ref().unwrap();
        let known = casework::acknowledging(&draft.findings, "known");
        self.desk
            .approve(&bob, cve_id, draft.digest, "Reads well.", &known)
            .unwrap();
    }

    /// Ticks that the reporter was told, without which nothing is published.
    pub(crate) fn tell_reporter(&self, cve_id: CveId) {
        let ann = self.actor("ann");
        let told = self
            .desk
            .tick(&ann, cve_id, "PC-08", "done", "told by mail");
        told.unwrap();
    }

    /// Makes the advisory public; gives its id.
    pub(crate) fn publish(&self, id: CaseId, cve_id: CveId) -> String {
        self.approve(id, cve_id);
        self.tell_reporter(cve_id);
        let plan = self.desk.publish(&self.actor("pia"), cve_id).unwrap();
        self.desk.follow_feed().unwrap();
        plan.advisory
    }

    /// Writes what a runner writes when the record was read back.
    pub(crate) fn confirm(&self, id: CaseId, cve_id: CveId, advisory: &str) {
        let record = json!({"dataType": "CVE_RECORD", "cveMetadata": {"cveId": cve_id}});
        let body = format!("{record:#}\n").into_bytes();
        let (advisory, number) = (advisory.to_owned(), id.number());
        self.kept
            .store
            .write(move |tx| {
                let now = tx.now();
                let mut line = tx.take_ledger_line(cve_id)?.unwrap();
                line.state = "PUBLISHED".into();
                line.published_at = Some(now);
                tx.update_ledger_line(&line)?;
                let document = DocumentRow {
                    kind: "cve.json".into(),
                    content_type: "application/json".into(),
                    body: body.clone(),
                    modified: now,
                };
                tx.put_document(&advisory, &document)?;
                let mut case = tx.take_case(number)?.unwrap();
                case.state = "PUBLISHED".into();
                tx.update_case(&case)?;
                tx.change(
                    "record.published",
                    "",
                    &cve_id.to_string(),
                    Visibility::Public,
                );
                Ok::<_, store::Error>(())
            })
            .unwrap();
    }
}
