//! Rejecting an ID: reasons, texts, and what a text says.
//!
//! Source: process sections 5.2, 7 and 8.2; CNA Rules 4.5.3.5 to 4.5.3.8.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::ledger::IdState;

/// Why an ID is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Never tied to a vulnerability.
    Unused,
    /// Found to be no security issue.
    NotVuln,
    /// Cannot be supported.
    NoEvidence,
    /// The same vulnerability has an ID already.
    Duplicate,
    /// Two reservations for one vulnerability.
    ReservationDuplicate,
    /// Its content went into another record.
    Merged,
    /// The wrong ID was used.
    WrongId,
    /// Issued in error, with nothing instead.
    IssuedInError,
    /// It will stay private.
    NotDisclosed,
    /// Assigned outside the scope.
    OutOfScope,
    /// Made by a test.
    Test,
}

use Reason::{
    Duplicate, IssuedInError, Merged, NoEvidence, NotDisclosed, NotVuln, OutOfScope,
    ReservationDuplicate, Test, Unused, WrongId,
};

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 11] = [
        Unused,
        NotVuln,
        NoEvidence,
        Duplicate,
        ReservationDuplicate,
        Merged,
        WrongId,
        IssuedInError,
        NotDisclosed,
        OutOfScope,
        Test,
    ];

    /// Its code.
    pub fn as_str(self) -> &'static str {
        match self {
            Unused => "unused",
            NotVuln => "not_vuln",
            NoEvidence => "no_evidence",
            Duplicate => "duplicate",
            ReservationDuplicate => "reservation_duplicate",
            Merged => "merged",
            WrongId => "wrong_id",
            IssuedInError => "issued_in_error",
            NotDisclosed => "not_disclosed",
            OutOfScope => "out_of_scope",
            Test => "test",
        }
    }

    /// The state it leads to.
    pub fn state(self) -> IdState {
        match self {
            Unused => IdState::RejectedUnused,
            NotVuln | NoEvidence | NotDisclosed | OutOfScope => IdState::RejectedWithdrawn,
            Duplicate | ReservationDuplicate => IdState::RejectedDuplicate,
            Merged => IdState::RejectedMerged,
            WrongId | IssuedInError | Test => IdState::RejectedError,
        }
    }

    /// Whether another ID takes its place.
    pub fn is_replaced(self) -> bool {
        matches!(self, Duplicate | ReservationDuplicate | Merged | WrongId)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Reason {
    type Err = String;

    fn from_str(text: &str) -> Result<Reason, String> {
        let found = Reason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text);
        found.ok_or_else(|| {
            let known: Vec<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
            format!(
                "`{text}` is not a reason to reject: expected one of {}",
                known.join(", ")
            )
        })
    }
}

const HEAD: &str = "DO NOT USE THIS CVE RECORD.";
const REMOVED: &str =
    "All references and descriptions in this record have been removed to prevent accidental usage.";

/// The text of a rejection in the prescribed form.
///
/// Takes: the ID that stands instead, or in `no_evidence` one to see also;
/// the year of the ID for `unused`.
/// Gives: nothing for reasons whose ground has to be written by hand.
/// Source: process sections 7 and 8.2.
pub fn text(reason: Reason, keep: Option<&str>, year: u16) -> Option<String> {
    let plain = |why: &str| {
        Some(format!(
            "{HEAD} Consult IDs: none. Reason: {why} Notes: none."
        ))
    };
    let instead = |kind: &str| {
        let keep = keep?;
        Some(format!(
            "{HEAD} Consult IDs: {keep}. Reason: This record is a {kind} of {keep}. Notes: All CVE users should reference {keep} instead of this record. {REMOVED}"
        ))
    };
    let withdrawn = "This record was withdrawn by its CNA. Further investigation showed that";
    match reason {
        Unused => plain(&format!(
            "The CNA or individual who requested this record did not associate it with any vulnerability during {year}."
        )),
        NotVuln => plain(&format!("{withdrawn} it was not a security issue.")),
        NoEvidence => {
            let see = keep
                .map(|id| format!(" See also {id}."))
                .unwrap_or_default();
            plain(&format!(
                "{withdrawn} there was not reasonable evidence to determine the existence of a vulnerability.{see}"
            ))
        }
        Duplicate | Merged => instead("duplicate"),
        ReservationDuplicate => instead("reservation duplicate"),
        WrongId => {
            let keep = keep?;
            Some(format!(
                "{HEAD} Consult IDs: {keep}. Reason: This record was issued in error. Please use {keep} instead. Notes: {REMOVED}"
            ))
        }
        IssuedInError => Some(format!(
            "{HEAD} Reason: This record was issued in error. Notes: {REMOVED}"
        )),
        NotDisclosed | OutOfScope | Test => None,
    }
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Today's prescribed words.
    Template,
    /// The words that were prescribed before: CANDIDATE, ConsultIDs.
    Legacy,
    /// The sentence an editor writes by itself.
    Stock,
    /// Words of one's own.
    Free,
}

