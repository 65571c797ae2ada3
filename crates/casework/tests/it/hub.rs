//! A stand-in for GitHub, which files issues and can fail before or after.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// What it does wrong when an issue is filed.
#[derive(Clone, Copy)]
pub(crate) enum Mischief {
    /// It files nothing and answers this.
    Instead(u16),
    /// It files the issue and answers this.
    AfterIt(u16),
    /// It files the issue and says nothing.
    Silence,
}

#[derive(Default)]
struct State {
    issues: Vec<Value>,
    asked: Vec<String>,
    mischief: VecDeque<Mischief>,
}

pub(crate) struct Hub {
    /// Address of its API.
    pub(crate) api: String,
    state: Arc<Mutex<State>>,
}

impl Hub {
    /// Goes wrong in these ways, one for each issue that is filed.
    pub(crate) fn start(mischief: &[Mischief]) -> Hub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            mischief: mischief.iter().copied().collect(),
            ..State::default()
        }));
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &shared);
            }
        });
        Hub { api, state }
    }

    /// The issues that were filed.
    pub(crate) fn issues(&self) -> Vec<Value> {
        self.state.lock().unwrap().issues.clone()
    }

    /// Every request so far: its first line, headers and body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// How often somebody asked for an issue to be filed.
    pub(crate) fn filings(&self) -> usize {
        let asked = self.asked();
        asked.iter().filter(|one| one.starts_with("POST ")).count()
    }
}

fn answer(mut stream: TcpStream, shared: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_it = name.eq_ignore_ascii_case("content-length");
        is_it.then(|| value.trim().parse().ok()).flatten()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let text = String::from_utf8(body).unwrap();
    let first = head.lines().next().unwrap_or_default().to_owned();
    let mut state = shared.lock().unwrap();
    state.asked.push(format!("{head}\n{text}"));
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (status, answer) = match (method, target.split_once('?')) {
        ("GET", None) if target == "/user" => (200, json!({"login": "desk-bot", "id": 1})),
        ("POST", None) if target.ends_with("/issues") => {
            let mut asked: Value = serde_json::from_str(&text).unwrap();
            asked["repository"] = json!(target.replace("/repos/", "").replace("/issues", ""));
            match state.mischief.pop_front() {
                Some(Mischief::Instead(status)) => (status, json!({"message": "not now"})),
                Some(Mischief::AfterIt(status)) => {
                    filed(&mut state, &asked);
                    (status, json!({"message": "went wrong"}))
                }
                Some(Mischief::Silence) => {
                    filed(&mut state, &asked);
                    return;
                }
                None => (201, filed(&mut state, &asked)),
            }
        }
        ("GET", Some((path, query))) if path.ends_with("/issues") => {
            assert!(query.contains("since=20"), "{query}");
            assert!(query.contains("creator=desk-bot"), "{query}");
            let mut newest: Vec<Value> = state.issues.clone();
            newest.reverse();
            (200, json!(newest))
        }
        ("GET", None) => {
            let number = target.rsplit('/').next().and_then(|text| text.parse().ok());
            let issues = state.issues.iter();
            let mut found = issues.filter(|one| one["number"].as_u64() == number);
            match found.next() {
                Some(issue) => (200, issue.clone()),
                None => (404, json!({"message": "Not Found"})),
            }
        }
        _ => (404, json!({"message": "Not Found"})),
    };
    drop(state);
    let body = answer.to_string();
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} Any\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(text.as_bytes());
}

/// Files an issue, as the API shows it.
fn filed(state: &mut State, asked: &Value) -> Value {
    let number = state.issues.len() + 41;
    let repository = asked["repository"].as_str().unwrap();
    let labels = asked["labels"].as_array().cloned().unwrap_or_default();
    let labels: Vec<Value> = labels.iter().map(|name| json!({"name": name})).collect();
    let issue = json!({
        "number": number, "title": asked["title"], "state": "open", "state_reason": null,
        "labels": labels, "body": asked["body"], "user": {"login": "desk-bot"},
        "html_url": format!("https://github.com/{}/issues/{number}", repository),
    });
    state.issues.push(issue.clone());
    issue
}
