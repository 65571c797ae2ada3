//! `cna draft`: record and advisory, revision by revision.

mod editor;
mod start;

use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, bail};
use cve::id::CveId;
use serde_json::{Value, json};

use super::case::table;
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

pub(crate) use start::{Wanted, affected, describe, new, new_from_document, template};

/// Bytes a document may have; the desk takes no more.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// A path of the API about a record.
pub(super) fn path(id: CveId, rest: &str) -> String {
    format!("/desk/v1/records/{id}/{rest}")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Date and minute of a time in an answer, UTC.
pub(super) fn minute(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}

/// Lists the revisions.
pub(crate) fn list(transport: &Transport, id: CveId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&path(id, "drafts"))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let drafts = answer["drafts"].as_array().cloned().unwrap_or_default();
    if drafts.is_empty() {
        line(&format!(
            "No draft of {id} yet. Begin one with `cna draft new {id}`."
        ))?;
        return link.finish();
    }
    let rows: Vec<[String; 6]> = drafts
        .iter()
        .map(|draft| {
            let by = match text(draft, "suggested_by") {
                "" => text(draft, "author").to_owned(),
                other => format!("{}, {other}", text(draft, "author")),
            };
            let published = if draft["published"] == true {
                "published"
            } else {
                ""
            };
            [
                draft["revision"].to_string(),
                minute(text(draft, "at")),
                by,
                format!("{} of {}", draft["blocking"], draft["findings"]),
                format!("{} %", draft["score"]),
                published.to_owned(),
            ]
        })
        .collect();
    table(
        ["REVISION", "SAVED (UTC)", "BY", "BLOCKING", "COMPLETE", ""],
        &rows,
    )?;
    link.finish()
}

/// Shows a revision.
pub(crate) fn show(transport: &Transport, id: CveId, revision: Option<i64>) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let which = revision.map_or("newest".to_owned(), |revision| revision.to_string());
    let draft = link.get(&path(id, &format!("drafts/{which}")))?;
    if transport.json {
        line(&draft.to_string())?;
        return link.finish();
    }
    line(&Style::stdout().bold(&format!(
        "{id}, revision {} by {}, {} UTC",
        draft["revision"],
        text(&draft, "author"),
        minute(text(&draft, "at"))
    )))?;
    line(&format!("Digest {}", text(&draft, "digest")))?;
    line(&serde_json::to_string_pretty(&draft["document"])?)?;
    print_findings(&draft["findings"])?;
    link.finish()
}

/// Shows the text of a revision as a form.
pub(crate) fn show_form(
    transport: &Transport,
    id: CveId,
    format: &str,
    revision: Option<i64>,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let which = revision.map_or(String::new(), |number| format!("?revision={number}"));
    let form = link.get(&path(id, &format!("forms/{format}{which}")))?;
    if transport.json {
        line(&form.to_string())?;
    } else {
        line(text(&form, "text").trim_end_matches('\n'))?;
    }
    link.finish()
}