/// What the text of a rejection says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// How it is written.
    pub form: Form,
    /// The reason it gives, where one can be told.
    pub reason: Option<Reason>,
    /// The IDs it names as those to use instead.
    pub instead: Vec<String>,
    /// Other IDs it names; its own is none of them.
    pub related: Vec<String>,
}

/// A fault of a rejection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Code of the rule.
    pub code: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// What is wrong, in a few words.
    pub why: String,
}

/// Reads the text of a rejection.
///
/// Takes: the ID that is rejected, whose own name in the text replaces
/// nothing.
pub fn read(id: &str, text: &str) -> Reading {
    let low = text.to_lowercase();
    let has = |part: &str| low.contains(part);
    let form = if has("do not use this candidate number") || has("** reject **") {
        Form::Legacy
    } else if has("do not use this cve record") {
        Form::Template
    } else if is_stock(&low) {
        Form::Stock
    } else {
        Form::Free
    };
    let (instead, related) = ids(id, text);
    let reason = reason_of(&low, !instead.is_empty());
    Reading {
        form,
        reason,
        instead,
        related,
    }
}

/// Whether a text is the editors' sentence, perhaps with another one behind.
fn is_stock(low: &str) -> bool {
    low.contains("rejected or withdrawn by its cve numbering authority.")
}

fn reason_of(low: &str, replaced: bool) -> Option<Reason> {
    let has = |parts: &[&str]| parts.iter().any(|part| low.contains(part));
    if has(&["reservation duplicate"]) {
        Some(ReservationDuplicate)
    } else if has(&["duplicate", "replaced by"]) {
        Some(Duplicate)
    } else if has(&["did not associate", "unused", "not used", "not needed"]) {
        Some(Unused)
    } else if has(&["please use"]) && replaced {
        Some(WrongId)
    } else if has(&[
        "not reasonable evidence",
        "unable to reproduce",
        "cannot be reproduced",
        "no evidence",
    ]) {
        Some(NoEvidence)
    } else if has(&[
        "not a security issue",
        "not exploitable",
        "unexploitable",
        "not a vulnerability",
        "no security impact",
        "works as designed",
    ]) {
        Some(NotVuln)
    } else if has(&["issued in error", "assigned in error"]) {
        Some(IssuedInError)
    } else if has(&["out of scope"]) {
        Some(OutOfScope)
    } else if has(&["not be disclosed", "remain private", "not be made public"]) {
        Some(NotDisclosed)
    } else {
        None
    }
}

/// The IDs to use instead, and the other IDs; never the record's own.
///
/// Source: process trap T-28: the first ID of a text is not always the one
/// that replaces.
fn ids(own: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let (mut instead, mut related) = (Vec::new(), Vec::new());
    let mut from = 0;
    while let Some(at) = text[from..].find("CVE-").map(|at| at + from) {
        let length = text[at + 4..]
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'-')
            .count();
        let id = text[at..at + 4 + length].trim_end_matches('-');
        from = at + 4 + length;
        if id == own || !is_id(id) {
            continue;
        }
        let before = text[..at].to_lowercase();
        let before = before.trim_end();
        let replaces = [
            "duplicate of",
            "duplicate for",
            "replaced by",
            "please use",
            "reference",
            "consult ids:",
            "consultids:",
        ]
        .iter()
        .any(|lead| before.ends_with(lead));
        let list = if replaces { &mut instead } else { &mut related };
        if !list.iter().any(|known| known == id) {
            list.push(id.to_owned());
        }
    }
    related.retain(|id| !instead.contains(id));
    (instead, related)
}

fn is_id(text: &str) -> bool {
    text.parse::<cve::id::CveId>().is_ok()
}

