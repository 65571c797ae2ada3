//! A CVE Services that says always the same: enough of the protocol for the
//! command line to be seen at work. What it is asked is kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// The service and what it was asked.
pub(crate) struct Service {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

/// One request, taken apart.
struct Asked {
    method: String,
    path: String,
    query: String,
    body: Value,
}

impl Service {
    pub(crate) fn start() -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &log);
            }
        });
        Service { url, seen }
    }

    /// What was asked since the last time: method, path, account and body.
    pub(crate) fn take_seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let (mut account, mut body_bytes) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => body_bytes = value.parse().unwrap(),
            "cve-api-org" | "cve-api-user" | "cve-api-key" => account.push(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; body_bytes];
    reader.read_exact(&mut body).unwrap();
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let mut seen = format!("{method} {target} as {}", account.join(" "));
    if !body.is_empty() {
        seen.push(' ');
        seen.push_str(&String::from_utf8_lossy(&body));
    }
    log.lock().unwrap().push(seen);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (status, answer) = answer(&Asked {
        method,
        path: path.strip_prefix("/api/").unwrap_or_default().to_owned(),
        query: query.to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let head = format!(
        "HTTP/1.1 {status} Any\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    // A client that went away is not this service's trouble.
    let _ = stream.write_all(format!("{head}{answer}").as_bytes());
}

fn answer(asked: &Asked) -> (u16, String) {
    let parts: Vec<_> = asked.path.split('/').collect();
    let (status, body) = match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["health-check"]) => return (200, String::new()),
        ("POST", ["cve-id"]) => reserve(asked),
        ("GET", ["cve-id"]) => list(asked),
        ("GET", ["cve-id", id]) => look(id),
        ("PUT", ["cve-id", id]) => change(id, asked),
        ("GET", ["cve", id]) => record_of(id),
        ("POST" | "PUT", ["cve", id, place]) => publish(id, place, asked),
        ("GET", ["cve_count"]) => (200, json!({"totalCount": 12345})),
        ("GET", ["org", name]) => (200, org(name)),
        ("GET", ["org", _, "id_quota"]) => (
            200,
            json!({"id_quota": 100, "total_reserved": 10, "available": 90}),
        ),
        ("GET", ["org", _, "users"]) => (200, users()),
        ("GET", ["org", _, "user", "nobody"]) => refuse(404, "USER_DNE", "There is no 'nobody'."),
        ("GET", ["org", _, "user", name]) => (200, user(name)),
        ("PUT", ["org", _, "user", _]) => (200, json!({"message": "ok", "updated": user("x")})),
        ("PUT", ["org", _, "user", _, "reset_secret"]) => (200, json!({"API-secret": "n3w-k3y"})),
        ("POST", ["org", _, "user"]) => create_user(asked),
        _ => refuse(404, "NOT_FOUND", "404: resource not found"),
    };
    // An answer that no JSON reader accepts.
    if body == json!("html") {
        return (status, "<html>bad gateway</html>".to_owned());
    }
    (status, body.to_string())
}

fn refuse(status: u16, code: &str, message: &str) -> (u16, Value) {
    (status, json!({"error": code, "message": message}))
}

fn id_object(id: &str, state: &str) -> Value {
    json!({
        "requested_by": {"cna": "acme", "user": "jack@example.com"},
        "time": {"created": "2099-01-14T18:35:17.469Z", "modified": "2099-02-08T08:05:07.928Z"},
        "cve_id": id, "cve_year": "2099", "state": state, "owning_cna": "acme",
        "reserved": "2099-01-14T18:35:17.469Z",
    })
}

fn reserve(asked: &Asked) -> (u16, Value) {
    let value = |name: &str| {
        let mut pairs = asked
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs
            .find(|pair| pair.0 == name)
            .map(|pair| pair.1)
            .unwrap_or_default()
    };
    let amount: u32 = value("amount").parse().unwrap();
    if amount > 90 {
        let mut body = refuse(403, "EXCEEDED_ID_QUOTA", "It isn't enough.").1;
        body["details"] = json!({"id_quota": 100, "total_reserved": 10, "available": 90});
        return (403, body);
    }
    if value("cve_year") == "2098" {
        return (502, json!("html"));
    }
    let ids: Vec<_> = (0..amount)
        .map(|number| {
            let id = format!("CVE-{}-{}", value("cve_year"), 1000 + number);
            let mut id = id_object(&id, "RESERVED");
            id.as_object_mut().unwrap().remove("time");
            id
        })
        .collect();
    (
        200,
        json!({"cve_ids": ids, "meta": {"remaining_quota": 90 - amount}}),
    )
}

