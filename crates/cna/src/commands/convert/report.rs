//! What a conversion lost, lacked and refused, over all its records.

use std::collections::{BTreeMap, BTreeSet};

use cve::check::{Finding, Severity};
use cve::convert::{Converted, Loss};
use serde::Serialize;

use crate::output::line;

/// The report of one run.
#[derive(Default, Serialize)]
pub(super) struct Report {
    /// How many records were looked at.
    pub(super) records: usize,
    /// How many documents were made.
    pub(super) documents: usize,
    /// Losses, by kind.
    losses: BTreeMap<&'static str, Count>,
    /// Findings that let the document be made, by code.
    findings: BTreeMap<String, Count>,
    /// Errors that kept documents from being made, by code.
    refusals: BTreeMap<String, Count>,
    /// What became no document.
    pub(super) refused: Vec<Item>,
    /// What became one, where there is something to say about it.
    converted: Vec<Item>,
}

/// How often something occurs, with the first place it does.
#[derive(Serialize)]
struct Count {
    records: usize,
    places: usize,
    example: String,
}

/// One input.
#[derive(Serialize)]
pub(super) struct Item {
    input: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    losses: Vec<Loss>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

impl Report {
    /// Counts a document that was made.
    pub(super) fn add(&mut self, input: &str, id: &str, converted: &Converted) {
        self.documents += 1;
        let losses = converted
            .losses
            .iter()
            .map(|loss| (loss.kind, &loss.pointer, &loss.message));
        count(&mut self.losses, id, losses);
        let findings = converted.findings.iter();
        let findings =
            findings.map(|finding| (finding.code.to_string(), &finding.pointer, &finding.message));
        count(&mut self.findings, id, findings);
        if !converted.losses.is_empty() || !converted.findings.is_empty() {
            self.converted.push(Item {
                input: input.to_owned(),
                id: Some(id.to_owned()).filter(|id| !id.is_empty()),
                losses: converted.losses.clone(),
                findings: converted.findings.clone(),
            });
        }
    }

    /// Counts one that was not.
    pub(super) fn refuse(&mut self, input: &str, id: Option<&str>, findings: &[Finding]) {
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        let errors =
            errors.map(|finding| (finding.code.to_string(), &finding.pointer, &finding.message));
        count(&mut self.refusals, id.unwrap_or(input), errors);
        self.refused.push(Item {
            input: input.to_owned(),
            id: id.map(str::to_owned),
            losses: Vec::new(),
            findings: findings.to_vec(),
        });
    }

    /// Says whether there is something to say beside refusals.
    pub(super) fn has_remarks(&self) -> bool {
        !self.losses.is_empty() || !self.findings.is_empty()
    }

    /// One sentence about what was lost and found.
    pub(super) fn summary(&self) -> String {
        let places = |counts: usize, one: &str, many: &str| {
            format!("{counts} {}", if counts == 1 { one } else { many })
        };
        let losses = self.losses.values().map(|count| count.places).sum();
        let findings = self.findings.values().map(|count| count.places).sum();
        format!(
            "{} of {} records became documents, with {} and {}: --report lists them",
            self.documents,
            self.records,
            places(losses, "loss", "losses"),
            places(findings, "finding", "findings"),
        )
    }

    /// Prints the report.
    pub(super) fn print(&self, as_json: bool) -> anyhow::Result<()> {
        if as_json {
            return line(&serde_json::to_string(self)?);
        }
        line(&format!(
            "{} records: {} documents, {} refused",
            self.records,
            self.documents,
            self.refused.len()
        ))?;
        table("What the format cannot hold", &self.losses)?;
        table(
            "What the records lack, and how they were read",
            &self.findings,
        )?;
        table("Why documents were not made", &self.refusals)?;
        if self.records == 1 {
            for item in &self.converted {
                line("")?;
                for loss in &item.losses {
                    line(&format!("{} {}: {}", loss.kind, loss.pointer, loss.message))?;
                }
                for finding in &item.findings {
                    line(&format!(
                        "{} {}: {}",
                        finding.code, finding.pointer, finding.message
                    ))?;
                }
            }
        }
        Ok(())
    }
}

fn count<'a, K: Ord + Clone>(
    counts: &mut BTreeMap<K, Count>,
    id: &str,
    items: impl Iterator<Item = (K, &'a String, &'a String)>,
) {
    let mut seen = BTreeSet::new();
    for (kind, pointer, message) in items {
        let count = counts.entry(kind.clone()).or_insert_with(|| Count {
            records: 0,
            places: 0,
            example: format!("{id} {pointer}: {message}"),
        });
        count.places += 1;
        if seen.insert(kind) {
            count.records += 1;
        }
    }
}

fn table<K: AsRef<str>>(title: &str, counts: &BTreeMap<K, Count>) -> anyhow::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    line("")?;
    line(&crate::output::Style::stdout().bold(title))?;
    let width = counts
        .keys()
        .map(|kind| kind.as_ref().len())
        .max()
        .unwrap_or(0)
        .max(4);
    line(&format!(
        "{:width$}  {:>8}  {:>8}  first",
        "", "records", "places"
    ))?;
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(count.records));
    for (kind, count) in rows {
        let example: String = count.example.chars().take(120).collect();
        line(&format!(
            "{:width$}  {:>8}  {:>8}  {example}",
            kind.as_ref(),
            count.records,
            count.places
        ))?;
    }
    Ok(())
}
