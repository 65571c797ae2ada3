//! Taking over the sheet a team kept before: its rows become lines of the
//! ledger, and what fits no column becomes a note.
//!
//! Nothing in the ledger is overwritten: a row adds a line, or fills what its
//! line leaves empty, or is told as one that could not be placed.
//!
//! Source: process section 13.

use std::collections::{BTreeMap, BTreeSet};

use cve::id::CveId;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, LedgerRow, Tx};

use crate::case::is_visible;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// The most rows of one import.
const MOST: usize = 100_000;

/// The states a sheet may give.
const STATES: [&str; 5] = ["POOL", "ASSIGNED", "PUBLISHED", "REJECTED", "RESERVED"];

/// A sheet to be taken over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetImport {
    /// The account its IDs were reserved with; the organisation's without it.
    #[serde(default)]
    pub account: Option<String>,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// The rows.
    pub rows: Vec<SheetRow>,
}

/// A row of the sheet; texts that it does not have are empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SheetRow {
    /// Its number in the sheet, for the report.
    pub row: u64,
    /// The ID.
    pub cve_id: String,
    /// `POOL`, `ASSIGNED`, `PUBLISHED`, `REJECTED`, or `RESERVED`, which is
    /// assigned when there is a title. Without it, it follows from the rest.
    pub state: String,
    /// Working title.
    pub title: String,
    /// When it was reserved; a date or a moment.
    pub reserved_at: String,
    /// By whom.
    pub reserved_by: String,
    /// When it was assigned.
    pub assigned_at: String,
    /// Address of the advisory.
    pub advisory: String,
    /// When the record was published.
    pub published_at: String,
    /// What fits no column, by the sheet's own names.
    pub notes: BTreeMap<String, String>,
}

/// What became of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SheetReport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// IDs that got a line.
    pub added: Vec<CveId>,
    /// IDs whose line was filled where it was empty.
    pub completed: Vec<CveId>,
    /// IDs whose line says it all already.
    pub unchanged: Vec<CveId>,
    /// Rows that could not be placed.
    pub unplaced: Vec<Unplaced>,
}

/// A row that could not be placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unplaced {
    /// Its number in the sheet.
    pub row: u64,
    /// Its ID as it stands there, cut to 64 characters.
    pub cve_id: String,
    /// Why, and what to do.
    pub problem: String,
}

impl Desk {
    /// Takes over a sheet. Rows that cannot be placed do not keep the others
    /// from it.
    ///
    /// Refuses: an account that is not there; more than 100,000 rows.
    pub fn import_ids(&self, actor: &Actor, sheet: SheetImport) -> Result<SheetReport, Error> {
        check(actor, Action::Reserve)?;
        if sheet.rows.len() > MOST {
            let problem = format!("there are {}: expected at most {MOST}", sheet.rows.len());
            return Err(Refusal::invalid("rows", problem).into());
        }
        let account = match &sheet.account {
            Some(account) => account.clone(),
            None => self.set_up_organisation()?.account,
        };
        if self
            .store
            .read(|reader| reader.account(&account))?
            .is_none()
        {
            return Err(Refusal::not_found(format!("account `{account}`")).into());
        }
        let actor = actor.clone();
        let dry_run = sheet.dry_run;
        let result = self.store.write(move |tx| {
            let report = place_all(tx, &actor, &account, &sheet)?;
            if dry_run {
                // What was tried is undone by giving an error.
                return Err(Undone::Rehearsed(report));
            }
            if !report.added.is_empty() || !report.completed.is_empty() {
                tx.audit(AuditEvent {
                    actor: actor.name().to_owned(),
                    org: account.clone(),
                    action: "ledger.import".into(),
                    object: format!("account {account}"),
                    detail: json!({"added": report.added, "completed": report.completed}),
                });
            }
            Ok(report)
        });
        match result {
            Ok(report) | Err(Undone::Rehearsed(report)) => Ok(report),
            Err(Undone::Failed(error)) => Err(error),
        }
    }
}

/// Why an import left nothing.
enum Undone {
    Rehearsed(SheetReport),
    Failed(Error),
}

impl From<Error> for Undone {
    fn from(error: Error) -> Undone {
        Undone::Failed(error)
    }
}

impl From<store::Error> for Undone {
    fn from(error: store::Error) -> Undone {
        Undone::Failed(error.into())
    }
}

