//! Counts over all documents.

use std::collections::BTreeMap;

use cve::check::{Finding, Severity};

use super::judge::Judged;

/// What was counted; each thread has its own, and they are added up.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    pub(crate) invalid: u64,
    /// Records with a finding that is shown.
    pub(crate) found_in: u64,
    /// Findings that are shown, worst severity first.
    pub(crate) by_severity: [u64; 4],
    /// Findings the baseline hides.
    pub(crate) known: u64,
    /// Mends that were made or shown.
    pub(crate) mends: u64,
    pub(crate) mended_files: u64,
    /// Inputs that could not be read.
    pub(crate) troubles: u64,
    /// Findings of each code, when some output asks for them.
    pub(crate) by_code: BTreeMap<String, (Severity, u64)>,
    counts_codes: bool,
    /// Findings of each organisation and code, when a summary is wanted.
    pub(crate) by_org: Option<BTreeMap<String, OrgTally>>,
}

/// Counts of one organisation.
#[derive(Debug, Default)]
pub(crate) struct OrgTally {
    pub(crate) records: u64,
    pub(crate) invalid: u64,
    pub(crate) by_code: BTreeMap<String, (Severity, u64)>,
}

/// The word for documents that name no organisation.
pub(crate) const NOBODY: &str = "(unknown)";

impl Tally {
    /// `with_codes`: findings are counted for each code; `with_orgs`: also for
    /// each organisation.
    pub(crate) fn new(with_codes: bool, with_orgs: bool) -> Tally {
        Tally {
            counts_codes: with_codes,
            by_org: with_orgs.then(BTreeMap::new),
            ..Tally::default()
        }
    }

    /// Counts a document, whose known findings are taken out already.
    pub(crate) fn count(&mut self, judged: &Judged, known: usize) {
        self.records += 1;
        self.invalid += u64::from(!judged.valid);
        self.found_in += u64::from(!judged.findings.is_empty());
        self.known += known as u64;
        for finding in &judged.findings {
            self.by_severity[finding.severity as usize] += 1;
            if self.counts_codes {
                add(&mut self.by_code, &finding.code, finding.severity, 1);
            }
        }
        if let Some(orgs) = &mut self.by_org {
            let org = judged.org.as_deref().unwrap_or(NOBODY);
            if !orgs.contains_key(org) {
                orgs.insert(org.to_owned(), OrgTally::default());
            }
            if let Some(counts) = orgs.get_mut(org) {
                counts.records += 1;
                counts.invalid += u64::from(!judged.valid);
                for Finding { code, severity, .. } in &judged.findings {
                    add(&mut counts.by_code, code, *severity, 1);
                }
            }
        }
    }

    /// Adds what another thread counted.
    pub(crate) fn add(&mut self, other: Tally) {
        self.records += other.records;
        self.invalid += other.invalid;
        self.found_in += other.found_in;
        self.known += other.known;
        self.mends += other.mends;
        self.mended_files += other.mended_files;
        self.troubles += other.troubles;
        for (to, from) in self.by_severity.iter_mut().zip(other.by_severity) {
            *to += from;
        }
        for (code, (severity, count)) in other.by_code {
            add(&mut self.by_code, &code, severity, count);
        }
        let Some(orgs) = &mut self.by_org else {
            return;
        };
        for (org, counts) in other.by_org.into_iter().flatten() {
            let to = orgs.entry(org).or_default();
            to.records += counts.records;
            to.invalid += counts.invalid;
            for (code, (severity, count)) in counts.by_code {
                add(&mut to.by_code, &code, severity, count);
            }
        }
    }

    /// Findings of all severities.
    pub(crate) fn findings(&self) -> u64 {
        self.by_severity.iter().sum()
    }

    /// Says whether there is a finding as bad as `severity`, or worse.
    pub(crate) fn has(&self, severity: Severity) -> bool {
        self.by_severity[..=severity as usize]
            .iter()
            .any(|count| *count > 0)
    }
}

fn add(counts: &mut BTreeMap<String, (Severity, u64)>, code: &str, severity: Severity, count: u64) {
    match counts.get_mut(code) {
        Some((worst, found)) => {
            *worst = severity.min(*worst);
            *found += count;
        }
        None => {
            counts.insert(code.to_owned(), (severity, count));
        }
    }
}

/// All severities, worst first, in the order of `Tally::by_severity`.
pub(crate) const SEVERITIES: [Severity; 4] = [
    Severity::Error,
    Severity::Violation,
    Severity::Warning,
    Severity::Advice,
];
