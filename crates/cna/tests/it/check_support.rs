//! A folder of records, and `cna check` on it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::data_folder::{Ended, NOW, cna, run, run_with_input};

/// A valid record with advice at most.
pub(crate) const GOOD: &str = include_str!("../../../../fixtures/records/good/published-full.json");

/// Files of a test, and the command over them.
pub(crate) struct Records {
    dir: tempfile::TempDir,
}

impl Records {
    pub(crate) fn new() -> Records {
        Records {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// `cna check` in the folder, by a fixed clock.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = cna();
        command
            .current_dir(self.path())
            .args(["check", "--now", NOW]);
        command.args(arguments);
        command
    }

    pub(crate) fn check(&self, arguments: &[&str]) -> Ended {
        run(&mut self.command(arguments))
    }

    pub(crate) fn check_input(&self, arguments: &[&str], input: &[u8]) -> Ended {
        run_with_input(&mut self.command(arguments), input)
    }

    /// The lines of `--output ndjson`.
    pub(crate) fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let ended = self.check(&[arguments, &["--output", "ndjson"]].concat());
        read_lines(&ended.stdout)
    }
}

pub(crate) fn read_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The good record in one line, with another ID and state.
pub(crate) fn line_of(id: &str, state: &str) -> String {
    let mut record: Value = serde_json::from_str(GOOD).unwrap();
    record["cveMetadata"]["cveId"] = id.into();
    record["cveMetadata"]["state"] = state.into();
    record.to_string()
}

/// Source, ID, verdict and the codes of severity error of a line.
pub(crate) fn verdict(line: &Value) -> (String, Option<String>, bool, Vec<String>) {
    let findings = line["findings"].as_array().unwrap();
    let errors = findings.iter().filter(|f| f["severity"] == "error");
    (
        line["source"].as_str().unwrap().to_owned(),
        line["id"].as_str().map(str::to_owned),
        line["valid"].as_bool().unwrap(),
        errors
            .map(|f| f["code"].as_str().unwrap().to_owned())
            .collect(),
    )
}
