//! A service that keeps IDs and records, and answers badly: too late, not at
//! all, or with an error after doing the work.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What happens to one request that changes something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mischief {
    /// Nothing bad.
    None,
    /// The work is done, and the connection closed without a word.
    WorkThenClose,
    /// The work is done, and nothing is ever said.
    WorkThenSilence,
    /// The work is done, and answered with this status.
    WorkThenStatus(u16),
    /// The work is not done; this status, and these headers.
    StatusOnly(u16, &'static str),
    /// The work is done twice, as if someone else had asked, too.
    WorkTwiceThenClose,
    /// The answer comes late.
    Late(u64),
}

/// What the service holds.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) ids: Vec<Value>,
    pub(crate) record: Option<Value>,
    pub(crate) users: Vec<String>,
    mischief: Vec<Mischief>,
    seen: Vec<String>,
}

/// A service and what it was asked.
pub(crate) struct Mischievous {
    pub(crate) url: String,
    pub(crate) state: Arc<Mutex<State>>,
}

impl Mischievous {
    /// Does one mischief after the other to what changes something, and then
    /// none.
    pub(crate) fn start(mischief: &[Mischief]) -> Mischievous {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            mischief: mischief.to_vec(),
            ..State::default()
        }));
        let shared = state.clone();
        thread::spawn(move || listen(&listener, &shared));
        Mischievous { url, state }
    }

    /// The same on an address nobody listens at before `away` is over.
    pub(crate) fn start_later(away: Duration) -> Mischievous {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        thread::spawn(move || {
            thread::sleep(away);
            let listener = TcpListener::bind(address).unwrap();
            listen(&listener, &shared);
        });
        Mischievous {
            url: format!("http://{address}/api/"),
            state,
        }
    }

    /// Runs `cve` against it; silence is waited for half a second.
    pub(crate) fn cve(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// The command that [`cve`](Mischievous::cve) runs.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cve"));
        command.env_clear().env("CVE_API_URL", &self.url);
        command.env("HOME", env!("CARGO_TARGET_TMPDIR"));
        command.args(["-u", "jack", "-o", "acme", "-a", "k3y", "--timeout", "0.5"]);
        command.args(words);
        command
    }

    /// What was asked, method and path.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.state.lock().unwrap().seen.clone()
    }

    /// How often something was to be changed.
    pub(crate) fn changes(&self) -> usize {
        let seen = self.seen();
        seen.iter().filter(|line| !line.starts_with("GET")).count()
    }
}

/// The standard output of a run that ended well.
pub(crate) fn said(output: &Output) -> String {
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}\n{stderr}");
    stdout
}

/// The standard output of a run that ended with 1.
pub(crate) fn failed(output: &Output) -> String {
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    stdout
}

fn listen(listener: &TcpListener, state: &Arc<Mutex<State>>) {
    for stream in listener.incoming() {
        let (stream, state) = (stream.unwrap(), state.clone());
        thread::spawn(move || serve(stream, &state));
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let mut body_bytes = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let lower = line.trim_end().to_ascii_lowercase();
        if lower.is_empty() {
            break;
        }
        if let Some(length) = lower.strip_prefix("content-length: ") {
            body_bytes = length.parse().unwrap();
        }
    }
    let mut body = vec![0; body_bytes];
    reader.read_exact(&mut body).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let path = target.split('?').next().unwrap().replace("/api/", "");
    let (mischief, answer) = {
        let mut state = state.lock().unwrap();
        state.seen.push(format!("{method} {path}"));
        let mischief = match method == "GET" || state.mischief.is_empty() {
            true => Mischief::None,
            false => state.mischief.remove(0),
        };
        let answer = match mischief {
            Mischief::StatusOnly(..) => (0, Value::Null),
            Mischief::WorkTwiceThenClose => {
                work(&mut state, method, &path, target, &body);
                work(&mut state, method, &path, target, &body)
            }
            _ => work(&mut state, method, &path, target, &body),
        };
        (mischief, answer)
    };
    let (status, headers, text) = match mischief {
        Mischief::None => (answer.0, "", answer.1.to_string()),
        Mischief::WorkThenClose | Mischief::WorkTwiceThenClose => return,
        Mischief::WorkThenSilence => {
            // Until the client goes away, whatever it still sends.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
            return;
        }
        Mischief::WorkThenStatus(status) => (status, "", "<html>".to_owned()),
        Mischief::StatusOnly(status, headers) => (status, headers, "{}".to_owned()),
        Mischief::Late(ms) => {
            thread::sleep(Duration::from_millis(ms));
            (answer.0, "", answer.1.to_string())
        }
    };
    let head = format!(
        "HTTP/1.1 {status} Any\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        text.len()
    );
    let _ = stream.write_all(format!("{head}{text}").as_bytes());
}

