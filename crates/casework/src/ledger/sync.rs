//! The ledger and CVE Services compared, both ways: every difference, and the
//! mend that is proposed for it. Nothing is changed.
//!
//! Source: process section 4, point 1: the ledger is the truth for
//! assignment, the service for state.

use std::collections::BTreeMap;

use client::IdFilter;
use cve::id::CveId;
use cve::wire::{CveIdObject, IdState};
use serde::Serialize;
use store::LedgerRow;

use crate::assign::RESERVE;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// Ledger and service, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// The account whose IDs were compared.
    pub account: String,
    /// `production`, `test` or `practice`.
    pub environment: String,
    /// Short name of the organisation the account is of.
    pub org: String,
    /// IDs of the account in the ledger.
    pub in_ledger: usize,
    /// IDs of the organisation at the service.
    pub at_service: usize,
    /// What differs, by ID.
    pub differences: Vec<Mismatch>,
}

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The ID.
    pub cve_id: CveId,
    /// `only_at_service`, `only_in_ledger`, `state`, `owner`, `reserved_at`
    /// or `record`.
    pub kind: &'static str,
    /// What the ledger says; empty when it has no line.
    pub ledger: String,
    /// What the service says; empty when it has no such ID.
    pub service: String,
    /// What to do about it.
    pub mend: String,
    /// Whether the desk can do it by itself.
    pub can_apply: bool,
}

impl Desk {
    /// Compares the ledger with CVE Services, for each account, or for one.
    ///
    /// Takes: `records`, whether each published record is read, too, and
    /// compared with what was last seen of it: a request for each.
    /// Refuses: an account that is not there, or that the service refuses.
    pub fn sync_ids(
        &self,
        actor: &Actor,
        account: Option<&str>,
        records: bool,
    ) -> Result<Vec<SyncReport>, Error> {
        check(actor, Action::Audit)?;
        let (accounts, lines, open) = self.store.snapshot(|reader| {
            let accounts = reader.accounts()?;
            let open = reader.open_followup_payloads(RESERVE)?;
            Ok::<_, Error>((accounts, reader.ledger()?, open))
        })?;
        let chosen: Vec<_> = accounts
            .into_iter()
            .filter(|row| account.is_none_or(|name| name == row.name))
            .collect();
        if chosen.is_empty() {
            let what = match account {
                Some(name) => format!("account `{name}`"),
                None => "an account to compare with".to_owned(),
            };
            return Err(Refusal::not_found(what).into());
        }
        let mut reports = Vec::new();
        for row in chosen {
            let services = self.services(&row.name)?;
            let theirs = services
                .list_ids(&IdFilter::default())
                .and_then(|reply| reply.value())
                .map_err(|error| {
                    Refusal::invalid(format!("account `{}`", row.name), error.to_string())
                })?;
            let ours: Vec<&LedgerRow> = lines
                .iter()
                .filter(|line| line.account == row.name)
                .collect();
            let reserving = open
                .iter()
                .any(|order| order["account"] == row.name.as_str());
            let mut differences = differences(&ours, &theirs, &row.org, reserving);
            if records {
                differences.extend(self.changed_records(&services, &ours)?);
                differences.sort_by_key(|difference| difference.cve_id);
            }
            reports.push(SyncReport {
                differences,
                org: row.org,
                account: row.name,
                environment: row.environment,
                in_ledger: ours.len(),
                at_service: theirs.len(),
            });
        }
        Ok(reports)
    }
}

/// Every difference between the lines of an account and the IDs of its
/// organisation.
fn differences(
    ours: &[&LedgerRow],
    theirs: &[CveIdObject],
    org: &str,
    reserving: bool,
) -> Vec<Mismatch> {
    let mut lines: BTreeMap<CveId, &LedgerRow> = ours.iter().map(|line| (line.id, *line)).collect();
    let mut found = Vec::new();
    for id in theirs {
        match lines.remove(&id.cve_id) {
            Some(line) => compare(line, id, org, &mut found),
            None => found.push(only_at_service(id, reserving)),
        }
    }
    // What is another's is not listed to us any more.
    lines.retain(|_, line| line.state != "TRANSFERRED");
    found.extend(lines.into_values().map(|line| Mismatch {
        can_apply: true,
        cve_id: line.id,
        kind: "only_in_ledger",
        ledger: line.state.clone(),
        service: String::new(),
        mend: format!(
            "where its transfer was asked for, take it as TRANSFERRED; else ask the Root whether \
             {} was transferred, and do not use it",
            line.id
        ),
    }));
    found.sort_by_key(|difference| difference.cve_id);
    found
}

fn only_at_service(id: &CveIdObject, reserving: bool) -> Mismatch {
    let mend = match id.state {
        IdState::Reserved if reserving => {
            "a reservation is under way that may adopt it: compare again when it has ended"
        }
        IdState::Reserved => "find out who reserved it; then take it as `POOL`",
        IdState::Published => "take it as `PUBLISHED`",
        IdState::Rejected => "take it as rejected, for the reason its record gives",
    };
    Mismatch {
        cve_id: id.cve_id,
        kind: "only_at_service",
        ledger: String::new(),
        service: id.state.to_string(),
        mend: mend.to_owned(),
        can_apply: !(reserving && id.state == IdState::Reserved),
    }
}

