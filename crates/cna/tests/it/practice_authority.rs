//! A real authority on loopback, behind a door that can misbehave.
//!
//! The authority is ours, over real HTTP. The door passes each request on and
//! then, when told to, answers late, not at all, or with an error, although
//! the work is done: what a network and a proxy do to a client. It keeps what
//! it passed on, and asks the public door of the desk, as each record arrives,
//! whether the advisory is there already.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use authority::admin::{NewOrg, NewUser, create_org, create_user, open_year};
use client::Method;
use cve::id::Year;
use serde_json::{Value, json};
use store::testing::TestStore;
use store::{IdFilter, IdRow, Store};

/// What the door does with a request, after it was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mischief {
    /// Passes the answer on.
    None,
    /// Waits before it passes the answer on.
    Late(Duration),
    /// Closes the connection instead of answering.
    Silent,
    /// Answers 502 instead.
    Error,
    /// Answers 502 without having passed the request on.
    Refuses,
    /// Answers 429 without having passed the request on.
    Busy,
    /// Passes the request on twice, and the second answer back.
    Twice,
    /// Answers 200 with a page for people instead.
    Page,
    /// Answers 200 with JSON of another shape instead.
    OtherShape,
    /// Answers with the first half of the body, as if it were the whole.
    Half,
    /// Closes the connection in the middle of the answer.
    BrokenOff,
    /// Answers with the answer about another ID.
    WrongId,
    /// Asks for one ID fewer where several are asked for, and answers 206.
    Partial,
    /// Before passing a record on, lets a colleague publish another text.
    ColleagueFirst,
    /// Before passing a record on, lets an ADP add a container.
    AdpFirst,
}

/// A request as the door got it.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// What the public door of the desk answered about this ID at the moment
    /// the request arrived; nothing where nobody was asked.
    pub(crate) portal_status: Option<u16>,
}

impl Sent {
    /// The ID whose record it is about to change.
    pub(crate) fn record_id(&self) -> Option<&str> {
        let rest = self.target.strip_prefix("/api/cve/")?;
        let changes = self.method != "GET";
        changes.then(|| rest.split('/').next().unwrap_or_default())
    }
}

/// What the door knows.
struct Door {
    behind: SocketAddr,
    /// What is done to changing requests, the next one last.
    changes: Mutex<Vec<Mischief>>,
    /// What is done to reading requests, the next one last.
    reads: Mutex<Vec<Mischief>>,
    sent: Mutex<Vec<Sent>>,
    /// Address of the desk's portal, without a slash at the end.
    portal: Mutex<Option<String>>,
    /// The headers with which an ADP signs in.
    adp: Vec<(&'static str, String)>,
}

pub(crate) struct PracticeAuthority {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) org: String,
    pub(crate) key: String,
    door: Arc<Door>,
    _runtime: tokio::runtime::Runtime,
    _test: TestStore,
}

pub(crate) const ORG: &str = "example";
pub(crate) const USER: &str = "desk@example.org";
pub(crate) const YEAR: u16 = 1900;

impl PracticeAuthority {
    /// An authority whose door follows `plan`, one entry for each changing
    /// request; then it behaves.
    pub(crate) fn start(plan: &[Mischief]) -> PracticeAuthority {
        let test = store::testing::sqlite();
        let (store, world) = (test.store.clone(), real_random());
        let name: cve::org::ShortName = ORG.parse().unwrap();
        let org = NewOrg {
            short_name: name.clone(),
            name: "Example".into(),
            roles: vec!["CNA".into()],
            id_quota: 100,
        };
        let org = create_org(&store, &world, org).unwrap();
        let user = NewUser {
            username: USER.into(),
            ..NewUser::default()
        };
        let (_, key) = create_user(&store, &world, &name, user).unwrap();
        let adp = adp_headers(&store, &world);
        open_year(&store, Year::new(YEAR).unwrap()).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let behind = listener.local_addr().unwrap();
        let settings = authority::Settings::default();
        let limits = settings.limits;
        let router = authority::router(store.clone(), world, settings);
        runtime.spawn(http::serve(
            listener,
            router,
            limits,
            std::future::pending(),
        ));
        let front = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/", front.local_addr().unwrap());
        let door = Arc::new(Door {
            behind,
            changes: Mutex::new(plan.iter().rev().copied().collect()),
            reads: Mutex::default(),
            sent: Mutex::default(),
            portal: Mutex::default(),
            adp,
        });
        let shared = door.clone();
        thread::spawn(move || {
            for stream in front.incoming().flatten() {
                let door = shared.clone();
                thread::spawn(move || pass(stream, &door));
            }
        });
        PracticeAuthority {
            store,
            url,
            org: org.uuid,
            key: key.reveal().to_owned(),
            door,
            _runtime: runtime,
            _test: test,
        }
    }

