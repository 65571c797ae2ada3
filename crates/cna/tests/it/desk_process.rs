//! A real `cna serve`, driven by its REST API as several people, killed and
//! started again on the same folder.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use client::{Addresses, Call, Method, Request, Settings};
use serde_json::{Value, json};

use crate::practice_authority::{ORG, PracticeAuthority, USER, YEAR};

/// Longest wait for anything the tests wait for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The time the practice server may take for a request, told to the desk.
pub(crate) const SERVER_LIMIT_MS: u64 = 600;

pub(crate) struct DeskProcess {
    child: Child,
    folder: PathBuf,
    database: String,
    port: u16,
    token: String,
    request: Request,
    /// What it logs, into the file `log` of the folder; nothing special else.
    log: Option<String>,
}

impl DeskProcess {
    /// Starts `cna serve` on `folder`; with `stop_at`, it stands still when it
    /// reaches that step and writes the file `stopped`.
    pub(crate) fn start(folder: &Path, database: &str, stop_at: Option<&str>) -> DeskProcess {
        DeskProcess::start_with(folder, database, stop_at, None)
    }

    /// The same, which writes what it says on standard error, as much as `log`
    /// wants, into the file `log` of the folder.
    pub(crate) fn start_logging(folder: &Path, database: &str, log: &str) -> DeskProcess {
        DeskProcess::start_with(folder, database, None, Some(log))
    }

    fn start_with(
        folder: &Path,
        database: &str,
        stop_at: Option<&str>,
        log: Option<&str>,
    ) -> DeskProcess {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let settings = Settings {
            addresses: Addresses::Any,
            ..Settings::default()
        };
        let request = Request::new(settings).unwrap();
        let (child, token) = spawn(folder, database, port, stop_at, log);
        DeskProcess {
            child,
            folder: folder.to_owned(),
            database: database.to_owned(),
            port,
            token,
            request,
            log: log.map(str::to_owned),
        }
    }

