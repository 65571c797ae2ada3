//! `--baseline`: findings that were known before are not shown again.
//!
//! A finding is known by what it is about and what it says, never by its
//! line: the record's ID (or the file, where there is none), the code, the
//! pointer with its list places left out, and the message. So it is known
//! again after lines moved or an item was put in before it, and shown when the
//! value changed. Of several that look the same as many are hidden as were
//! known.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use cve::check::Finding;
use serde::{Deserialize, Serialize};

use super::printer::text_of;

/// The first line of a baseline file.
const HEAD: &str = "{\"cna_baseline\":1}";

/// One line of a baseline file.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    record: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    code: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    pointer: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    message: std::borrow::Cow<'a, str>,
}

impl Entry<'_> {
    /// Sixteen bytes that stand for the entry: a baseline of a whole archive
    /// has hundreds of thousands.
    fn key(&self) -> u128 {
        let digest = cve::hash::Digest::of(
            format!(
                "{}\0{}\0{}\0{}",
                self.record, self.code, self.pointer, self.message
            )
            .as_bytes(),
        );
        let mut key = [0; 16];
        key.copy_from_slice(&digest.as_bytes()[..16]);
        u128::from_le_bytes(key)
    }
}

/// Findings that are known.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    counts: HashMap<u128, u32>,
}

impl Baseline {
    /// Reads a baseline file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Baseline> {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("reading the baseline `{name}`"))?;
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, line)| line.trim()) != Some(HEAD) {
            bail!(
                "`{name}` is no baseline: its first line is not `{HEAD}`; write one with \
                 --write-baseline"
            );
        }
        let mut counts = HashMap::new();
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let entry: Entry<'_> = serde_json::from_str(line)
                .with_context(|| format!("reading line {} of the baseline `{name}`", at + 1))?;
            *counts.entry(entry.key()).or_insert(0) += 1;
        }
        Ok(Baseline { counts })
    }

    /// Takes out the findings that are known; gives how many those were.
    pub(crate) fn hide(&self, record: &str, findings: &mut Vec<Finding>) -> usize {
        if self.counts.is_empty() {
            return 0;
        }
        let mut left: HashMap<u128, u32> = HashMap::new();
        let before = findings.len();
        findings.retain(|finding| {
            let key = entry(record, finding).key();
            let Some(known) = self.counts.get(&key) else {
                return true;
            };
            let left = left.entry(key).or_insert(*known);
            let hidden = *left > 0;
            *left = left.saturating_sub(1);
            !hidden
        });
        before - findings.len()
    }
}

/// The lines of a baseline file for the findings of a record.
pub(crate) fn lines(record: &str, findings: &[Finding], out: &mut Vec<u8>) {
    for finding in findings {
        out.extend_from_slice(text_of(&entry(record, finding)).as_bytes());
        out.push(b'\n');
    }
}

/// What a baseline file begins with.
pub(crate) fn head() -> String {
    format!("{HEAD}\n")
}

fn entry<'a>(record: &'a str, finding: &'a Finding) -> Entry<'a> {
    Entry {
        record: record.into(),
        code: (&*finding.code).into(),
        pointer: without_places(&finding.pointer).into(),
        message: finding.message.as_str().into(),
    }
}

/// A pointer with `*` for the places in lists.
fn without_places(pointer: &str) -> String {
    let steps = pointer.split('/').map(|step| {
        let is_place = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        if is_place { "*" } else { step }
    });
    steps.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cve::check::Severity;

    fn finding(pointer: &str, message: &str) -> Finding {
        Finding {
            code: "X-1".into(),
            severity: Severity::Warning,
            pointer: pointer.into(),
            message: message.into(),
            rule: "".into(),
            fix: "".into(),
            position: None,
        }
    }

    fn known(findings: &[Finding]) -> Baseline {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("baseline");
        let mut text = head().into_bytes();
        lines("CVE-1900-00001", findings, &mut text);
        std::fs::write(&file, text).unwrap();
        Baseline::read(&file).unwrap()
    }

    fn left(baseline: &Baseline, record: &str, findings: &[Finding]) -> usize {
        let mut findings = findings.to_vec();
        baseline.hide(record, &mut findings);
        findings.len()
    }

    #[test]
    fn a_known_finding_is_known_again_at_another_place_of_its_list() {
        let baseline = known(&[finding("/a/0/b", "m")]);
        assert_eq!(
            left(&baseline, "CVE-1900-00001", &[finding("/a/7/b", "m")]),
            0
        );
        assert_eq!(
            left(&baseline, "CVE-1900-00001", &[finding("/a/0/b", "n")]),
            1
        );
        assert_eq!(
            left(&baseline, "CVE-1900-00001", &[finding("/a/0/c", "m")]),
            1
        );
        assert_eq!(
            left(&baseline, "CVE-1900-00002", &[finding("/a/0/b", "m")]),
            1
        );
    }

    #[test]
    fn as_many_are_hidden_as_were_known() {
        let baseline = known(&[finding("/a/0", "m"), finding("/a/1", "m")]);
        let three = [
            finding("/a/0", "m"),
            finding("/a/1", "m"),
            finding("/a/2", "m"),
        ];
        assert_eq!(left(&baseline, "CVE-1900-00001", &three), 1);
        // Each record is counted for itself.
        assert_eq!(left(&baseline, "CVE-1900-00001", &three), 1);
    }

    #[test]
    fn another_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        std::fs::write(&file, "{}").unwrap();
        let error = format!("{:#}", Baseline::read(&file).unwrap_err());
        assert!(error.contains("is no baseline"), "{error}");
        std::fs::write(&file, format!("{HEAD}\n{{}}\n")).unwrap();
        let error = format!("{:#}", Baseline::read(&file).unwrap_err());
        assert!(error.contains("line 2"), "{error}");
    }
}