/// The state of the Program that a line expects.
fn expected(line: &LedgerRow) -> IdState {
    match line.state.as_str() {
        "PUBLISHED" => IdState::Published,
        state if state.starts_with("REJECTED") => IdState::Rejected,
        _ => IdState::Reserved,
    }
}

fn compare(line: &LedgerRow, id: &CveIdObject, org: &str, found: &mut Vec<Mismatch>) {
    if line.state == "TRANSFERRED" && id.owning_cna != org {
        return;
    }
    let mut differ = |kind, ledger: String, service: String, mend: String| {
        found.push(Mismatch {
            can_apply: true,
            cve_id: line.id,
            kind,
            ledger,
            service,
            mend,
        });
    };
    let expected = expected(line);
    if expected != id.state {
        let mend = match (expected, id.state) {
            (IdState::Reserved, IdState::Published) => {
                "read the live record; when it is ours, take it as `PUBLISHED`"
            }
            (IdState::Reserved, IdState::Rejected) => {
                "find out who rejected it; then take it as rejected: it can never be used"
            }
            (IdState::Published, IdState::Rejected) => {
                "find out who withdrew it; then take it as rejected, and reinstate it if that is \
                 wrong"
            }
            (IdState::Rejected, IdState::Published) => {
                "find out who reinstated it; then take it as `PUBLISHED`"
            }
            (IdState::Rejected, IdState::Reserved) => {
                "find out who undid the rejection; then take it as reserved, and reject it again"
            }
            _ => "read the live record",
        };
        differ(
            "state",
            line.state.clone(),
            id.state.to_string(),
            mend.to_owned(),
        );
    }
    // Of an ID that is used, others see no owner.
    if id.owning_cna != org && id.owning_cna != "[REDACTED]" {
        let mend = "where its transfer was asked for, take it as TRANSFERRED; else ask the Root";
        let mend = mend.to_owned();
        differ("owner", org.to_owned(), id.owning_cna.clone(), mend);
    }
    if let Some(reserved) = id.reserved.filter(|reserved| *reserved != line.reserved_at) {
        let mend = "take the service's time".to_owned();
        differ(
            "reserved_at",
            line.reserved_at.to_string(),
            reserved.to_string(),
            mend,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cve::time::Timestamp;
    use serde_json::json;

    fn line(id: &str, state: &str) -> LedgerRow {
        let at = Timestamp::from_unix_ms(0).unwrap();
        LedgerRow {
            id: id.parse().unwrap(),
            state: state.into(),
            account: "practice".into(),
            case_id: None,
            title: String::new(),
            reserved_at: at,
            reserved_by: String::new(),
            assigned_at: None,
            approved_digest: String::new(),
            approved_by: String::new(),
            approved_at: None,
            advisory: String::new(),
            disclosed_at: None,
            published_at: None,
            modified: at,
        }
    }

    fn id(id: &str, state: &str, org: &str) -> CveIdObject {
        let object = json!({
            "cve_id": id, "cve_year": &id[4..8], "state": state, "owning_cna": org,
            "reserved": "1970-01-01T00:00:00.000Z",
        });
        serde_json::from_value(object).unwrap()
    }

    fn kinds(ours: &[LedgerRow], theirs: &[CveIdObject]) -> Vec<(String, &'static str)> {
        let ours: Vec<_> = ours.iter().collect();
        differences(&ours, theirs, "example", false)
            .into_iter()
            .map(|difference| (difference.cve_id.to_string(), difference.kind))
            .collect()
    }

    #[test]
    fn what_agrees_is_no_difference() {
        let ours = [
            line("CVE-1900-1001", "POOL"),
            line("CVE-1900-1002", "ASSIGNED"),
            line("CVE-1900-1003", "PUBLISHED"),
            line("CVE-1900-1004", "REJECTED_UNUSED"),
        ];
        let theirs = [
            id("CVE-1900-1001", "RESERVED", "example"),
            id("CVE-1900-1002", "RESERVED", "example"),
            id("CVE-1900-1003", "PUBLISHED", "[REDACTED]"),
            id("CVE-1900-1004", "REJECTED", "example"),
        ];
        assert_eq!(kinds(&ours, &theirs), []);
    }

    #[test]
    fn differences_are_found_both_ways() {
        let ours = [
            line("CVE-1900-1001", "POOL"),
            line("CVE-1900-1002", "ASSIGNED"),
            line("CVE-1900-1003", "POOL"),
        ];
        let theirs = [
            id("CVE-1900-1002", "PUBLISHED", "example"),
            id("CVE-1900-1003", "RESERVED", "other"),
            id("CVE-1900-1004", "RESERVED", "example"),
        ];
        assert_eq!(
            kinds(&ours, &theirs),
            [
                ("CVE-1900-1001".to_owned(), "only_in_ledger"),
                ("CVE-1900-1002".to_owned(), "state"),
                ("CVE-1900-1003".to_owned(), "owner"),
                ("CVE-1900-1004".to_owned(), "only_at_service"),
            ]
        );
    }
}
