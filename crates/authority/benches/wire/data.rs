//! What is in the database, and the requests made of it.

use std::cell::RefCell;
use std::io::Write as _;

use authority::admin::{self, NewOrg, NewUser};
use cve::hash::Digest;
use cve::id::{CveId, Year};
use serde_json::json;
use store::testing::TestStore;
use store::{DatabaseUrl, FoundId, Publish, RecordState, Reserve, Sequence, Stamped};

use crate::load::Requests;

/// Bytes a reservation stores: its row, its change, its audit event.
pub(crate) const RESERVE_BYTES: usize = 700;
/// Bytes of a typical record.
pub(crate) const RECORD_BYTES: usize = 4500;
/// As many records as the Program has.
pub(crate) const MANY: u32 = 320_000;
/// More IDs than are published over HTTP.
const IDS: u32 = 320_000;
/// Organisations with ten IDs each, so that no two callers ask for the same list.
const TENS: usize = 32;
/// IDs reserved at once while data are made.
const CHUNK: u32 = 2000;

pub(crate) struct Data {
    pub(crate) engine: &'static str,
    test: TestStore,
    /// Bare programs' own database.
    bare: tempfile::TempDir,
    server: Option<String>,
    /// UUID of `acme`, which has the records.
    acme: String,
    user: String,
    /// Headers of the users of `acme` and of the Secretariat.
    keys: [String; 2],
    /// Headers of the users of those who have ten IDs.
    tens: Vec<String>,
    published: RefCell<Vec<CveId>>,
}

impl Data {
    pub(crate) fn sqlite() -> Data {
        Data::new(store::testing::sqlite(), None)
    }

    pub(crate) fn postgres(server: &str) -> Data {
        Data::new(store::testing::postgres(server), Some(server.to_owned()))
    }

    fn new(test: TestStore, server: Option<String>) -> Data {
        let world = store::testing::world();
        let store = &test.store;
        admin::open_year(store, year()).unwrap();
        let make = |name: &str, role: &str| {
            let new = NewOrg {
                short_name: name.parse().unwrap(),
                name: name.into(),
                roles: vec![role.into()],
                id_quota: 100_000,
            };
            let org = admin::create_org(store, &world, new).unwrap();
            // More than the Program allows, and than is published below.
            let mut rich = org.clone();
            rich.id_quota = 100_000_000;
            store.write(move |tx| tx.update_org(&rich)).unwrap();
            let user = NewUser {
                username: format!("ann@{name}"),
                ..NewUser::default()
            };
            let (user, key) = admin::create_user(store, &world, &org.short_name, user).unwrap();
            let headers = format!(
                "host: 127.0.0.1\r\nCVE-API-ORG: {name}\r\nCVE-API-USER: ann@{name}\r\n\
                 CVE-API-KEY: {}\r\n",
                key.reveal()
            );
            (org.uuid, user.uuid, headers)
        };
        let (acme, user, acme_key) = make("acme", "CNA");
        let (_, _, mitre_key) = make("mitre", "SECRETARIAT");
        let (tens, tens_keys): (Vec<_>, Vec<_>) = (0..TENS)
            .map(|number| make(&format!("tens{number}"), "CNA"))
            .map(|(uuid, _, key)| (uuid, key))
            .unzip();
        let data = Data {
            engine: test.engine,
            test,
            bare: tempfile::tempdir().unwrap(),
            server,
            acme,
            user,
            keys: [acme_key, mitre_key],
            tens: tens_keys,
            published: RefCell::default(),
        };
        for org in &tens {
            data.reserve(org, 10);
        }
        data
    }

    pub(crate) fn url(&self) -> String {
        address(&self.test.url)
    }

    /// Where the bare program inserts.
    pub(crate) fn bare_url(&self) -> String {
        match &self.server {
            Some(server) => server.clone(),
            None => address(&DatabaseUrl::Sqlite(self.bare.path().join("bare.sqlite"))),
        }
    }

    /// Publishes so many records of `acme`.
    pub(crate) fn publish(&self, records: u32) {
        let (store, owner) = (&self.test.store, &self.acme);
        let at = store.read(|reader| reader.database_time()).unwrap();
        for done in (0..records).step_by(CHUNK as usize) {
            let ids = self.reserve(owner, CHUNK.min(records - done));
            std::thread::scope(|scope| {
                for part in ids.chunks(ids.len().div_ceil(64)) {
                    scope.spawn(move || {
                        for id in part {
                            let body = record(*id);
                            let digest = Digest::of(&body);
                            let stamp = move |_: &FoundId| {
                                let body = body.clone();
                                Some(Stamped { body, digest })
                            };
                            let command = Publish {
                                id: *id,
                                state: RecordState::Published,
                                at,
                                stamp: Box::new(stamp),
                                actor: "ann".into(),
                                caller_org: owner.clone(),
                            };
                            store.publish(command).unwrap().unwrap();
                        }
                    });
                }
            });
            self.published.borrow_mut().extend(ids);
        }
    }

