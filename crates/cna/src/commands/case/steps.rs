//! `cna case take|answer|assign|comment`: the steps of a case.

use casework::CaseId;
use serde_json::{Value, json};

use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

/// Prints the answer as JSON, or what `words` makes of it.
fn say(
    transport: &Transport,
    link: Link,
    answer: &Value,
    words: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(&words())?;
    }
    link.finish()
}

fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer[key].as_str().unwrap_or_default()
}

/// Takes the case.
pub(crate) fn take(transport: &Transport, id: CaseId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.post(&format!("/desk/v1/cases/{id}/take"), &json!({}))?;
    say(transport, link, &answer, || {
        format!(
            "Case {id} is yours; its state is {}.",
            text(&answer, "state")
        )
    })
}

/// Answers a question of the decision tree.
///
/// Takes: `given`, the answer as the desk takes it.
pub(crate) fn answer(transport: &Transport, id: CaseId, given: &Value) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.post(&format!("/desk/v1/cases/{id}/answers"), given)?;
    say(transport, link, &answer, || {
        match (answer["next"].as_str(), answer["outcome"].as_str()) {
            (_, Some(outcome)) => format!("Noted. The outcome is {outcome}."),
            (Some(next), None) => format!("Noted. The next question is {next}."),
            (None, None) => "Noted.".to_owned(),
        }
    })
}

/// Assigns a CVE ID.
pub(crate) fn assign(transport: &Transport, id: CaseId, year: Option<u16>) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let wanted = year.map_or(json!({}), |year| json!({ "year": year.to_string() }));
    let answer = link.post(&format!("/desk/v1/cases/{id}/assign"), &wanted)?;
    say(transport, link, &answer, || {
        let ids = answer["cve_ids"].as_array().into_iter().flatten();
        let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
        let Some(first) = ids.first() else {
            return format!("An ID is being reserved; see how it went with `cna case show {id}`.");
        };
        let mut words = format!(
            "Case {id} has {}. Draft its record with `cna draft new {first}`.",
            ids.join(", ")
        );
        if answer["followup"].is_string() {
            words.push_str(&format!(
                " The rest is being reserved; see how it went with `cna case show {id}`."
            ));
        }
        words
    })
}

/// Writes an internal message, or drafts one for another lane.
pub(crate) fn comment(
    transport: &Transport,
    id: CaseId,
    lane: &str,
    to: Option<&str>,
    body: &str,
) -> anyhow::Result<()> {
    let read;
    let body = match body {
        "-" => {
            read = crate::commands::given::read(body)?;
            read.as_str()
        }
        body => body,
    };
    if lane != "internal" {
        return crate::commands::office::draft(transport, id, lane, to, body);
    }
    anyhow::ensure!(
        to.is_none(),
        "--to names a vendor: it goes with `--lane vendors`"
    );
    let link = Link::find(transport)?;
    let message = json!({ "body": body });
    link.post(&format!("/desk/v1/cases/{id}/messages"), &message)?;
    let answer = json!({"case": id});
    say(transport, link, &answer, || {
        format!("Written into case {id}.")
    })
}