fn work(state: &mut State, method: &str, path: &str, target: &str, body: &Value) -> (u16, Value) {
    let parts: Vec<_> = path.split('/').collect();
    let refuse = |status: u16, code: &str| (status, json!({"error": code, "message": "no"}));
    match (method, parts.as_slice()) {
        ("GET", ["cve-id"]) => (200, json!({"cve_ids": state.ids})),
        ("POST", ["cve-id"]) => {
            let amount = target.split("amount=").nth(1).unwrap();
            let amount: usize = amount.split('&').next().unwrap().parse().unwrap();
            let ids: Vec<_> = (0..amount)
                .map(|number| id(state.ids.len() + number, "RESERVED"))
                .collect();
            state.ids.extend(ids.clone());
            (200, json!({"cve_ids": ids, "meta": {"remaining_quota": 7}}))
        }
        ("GET", ["org", _, "id_quota"]) => (200, json!({"available": 7})),
        ("GET", ["org", _, "user", name]) if state.users.iter().any(|user| user == name) => {
            (200, json!({"username": name}))
        }
        ("GET", ["org", _, "user", _]) => refuse(404, "USER_DNE"),
        ("POST", ["org", _, "user"]) => {
            let name = body["username"].as_str().unwrap().to_owned();
            state.users.push(name);
            (200, json!({"created": {}}))
        }
        ("GET", ["org", _]) => (200, json!({"UUID": "f972b356-145d-4b2e-9a5c-b114d0982a3b"})),
        ("GET", ["cve-id", name]) => {
            let found = state.ids.iter().find(|id| id["cve_id"] == *name);
            found.map_or_else(|| refuse(404, "NO"), |id| (200, id.clone()))
        }
        ("PUT", ["cve-id", name]) => {
            let (key, value) = target.split_once('?').unwrap().1.split_once('=').unwrap();
            let key = if key == "org" { "owning_cna" } else { key };
            let found = state.ids.iter_mut().find(|id| id["cve_id"] == *name);
            let found = found.unwrap();
            found[key] = json!(value);
            (200, json!({"updated": found}))
        }
        ("GET", ["cve", name]) => match &state.record {
            Some(record) if record["cveMetadata"]["cveId"] == *name => (200, record.clone()),
            _ => refuse(404, "CVE_RECORD_DNE"),
        },
        ("POST", ["cve", _, _]) if state.record.is_some() => refuse(403, "CVE_RECORD_EXISTS"),
        (_, ["cve", name, _]) => {
            let key = if method == "POST" {
                "created"
            } else {
                "updated"
            };
            let made = record(name, &body["cnaContainer"]);
            state.record = Some(made.clone());
            (200, json!({"message": "done.", key: made}))
        }
        _ => refuse(404, "NOT_FOUND"),
    }
}

/// An ID of the year 2099.
pub(crate) fn id(number: usize, state: &str) -> Value {
    json!({
        "requested_by": {"cna": "acme", "user": "jack"}, "cve_id": format!("CVE-2099-{}", 1000 + number),
        "cve_year": "2099", "state": state, "owning_cna": "acme",
        "reserved": "2099-01-14T18:35:17.469Z",
    })
}

/// A record with this container, stamped.
pub(crate) fn record(name: &str, container: &Value) -> Value {
    let mut container = container.clone();
    container["providerMetadata"]["shortName"] = json!("acme");
    container["providerMetadata"]["dateUpdated"] = json!("2099-02-08T01:02:03.004Z");
    json!({
        "dataType": "CVE_RECORD", "dataVersion": "5.1",
        "cveMetadata": {"cveId": name, "state": "PUBLISHED", "assignerShortName": "acme"},
        "containers": {"cna": container},
    })
}
