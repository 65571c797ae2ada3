//! `cna case new|list|show`: the desk's cases from the command line.

mod decide;
pub(crate) mod findings;
pub(crate) mod severity;
mod sheet;
mod steps;

use std::io::Read as _;

use anyhow::Context as _;
use casework::{CaseId, MAX_ATTACHMENT_BYTES, MAX_REPORT_BYTES, Report};
use serde_json::{Value, json};

use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

pub(crate) use decide::decide;
pub(crate) use steps::{answer, assign, comment, take};

/// Files the report in `from`, or the document of others; `-` is standard
/// input.
///
/// Takes: `product`, for a document.
pub(crate) fn new(transport: &Transport, from: &str, product: Option<&str>) -> anyhow::Result<()> {
    let bytes = read_input(from)?;
    let start = bytes.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let is_document = matches!(start.first(), Some(b'{' | b'['));
    if !is_document {
        anyhow::ensure!(
            product.is_none(),
            "--product goes with a document of others: a report names its product itself"
        );
        let text = report_text(from, bytes)?;
        // Read here first, so that a mistake is said with the file's name and
        // before anything is opened.
        Report::parse(&text).map_err(|error| unread(&error, &text, from))?;
        let link = Link::find(transport)?;
        let answer = link.post("/desk/v1/cases", &json!({"report": text}))?;
        return filed(transport, link, &answer);
    }
    let file = if from == "-" { "document.json" } else { from };
    let file = std::path::Path::new(file).file_name().unwrap_or_default();
    let file = super::case_intake::encoded(&file.to_string_lossy());
    let mut path = format!("/desk/v1/cases/documents?name={file}");
    if let Some(product) = product {
        path.push_str(&format!(
            "&product={}",
            super::case_intake::encoded(product)
        ));
    }
    let link = Link::find(transport)?;
    let answer = link
        .post_bytes(&path, bytes)
        .with_context(|| format!("report {}", name(from)))?;
    filed(transport, link, &answer)
}

/// Why a text is no report; what has no front matter at all may be meant to be
/// something else.
fn unread(error: &casework::InvalidReport, text: &str, from: &str) -> anyhow::Error {
    let also = if text.trim_start_matches('\u{feff}').starts_with("---") {
        ""
    } else {
        ", or a GHSA, OSV, CSAF, CVE JSON or Vulnogram document in JSON"
    };
    anyhow::anyhow!("report {}: {error}{also}", name(from))
}

/// Says what became of a report.
fn filed(transport: &Transport, link: Link, answer: &Value) -> anyhow::Result<()> {
    let id = answer["id"]
        .as_i64()
        .context("the desk did not name the case")?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(&format!(
            "Filed as case {id}. See it with `cna case show {id}`."
        ))?;
        super::case_intake::print_filed(id, answer)?;
    }
    link.finish()
}

/// Lists the cases the person is on, newest first.
pub(crate) fn list(transport: &Transport) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get("/desk/v1/cases?limit=500")?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let cases = answer["cases"].as_array().cloned().unwrap_or_default();
    if cases.is_empty() {
        line("No cases yet. File a report with `cna case new --from FILE`.")?;
        return link.finish();
    }
    let rows: Vec<[String; 5]> = cases
        .iter()
        .map(|case| {
            let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
            let id = case["id"].to_string();
            [id, text("state"), text("product"), day(case), text("title")]
        })
        .collect();
    table(
        ["CASE", "STATE", "PRODUCT", "RECEIVED (UTC)", "TITLE"],
        &rows,
    )?;
    link.finish()
}

/// Shows a case.
pub(crate) fn show(transport: &Transport, id: CaseId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let case = link.get(&format!("/desk/v1/cases/{id}"))?;
    if transport.json {
        line(&case.to_string())?;
    } else {
        print(&case)?;
    }
    link.finish()
}

/// Puts a case under embargo until a local hour, ends it, or shows it.
pub(crate) fn embargo(
    transport: &Transport,
    id: CaseId,
    change: Option<EmbargoChange>,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let path = format!("/desk/v1/cases/{id}/embargo");
    let embargo = match change {
        None => link.get(&path)?,
        Some(EmbargoChange::Set(body)) => link.put(&path, &body)?,
        Some(EmbargoChange::Lift(reason)) => {
            link.post(&format!("{path}/lift"), &json!({"reason": reason}))?;
            if transport.json {
                line(&json!({"lifted": id}).to_string())?;
            } else {
                line(&format!("Case {id} is under no embargo any more."))?;
            }
            return link.finish();
        }
    };
    if transport.json {
        line(&embargo.to_string())?;
        return link.finish();
    }
    if embargo.is_null() {
        line(&format!(
            "No hour is agreed for case {id}. Set one with `cna case embargo {id} --until TIME`."
        ))?;
        return link.finish();
    }
    let text = |key: &str| embargo[key].as_str().unwrap_or_default();
    let at = crate::commands::clocks::minute(text("lifts_at"));
    line(&format!(
        "Case {id} is under embargo until {} in {} ({at} UTC).",
        text("local").replace('T', " "),
        text("zone")
    ))?;
    for warning in embargo["warnings"].as_array().into_iter().flatten() {
        let warning = warning.as_str().unwrap_or_default();
        line(&format!("  Mind (D-18): {warning}."))?;
    }
    link.finish()
}

/// What becomes of an embargo.
pub(crate) enum EmbargoChange {
    /// It ends then.
    Set(Value),
    /// It ends now, for this reason.
    Lift(String),
}

fn name(from: &str) -> String {
    if from == "-" {
        "on standard input".to_owned()
    } else {
        format!("`{from}`")
    }
}