/// Checks a rejection.
///
/// Takes: the ID, its text, what `replacedBy` holds, whether it had been
/// published, and our code of the reason, where there is one.
/// Source: process REJ-001 to REJ-005.
pub fn faults(
    id: &str,
    text: &str,
    replaced_by: &[String],
    was_published: bool,
    code: Option<Reason>,
) -> Vec<Fault> {
    let reading = read(id, text);
    let mut faults = Vec::new();
    let mut add = |code, severity, why: &str| {
        faults.push(Fault {
            code,
            severity,
            why: why.to_owned(),
        });
    };
    if text.trim().is_empty() {
        add("REJ-001", "error", "there is no text");
        return faults;
    }
    let low = text.to_lowercase();
    let bare_stock = reading.form == Form::Stock && reading.reason.is_none();
    if bare_stock {
        let severity = if was_published { "error" } else { "warning" };
        add("REJ-002", severity, "the stock sentence explains nothing");
    } else if [
        "scheduled to be patched",
        "future time",
        "has been fixed",
        "was fixed",
        "is old",
    ]
    .iter()
    .any(|part| low.contains(part))
    {
        add(
            "4.2.7",
            "error",
            "the ground is not allowed: IDs are for vulnerabilities, not for fixes",
        );
    } else if reading.reason.is_none() && code.is_none() {
        add("REJ-002", "warning", "it says nothing about why");
    }
    let reason = code.or(reading.reason);
    if reason.is_some_and(Reason::is_replaced) {
        let mut named = reading.instead.clone();
        named.sort();
        let mut replacing = replaced_by.to_vec();
        replacing.sort();
        if replacing.is_empty() {
            add("REJ-004", "error", "`replacedBy` is missing");
        } else if named.is_empty() {
            add("REJ-004", "error", "the text names no ID");
        } else if named != replacing {
            add(
                "REJ-004",
                "error",
                "text and `replacedBy` name different IDs",
            );
        }
    }
    if replaced_by.iter().any(|other| other == id) {
        add("REJ-005", "error", "it is replaced by itself");
    }
    match reading.form {
        Form::Legacy => add("form", "info", "legacy wording"),
        Form::Free | Form::Stock => add("form", "info", "not the template form"),
        Form::Template => {}
    }
    faults
}

/// Whether following `replacedBy` from an ID comes to an end at one that is
/// not rejected.
///
/// Takes: the ID; what each rejected ID is replaced by.
/// Source: process REJ-005 and section 16, invariant 4.
pub fn ends_well(id: &str, replaced_by: impl Fn(&str) -> Option<Vec<String>>) -> bool {
    let mut seen = vec![id.to_owned()];
    let mut next = replaced_by(id).unwrap_or_default();
    while let Some(at) = next.pop() {
        if seen.contains(&at) {
            return false;
        }
        if let Some(further) = replaced_by(&at) {
            if further.is_empty() {
                return false;
            }
            next.extend(further);
        }
        seen.push(at);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prescribed_text_reads_back_as_its_reason() {
        for reason in Reason::ALL {
            let keep = reason.is_replaced().then_some("CVE-1900-20031");
            let Some(text) = text(reason, keep, 2026) else {
                assert!(matches!(reason, NotDisclosed | OutOfScope | Test));
                continue;
            };
            let reading = read("CVE-1900-20030", &text);
            assert_eq!(reading.form, Form::Template, "{reason}");
            let expected = if reason == Merged { Duplicate } else { reason };
            assert_eq!(reading.reason, Some(expected), "{text}");
            let replaced: Vec<String> = keep.into_iter().map(Into::into).collect();
            let faults = faults("CVE-1900-20030", &text, &replaced, true, Some(reason));
            assert_eq!(faults, [], "{reason}");
        }
    }

    #[test]
    fn an_id_one_should_see_also_replaces_nothing() {
        let reading = read(
            "CVE-1900-1000",
            "It was not a security issue. See also CVE-1900-1001.",
        );
        assert_eq!(reading.instead, Vec::<String>::new());
        assert_eq!(reading.related, ["CVE-1900-1001"]);
    }

    #[test]
    fn a_circle_of_replacements_does_not_end_well() {
        let graph = |id: &str| match id {
            "CVE-1900-1001" => Some(vec!["CVE-1900-1002".to_owned()]),
            "CVE-1900-1002" => Some(vec!["CVE-1900-1001".to_owned()]),
            "CVE-1900-1003" => Some(vec!["CVE-1900-1004".to_owned()]),
            _ => None,
        };
        assert!(!ends_well("CVE-1900-1001", graph));
        assert!(ends_well("CVE-1900-1003", graph));
    }
}
