//! The tracking sheet: a row for each ID, as CSV or for a spreadsheet program.
//!
//! Source: process section 13. What the desk does not know of an ID stays empty:
//! always `batch` and `sequence`, which CVE Services does not tell afterwards.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use rust_xlsxwriter::Workbook;
use serde_json::Value;

use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

/// The columns, with the field of the ledger that fills them; empty where it is
/// what else is known that does.
const COLUMNS: [(&str, &str); 44] = [
    ("cve_id", "cve_id"),
    ("year", ""),
    ("state", "state"),
    ("program_state", ""),
    ("owner", ""),
    ("reserved_at", "reserved_at"),
    ("reserved_by", "reserved_by"),
    ("batch", ""),
    ("sequence", ""),
    ("assigned_at", "assigned_at"),
    ("case", "case"),
    ("finding", ""),
    ("working_title", "title"),
    ("description", ""),
    ("products", ""),
    ("severity", ""),
    ("cwe", ""),
    ("tracking_issue", "tracking_issue"),
    ("public_issue", ""),
    ("reporter", ""),
    ("source", ""),
    ("discovery", ""),
    ("embargo_until", ""),
    ("planned_disclosure", ""),
    ("public_since", "disclosed_at"),
    ("distributors_notified_at", ""),
    ("advisory_url", "advisory"),
    ("announced_at", ""),
    ("approved_by", "approved_by"),
    ("approved_at", "approved_at"),
    ("approved_hash", "approved_digest"),
    ("published_at", "published_at"),
    ("time_to_publish_ms", "time_to_publish_ms"),
    ("last_updated", ""),
    ("rejected_at", ""),
    ("rejected_reason", ""),
    ("replaced_by", ""),
    ("split", ""),
    ("merged_into", ""),
    ("dispute_state", ""),
    ("year_ground", ""),
    ("ruleset", ""),
    ("shared_outside", ""),
    ("notes", ""),
];

/// Says whether these are the heads of a sheet of ours.
pub(super) fn is_own(heads: &[String]) -> bool {
    heads.len() == COLUMNS.len()
        && heads
            .iter()
            .zip(COLUMNS)
            .all(|(head, (column, _))| head.trim() == column)
}

/// Writes the sheet.
pub(super) fn export(transport: &Transport, output: Option<&str>) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get("/desk/v1/ids/sheet")?;
    let ids = answer["ids"]
        .as_array()
        .context("the desk gave no list of IDs")?;
    let rows: Vec<Vec<String>> = ids.iter().map(row).collect();
    match output {
        None | Some("-") => {
            if transport.json {
                line(&json_rows(&rows).to_string())?;
            } else {
                let text = csv_of(&rows)?;
                write_out(&text)?;
            }
        }
        Some(path) if transport.json => {
            bail!("--json prints the sheet: leave `--output {path}` out")
        }
        Some(path) => {
            let bytes = match path.to_ascii_lowercase().ends_with(".xlsx") {
                true => xlsx_of(&rows).context("making the spreadsheet")?,
                false => csv_of(&rows)?,
            };
            std::fs::write(path, bytes).with_context(|| format!("writing `{path}`"))?;
            line(&format!("{} IDs written to `{path}`.", rows.len()))?;
        }
    }
    link.finish()
}

fn row(id: &Value) -> Vec<String> {
    COLUMNS
        .iter()
        .map(|(column, field)| match *column {
            "year" => year(id),
            "program_state" => program_state(id).to_owned(),
            "notes" => notes(id),
            "public_since" if id["known"][*column].is_string() => text(&id["known"][*column]),
            _ if field.is_empty() => text(&id["known"][*column]),
            _ => text(&id[*field]),
        })
        .collect()
}

/// What the team's former sheet said besides.
fn notes(id: &Value) -> String {
    let notes = id["notes"].as_object().into_iter().flatten();
    let notes: Vec<String> = notes
        .map(|(name, value)| format!("{name}: {}", text(value)))
        .collect();
    notes.join("; ")
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn year(id: &Value) -> String {
    let id = id["cve_id"].as_str().unwrap_or_default();
    id.split('-').nth(1).unwrap_or_default().to_owned()
}

/// The state the Program has an ID in, by what the ledger knows.
fn program_state(id: &Value) -> &'static str {
    match id["state"].as_str().unwrap_or_default() {
        "PUBLISHED" => "PUBLISHED",
        state if state.starts_with("REJECTED") => "REJECTED",
        _ => "RESERVED",
    }
}

fn json_rows(rows: &[Vec<String>]) -> Value {
    let object = |row: &Vec<String>| {
        let pairs = COLUMNS.iter().zip(row);
        Value::Object(
            pairs
                .map(|((column, _), cell)| ((*column).to_owned(), Value::from(cell.as_str())))
                .collect(),
        )
    };
    Value::Array(rows.iter().map(object).collect())
}

fn csv_of(rows: &[Vec<String>]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.iter().map(|(column, _)| *column))?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    Ok(writer.into_inner()?)
}

/// A cell no spreadsheet program runs.
///
/// Source: OWASP, "CSV Injection": `=`, `+`, `-`, `@`, tab and return begin
/// formulas.
fn harmless(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

fn xlsx_of(rows: &[Vec<String>]) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("CVE IDs")?;
    sheet.set_freeze_panes(1, 1)?;
    for (column, (name, _)) in (0u16..).zip(COLUMNS) {
        sheet.write_string(0, column, name)?;
    }
    for (number, row) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(row) {
            // Strings are never formulas; the longest cell has 32,767 letters.
            let cell: String = cell.chars().take(32_767).collect();
            if !cell.is_empty() {
                sheet.write_string(number, column, cell)?;
            }
        }
    }
    Ok(book.save_to_buffer()?)
}

fn write_out(bytes: &[u8]) -> anyhow::Result<()> {
    match std::io::stdout().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_no_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\t=1", "'\t=1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), expected, "{cell:?}");
        }
    }
}
