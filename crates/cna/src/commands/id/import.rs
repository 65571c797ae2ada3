//! `cna id import`: the sheet a team kept so far, as CSV or of a spreadsheet
//! program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use calamine::{Data, Reader as _};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use crate::cli::{Stop, required, transport_arguments};
use crate::config::Transport;
use crate::output::{line, plain, problem};
use crate::transport::Link;

/// The fields of a row, each with the names sheets give it.
const FIELDS: [(&str, &[&str]); 8] = [
    ("cve_id", &["cve_id", "cve", "id", "cve_number"]),
    ("state", &["state", "status"]),
    (
        "title",
        &["title", "working_title", "description", "summary"],
    ),
    (
        "reserved_at",
        &["reserved_at", "date_reserved", "reserved", "reserved_on"],
    ),
    ("reserved_by", &["reserved_by"]),
    ("assigned_at", &["assigned_at", "date_assigned", "assigned"]),
    ("advisory", &["advisory", "advisory_url"]),
    (
        "published_at",
        &["published_at", "date_published", "published"],
    ),
];

/// The definition of the command.
pub(super) fn command() -> Command {
    transport_arguments(
        Command::new("import")
            .about("Take over the sheet a team kept so far")
            .long_about(
                "Takes over a sheet of IDs: CSV, or `.xlsx`, whose first sheet is read. The \
                 first row names the columns; those that are not known become notes. Nothing in \
                 the ledger is overwritten. What could not be placed is listed.",
            )
            .after_help("Exit code: 0 all was placed, 1 something was not.")
            .arg(
                Arg::new("file")
                    .value_name("FILE")
                    .required(true)
                    .value_parser(value_parser!(PathBuf))
                    .help("The sheet"),
            )
            .arg(
                Arg::new("map")
                    .long("map")
                    .value_name("COLUMN=FIELD")
                    .action(ArgAction::Append)
                    .help(
                        "Read this column as cve_id, state, title, reserved_at, reserved_by, \
                         assigned_at, advisory, published_at or notes",
                    ),
            )
            .arg(
                Arg::new("account")
                    .long("account")
                    .value_name("NAME")
                    .help("Account the IDs were reserved with [default: the organisation's]"),
            )
            .arg(
                Arg::new("dry-run")
                    .long("dry-run")
                    .action(ArgAction::SetTrue)
                    .help("Only say what would be done"),
            ),
    )
}

/// Runs the command.
pub(super) fn run(transport: &Transport, matches: &ArgMatches) -> Result<(), Stop> {
    let file: &PathBuf = required(matches, "file")?;
    let context = || format!("reading `{}`", file.display());
    let mut table = read(file).with_context(context)?.into_iter();
    let heads = table.next().unwrap_or_default();
    let given: Vec<&String> = matches.get_many("map").unwrap_or_default().collect();
    let fields = fields(&heads, &given).with_context(context)?;
    // What our own sheet says besides was made from cases, and is no note.
    let is_ours = super::sheet::is_own(&heads);
    let keep = |head: &str| !is_ours || head == "notes";
    let rows: Vec<Value> = (2u64..)
        .zip(table)
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()))
        .map(|(number, cells)| row(number, &heads, &fields, &cells, keep))
        .collect();
    if rows.is_empty() {
        return Err(anyhow::anyhow!("`{}` has no row below its first", file.display()).into());
    }
    let body = json!({
        "account": matches.get_one::<String>("account"),
        "dry_run": matches.get_flag("dry-run"),
        "rows": rows,
    });
    let link = Link::find(transport)?;
    let answer = link.post("/desk/v1/ids/import", &body)?;
    let unplaced = answer["unplaced"].as_array().cloned().unwrap_or_default();
    if transport.json {
        line(&answer.to_string())?;
    } else {
        report(&answer, &unplaced)?;
    }
    link.finish()?;
    match unplaced.is_empty() {
        true => Ok(()),
        false => Err(Stop::Found),
    }
}

fn report(answer: &Value, unplaced: &[Value]) -> anyhow::Result<()> {
    for row in unplaced {
        let text = |key: &str| plain(row[key].as_str().unwrap_or_default());
        let said = format!(
            "row {}: {}: {}",
            row["row"],
            text("cve_id"),
            text("problem")
        );
        problem("not placed", &said);
    }
    let count = |key: &str| answer[key].as_array().map_or(0, Vec::len);
    let would = match answer["dry_run"] == true {
        true => " Nothing was written.",
        false => "",
    };
    line(&format!(
        "{} added, {} completed, {} unchanged, {} not placed.{would}",
        count("added"),
        count("completed"),
        count("unchanged"),
        unplaced.len()
    ))
}

