//! A served authority with a Secretariat, CNAs, an ADP and a reader.

use std::net::SocketAddr;

use authority::admin::{self, NewOrg, NewUser};
use authority::{Compat, Service, Settings};
use cve::world::World;
use serde_json::{Value, json};
use store::Store;
use store::testing::{TestStore, engines};

use crate::client::{self, Answer};

/// A user and its key.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) org: &'static str,
    pub(crate) username: String,
    pub(crate) key: String,
}

/// A server that ends with the test.
pub(crate) struct Server {
    pub(crate) engine: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) world: World,
    /// Of `mitre`, the Secretariat.
    pub(crate) sec: Who,
    /// Of `acme`, a CNA with a quota of 10.
    pub(crate) cna: Who,
    /// Another user of `acme`, its administrator.
    pub(crate) admin: Who,
    /// Of `other`, a CNA.
    pub(crate) other: Who,
    /// Of `enrich`, an ADP.
    pub(crate) adp: Who,
    /// Of `mirror`, which may read all.
    pub(crate) bulk: Who,
    /// What serves, for what is done beside requests.
    pub(crate) service: Service,
    runtime: tokio::runtime::Runtime,
    test_store: TestStore,
}

/// Runs a claim against a fresh server on every engine.
pub(crate) fn each(test: &str, claim: impl Fn(&Server)) {
    each_with(test, Settings::default(), claim);
}

/// The same, as another version of CVE Services.
pub(crate) fn each_as(test: &str, compat: Compat, claim: impl Fn(&Server)) {
    let settings = Settings {
        compat,
        ..Settings::default()
    };
    each_with(test, settings, claim);
}

/// The same, with settings of the test's own.
pub(crate) fn each_with(test: &str, settings: Settings, claim: impl Fn(&Server)) {
    for test_store in engines(test) {
        let server = Server::start(test_store, settings.clone());
        println!("{test} on {}", server.engine);
        claim(&server);
    }
}

impl Server {
    fn start(test_store: TestStore, settings: Settings) -> Server {
        let (store, world) = (test_store.store.clone(), store::testing::world());
        let org = |name: &str, roles: &[&str], id_quota| {
            let new = NewOrg {
                short_name: name.parse().unwrap(),
                name: format!("The {name} organisation"),
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                id_quota,
            };
            admin::create_org(&store, &world, new).unwrap();
        };
        org("mitre", &["SECRETARIAT", "CNA"], 100_000);
        org("acme", &["CNA"], 10);
        org("other", &["CNA"], 1000);
        org("enrich", &["ADP"], 0);
        org("mirror", &["BULK_DOWNLOAD"], 0);
        let user = |org: &'static str, username: &str, roles: &[&str]| {
            let new = NewUser {
                username: username.into(),
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                ..NewUser::default()
            };
            let short_name = org.parse().unwrap();
            let (user, key) = admin::create_user(&store, &world, &short_name, new).unwrap();
            Who {
                org,
                username: user.username,
                key: key.reveal().to_owned(),
            }
        };
        let (sec, cna) = (
            user("mitre", "sec@mitre", &[]),
            user("acme", "ann@acme", &[]),
        );
        let admin = user("acme", "boss@acme", &["ADMIN"]);
        let (other, adp) = (
            user("other", "otto@other", &[]),
            user("enrich", "ada@enrich", &[]),
        );
        let bulk = user("mirror", "bea@mirror", &[]);
        admin::open_year(&store, "2099".parse().unwrap()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let limits = settings.limits;
        let service = Service::new(store.clone(), world.clone(), settings);
        runtime.spawn(http::serve(
            listener,
            service.router(),
            limits,
            std::future::pending(),
        ));
        Server {
            engine: test_store.engine,
            address,
            store,
            world,
            sec,
            cna,
            admin,
            other,
            adp,
            bulk,
            service,
            runtime,
            test_store,
        }
    }

    /// The address of a second node on the same database; nothing on an engine
    /// that serves one process.
    pub(crate) fn second_node(&self) -> Option<SocketAddr> {
        if self.engine == "sqlite" {
            return None;
        }
        let store = Store::open(self.test_store.url.clone(), self.world.clone()).unwrap();
        let router = authority::router(store, self.world.clone(), Settings::default());
        let bind = tokio::net::TcpListener::bind("127.0.0.1:0");
        let listener = self.runtime.block_on(bind).unwrap();
        let address = listener.local_addr().unwrap();
        let limits = Settings::default().limits;
        self.runtime.spawn(http::serve(
            listener,
            router,
            limits,
            std::future::pending(),
        ));
        Some(address)
    }

    /// Sends a request without a body.
    pub(crate) fn ask<'a>(
        &self,
        who: impl Into<Option<&'a Who>>,
        method: &str,
        path: &str,
    ) -> Answer {
        self.send(who.into(), method, path, &[], b"")
    }

    /// Sends a JSON body.
    pub(crate) fn say<'a>(
        &self,
        who: impl Into<Option<&'a Who>>,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Answer {
        let json = ("content-type", "application/json");
        self.send(
            who.into(),
            method,
            path,
            &[json],
            body.to_string().as_bytes(),
        )
    }

    /// Sends a request as it is, with the key of `who`.
    pub(crate) fn send(
        &self,
        who: Option<&Who>,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut all = headers.to_vec();
        if let Some(who) = who {
            all.push(("CVE-API-ORG", who.org));
            all.push(("CVE-API-USER", &who.username));
            all.push(("CVE-API-KEY", &who.key));
        }
        client::send(self.address, method, path, &all, body)
    }

    /// Reserves IDs of 2099 in order for the caller's own organisation.
    pub(crate) fn reserve(&self, who: &Who, amount: usize) -> Vec<String> {
        let path = format!(
            "/api/cve-id?amount={amount}&batch_type=sequential&cve_year=2099&short_name={}",
            who.org
        );
        let answer = self.ask(who, "POST", &path);
        assert_eq!(answer.status, 200, "{answer:?}");
        let json = answer.json();
        let ids = json["cve_ids"].as_array().unwrap();
        ids.iter()
            .map(|id| id["cve_id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Reserves and publishes one ID.
    pub(crate) fn publish(&self, who: &Who) -> String {
        let id = self.reserve(who, 1).remove(0);
        let answer = self.say(who, "POST", &format!("/api/cve/{id}/cna"), &container());
        assert_eq!(answer.status, 200, "{answer:?}");
        id
    }
}

/// The smallest submission that can be published.
pub(crate) fn container() -> Value {
    json!({"cnaContainer": {
        "affected": [{
            "vendor": "v",
            "product": "p",
            "versions": [{"version": "1", "status": "affected"}],
        }],
        "descriptions": [{"lang": "en", "value": "A flaw in p of v."}],
        "references": [{"url": "https://example.com/1"}],
    }})
}

/// The smallest submission that rejects.
pub(crate) fn rejection() -> Value {
    json!({"cnaContainer": {"rejectedReasons": [{"lang": "en", "value": "A duplicate."}]}})
}

/// The same document with another value at a pointer; `null` removes a key.
pub(crate) fn with(mut document: Value, key: &str, value: Value) -> Value {
    let container = document["cnaContainer"].as_object_mut().unwrap();
    if value.is_null() {
        container.remove(key);
    } else {
        container.insert(key.into(), value);
    }
    document
}