fn place_all(
    tx: &mut Tx<'_>,
    actor: &Actor,
    account: &str,
    sheet: &SheetImport,
) -> Result<SheetReport, Error> {
    let mut report = SheetReport {
        dry_run: sheet.dry_run,
        ..SheetReport::default()
    };
    let mut seen = BTreeSet::new();
    for row in &sheet.rows {
        let read = read(tx, account, row).and_then(|line| {
            if seen.insert(line.id) {
                return Ok(line);
            }
            Err("an earlier row has the same ID: join the two".to_owned())
        });
        let placed = match read {
            Ok(line) => place(tx, actor, line, &row.notes)?,
            Err(problem) => Err(problem),
        };
        match placed {
            Ok((Placed::Added, id)) => report.added.push(id),
            Ok((Placed::Completed, id)) => report.completed.push(id),
            Ok((Placed::Unchanged, id)) => report.unchanged.push(id),
            Err(problem) => report.unplaced.push(Unplaced {
                row: row.row,
                cve_id: row.cve_id.chars().take(64).collect(),
                problem,
            }),
        }
    }
    Ok(report)
}

enum Placed {
    Added,
    Completed,
    Unchanged,
}

/// The line a row makes, or why it makes none.
fn read(tx: &Tx<'_>, account: &str, row: &SheetRow) -> Result<LedgerRow, String> {
    let id: CveId = row
        .cve_id
        .trim()
        .to_ascii_uppercase()
        .parse()
        .map_err(|error: cve::id::InvalidCveId| error.to_string())?;
    let assigned_at = moment("assigned_at", &row.assigned_at)?;
    let published_at = moment("published_at", &row.published_at)?;
    let given = row.state.trim().to_ascii_uppercase().replace(' ', "_");
    let is_used = assigned_at.is_some() || !row.title.trim().is_empty();
    let state = match given.as_str() {
        "" if published_at.is_some() => "PUBLISHED",
        "" | "RESERVED" if is_used => "ASSIGNED",
        "" | "RESERVED" => "POOL",
        state if STATES.contains(&state) || state.starts_with("REJECTED_") => state,
        _ => {
            let found: String = row.state.chars().take(64).collect();
            return Err(format!(
                "state `{found}`: expected one of {}",
                STATES.join(", ")
            ));
        }
    };
    Ok(LedgerRow {
        id,
        state: state.to_owned(),
        account: account.to_owned(),
        case_id: None,
        title: row.title.trim().to_owned(),
        reserved_at: moment("reserved_at", &row.reserved_at)?.unwrap_or_else(|| tx.now()),
        reserved_by: row.reserved_by.trim().to_owned(),
        assigned_at,
        approved_digest: String::new(),
        approved_by: String::new(),
        approved_at: None,
        advisory: row.advisory.trim().to_owned(),
        disclosed_at: None,
        published_at,
        modified: tx.now(),
    })
}

/// A date, which is its first moment in UTC, or a moment.
fn moment(field: &str, text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    whole.parse().map(Some).map_err(|_| {
        let found: String = text.chars().take(64).collect();
        format!("{field} is `{found}`: expected a date such as 2026-11-03")
    })
}

/// Adds the line, or fills what the one that is there leaves empty.
fn place(
    tx: &mut Tx<'_>,
    actor: &Actor,
    line: LedgerRow,
    notes: &BTreeMap<String, String>,
) -> Result<Result<(Placed, CveId), String>, Error> {
    let id = line.id;
    let Some(mut there) = tx.take_ledger_line(id)? else {
        tx.insert_ledger_line(&line)?;
        if !notes.is_empty() {
            tx.put_ledger_notes(id, &json!(notes).to_string())?;
        }
        return Ok(Ok((Placed::Added, id)));
    };
    if there.account != line.account {
        let problem = format!("the ledger has it with account `{}`", there.account);
        return Ok(Err(problem));
    }
    if there.state != line.state {
        let problem = format!(
            "the ledger says {}, the sheet {}: find out which is right",
            there.state, line.state
        );
        return Ok(Err(problem));
    }
    if let Some(case) = there.case_id
        && !is_visible(tx, actor, case)?
    {
        let problem = "it is assigned in a case: somebody who is on it takes over what is missing";
        return Ok(Err(problem.to_owned()));
    }
    let mut is_filled = false;
    // Of an ID with a case, the case says what it is and when it is public.
    let is_free = there.case_id.is_none();
    if is_free && there.title.is_empty() && !line.title.is_empty() {
        there.title = line.title;
        is_filled = true;
    }
    if is_free && there.advisory.is_empty() && !line.advisory.is_empty() {
        there.advisory = line.advisory;
        is_filled = true;
    }
    if is_filled {
        there.modified = tx.now();
        tx.update_ledger_line(&there)?;
    }
    if !notes.is_empty() && tx.ledger_notes(id)?.is_none() {
        tx.put_ledger_notes(id, &json!(notes).to_string())?;
        is_filled = true;
    }
    let placed = if is_filled {
        Placed::Completed
    } else {
        Placed::Unchanged
    };
    Ok(Ok((placed, id)))
}
