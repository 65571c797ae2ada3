//! Runs command lines and compares all that happens with a file.
//!
//! The files lie in `fixtures/cli/` and are rewritten with `CNA_BLESS=1`. One
//! entry: the line after `$ cve`, standard output, standard error with `! `
//! before each line, the exit code, and with `> ` what the service was asked.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cve_server::Service;

/// A command line and what is typed into it.
pub(crate) struct Run<'a> {
    words: Vec<&'a str>,
    typed: &'a str,
    variables: Vec<(&'a str, &'a str)>,
}

/// `cve` with the words of `line`, which are separated by single spaces.
pub(crate) fn run(line: &str) -> Run<'_> {
    Run {
        words: line.split(' ').filter(|word| !word.is_empty()).collect(),
        typed: "",
        variables: Vec::new(),
    }
}

/// The same with an account before the words.
pub(crate) fn as_acme(line: &str) -> Run<'_> {
    let mut run = run(line);
    let account = ["-u", "jack", "-o", "acme", "-a", "k3y"];
    run.words.splice(0..0, account);
    run
}

impl<'a> Run<'a> {
    /// One more word, which may hold spaces.
    pub(crate) fn word(mut self, word: &'a str) -> Run<'a> {
        self.words.push(word);
        self
    }

    /// What is typed at prompts.
    pub(crate) fn typing(mut self, typed: &'a str) -> Run<'a> {
        self.typed = typed;
        self
    }

    /// A variable of the environment, which holds nothing else.
    pub(crate) fn with(mut self, name: &'a str, value: &'a str) -> Run<'a> {
        self.variables.push((name, value));
        self
    }

    fn transcript(&self, service: &Service) -> String {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cve"))
            .args(&self.words)
            .env_clear()
            .env("CVE_API_URL", &service.url)
            .envs(self.variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The child may end without reading what is typed.
        let _ = child.stdin.take().unwrap().write_all(self.typed.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.replace(&service.url, "http://service/api/")
        };
        let mut transcript = String::from("$ cve");
        for (name, value) in &self.variables {
            transcript.push_str(&format!(" {name}={value:?}"));
        }
        for word in &self.words {
            let is_plain = !word.is_empty() && !word.contains([' ', '"', '{']);
            transcript.push_str(&match is_plain {
                true => format!(" {word}"),
                false => format!(" '{word}'"),
            });
        }
        if !self.typed.is_empty() {
            transcript.push_str(&format!(" <<< {:?}", self.typed));
        }
        transcript.push('\n');
        let stdout = text(&output.stdout);
        transcript.push_str(&stdout);
        if !stdout.is_empty() && !stdout.ends_with('\n') {
            transcript.push_str("(no end of line)\n");
        }
        for line in text(&output.stderr).lines() {
            transcript.push_str(&format!("! {line}\n"));
        }
        transcript.push_str(&format!("exit {}\n", output.status.code().unwrap()));
        for seen in service.take_seen() {
            transcript.push_str(&format!("> {seen}\n"));
        }
        transcript
    }
}

/// Runs the lines one after the other and compares with the file `name`.
pub(crate) fn check(name: &str, runs: &[Run<'_>]) {
    let service = Service::start();
    let found: Vec<_> = runs.iter().map(|run| run.transcript(&service)).collect();
    let found = found.join("\n");
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/cli")
        .join(format!("{name}.txt"));
    if std::env::var_os("CNA_BLESS").is_some() {
        std::fs::write(&file, &found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    for (found, expected) in found.split("\n$ ").zip(expected.split("\n$ ")) {
        assert_eq!(found, expected, "differs from fixtures/cli/{name}.txt");
    }
    assert_eq!(
        found.len(),
        expected.len(),
        "more or fewer entries in {name}"
    );
}
