//! The blocks of `docs/handbook.md` are what the commands say.
//!
//! Each `$` line of a `console` block is run by a shell, in order, on one desk
//! beside a practice authority; `CNA_BLESS=1` writes what was said. Lines that
//! begin with `not yet:` are counted, and with `CNA_RELEASE` set there may be
//! none.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::data_folder::{NOW, REPORT, Serving, cna, run};
use crate::hub::Hub;
use crate::practice_authority::PracticeAuthority;
use crate::smtp::Smtp;

const HANDBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/handbook.md");

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// A report by mail.
const MAIL: &str = "From: Bea Muster <bea@example.org>\nTo: security@example.org\nDate: Tue, 3 Nov \
                    2026 11:00:00 +0000\nMessage-ID: <1@example.org>\nSubject: Debug port of the \
                    node agent is open\n\nThe port answers to anybody in the network.\n";

/// A report as a bounty platform hands it over: an advisory of GitHub's form.
fn bounty() -> String {
    json!({
        "ghsa_id": "GHSA-aaaa-bbbb-cccc", "summary": "Metrics of the node agent name tenants",
        "description": "The metrics list the names of all tenants.", "severity": "low",
        "vulnerabilities": [{"package": {"ecosystem": "go", "name": "node-agent"},
                             "vulnerable_version_range": "< 1.31.9"}],
    })
    .to_string()
}

/// What somebody types into the form on the portal.
const FORM: &str = "title=Node+agent+stops+when+a+log+is+a+pipe&product=node-agent&what=It+waits+\
                    for+ever.&contact=cleo%40example.org&name=Cleo&website=";

/// The line of a block that stands for the form being sent.
const FORM_IS_SENT: &str = "# somebody sends the form on the portal";

/// A desk that has just been started, and a folder in which to work.
struct Walk {
    authority: PracticeAuthority,
    folder: tempfile::TempDir,
    serving: Serving,
    smtp: Smtp,
    hub: Hub,
    /// The IDs that were given, in the order in which they were first said.
    ids: Vec<String>,
}

