//! `cna authority serve`: its log, its metrics, its limits, its end.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use client::{Addresses, Answer, Call, Request, Settings};
use serde_json::Value;

use crate::data_folder::{Serving, cna, run};

fn get(url: &str) -> Answer {
    let settings = Settings {
        addresses: Addresses::Any,
        max_redirects: 0,
        ..Settings::default()
    };
    Request::new(settings)
        .unwrap()
        .send(&Call::get(url))
        .unwrap()
}

fn serve(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = cna();
    command
        .env_remove("CNA_AUTHORITY_LOG")
        .env_remove("CNA_METRICS_LISTEN");
    command.args(["authority", "serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(folder).args(arguments);
    command
}

/// Runs a server to its end, meanwhile `asks`; gives its standard error.
fn logged(arguments: &[&str], asks: impl FnOnce(&str)) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = serve(folder.path(), arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let at = line.find("http://").unwrap();
    asks(line[at..].trim_end().trim_end_matches("/api/"));
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("Ended.\n"), "{rest}");
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert!(child.wait().unwrap().success());
    errors.lines().map(str::to_owned).collect()
}

#[test]
fn each_request_is_a_line_of_json_when_that_is_asked_for() {
    let lines = logged(&["--log", "json"], |address| {
        get(&format!("{address}/api/cve/CVE-1900-0001?secret=1"));
        get(&format!("{address}/api/health-check"));
    });
    let documents: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let told: Vec<_> = documents
        .iter()
        .map(|line| {
            (
                line["route"].as_str().unwrap(),
                line["status"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("/api/cve/:id", 404), ("/api/health-check", 200)]);
    for document in &documents {
        let keys: Vec<_> = document
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            keys,
            [
                "time",
                "request_id",
                "method",
                "route",
                "status",
                "duration_ms",
                "org"
            ]
        );
        assert!(document["duration_ms"].is_number());
        assert_eq!(document["request_id"].as_str().unwrap().len(), 36);
    }
}

#[test]
fn each_request_is_a_line_of_text_otherwise_and_none_when_off() {
    let ask = |address: &str| {
        get(&format!("{address}/api/cve/CVE-1900-0001"));
    };
    let lines = logged(&[], ask);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(" GET /api/cve/:id 404 "), "{lines:?}");
    assert_eq!(logged(&["--log", "off"], ask), Vec::<String>::new());
}

#[test]
fn metrics_have_an_address_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--metrics-listen", "127.0.0.1:0", "--log", "off"];
    let server = Serving::spawn(&mut serve(folder.path(), &arguments));
    let said = server.wait_for_line("Metrics ");
    let url = &said[said.find("http://").unwrap()..];
    get(&format!("{}/api/cve/CVE-1900-0001", server.address));
    let text = String::from_utf8(get(url).body).unwrap();
    let line =
        "cna_authority_requests_total{method=\"GET\",route=\"/api/cve/:id\",status=\"404\"} 1";
    assert!(text.lines().any(|own| own == line), "{text}");
    assert_eq!(get(&format!("{}/metrics", server.address)).status, 404);
}

#[test]
fn limits_are_set_by_flags_and_switched_off_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--address-limit", "1/3600", "--log", "off"];
    let server = Serving::spawn(&mut serve(folder.path(), &arguments));
    let url = format!("{}/api/cve/CVE-1900-0001", server.address);
    assert_eq!([get(&url).status, get(&url).status], [404, 429]);
    let other = tempfile::tempdir().unwrap();
    let arguments = [
        "--address-limit",
        "1/3600",
        "--rate-limit",
        "off",
        "--log",
        "off",
    ];
    let server = Serving::spawn(&mut serve(other.path(), &arguments));
    let url = format!("{}/api/cve/CVE-1900-0001", server.address);
    assert_eq!([get(&url).status, get(&url).status], [404, 404]);
    let wrong = run(&mut serve(other.path(), &["--key-limit", "many"]));
    assert_eq!(
        wrong.mistake(),
        "`many` is no limit, expected REQUESTS/SECONDS such as 1000/1"
    );
}

#[test]
fn a_request_under_way_is_answered_after_the_wish_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Serving::spawn(&mut serve(folder.path(), &["--log", "off"]));
    let address: SocketAddr = server
        .address
        .trim_start_matches("http://")
        .parse()
        .unwrap();
    let answers = Arc::new(Mutex::new(0));
    let asked = answers.clone();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    use std::io::Write as _;
    let head = "POST /api/org HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                content-length: 2\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // The head is read before anything else is asked on another connection.
    assert_eq!(get(&format!("{}/healthz", server.address)).status, 200);
    let waits = std::thread::spawn(move || {
        stream.write_all(b"{}").unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        *asked.lock().unwrap() +=
            usize::from(answer.contains("CVE-API-ORG header field required."));
    });
    assert_eq!(server.terminate(), Some(0));
    waits.join().unwrap();
    assert_eq!(*answers.lock().unwrap(), 1);
}
