//! The story of a case: from a report to a record that was published and
//! updated twice, told by four people with commands alone, while the desk is
//! killed between their steps.
//!
//! One seed for each engine; many with `CNA_LONG=1`; `CNA_SEED=N` tells the
//! story a failure named.

use serde_json::{Value, json};

use crate::data_folder::REPORT;
use crate::team::{Engine, Team};

/// Kills between the steps: one in this many.
const KILLED_ONE_IN: u64 = 3;

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// A story that is being told.
struct Story {
    team: Team,
    dice: Dice,
    id: String,
    /// The container that was approved last.
    approved: Value,
    kills: u32,
}

/// One step, by name.
type Step = (&'static str, fn(&mut Story));

/// What people do, in order; a step is added as a line.
const STEPS: &[Step] = &[
    ("a report is filed", |story| {
        let report = story.team.file("report.md", REPORT);
        story.team.run("tri", &["case", "new", "--from", &report]);
    }),
    ("it is taken", |story| {
        story.team.run("tri", &["case", "take", "1"]);
    }),
    ("it is decided", |story| {
        let answers = story.team.answers(REPORT);
        let words = ["case", "decide", "1", "--answers", &answers];
        story.team.run("ana", &words);
    }),
    ("somebody says something", |story| {
        let words = ["case", "comment", "1", "The fix is in review."];
        story.team.run("rev", &words);
    }),
    ("an ID is asked for", |story| story.team.assign("1")),
    ("the ID is there", |story| story.id = story.team.id_of(1)),
    ("a draft is begun", |story| {
        story.team.run("ana", &["draft", "new", &story.id]);
    }),
    ("the reviewer suggests a title", |story| {
        let words = ["review", "comment", &story.id, "--at", "/cna/title"];
        let said = ["--suggest", "Node agent follows links", "-m", "shorter"];
        story.team.run("rev", &[&words[..], &said].concat());
    }),
    ("the analyst writes another", |story| {
        story.retitle("Node agent trusts links")
    }),
    ("it is returned", |story| {
        let words = ["review", "return", &story.id, "-m", "Say which links."];
        story.team.run("rev", &words);
    }),
    ("the title says it", |story| {
        story.retitle("Node agent follows symbolic links");
    }),
    ("it is approved", Story::approve),
    ("it is published", Story::publish),
    ("a word is bettered", |story| {
        story.retitle("Node agent follows symbolic links of tenants");
    }),
    ("that is approved", Story::approve),
    ("that is published", Story::publish),
    ("the weakness is named again", |story| {
        story.retitle("Node agent follows symbolic links of other tenants");
    }),
    ("this is approved", Story::approve),
    ("this is published", Story::publish),
];

impl Story {
    fn retitle(&mut self, title: &str) {
        let words = ["draft", "set", &self.id, "/cna/title", title];
        self.team.run("ana", &words);
    }

    fn approve(&mut self) {
        self.approved = self.team.approve(&self.id);
    }

    fn publish(&mut self) {
        self.team.run("pub", &["publish", &self.id]);
        let live = self.team.authority.record(&self.id);
        let container = &live["containers"]["cna"];
        let differs = cve::compare::changes(container, &self.approved);
        assert!(differs.is_empty(), "{differs:?}");
    }

    /// What must be true when it has been told.
    fn prove(self) {
        let (team, id) = (self.team, self.id);
        let live = team.authority.record(&id);
        assert_eq!(live["cveMetadata"]["state"], "PUBLISHED");
        assert_eq!(
            live["containers"]["cna"]["title"],
            "Node agent follows symbolic links of other tenants"
        );
        let ids: Vec<_> = team.authority.ids();
        assert_eq!(ids.len(), 1, "{ids:?}");
        let ledger = team.json("ana", &["id", "list"]);
        let lines = ledger["ids"].as_array().unwrap();
        assert_eq!(lines.len(), 1, "{ledger}");
        let line = &lines[0];
        assert_eq!(
            (&line["cve_id"], &line["state"]),
            (&json!(id), &json!("PUBLISHED"))
        );
        for key in [
            "reserved_at",
            "assigned_at",
            "approved_at",
            "disclosed_at",
            "published_at",
        ] {
            assert!(line[key].is_string(), "{key}: {line}");
        }
        let sync = team.json("ana", &["id", "sync"]);
        assert_eq!(sync["accounts"][0]["differences"], json!([]), "{sync}");
        let open = team.json("ana", &["followup", "list"]);
        assert_eq!(open["followups"], json!([]), "{open}");
        let case = team.json("ana", &["case", "show", "1"]);
        assert_eq!(case["state"], "PUBLISHED");
        let sent = team.authority.sent();
        let records: Vec<_> = sent
            .iter()
            .filter(|sent| sent.record_id().is_some())
            .collect();
        let methods: Vec<_> = records.iter().map(|sent| sent.method.as_str()).collect();
        assert_eq!(methods, ["POST", "PUT", "PUT"]);
        team.end();
    }
}

/// Tells the story once; gives how often the desk was killed.
fn tell(engine: &Engine, seed: u64) -> u32 {
    let mut story = Story {
        team: Team::start(engine),
        dice: Dice(seed),
        id: String::new(),
        approved: Value::Null,
        kills: 0,
    };
    for (name, step) in STEPS {
        eprintln!("seed {seed} on {}: {name}", engine.name());
        step(&mut story);
        if story.dice.roll(KILLED_ONE_IN) == 0 {
            eprintln!("seed {seed} on {}: kill -9", engine.name());
            story.team.desk.kill_and_restart();
            story.kills += 1;
        }
    }
    let kills = story.kills;
    story.prove();
    kills
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
pub(crate) fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn a_case_killed_between_any_two_steps_ends_as_it_was_approved() {
    let seeds = match (variable("CNA_SEED"), variable("CNA_LONG")) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(_)) => 1..26,
        (None, None) => 1..2,
    };
    for engine in Engine::all("a_case_killed_between_any_two_steps_ends_as_it_was_approved") {
        let kills: u32 = seeds.clone().map(|seed| tell(&engine, seed)).sum();
        assert!(kills > 0, "{}: nothing was killed", engine.name());
    }
}
