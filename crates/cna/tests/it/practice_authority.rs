//! A real authority on loopback, behind a door that can misbehave.
//!
//! The authority is ours, over real HTTP. The door passes each request on and
//! then, when told to, answers late, not at all, or with an error, although
//! the work is done: what a network and a proxy do to a client.

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

/// What the door does with the next request that changes something, after it
/// was carried out.
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
}

pub(crate) struct PracticeAuthority {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) org: String,
    pub(crate) key: String,
    plan: Arc<Mutex<Vec<Mischief>>>,
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
        let plan = Arc::new(Mutex::new(plan.iter().rev().copied().collect::<Vec<_>>()));
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/", door.local_addr().unwrap());
        let followed = plan.clone();
        thread::spawn(move || {
            for stream in door.incoming().flatten() {
                let plan = followed.clone();
                thread::spawn(move || pass(stream, behind, &plan));
            }
        });
        PracticeAuthority {
            store,
            url,
            org: org.uuid,
            key: key.reveal().to_owned(),
            plan,
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

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let settings = client::Settings {
            addresses: client::Addresses::Any,
            ..client::Settings::default()
        };
        let answer = client::Request::new(settings)
            .unwrap()
            .send(&client::Call {
                method,
                url: format!("{}{path}", self.url),
                headers: vec![
                    ("cve-api-org", ORG.to_owned()),
                    ("cve-api-user", USER.to_owned()),
                    ("cve-api-key", self.key.clone()),
                ],
                json: body.map(|body| body.to_string().into_bytes()),
            })
            .unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
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
        self.plan.lock().unwrap().is_empty()
    }
}

/// The tests' clock with the machine's randomness: keys must differ between
/// processes.
fn real_random() -> cve::world::World {
    let clock = store::testing::world();
    cve::world::World::new(move || clock.now(), |bytes| getrandom::fill(bytes).unwrap())
}

/// Passes one connection's requests on, one at a time.
fn pass(client: TcpStream, behind: SocketAddr, plan: &Mutex<Vec<Mischief>>) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut client = client;
    while let Some((head, body)) = read_message(&mut reader) {
        let changes = head.starts_with("POST") || head.starts_with("PUT");
        let mischief = match changes {
            true => plan.lock().unwrap().pop().unwrap_or(Mischief::None),
            false => Mischief::None,
        };
        let error: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\noops";
        if mischief == Mischief::Refuses {
            if client.write_all(error).is_err() {
                return;
            }
            continue;
        }
        let answer = ask(behind, &head, &body);
        let sent = match mischief {
            Mischief::Silent => {
                let _ = client.shutdown(Shutdown::Both);
                return;
            }
            Mischief::Error => client.write_all(error),
            Mischief::Late(wait) => {
                thread::sleep(wait);
                client.write_all(&answer)
            }
            _ => client.write_all(&answer),
        };
        if sent.is_err() {
            return;
        }
    }
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