    /// The record of `id`, asked over HTTP.
    pub(crate) fn record(&self, id: &str) -> Value {
        self.ask(Method::Get, &format!("cve/{id}"), None).1
    }

    /// Says whether `id` has no record.
    pub(crate) fn has_no_record(&self, id: &str) -> bool {
        self.ask(Method::Get, &format!("cve/{id}"), None).0 == 404
    }

    /// Replaces the CNA container of `id`, as a colleague with another tool.
    pub(crate) fn update(&self, id: &str, container: &Value) {
        let body = json!({ "cnaContainer": container });
        let (status, answer) = self.ask(Method::Put, &format!("cve/{id}/cna"), Some(&body));
        assert_eq!(status, 200, "{answer}");
    }

    /// Adds the container of an ADP to the record of `id`.
    pub(crate) fn add_adp(&self, id: &str) {
        self.door.add_adp(id);
    }

    /// What is done to the next changing requests, in this order.
    pub(crate) fn plan(&self, changes: &[Mischief]) {
        *self.door.changes.lock().unwrap() = changes.iter().rev().copied().collect();
    }

    /// What is done to the next reading requests, in this order.
    pub(crate) fn plan_reads(&self, reads: &[Mischief]) {
        *self.door.reads.lock().unwrap() = reads.iter().rev().copied().collect();
    }

    /// Asks the public door of the desk at `address` about each ID whose
    /// record arrives.
    pub(crate) fn watch(&self, address: &str) {
        *self.door.portal.lock().unwrap() = Some(address.to_owned());
    }

    /// Everything that came through the door so far.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.door.sent.lock().unwrap().clone()
    }

    /// Asks past the door, so that no mischief meets a test's own questions.
    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let headers = vec![
            ("cve-api-org", ORG.to_owned()),
            ("cve-api-user", USER.to_owned()),
            ("cve-api-key", self.key.clone()),
        ];
        self.door.ask(method, path, headers, body)
    }

    /// Every ID the organisation owns.
    pub(crate) fn ids(&self) -> Vec<IdRow> {
        let filter = IdFilter {
            owner: Some(self.org.clone()),
            ..IdFilter::default()
        };
        self.store
            .read(|reader| reader.cve_ids(&filter, 0, 1000))
            .unwrap()
            .1
    }

    /// Whether every planned mischief has happened.
    pub(crate) fn plan_is_done(&self) -> bool {
        self.door.changes.lock().unwrap().is_empty() && self.door.reads.lock().unwrap().is_empty()
    }
}

/// An organisation that may add containers of its own to every record; gives
/// the headers with which it signs in.
fn adp_headers(store: &Store, world: &cve::world::World) -> Vec<(&'static str, String)> {
    let name: cve::org::ShortName = "adp".parse().unwrap();
    let org = NewOrg {
        short_name: name.clone(),
        name: "Enrichment".into(),
        roles: vec!["ADP".into()],
        id_quota: 0,
    };
    create_org(store, world, org).unwrap();
    let user = NewUser {
        username: "adp@example.org".into(),
        ..NewUser::default()
    };
    let (_, key) = create_user(store, world, &name, user).unwrap();
    vec![
        ("cve-api-org", "adp".to_owned()),
        ("cve-api-user", "adp@example.org".to_owned()),
        ("cve-api-key", key.reveal().to_owned()),
    ]
}