    /// Waits until the process stands still at the step it was given.
    ///
    /// Gives: `false` when it has not within `patience`.
    pub(crate) fn stands_still(&self, patience: Duration) -> bool {
        let mark = self.folder.join("stopped");
        let start = Instant::now();
        while start.elapsed() < patience {
            if mark.exists() {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// `kill -9`, and a new process on the same folder and port.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        let log = self.log.as_deref();
        let (child, token) = spawn(&self.folder, &self.database, self.port, None, log);
        self.child = child;
        self.token = token;
    }

    /// `kill -9`, and no new process.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The local token, with which a request may be anybody's.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn get(&self, person: &str, path: &str) -> Value {
        self.ask(Method::Get, person, path, None)
    }

    pub(crate) fn post(&self, person: &str, path: &str, body: &Value) -> Value {
        self.ask(Method::Post, person, path, Some(body))
    }

    pub(crate) fn put(&self, person: &str, path: &str, body: &Value) -> Value {
        self.ask(Method::Put, person, path, Some(body))
    }

    fn ask(&self, method: Method, person: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, text) = self.answer(method, person, path, body);
        assert!(status < 300, "{path} as {person}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Status and body of the answer to a request as `person`.
    pub(crate) fn answer(
        &self,
        method: Method,
        person: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, String) {
        let answer = self
            .request
            .send(&Call {
                method,
                url: format!("{}{path}", self.address()),
                headers: vec![
                    ("authorization", format!("Bearer {}", self.token)),
                    ("desk-as", person.to_owned()),
                ],
                json: body.map(|body| body.to_string().into_bytes()),
            })
            .unwrap();
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        (answer.status, text)
    }

    /// People, account, organisation and product.
    pub(crate) fn set_up(&self, authority: &PracticeAuthority) {
        for (name, role) in [
            ("tri", "triager"),
            ("ana", "analyst"),
            ("rev", "reviewer"),
            ("pub", "publisher"),
        ] {
            let person = json!({"name": name, "full_name": "", "roles": [role]});
            self.post("admin", "/desk/v1/people", &person);
        }
        let account = json!({
            "name": "practice",
            "environment": "practice",
            "base_url": authority.url,
            "org": ORG,
            "username": USER,
            "key": authority.key,
        });
        self.post("admin", "/desk/v1/accounts", &account);
        let organisation = json!({"short_name": ORG, "name": "Example", "account": "practice"});
        self.put("admin", "/desk/v1/organisation", &organisation);
        let product = json!({
            "name": "node-agent",
            "vendor": "Example",
            "product": "node-agent",
            "version_type": "semver",
        });
        self.put("admin", "/desk/v1/products", &product);
    }

    /// The desk set up, and the example case decided.
    ///
    /// Gives: the number of the case.
    pub(crate) fn decided_case(&self, authority: &PracticeAuthority) -> i64 {
        self.set_up(authority);
        self.decide_another()
    }

    /// The example case once more, decided.
    ///
    /// Gives: the number of the case.
    pub(crate) fn decide_another(&self) -> i64 {
        let report = include_str!("../../../../fixtures/reports/node-agent-symlink.md");
        let case = self.post("ana", "/desk/v1/cases", &json!({"report": report}));
        let id = case["id"].as_i64().unwrap();
        self.post("ana", &format!("/desk/v1/cases/{id}/take"), &json!({}));
        let answers = self.get("ana", &format!("/desk/v1/cases/{id}"))["report"]["answers"].clone();
        for node in casework::nodes() {
            if let Some(answer) = answers.get(node.id) {
                let mut body = answer.clone();
                body["node"] = json!(node.id);
                self.post("ana", &format!("/desk/v1/cases/{id}/answers"), &body);
            }
        }
        id
    }

    /// Asks for an ID of the year of the examples.
    pub(crate) fn assign(&self, case: i64) {
        let path = format!("/desk/v1/cases/{case}/assign");
        self.post("ana", &path, &json!({"year": YEAR.to_string()}));
    }

    /// Drafts, approves and publishes the ID of the case.
    pub(crate) fn publish(&self, case: i64) {
        let view = self.get("ana", &format!("/desk/v1/cases/{case}"));
        let id = view["records"][0]["cve_id"].as_str().unwrap().to_owned();
        let path = format!("/desk/v1/records/{id}");
        let draft = self.post("ana", &format!("{path}/drafts"), &json!({"from": "report"}));
        // Its advisory lies on loopback, which readers could not reach.
        let taken = json!({"REC-040-PRIVATE": "practice"});
        let digest = json!({"digest": draft["digest"], "acknowledged": taken});
        self.post("rev", &format!("{path}/approve"), &digest);
        let told = json!({"item": "PC-08", "note": "told by mail"});
        self.post("ana", &format!("{path}/checklist"), &told);
        self.post("pub", &format!("{path}/publish"), &json!({}));
    }

    /// Waits until it is as wanted.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&DeskProcess) -> bool) {
        let start = Instant::now();
        while !wanted(self) {
            assert!(start.elapsed() < PATIENCE, "it did not get there: {what}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the case is as wanted.
    pub(crate) fn wait_for(&self, case: i64, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let view = self.get("ana", &format!("/desk/v1/cases/{case}"));
            if wanted(&view) {
                return view;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "the case did not get there: {:#}",
                view["followups"]
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for DeskProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the process and waits until it says where it is.
fn spawn(
    folder: &Path,
    database: &str,
    port: u16,
    stop_at: Option<&str>,
    log: Option<&str>,
) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cna"));
    command
        .arg("serve")
        .arg("--data")
        .arg(folder)
        .args([
            "--database",
            database,
            "--listen",
            &format!("127.0.0.1:{port}"),
        ])
        .arg("--allow-private-addresses")
        .env("CNA_PACE", SERVER_LIMIT_MS.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    if let Some(step) = stop_at {
        let mark = folder.join("stopped");
        command.env("CNA_STOP_AT", format!("{step}:{}", mark.display()));
    }
    if let Some(log) = log {
        let mut file = std::fs::OpenOptions::new();
        let file = file.append(true).create(true).open(folder.join("log"));
        command.env("CNA_LOG", log).stderr(file.unwrap());
    }
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().is_some(), "the process ended before it served");
    let text = std::fs::read_to_string(folder.join("server.json")).unwrap();
    let server: Value = serde_json::from_str(&text).unwrap();
    // Whatever else it prints is read, so that it never waits for a reader.
    thread::spawn(move || lines.for_each(drop));
    (child, server["token"].as_str().unwrap().to_owned())
}