impl Walk {
    fn start() -> Walk {
        let authority = PracticeAuthority::start(&[]);
        let folder = tempfile::tempdir().unwrap();
        let report = casework::Report::parse(REPORT).unwrap();
        let mut answers = String::new();
        for (node, given) in &report.answers {
            let (value, reason) = (json!(given.value), json!(given.reason));
            answers.push_str(&format!("{node}: {{value: {value}, reason: {reason}}}\n"));
        }
        for (name, text) in [
            ("report.md", REPORT),
            ("answers.yaml", answers.as_str()),
            ("key", authority.key.as_str()),
            ("mail.eml", MAIL),
            ("tracker-token", "token-of-the-tracker"),
            ("bounty.json", &bounty()),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut command = cna();
        command.args(["serve", "--listen", "127.0.0.1:0", "--now", NOW]);
        command.args([
            "--allow-private-addresses",
            "--environment",
            "practice",
            "--data",
        ]);
        command.arg(folder.path().join("cna-data"));
        command.env("CNA_PACE", "2000").stderr(Stdio::null());
        Walk {
            serving: Serving::spawn(&mut command),
            authority,
            folder,
            smtp: Smtp::start(&[]),
            hub: Hub::start(&[]),
            ids: Vec::new(),
        }
    }

    /// What a line of the handbook said, and how it ended if not well.
    fn said(&mut self, line: &str) -> String {
        let mut command = Command::new("sh");
        let bin = std::path::Path::new(env!("CARGO_BIN_EXE_cna"))
            .parent()
            .unwrap();
        let path = format!("{}:/usr/bin:/bin", bin.display());
        let line = self.with_given_ids(line);
        command.args(["-c", &line]).env_clear().env("PATH", path);
        command
            .env("API_URL", &self.authority.url)
            .env("SMTP_PORT", self.smtp.port.to_string())
            .env("TRACKER_URL", &self.hub.api)
            .current_dir(self.folder.path());
        let ended = run(command.stdin(Stdio::null()));
        self.settle();
        let mut said = ended.stdout + &ended.stderr;
        if ended.code != Some(0) {
            said.push_str(&format!("[exit {}]\n", ended.code.unwrap_or(-1)));
        }
        self.plain(&said)
    }

    fn request(
        &self,
        method: client::Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> client::Answer {
        let file = self.folder.path().join("cna-data/server.json");
        let server: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let token = server["token"].as_str().unwrap();
        let request = client::Request::new(client::Settings {
            addresses: client::Addresses::Any,
            ..client::Settings::default()
        });
        let call = client::Call {
            method,
            url: format!("{}{path}", self.serving.address),
            headers: vec![
                ("authorization", format!("Bearer {token}")),
                ("desk-as", "admin".to_owned()),
            ],
            json: body.map(|body| body.to_string().into_bytes()),
        };
        request.unwrap().send(&call).unwrap()
    }

    /// Sends the form on the portal, as a browser does.
    fn send_form(&self) {
        let host = self.serving.address.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        let length = FORM.len();
        let request = format!(
            "POST /report HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{FORM}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }

    /// Waits until nothing is on its way to the authority.
    fn settle(&self) {
        for _ in 0..600 {
            let answer = self.request(client::Method::Get, "/desk/v1/followups", None);
            let open: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            if open["followups"] == json!([]) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("a follow-up did not end");
    }

    /// The line with the IDs that were given in the place of those written.
    fn with_given_ids(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (index, id) in self.ids.iter().enumerate() {
            line = line.replace(&written(index), id);
        }
        line
    }

    /// The text without what differs each time.
    fn plain(&mut self, text: &str) -> String {
        let mut text = text.replace(&self.folder.path().display().to_string(), "FOLDER");
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            if word.starts_with("CVE-1900-") && !self.ids.iter().any(|id| id == word) {
                self.ids.push(word.to_owned());
            }
        }
        for (index, id) in self.ids.iter().enumerate() {
            text = text.replace(id, &written(index));
        }
        let mut plain = String::new();
        for line in text.lines() {
            let mut words: Vec<String> = line.split(' ').map(plain_word).collect();
            for place in 1..words.len() {
                let counts = words[place - 1].chars().all(|c| c.is_ascii_digit());
                if words[place] == "min" && counts {
                    words[place - 1] = "MM".to_owned();
                }
            }
            plain.push_str(words.join(" ").trim_end());
            plain.push('\n');
        }
        plain
    }
}

/// What the handbook calls the ID that was said as number `index`, from 0.
fn written(index: usize) -> String {
    format!("CVE-1900-{}", 10_001 + index)
}

/// One word without what differs each time.
fn plain_word(word: &str) -> String {
    if let Some((before, after)) = word.split_once("127.0.0.1:") {
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let rest = match rest.split_once("link=") {
            Some((path, _)) => format!("{path}link=SECRET"),
            None => rest.to_owned(),
        };
        return format!("{before}127.0.0.1:PORT{rest}");
    }
    let core = word.trim_matches(|c: char| ".,:()`".contains(c));
    let is_hex = core.len() >= 12 && core.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if is_hex && core.chars().any(|c| c.is_ascii_digit()) && !is_date(core) {
        return word.replace(core, "DIGEST");
    }
    // What was planned, and the end of a day, stand in the text as they are.
    let numbers: Vec<&str> = core.split(':').collect();
    let counts = |text: &&str| text.len() == 2 && text.chars().all(|c| c.is_ascii_digit());
    if numbers.len() == 2 && numbers.iter().all(counts) && !["16:00", "23:59"].contains(&core) {
        return word.replace(core, "HH:MM");
    }
    let today = &NOW[..10];
    if core.starts_with(today) && core.len() > today.len() {
        return word.replace(core, "TIME");
    }
    word.to_owned()
}

/// Says whether this is a date, and what looks like hexadecimals but is not.
fn is_date(word: &str) -> bool {
    word.len() < 20 && word.starts_with("20") && word.matches('-').count() == 2
}

/// The handbook with what its commands say in the place of what it says.
fn walked(text: &str, walk: &mut Walk) -> String {
    let mut walked = String::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = line == "```console";
            walked.push_str(&format!("{line}\n"));
        } else if in_block && line == FORM_IS_SENT {
            walk.send_form();
            walked.push_str(&format!("{line}\n"));
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| in_block) {
            walked.push_str(&format!("{line}\n{}", walk.said(command)));
        } else if !in_block {
            walked.push_str(&format!("{line}\n"));
        }
    }
    walked
}

#[test]
fn the_handbook_says_what_the_commands_say() {
    let text = std::fs::read_to_string(HANDBOOK).unwrap();
    let walked = walked(&text, &mut Walk::start());
    if is_set("CNA_BLESS") {
        std::fs::write(HANDBOOK, walked).unwrap();
        return;
    }
    for (number, (said, walked)) in text.lines().zip(walked.lines()).enumerate() {
        let place = format!("docs/handbook.md:{}", number + 1);
        assert_eq!(said, walked, "{place}: CNA_BLESS=1 writes what is said now");
    }
    assert_eq!(text.lines().count(), walked.lines().count());
}

#[test]
fn steps_without_a_command_are_counted_and_a_release_has_none() {
    let text = std::fs::read_to_string(HANDBOOK).unwrap();
    let missing: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("not yet:"))
        .collect();
    println!(
        "{} steps have no command yet:\n{}",
        missing.len(),
        missing.join("\n")
    );
    let release = is_set("CNA_RELEASE");
    assert!(!release || missing.is_empty(), "{missing:#?}");
    // The marker is found at all only while its spelling is kept.
    assert!(!text.contains("Not yet:") && !text.contains("* not yet"));
}