fn list(asked: &Asked) -> (u16, Value) {
    if asked.query.contains("cve_id_year=2097") {
        return (200, json!({"cve_ids": []}));
    }
    if asked.query.contains("page=2") {
        let mut id = id_object("CVE-2099-3000", "REJECTED");
        id["requested_by"] = json!({"cna": "other"});
        return (200, json!({"cve_ids": [id], "nextPage": null}));
    }
    let ids = [
        id_object("CVE-2099-20000", "PUBLISHED"),
        id_object("CVE-2099-0002", "RESERVED"),
    ];
    (200, json!({"cve_ids": ids, "nextPage": 2}))
}

fn look(id: &str) -> (u16, Value) {
    match id {
        "CVE-2099-9999" => refuse(404, "CVE_ID_NOT_FOUND", "CVE-2099-9999 not found"),
        "CVE-2099-2000" => (
            200,
            json!({"cve_id": id, "cve_year": "2099", "state": "RESERVED",
                   "owning_cna": "[REDACTED]"}),
        ),
        "CVE-2099-2001" => (
            200,
            json!({"cve_id": id, "cve_year": "2099", "state": "PUBLISHED",
                   "owning_cna": "other", "dateUpdated": "2099-03-04T05:06:07.008Z"}),
        ),
        _ => (200, id_object(id, "PUBLISHED")),
    }
}

fn change(id: &str, asked: &Asked) -> (u16, Value) {
    if id == "CVE-2099-9999" {
        return refuse(
            403,
            "ORG_DOES_NOT_OWN_ID",
            "acme does not own CVE-2099-9999",
        );
    }
    let mut changed = id_object(id, "RESERVED");
    match asked.query.split_once('=') {
        Some(("state", state)) => changed["state"] = json!(state),
        Some(("org", org)) => changed["owning_cna"] = json!(org),
        _ => {}
    }
    (
        200,
        json!({"message": format!("{id} was successfully updated."), "updated": changed}),
    )
}

fn record(id: &str, state: &str, container: &Value) -> Value {
    json!({
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {
            "cveId": id, "state": state, "assignerShortName": "acme",
            "dateReserved": "2099-01-14T18:35:17.469Z", "dateUpdated": "2099-02-08T01:02:03",
        },
        "containers": {"cna": container},
    })
}

fn record_of(id: &str) -> (u16, Value) {
    if id == "CVE-2099-1001" {
        return refuse(
            404,
            "CVE_RECORD_DNE",
            "The cve record for the cve id does not exist.",
        );
    }
    let cna = json!({"title": "Zoë's \u{1f600}", "score": 9.80, "big": 1e22, "empty": {}});
    let mut record = record(id, "PUBLISHED", &cna);
    if id == "CVE-2099-1002" {
        let adp = |org: &str| json!({"providerMetadata": {"shortName": org}, "title": org});
        record["containers"]["adp"] = json!([adp("zeta"), adp("CISA-ADP")]);
    }
    (200, record)
}

fn publish(id: &str, place: &str, asked: &Asked) -> (u16, Value) {
    let is_new = asked.method == "POST";
    if is_new && id == "CVE-2099-3000" {
        let status = if place == "cna" { 403 } else { 400 };
        return refuse(
            status,
            "CVE_RECORD_EXISTS",
            "The cve record already exists.",
        );
    }
    if id == "CVE-2099-9500" {
        return (502, json!("html"));
    }
    let state = if place == "reject" {
        "REJECTED"
    } else {
        "PUBLISHED"
    };
    let (verb, key) = if is_new {
        ("created", "created")
    } else {
        ("updated", "updated")
    };
    let message = format!("{id} record was successfully {verb}.");
    (
        200,
        json!({"message": message, key: record(id, state, &asked.body["cnaContainer"])}),
    )
}

fn org(name: &str) -> Value {
    json!({
        "UUID": "f972b356-145d-4b2e-9a5c-b114d0982a3b", "short_name": name, "name": "Acmé Inc",
        "authority": {"active_roles": ["CNA", "ADP"]}, "policies": {"id_quota": 100},
        "time": {"created": "2000-02-08T17:22:07.000Z", "modified": "2021-11-18T00:00:00+05:30"},
    })
}

fn user(name: &str) -> Value {
    json!({
        "username": name, "active": true, "authority": {"active_roles": ["ADMIN"]},
        "name": {"first": "Jack", "last": "Doe"},
        "time": {"created": "2021-01-14T18:35:17.469Z", "modified": "2021-02-08T08:05:07.928Z"},
    })
}

fn users() -> Value {
    let mut plain = user("ann");
    plain["name"] = json!({});
    plain["active"] = json!(false);
    plain["authority"] = json!({"active_roles": []});
    json!({"users": [user("jack@example.com"), plain, user("Bob")]})
}

fn create_user(asked: &Asked) -> (u16, Value) {
    let mut created = user(asked.body["username"].as_str().unwrap());
    created["name"] = asked.body["name"].clone();
    created["secret"] = json!("f1rst-k3y");
    (200, json!({"message": "created", "created": created}))
}
