//! Four people at a running desk beside a practice authority, who work by
//! commands alone, on either engine.

use std::process::Command;

use serde_json::{Value, json};
use store::DatabaseUrl;
use store::testing::TestStore;

use crate::data_folder::{Ended, cna, run};
use crate::desk_process::DeskProcess;
use crate::practice_authority::{PracticeAuthority, YEAR};

/// A desk of `tri`, `ana`, `rev` and `pub`, its folder and its authority.
pub(crate) struct Team {
    pub(crate) authority: PracticeAuthority,
    pub(crate) desk: DeskProcess,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) database: String,
    _schema: Option<TestStore>,
}

/// Where a desk keeps its data.
pub(crate) enum Engine {
    Sqlite,
    /// A schema of its own on the server at this address.
    Postgres(String),
}

impl Engine {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// The engines there are, for the test called `test`.
    pub(crate) fn all(test: &str) -> Vec<Engine> {
        let server = store::testing::postgres_server(test);
        let postgres = server.map(Engine::Postgres);
        [Engine::Sqlite].into_iter().chain(postgres).collect()
    }

    /// Address of a fresh database, and what keeps it.
    pub(crate) fn database(&self) -> (String, Option<TestStore>) {
        match self {
            Engine::Sqlite => ("sqlite:cna.sqlite".to_owned(), None),
            Engine::Postgres(server) => {
                let schema = store::testing::postgres(server);
                let DatabaseUrl::Postgres(url) = &schema.url else {
                    unreachable!()
                };
                (url.clone(), Some(schema))
            }
        }
    }
}

impl Team {
    /// A desk that serves, with its people, account, organisation and product.
    pub(crate) fn start(engine: &Engine) -> Team {
        let authority = PracticeAuthority::start(&[]);
        let folder = tempfile::tempdir().unwrap();
        let (database, schema) = engine.database();
        let desk = DeskProcess::start(folder.path(), &database, None);
        desk.set_up(&authority);
        authority.watch(&desk.address());
        Team {
            authority,
            desk,
            folder,
            database,
            _schema: schema,
        }
    }

    /// `cna WORDS… --as PERSON` on the folder.
    pub(crate) fn command(&self, person: &str, words: &[&str]) -> Command {
        let mut command = cna();
        command.args(words).args(["--as", person, "--data"]);
        command.arg(self.folder.path());
        command
    }

    /// Runs a command that must go well; gives its standard output.
    pub(crate) fn run(&self, person: &str, words: &[&str]) -> String {
        let ended = self.ended(person, words);
        assert_eq!(ended.code, Some(0), "{person}: {words:?}: {ended:?}");
        ended.stdout
    }

    pub(crate) fn ended(&self, person: &str, words: &[&str]) -> Ended {
        run(&mut self.command(person, words))
    }

    /// Runs a reading command that must go well; gives its document.
    pub(crate) fn json(&self, person: &str, words: &[&str]) -> Value {
        let text = self.run(person, &[words, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words:?}: {error}: {text}"))
    }

    /// A file in the folder; gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The answers of a report, as a file `cna case decide` reads.
    pub(crate) fn answers(&self, report: &str) -> String {
        let report = casework::Report::parse(report).unwrap();
        let mut text = String::new();
        for (node, given) in &report.answers {
            let (value, reason) = (json!(given.value), json!(given.reason));
            text.push_str(&format!("{node}: {{value: {value}, reason: {reason}}}\n"));
        }
        self.file("answers.yaml", &text)
    }

    /// Asks for an ID of the year of the examples.
    pub(crate) fn assign(&self, case: &str) {
        let year = YEAR.to_string();
        self.run("ana", &["case", "assign", case, "--year", &year]);
    }

    /// The ID of the case, once the reservation is through.
    pub(crate) fn id_of(&self, case: i64) -> String {
        let view = self.desk.wait_for(case, |view| {
            view["records"].as_array().is_some_and(|r| !r.is_empty())
        });
        view["records"][0]["cve_id"].as_str().unwrap().to_owned()
    }

    /// Approves the newest revision as `rev`, with a reason for each warning;
    /// gives the container that was approved.
    pub(crate) fn approve(&self, id: &str) -> Value {
        let draft = self.json("rev", &["draft", "show", id]);
        let mut words = vec!["review".to_owned(), "approve".into(), id.into()];
        for finding in draft["findings"].as_array().unwrap() {
            if finding["severity"] == "warning" {
                words.push("--take".into());
                words.push(format!("{}=known", finding["code"].as_str().unwrap()));
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.run("rev", &words);
        let tick = ["publish", "tick", id, "PC-08", "--note", "told by mail"];
        self.run("ana", &tick);
        draft["document"]["cna"].clone()
    }

    /// Ends the desk, and proves that its audit chain is unbroken.
    pub(crate) fn end(mut self) {
        self.desk.kill();
        let mut command = cna();
        command.args(["audit", "verify", "--json", "--database", &self.database]);
        let verdict = run(command.arg("--data").arg(self.folder.path())).json();
        assert_eq!(verdict["broken"], Value::Null);
        assert!(verdict["entries"].as_i64().unwrap() > 10, "{verdict}");
    }
}