/// Reads a file, or standard input for `-`, of at most `most` bytes.
fn read_file(from: &str, most: u64) -> anyhow::Result<String> {
    let name = if from == "-" { "standard input" } else { from };
    let mut bytes = Vec::new();
    let read = if from == "-" {
        let input = std::io::stdin().lock();
        input.take(most + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(from).and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("reading the draft from `{name}`"))?;
    if bytes.len() as u64 > most {
        bail!("`{name}` is too long: expected at most {most} bytes");
    }
    String::from_utf8(bytes).with_context(|| format!("`{name}` is not UTF-8"))
}

/// Saves a document, or a form that the end of its name says it is.
pub(crate) fn save(
    transport: &Transport,
    id: CveId,
    from: &str,
    base: Option<i64>,
) -> anyhow::Result<()> {
    let name = if from == "-" { "standard input" } else { from };
    let bytes = read_file(from, MOST_BYTES)?;
    let format = match from.rsplit_once('.') {
        Some((_, "toml")) => "toml",
        Some((_, "yaml" | "yml")) => "yaml",
        _ => "json",
    };
    if format != "json" {
        let link = Link::find(transport)?;
        let body = form_body(&bytes, base);
        let checked = link.post(
            &path(id, &format!("forms/{format}/check")),
            &json!({"text": bytes}),
        )?;
        if let Some(message) = checked["fault"]["message"].as_str() {
            bail!("`{name}`, {message}; nothing was saved");
        }
        let saved = link.post(&path(id, &format!("forms/{format}")), &body)?;
        return told(transport, link, id, &saved);
    }
    let document: Value = serde_json::from_str(&bytes)
        .with_context(|| format!("`{name}` is not JSON; expected an object of cna and advisory"))?;
    let link = Link::find(transport)?;
    let saved = link.post(&path(id, "drafts"), &with_base(&document, base))?;
    told(transport, link, id, &saved)
}

fn with_base(document: &Value, base: Option<i64>) -> Value {
    match base {
        Some(base) => json!({"document": document, "base": base}),
        None => json!({ "document": document }),
    }
}

/// Writes one field.
pub(crate) fn set(
    transport: &Transport,
    id: CveId,
    pointer: &str,
    value: &str,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let field = json!({"pointer": pointer, "value": json_or_text(value)});
    let saved = link.post(&path(id, "fields"), &field)?;
    told(transport, link, id, &saved)
}

/// JSON where it is some, the text itself otherwise.
pub(super) fn json_or_text(value: &str) -> Value {
    serde_json::from_str(value).unwrap_or_else(|_| json!(value))
}

/// A form as it is sent.
fn form_body(text: &str, base: Option<i64>) -> Value {
    match base {
        Some(base) => json!({"text": text, "base": base}),
        None => json!({ "text": text }),
    }
}

/// Edits the newest revision in the person's editor, as a form.
pub(crate) fn edit(transport: &Transport, id: CveId, format: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let at = path(id, &format!("forms/{format}"));
    let newest = link.get(&at)?;
    let check = |text: &str| link.post(&format!("{at}/check"), &json!({ "text": text }));
    let file = format!("{id}.{format}");
    let Some(edited) = editor::edited(&file, text(&newest, "text"), check)? else {
        line("Nothing was changed, so nothing was saved.")?;
        return link.finish();
    };
    let body = form_body(&edited, newest["revision"].as_i64());
    let saved = link.post(&at, &body)?;
    told(transport, link, id, &saved)
}

/// Says what differs between two revisions.
pub(crate) fn diff(
    transport: &Transport,
    id: CveId,
    from: Option<i64>,
    to: Option<i64>,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let query: Vec<String> = [("from", from), ("to", to)]
        .into_iter()
        .filter_map(|(name, number)| number.map(|number| format!("{name}={number}")))
        .collect();
    let difference = link.get(&path(id, &format!("changes?{}", query.join("&"))))?;
    if transport.json {
        line(&difference.to_string())?;
        return link.finish();
    }
    let style = Style::stdout();
    line(&style.bold(&format!(
        "{id}, revision {} to {}",
        difference["from"], difference["to"]
    )))?;
    let changes = difference["changes"].as_array();
    if changes.is_none_or(Vec::is_empty) {
        line("  Nothing differs.")?;
    }
    for change in changes.into_iter().flatten() {
        let pointer = plain(text(change, "pointer"));
        let (before, after) = (change.get("before"), change.get("after"));
        line(&match (before, after) {
            (Some(before), Some(after)) => {
                style.yellow(&format!("  ~ {pointer}: {before} → {after}"))
            }
            (Some(before), None) => style.red(&format!("  - {pointer}: {before}")),
            (_, after) => style.green(&format!("  + {pointer}: {}", after.unwrap_or(&Value::Null))),
        })?;
    }
    link.finish()
}

/// Merges the live record into the draft.
pub(crate) fn merge(transport: &Transport, id: CveId, take: Option<&str>) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let wanted = take.map_or(json!({}), |side| json!({ "take": side }));
    let update = link.post(&path(id, "merge"), &wanted)?;
    let conflicts = update["conflicts"].as_array().cloned().unwrap_or_default();
    if transport.json {
        line(&update.to_string())?;
    } else if !conflicts.is_empty() {
        line(&format!(
            "Both sides changed these fields of {id}; nothing was saved."
        ))?;
        for conflict in &conflicts {
            line(&Style::stdout().bold(&format!("  {}", plain(text(conflict, "pointer")))))?;
            for (side, key) in [("last seen", "base"), ("live", "live"), ("ours", "ours")] {
                let value = match &conflict[key] {
                    Value::Null => "(not there)".to_owned(),
                    value => value.to_string(),
                };
                line(&format!("    {side:<9} {value}"))?;
            }
        }
    } else if update["revision"].is_null() {
        line(&format!("The draft of {id} has all that is live already."))?;
    } else {
        return told(transport, link, id, &update["revision"]);
    }
    link.finish()?;
    if conflicts.is_empty() {
        return Ok(());
    }
    bail!("choose with --take ours or --take live, or edit the draft and merge again");
}

/// Says what was saved and what is wrong with it.
pub(super) fn told(
    transport: &Transport,
    link: Link,
    id: CveId,
    saved: &Value,
) -> anyhow::Result<()> {
    if transport.json {
        line(&saved.to_string())?;
        return link.finish();
    }
    line(&format!("Saved revision {} of {id}.", saved["revision"]))?;
    print_findings(&saved["findings"])?;
    link.finish()
}

/// Prints findings, those that refuse the draft first.
fn print_findings(findings: &Value) -> anyhow::Result<()> {
    let mut findings: Vec<&Value> = findings.as_array().into_iter().flatten().collect();
    if findings.is_empty() {
        return line("Nothing is wrong with it that a machine can see.");
    }
    let rank = |finding: &&Value| match text(finding, "severity") {
        "error" => 0,
        "violation" => 1,
        "warning" => 2,
        _ => 3,
    };
    findings.sort_by_key(rank);
    let style = Style::of(&std::io::stdout());
    for finding in findings {
        let severity = text(finding, "severity");
        let head = format!("{severity} {}", text(finding, "code"));
        let head = match severity {
            "error" | "violation" => style.red(&head),
            "warning" => style.yellow(&head),
            _ => style.cyan(&head),
        };
        line(&format!(
            "{head} {}: {}",
            plain(text(finding, "pointer")),
            plain(text(finding, "message"))
        ))?;
        if !text(finding, "fix").is_empty() {
            line(&style.dim(&format!("  {}", plain(text(finding, "fix")))))?;
        }
    }
    Ok(())
}

/// Says whether somebody is there to be asked.
fn is_asked() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