/// The field of each column; nothing for a note.
fn fields(heads: &[String], given: &[&String]) -> anyhow::Result<Vec<Option<&'static str>>> {
    let mut mapped: BTreeMap<String, Option<&'static str>> = BTreeMap::new();
    for pair in given {
        let Some((column, field)) = pair.rsplit_once('=') else {
            bail!("--map is `{pair}`, expected COLUMN=FIELD");
        };
        let known = FIELDS.iter().find(|(name, _)| *name == field);
        if known.is_none() && field != "notes" {
            let names: Vec<_> = FIELDS.iter().map(|(name, _)| *name).collect();
            bail!(
                "--map {pair}: `{field}` is no field, expected {} or notes",
                names.join(", ")
            );
        }
        if !heads.iter().any(|head| key(head) == key(column)) {
            bail!("--map {pair}: there is no column `{column}`");
        }
        mapped.insert(key(column), known.map(|(name, _)| *name));
    }
    let mut taken: Vec<&str> = mapped.values().flatten().copied().collect();
    let mut fields = Vec::new();
    for head in heads {
        let field = match mapped.get(&key(head)) {
            Some(field) => *field,
            None => {
                let known = FIELDS.iter().find(|(name, names)| {
                    names.contains(&key(head).as_str()) && !taken.contains(name)
                });
                let field = known.map(|(name, _)| *name);
                taken.extend(field);
                field
            }
        };
        fields.push(field);
    }
    if !fields.contains(&Some("cve_id")) {
        let shown: Vec<_> = heads
            .iter()
            .map(|head| format!("`{}`", plain(head)))
            .collect();
        bail!(
            "no column holds the ID among {}: name it with --map COLUMN=cve_id",
            shown.join(", ")
        );
    }
    Ok(fields)
}

/// A head as it is compared.
fn key(head: &str) -> String {
    let words: Vec<String> = head
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("_")
}

fn row(
    number: u64,
    heads: &[String],
    fields: &[Option<&str>],
    cells: &[String],
    keep: impl Fn(&str) -> bool,
) -> Value {
    let mut row = json!({"row": number});
    let mut notes = serde_json::Map::new();
    for ((head, field), cell) in heads.iter().zip(fields).zip(cells) {
        // What our own export puts before a text that begins like a formula.
        let cell = match cell.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.trim(),
            _ => cell.trim(),
        };
        match field {
            Some(field) => row[*field] = Value::from(cell),
            None if !cell.is_empty() && !head.trim().is_empty() && keep(head.trim()) => {
                notes.insert(head.trim().to_owned(), Value::from(cell));
            }
            None => {}
        }
    }
    row["notes"] = Value::Object(notes);
    row
}

/// The cells of a sheet, row by row.
fn read(file: &Path) -> anyhow::Result<Vec<Vec<String>>> {
    let bytes = std::fs::read(file)?;
    if !bytes.starts_with(b"PK") {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
        return reader
            .records()
            .map(|record| Ok(record?.iter().map(str::to_owned).collect()))
            .collect();
    }
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes))?;
    let sheet = book.worksheet_range_at(0).context("it has no sheet")??;
    Ok(sheet
        .rows()
        .map(|row| row.iter().map(cell).collect())
        .collect())
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, ms) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_are_known_by_many_names_and_the_rest_are_notes() {
        let heads = heads(&[
            "CVE ID",
            "Date reserved",
            "Description",
            "Tracking issue",
            "Status",
        ]);
        let expected = [
            Some("cve_id"),
            Some("reserved_at"),
            Some("title"),
            None,
            Some("state"),
        ];
        assert_eq!(fields(&heads, &[]).unwrap(), expected);
    }

    #[test]
    fn a_mapping_goes_before_the_known_names() {
        let heads = heads(&["Number", "Title", "What"]);
        let given = ["Number=cve_id".to_owned(), "what=title".to_owned()];
        let given: Vec<&String> = given.iter().collect();
        assert_eq!(
            fields(&heads, &given).unwrap(),
            [Some("cve_id"), None, Some("title")]
        );
    }

    #[test]
    fn a_sheet_without_ids_is_refused() {
        let error = fields(&heads(&["Title"]), &[]).unwrap_err();
        assert!(error.to_string().contains("--map COLUMN=cve_id"), "{error}");
    }
}
