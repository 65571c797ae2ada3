//! A stand-in for the tracker, which speaks the shape of the GitHub REST API.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// What it answers: status, headers, body.
type Answer = (u16, String, String);

pub(crate) struct Tracker {
    /// Address of its API.
    pub(crate) api: String,
    next: Arc<Mutex<Answer>>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Tracker {
    pub(crate) fn start() -> Tracker {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = format!("http://{}", listener.local_addr().unwrap());
        let next = Arc::new(Mutex::new((404, String::new(), "{}".to_owned())));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (next.clone(), heads.clone());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let reader = BufReader::new(stream.try_clone().unwrap());
                let head = reader.lines().map_while(Result::ok);
                let head: Vec<String> = head.take_while(|line| !line.is_empty()).collect();
                log.lock().unwrap().push(head.join("\n"));
                let (status, headers, body) = answer.lock().unwrap().clone();
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {status} Any\r\n{headers}Content-Length: {length}\r\n\
                     Connection: close\r\n\r\n{body}"
                );
                let _ = stream.write_all(text.as_bytes());
            }
        });
        Tracker { api, next, heads }
    }

    /// Answers this from now on.
    pub(crate) fn answers(&self, status: u16, headers: &str, body: &Value) {
        *self.next.lock().unwrap() = (status, headers.to_owned(), body.to_string());
    }

    /// Shows issue 7 of `example/agent` from now on.
    pub(crate) fn shows(&self, title: &str, labels: &[&str], state: &str, reason: Option<&str>) {
        let labels: Vec<Value> = labels.iter().map(|name| json!({"name": name})).collect();
        let issue = json!({
            "number": 7, "title": title, "state": state, "state_reason": reason,
            "labels": labels, "html_url": "https://github.com/example/agent/issues/7",
            "body": "What it is, and what to do.", "user": {"login": "ann"},
        });
        self.answers(200, "Content-Type: application/json\r\n", &issue);
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}
