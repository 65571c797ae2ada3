//! `cna case finding|confirm|close|reopen`.

use anyhow::bail;
use casework::CaseId;
use serde_json::{Value, json};

use super::table;
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

fn path(id: CaseId, rest: &str) -> String {
    format!("/desk/v1/cases/{id}/{rest}")
}

/// The names of products, with the codebases they share.
fn products(finding: &Value) -> String {
    let products = finding["products"].as_array().into_iter().flatten();
    let words = products.map(|product| {
        let name = plain(product["product"].as_str().unwrap_or_default());
        let shared = product["codebases"].as_array().into_iter().flatten();
        let shared: Vec<_> = shared.filter_map(Value::as_str).map(plain).collect();
        if shared.is_empty() {
            name
        } else {
            format!("{name} (shares {})", shared.join(", "))
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Lists the findings of a case, with what the answers say about each.
pub(crate) fn list(transport: &Transport, id: CaseId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let case = link.get(&format!("/desk/v1/cases/{id}"))?;
    if transport.json {
        line(&json!({"findings": case["findings"]}).to_string())?;
        return link.finish();
    }
    let rows: Vec<[String; 4]> = case["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|finding| {
            let name = finding["name"].as_str().unwrap_or_default();
            let verdict = case["determination"]["verdicts"][name].as_str();
            [
                finding["number"].to_string(),
                verdict.unwrap_or("open").replace('_', " "),
                products(finding),
                plain(name),
            ]
        })
        .collect();
    table(["NO", "VERDICT", "PRODUCTS", "FINDING"], &rows)?;
    link.finish()
}

/// Adds a finding.
pub(crate) fn add(transport: &Transport, id: CaseId, change: &Value) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let finding = link.post(&path(id, "findings"), change)?;
    said(transport, link, &finding, || {
        let name = plain(finding["name"].as_str().unwrap_or_default());
        format!("Added `{name}` to case {id}. Go on with `cna case decide {id}`.")
    })
}

/// Changes a finding.
pub(crate) fn edit(
    transport: &Transport,
    id: CaseId,
    name: &str,
    change: &Value,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let body = json!({"finding": name, "change": change});
    let finding = link.post(&path(id, "findings/edit"), &body)?;
    said(transport, link, &finding, || {
        let name = plain(finding["name"].as_str().unwrap_or_default());
        format!("`{name}` affects {}.", products(&finding))
    })
}

/// Removes a finding.
pub(crate) fn remove(transport: &Transport, id: CaseId, name: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    link.post(&path(id, "findings/remove"), &json!({"finding": name}))?;
    said(transport, link, &json!({"removed": name}), || {
        format!("Removed `{}` from case {id}.", plain(name))
    })
}

/// Confirms the count, or shows what is to be confirmed.
pub(crate) fn confirm(
    transport: &Transport,
    id: CaseId,
    count: Option<u32>,
    comment: &str,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let case = link.get(&format!("/desk/v1/cases/{id}"))?;
    let decision = &case["determination"];
    let Some(count) = count else {
        if transport.json {
            line(&decision.to_string())?;
        } else {
            stand(id, decision)?;
        }
        return link.finish();
    };
    if decision["count"] != count {
        bail!(
            "the answers lead to a count of {}, not {count}: read them with `cna case show {id}`",
            decision["count"]
        );
    }
    let body = json!({"digest": decision["digest"], "comment": comment});
    let confirmed = link.post(&path(id, "confirm"), &body)?;
    said(transport, link, &confirmed, || {
        format!("The count of {count} is confirmed. Assign with `cna case assign {id}`.")
    })
}

/// Prints where the count stands.
fn stand(id: CaseId, decision: &Value) -> anyhow::Result<()> {
    let Some(ruling) = decision["ruling"].as_str() else {
        return line(&format!(
            "A question is open. Go on with `cna case decide {id}`."
        ));
    };
    line(&Style::stdout().bold(&plain(ruling)))?;
    for group in decision["groups"].as_array().into_iter().flatten() {
        let names = group["findings"].as_array().into_iter().flatten();
        let names: Vec<_> = names.filter_map(Value::as_str).map(plain).collect();
        line(&format!(
            "  {} for {}",
            group["count"],
            names.join(" together with ")
        ))?;
    }
    if let Some(by) = decision["confirmation"]["by"].as_str() {
        return line(&format!("Confirmed by {}.", plain(by)));
    }
    if decision["needs_confirmation"] == true {
        return line(&format!(
            "Confirm it with `cna case confirm {id} --count {}`.",
            decision["count"]
        ));
    }
    line("Nobody has to confirm it.")
}

/// Closes a case, or opens it again.
pub(crate) fn close(
    transport: &Transport,
    id: CaseId,
    word: &str,
    reason: &str,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.post(&path(id, word), &json!({"reason": reason}))?;
    said(transport, link, &answer, || {
        let state = answer["state"].as_str().unwrap_or_default();
        format!("The state of case {id} is {state}.")
    })
}

/// Prints the answer as JSON, or in words.
fn said(
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