/// Reads a report or a document; of either no more than shows it too long.
fn read_input(from: &str) -> anyhow::Result<Vec<u8>> {
    let limit = MAX_ATTACHMENT_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = if from == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(from).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("reading the report {}", name(from)))?;
    anyhow::ensure!(
        bytes.len() <= MAX_ATTACHMENT_BYTES,
        "report {}: it is too long: expected at most {MAX_ATTACHMENT_BYTES} bytes",
        name(from)
    );
    Ok(bytes)
}

fn report_text(from: &str, bytes: Vec<u8>) -> anyhow::Result<String> {
    anyhow::ensure!(
        bytes.len() <= MAX_REPORT_BYTES,
        "report {}: it is too long: expected at most {MAX_REPORT_BYTES} bytes",
        name(from)
    );
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!("report {}: it is not UTF-8 text at byte {at}", name(from))
    })
}

/// Date and minute of arrival, UTC.
fn day(case: &Value) -> String {
    let received = case["received"].as_str().unwrap_or_default();
    received.get(..16).unwrap_or(received).replace('T', " ")
}

fn print(case: &Value) -> anyhow::Result<()> {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let style = Style::stdout();
    line(&style.bold(&format!("Case {}: {}", case["id"], text("title"))))?;
    let owner = if text("owner").is_empty() {
        "nobody"
    } else {
        text("owner")
    };
    let embargo = if case["embargoed"] == true {
        "under embargo"
    } else {
        "public"
    };
    line(&format!("  State     {} ({embargo})", text("state")))?;
    line(&format!("  Next      {}", text("next_step")))?;
    line(&format!("  Product   {}", text("product")))?;
    line(&format!("  Owner     {owner}"))?;
    line(&format!("  Received  {} UTC", day(case)))?;
    super::case_intake::print_came_in(case)?;
    severity::print_in_case(case)?;
    super::case_award::print(case)?;
    super::notify::print_standing(case)?;
    for record in case["records"].as_array().into_iter().flatten() {
        print_record(record)?;
    }
    let standing: Vec<&Value> = case["answers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|answer| answer["superseded"] != true)
        .collect();
    if !standing.is_empty() {
        line(&style.bold("Decision"))?;
    }
    for answer in standing {
        let rules: Vec<_> = answer["rules"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let rules = if rules.is_empty() {
            String::new()
        } else {
            format!(" [{}]", rules.join(", "))
        };
        let text = |key: &str| answer[key].as_str().unwrap_or_default();
        let about = match (&answer["about"]["finding"], &answer["about"]["pair"]) {
            (Value::String(name), _) => format!(" ({})", plain(name)),
            (_, Value::Array(both)) => {
                let both: Vec<_> = both.iter().filter_map(Value::as_str).map(plain).collect();
                format!(" ({})", both.join(" / "))
            }
            _ => String::new(),
        };
        line(&format!(
            "  {:<3} {} -> {}{about}{rules}",
            text("node"),
            text("question"),
            text("value")
        ))?;
    }
    print_decision(&case["determination"])?;
    for followup in case["followups"].as_array().into_iter().flatten() {
        let text = |key: &str| followup[key].as_str().unwrap_or_default();
        line(&format!(
            "  {} {}: {}",
            text("kind"),
            text("state"),
            text("last_answer")
        ))?;
    }
    Ok(())
}

/// Where the decision stands: the outcome with its vulnerabilities, or what is
/// open.
fn print_decision(decision: &Value) -> anyhow::Result<()> {
    let groups = decision["groups"].as_array().cloned().unwrap_or_default();
    if let Some(ruling) = decision["ruling"].as_str() {
        line(&format!("  Outcome   {}", plain(ruling)))?;
    }
    if groups.len() > 1 || decision["needs_confirmation"] == true {
        for group in &groups {
            let names = group["findings"].as_array().into_iter().flatten();
            let names: Vec<_> = names.filter_map(Value::as_str).map(plain).collect();
            line(&format!(
                "    {} for {}",
                group["count"],
                names.join(" together with ")
            ))?;
        }
    }
    match decision["confirmation"]["by"].as_str() {
        Some(by) => line(&format!("  Count     confirmed by {}", plain(by)))?,
        None if decision["needs_confirmation"] == true => {
            line("  Count     to be confirmed by a second trained person")?;
        }
        None => {}
    }
    Ok(())
}

fn print_record(record: &Value) -> anyhow::Result<()> {
    let text = |key: &str| record[key].as_str().unwrap_or_default();
    line(&format!(
        "  {}  {}  {}",
        text("cve_id"),
        text("state"),
        plain(text("title"))
    ))?;
    if let Some(draft) = record["draft"].as_object() {
        let approved = text("approved_by");
        let approval = if approved.is_empty() {
            "not approved".to_owned()
        } else {
            format!("approved by {approved}")
        };
        line(&format!(
            "    Draft revision {}, {approval}",
            draft["revision"]
        ))?;
    }
    if !text("advisory").is_empty() {
        line(&format!("    Advisory {}", text("advisory")))?;
    }
    Ok(())
}

/// Prints rows under bold heads, each column as wide as its widest value.
pub(crate) fn table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> anyhow::Result<()> {
    let mut widths = heads.map(|head| head.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let spread = |cells: [&str; N]| {
        let mut text = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            text.push_str(&format!("{cell:<width$}  "));
        }
        text.trim_end().to_owned()
    };
    line(&Style::stdout().bold(&spread(heads)))?;
    for row in rows {
        line(&spread(row.each_ref().map(String::as_str)))?;
    }
    Ok(())
}
