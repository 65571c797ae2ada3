//! `cna review`: four eyes on exactly one digest.

use anyhow::bail;
use cve::id::CveId;
use serde_json::{Map, Value, json};

use super::case::table;
use super::draft::{json_or_text, minute, path, told};
use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

/// Lists what was said of a draft.
pub(crate) fn list(transport: &Transport, id: CveId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&path(id, "reviews"))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let reviews = answer["reviews"].as_array().cloned().unwrap_or_default();
    if reviews.is_empty() {
        line(&format!(
            "Nobody said anything of the draft of {id} yet. Read it with `cna draft show {id}`."
        ))?;
        return link.finish();
    }
    let rows: Vec<[String; 6]> = reviews
        .iter()
        .map(|review| {
            let text = |key: &str| plain(review[key].as_str().unwrap_or_default());
            let said = match &review["suggestion"] {
                Value::Null => text("comment"),
                value => format!("{} suggests {value}", text("comment"))
                    .trim()
                    .to_owned(),
            };
            [
                review["number"].to_string(),
                review["revision"].to_string(),
                minute(&text("at")),
                text("reviewer"),
                text("verdict"),
                format!("{} {said}", text("pointer")).trim().to_owned(),
            ]
        })
        .collect();
    table(
        ["NUMBER", "REVISION", "SAID (UTC)", "BY", "VERDICT", "WHAT"],
        &rows,
    )?;
    link.finish()
}

/// The digest that was read, or that of the newest revision.
fn digest(link: &Link, id: CveId, given: Option<&str>) -> anyhow::Result<String> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let newest = link.get(&path(id, "drafts/newest"))?;
    Ok(newest["digest"].as_str().unwrap_or_default().to_owned())
}

/// Approves a revision.
pub(crate) fn approve(
    transport: &Transport,
    id: CveId,
    given: Option<&str>,
    comment: &str,
    taken: &[String],
) -> anyhow::Result<()> {
    let mut acknowledged = Map::new();
    for one in taken {
        match one.split_once('=') {
            Some((code, reason)) if !code.is_empty() && !reason.trim().is_empty() => {
                acknowledged.insert(code.to_owned(), json!(reason.trim()));
            }
            _ => bail!("--take `{one}`: expected CODE=REASON, such as `REC-023=no score yet`"),
        }
    }
    let link = Link::find(transport)?;
    let digest = digest(&link, id, given)?;
    let said = json!({"digest": digest, "comment": comment, "acknowledged": acknowledged});
    let answer = link.post(&path(id, "approve"), &said)?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(&format!("Approved {id} with digest {digest}."))?;
        let votes = &answer["votes"];
        if votes["approved"] == true {
            if votes["mode"].as_str().is_some_and(|mode| !mode.is_empty()) {
                let words = plain(votes["words"].as_str().unwrap_or_default());
                line(&format!("Note: {words}."))?;
            }
            line(&format!("Publish it with `cna publish {id}`."))?;
        } else {
            let words = plain(votes["words"].as_str().unwrap_or_default());
            line(&format!("It needs more: {words}."))?;
        }
    }
    link.finish()
}

/// Returns a revision to its author.
pub(crate) fn give_back(
    transport: &Transport,
    id: CveId,
    given: Option<&str>,
    comment: &str,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let digest = digest(&link, id, given)?;
    let said = json!({"digest": digest, "comment": comment});
    let answer = link.post(&path(id, "return"), &said)?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(&format!("Returned {id} to its author."))?;
    }
    link.finish()
}

/// Says something of a place in the draft.
pub(crate) fn comment(
    transport: &Transport,
    id: CveId,
    at: &str,
    comment: &str,
    suggestion: Option<&str>,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let mut said = json!({"pointer": at, "comment": comment});
    if let Some(value) = suggestion {
        said["suggestion"] = json_or_text(value);
    }
    let answer = link.post(&path(id, "comments"), &said)?;
    if transport.json {
        line(&answer.to_string())?;
    } else if suggestion.is_some() {
        line(&format!(
            "Said as number {0}. Its author takes it with `cna review accept {id} {0}`.",
            answer["number"]
        ))?;
    } else {
        line(&format!("Said as number {}.", answer["number"]))?;
    }
    link.finish()
}

/// Takes a suggested value.
pub(crate) fn accept(transport: &Transport, id: CveId, number: i64) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let saved = link.post(&path(id, &format!("comments/{number}/accept")), &json!({}))?;
    told(transport, link, id, &saved)
}