impl Door {
    fn ask(
        &self,
        method: Method,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let url = format!("http://{}/api/{path}", self.behind);
        let json = body.map(|body| body.to_string().into_bytes());
        let call = client::Call {
            method,
            url,
            headers,
            json,
        };
        let answer = request().send(&call).unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    fn add_adp(&self, id: &str) {
        let container = json!({
            "title": "What an ADP adds",
            "references": [{"url": "https://adp.example.org/enriched"}],
        });
        let body = json!({ "adpContainer": container });
        let path = format!("cve/{id}/adp");
        let (status, answer) = self.ask(Method::Put, &path, self.adp.clone(), Some(&body));
        assert_eq!(status, 200, "{answer}");
    }

    /// What the portal says of the ID whose record arrives.
    fn portal_status(&self, sent: &Sent) -> Option<u16> {
        let portal = self.portal.lock().unwrap().clone()?;
        let id = sent.record_id()?;
        let call = client::Call::get(format!("{portal}/cve/{id}"));
        Some(request().send(&call).unwrap().status)
    }

    /// The next mischief for this request.
    fn next(&self, sent: &Sent) -> Mischief {
        let plan = match sent.method.as_str() {
            "GET" => &self.reads,
            _ => &self.changes,
        };
        plan.lock().unwrap().pop().unwrap_or(Mischief::None)
    }
}

fn request() -> client::Request {
    client::Request::new(client::Settings {
        addresses: client::Addresses::Any,
        ..client::Settings::default()
    })
    .unwrap()
}

/// The tests' clock with the machine's randomness: keys must differ between
/// processes.
fn real_random() -> cve::world::World {
    let clock = store::testing::world();
    cve::world::World::new(move || clock.now(), |bytes| getrandom::fill(bytes).unwrap())
}

/// Passes one connection's requests on, one at a time.
fn pass(client: TcpStream, door: &Door) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut client = client;
    while let Some((head, body)) = read_message(&mut reader) {
        let mut words = head.split(' ');
        let mut sent = Sent {
            method: words.next().unwrap_or_default().to_owned(),
            target: words.next().unwrap_or_default().to_owned(),
            head: head.clone(),
            body: body.clone(),
            portal_status: None,
        };
        sent.portal_status = door.portal_status(&sent);
        let mischief = door.next(&sent);
        door.sent.lock().unwrap().push(sent.clone());
        let answer = match mischief {
            Mischief::Refuses => answer_of("502 Bad Gateway", b"oops"),
            Mischief::Busy => answer_of("429 Too Many Requests", b"later"),
            _ => carried_out(door, &sent, mischief),
        };
        let answer = match mischief {
            Mischief::Silent => {
                let _ = client.shutdown(Shutdown::Both);
                return;
            }
            Mischief::BrokenOff => {
                let _ = client.write_all(&answer[..answer.len() - 3]);
                let _ = client.shutdown(Shutdown::Both);
                return;
            }
            Mischief::Late(wait) => {
                thread::sleep(wait);
                answer
            }
            _ => changed(mischief, answer),
        };
        if client.write_all(&answer).is_err() {
            return;
        }
    }
}

/// Passes a request on as often as the mischief wants; gives the answer.
fn carried_out(door: &Door, sent: &Sent, mischief: Mischief) -> Vec<u8> {
    let mut head = sent.head.clone();
    match mischief {
        Mischief::Twice => drop(ask(door.behind, &head, &sent.body)),
        Mischief::Partial => {
            if let Some((before, after)) = head.clone().split_once("amount=") {
                let end = after.find(|c: char| !c.is_ascii_digit()).unwrap();
                let amount: u32 = after[..end].parse().unwrap();
                head = format!("{before}amount={}{}", (amount - 1).max(1), &after[end..]);
            }
        }
        Mischief::ColleagueFirst => {
            let mut body: Value = serde_json::from_slice(&sent.body).unwrap();
            body["cnaContainer"]["title"] = json!("What a colleague published first");
            let body = body.to_string().into_bytes();
            ask(door.behind, &with_length(&head, body.len()), &body);
        }
        Mischief::AdpFirst => door.add_adp(sent.record_id().unwrap()),
        _ => {}
    }
    ask(door.behind, &head, &sent.body)
}

/// The same head for a body of `length` bytes.
fn with_length(head: &str, length: usize) -> String {
    let lines = head.split("\r\n").map(|line| {
        let is_length = line.to_ascii_lowercase().starts_with("content-length:");
        if is_length {
            format!("content-length: {length}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

/// What a client gets in the place of the answer.
fn changed(mischief: Mischief, answer: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(answer.clone()).unwrap_or_default();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split_once(' ').map_or("", |(_, rest)| rest);
    let status = status.split("\r\n").next().unwrap_or_default();
    match mischief {
        Mischief::Error => answer_of("502 Bad Gateway", b"oops"),
        Mischief::Page => answer_of("200 OK", b"<html><p>Please sign in to this network.</html>"),
        Mischief::OtherShape => answer_of("200 OK", br#"{"message": "welcome"}"#),
        Mischief::Half => answer_of(status, &body.as_bytes()[..body.len() / 2]),
        Mischief::WrongId => answer_of(status, another_id(body).as_bytes()),
        Mischief::Partial if status.starts_with("200") => {
            answer_of("206 Partial Content", body.as_bytes())
        }
        _ => answer,
    }
}

/// The same text about the ID after each that it names.
fn another_id(text: &str) -> String {
    let mut parts = text.split("CVE-1900-");
    let mut other = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = part.split_at(end.unwrap_or(part.len()));
        let number: u64 = digits.parse().unwrap();
        other.push_str(&format!("CVE-1900-{:04}{rest}", number + 1));
    }
    other
}

fn answer_of(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Sends a request to the authority and reads its whole answer.
fn ask(behind: SocketAddr, head: &str, body: &[u8]) -> Vec<u8> {
    let mut server = TcpStream::connect(behind).unwrap();
    server.write_all(head.as_bytes()).unwrap();
    server.write_all(body).unwrap();
    let mut reader = BufReader::new(server);
    let (head, body) = read_message(&mut reader).unwrap_or_default();
    [head.into_bytes(), body].concat()
}

/// One HTTP/1.1 message with a known length, as its head and its body.
fn read_message(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(str::to_owned)
        })
        .map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}