    fn reserve(&self, owner: &str, amount: u32) -> Vec<CveId> {
        let command = Reserve {
            owner: owner.into(),
            requester_org: owner.into(),
            requester_user: self.user.clone(),
            actor: "ann".into(),
            year: year(),
            amount,
            sequence: Sequence::Sequential,
        };
        self.test.store.reserve(command).unwrap().unwrap().ids
    }

    /// Asks for records at random; with `known`, as a client that has them.
    pub(crate) fn shows(&self, known: bool) -> Requests {
        let ids = self.published.borrow().clone();
        let known = if known { "if-none-match: *\r\n" } else { "" };
        let mut random = 1_u64;
        Box::new(move |request| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let id = ids[(random >> 33) as usize % ids.len()];
            write!(
                request,
                "GET /api/cve/{id} HTTP/1.1\r\nhost: 127.0.0.1\r\n{known}\r\n"
            )
            .is_ok()
        })
    }

    /// Lists the IDs of organisations that have ten, in turns.
    pub(crate) fn list_of_ten(&self) -> Requests {
        let all: Vec<String> = self
            .tens
            .iter()
            .map(|key| format!("GET /api/cve-id HTTP/1.1\r\n{key}\r\n"))
            .collect();
        let mut next = all.into_iter().cycle();
        Box::new(move |request| {
            let text = next.next().unwrap();
            request.extend_from_slice(text.as_bytes());
            true
        })
    }

    /// Lists the first page of the IDs of an organisation that has many.
    pub(crate) fn list_of_all(&self) -> Requests {
        always(format!("GET /api/cve-id HTTP/1.1\r\n{}\r\n", self.keys[0]))
    }

    pub(crate) fn secretariat_gets(&self, path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\n{}\r\n", self.keys[1])
    }

    pub(crate) fn reserves(&self) -> Requests {
        let path = "/api/cve-id?amount=1&batch_type=sequential&cve_year=2099&short_name=acme";
        let headers = &self.keys[0];
        always(format!(
            "POST {path} HTTP/1.1\r\n{headers}content-length: 0\r\n\r\n"
        ))
    }

    /// Publishes reserved IDs, in the order in which they were reserved.
    pub(crate) fn publications(&self) -> Requests {
        let mut ids: Vec<CveId> = (0..IDS / CHUNK)
            .flat_map(|_| self.reserve(&self.acme, CHUNK))
            .collect();
        ids.reverse();
        let headers = self.keys[0].clone();
        let body = container();
        Box::new(move |request| {
            let id = ids.pop().expect("reserved more IDs than are published");
            let length = body.len();
            write!(
                request,
                "POST /api/cve/{id}/cna HTTP/1.1\r\n{headers}content-type: application/json\r\n\
                 content-length: {length}\r\n\r\n{body}"
            )
            .is_ok()
        })
    }
}

/// Inserts so many bytes with the bare program.
pub(crate) fn inserts(bytes: usize) -> Requests {
    let body = "x".repeat(bytes);
    always(format!(
        "POST /insert HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {bytes}\r\n\r\n{body}"
    ))
}

fn always(text: String) -> Requests {
    Box::new(move |request| {
        request.extend_from_slice(text.as_bytes());
        true
    })
}

fn year() -> Year {
    Year::new(2099).unwrap()
}

fn address(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(file) => format!("sqlite:{}", file.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    }
}

/// A stored record of the typical size.
fn record(id: CveId) -> Vec<u8> {
    let mut body = format!("{{\"cveMetadata\":{{\"cveId\":\"{id}\"}},\"x\":\"");
    body.push_str(&"x".repeat(RECORD_BYTES - body.len() - 2));
    body.push_str("\"}");
    body.into_bytes()
}

/// A container that makes a record of the typical size: a few products with
/// versions, references, texts.
fn container() -> String {
    let versions: Vec<_> = (1..=6)
        .map(|major| {
            json!({
                "version": format!("{major}.0"), "lessThan": format!("{major}.4.2"),
                "status": "affected", "versionType": "semver",
            })
        })
        .collect();
    let product = |name: &str| {
        json!({
            "vendor": "Acme", "product": name, "defaultStatus": "unaffected",
            "versions": versions,
        })
    };
    let references: Vec<_> = (0..6)
        .map(|n| json!({"url": format!("https://acme.example/advisories/{n}"), "tags": ["vendor-advisory"]}))
        .collect();
    let mut document = json!({"cnaContainer": {
        "title": "Buffer overflow in the parser of Acme Widget",
        "affected": [product("Widget"), product("Widget Pro")],
        "descriptions": [{"lang": "en", "value": ""}],
        "problemTypes": [{"descriptions": [{
            "lang": "en", "type": "CWE", "cweId": "CWE-787", "description": "CWE-787 Out-of-bounds Write",
        }]}],
        "references": references,
    }});
    // What the server adds to it is about 500 bytes.
    let missing = RECORD_BYTES - 500 - document.to_string().len();
    let text = "A flaw in the parser of the example product lets an attacker write. ".repeat(100);
    document["cnaContainer"]["descriptions"][0]["value"] =
        json!(text[..missing.min(4000)].trim_end());
    document.to_string()
}
