//! The pages in a real browser: signing in, seeing the job's state, reading
//! the advisory.
//!
//! Drives Debian's Chromium by the WebDriver protocol. Without it the tests
//! say by name that they were skipped; `CNA_REQUIRE=browser` makes that a
//! failure.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use client::{Addresses, Call, Method, Request, Settings};
use serde_json::{Value, json};

use crate::desk_process::DeskProcess;
use crate::practice_authority::PracticeAuthority;

const DRIVER: &str = "/usr/bin/chromedriver";

/// A browser with one window.
struct Browser {
    driver: Child,
    request: Request,
    session: String,
    _profile: tempfile::TempDir,
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn is_required() -> bool {
    std::env::var("CNA_REQUIRE").is_ok_and(|suites| suites.split(',').any(|s| s == "browser"))
}

impl Browser {
    /// Starts a browser, or says that `test` is skipped without one.
    fn start(test: &str) -> Option<Browser> {
        if !Path::new(DRIVER).exists() {
            assert!(
                !is_required(),
                "{test}: CNA_REQUIRE names browser and {DRIVER} is missing"
            );
            // Written past the capture, so that it shows when the test passes.
            let _ = writeln!(
                std::io::stderr(),
                "skipped in the browser: {test} (install chromium-driver to run it)"
            );
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new(DRIVER)
            .arg(format!("--port={port}"))
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let settings = Settings {
            addresses: Addresses::Any,
            ..Settings::default()
        };
        let mut browser = Browser {
            driver,
            request: Request::new(settings).unwrap(),
            session: format!("http://127.0.0.1:{port}"),
            _profile: tempfile::tempdir().unwrap(),
        };
        browser.open_session();
        Some(browser)
    }

    fn open_session(&mut self) {
        let profile = format!("--user-data-dir={}", self._profile.path().display());
        let arguments = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            profile,
        ]);
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let start = Instant::now();
        let answer = loop {
            match self.try_ask(Method::Post, "/session", Some(&wanted)) {
                Some(answer) => break answer,
                None => assert!(start.elapsed() < Duration::from_secs(30), "no driver"),
            }
        };
        let id = answer["value"]["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"));
        self.session = format!("{}/session/{id}", self.session);
    }

    fn try_ask(&self, method: Method, path: &str, body: Option<&Value>) -> Option<Value> {
        let call = Call {
            method,
            url: format!("{}{path}", self.session),
            headers: Vec::new(),
            json: body.map(|body| body.to_string().into_bytes()),
        };
        let answer = self.request.send(&call).ok()?;
        serde_json::from_slice(&answer.body).ok()
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let answer = self.try_ask(method, path, body).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    fn open(&self, url: &str) {
        self.ask(Method::Post, "/url", Some(&json!({"url": url})));
    }

    /// The element the CSS selector finds first.
    fn element(&self, selector: &str) -> String {
        let using = json!({"using": "css selector", "value": selector});
        let found = self.ask(Method::Post, "/element", Some(&using));
        found
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn click(&self, selector: &str) {
        let path = format!("/element/{}/click", self.element(selector));
        self.ask(Method::Post, &path, Some(&json!({})));
    }

    /// The text a reader sees in the element.
    fn text(&self, selector: &str) -> String {
        let path = format!("/element/{}/text", self.element(selector));
        self.ask(Method::Get, &path, None)
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What the browser complained about: blocked content, missing files.
    fn complaints(&self) -> Vec<String> {
        let log = self.ask(Method::Post, "/se/log", Some(&json!({"type": "browser"})));
        let entries = log.as_array().cloned().unwrap_or_default();
        let text = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        // Browsers ask for an icon of their own accord.
        entries
            .iter()
            .map(text)
            .filter(|message| !message.contains("favicon"))
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Driver and browser share a group of their own; the driver alone
        // would leave the browser running.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.driver.wait();
    }
}

#[test]
fn a_reviewer_signs_in_and_sees_the_state_of_the_job() {
    let Some(browser) = Browser::start("a_reviewer_signs_in_and_sees_the_state_of_the_job") else {
        return;
    };
    let authority = PracticeAuthority::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let desk = DeskProcess::start(folder.path(), "sqlite:cna.sqlite", None);
    let case = desk.decided_case(&authority);
    desk.assign(case);
    desk.wait_for(case, |view| {
        view["records"].as_array().is_some_and(|r| !r.is_empty())
    });
    let invitation = desk.post("admin", "/desk/v1/people/rev/invitation", &json!({}));

    browser.open(invitation["url"].as_str().unwrap());
    browser.click("main button");
    assert!(
        browser
            .text("body")
            .contains("Node agent follows symbolic links")
    );
    browser.open(&format!("{}/desk/cases/{case}", desk.address()));
    let page = browser.text("body");
    for words in [
        "CVE-1900-0001",
        "Does our approved Scope Definition cover it?",
        "4.2.16.1",
    ] {
        assert!(
            page.contains(words),
            "{words} is not on the case page:\n{page}"
        );
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_reader_finds_the_advisory_and_its_record() {
    let Some(browser) = Browser::start("a_reader_finds_the_advisory_and_its_record") else {
        return;
    };
    let authority = PracticeAuthority::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let desk = DeskProcess::start(folder.path(), "sqlite:cna.sqlite", None);
    let case = desk.decided_case(&authority);
    desk.assign(case);
    desk.wait_for(case, |view| {
        view["records"].as_array().is_some_and(|r| !r.is_empty())
    });
    desk.publish(case);
    desk.wait_for(case, |view| view["state"] == "PUBLISHED");

    browser.open(&format!("{}/", desk.address()));
    browser.click("main a[href*='/advisories/']");
    let page = browser.text("body");
    for words in ["CVE-1900-0001", "1.31.9", "Alex Beispiel", "CWE-61"] {
        assert!(
            page.contains(words),
            "{words} is not on the advisory:\n{page}"
        );
    }
    browser.click("a[href$='/cve.json']");
    assert!(
        browser
            .text("body")
            .contains("\"cveId\": \"CVE-1900-0001\"")
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
