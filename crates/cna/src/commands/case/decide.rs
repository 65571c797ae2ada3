//! `cna case decide`: one question of the decision tree at a time.

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use casework::{CaseId, Node, Step};
use serde_json::{Value, json};

use super::sheet::{self, Answers};
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

/// What a person said to a question.
enum Said {
    /// An answer, as the desk takes it.
    Answer(Value),
    /// Nothing for now; what was answered stays.
    Leave,
}

/// Asks the open questions of a case, or answers them from a file.
pub(crate) fn decide(
    transport: &Transport,
    id: CaseId,
    answers: Option<&str>,
) -> anyhow::Result<()> {
    let mut given = match answers.map(sheet::read).transpose()? {
        Some(Answers::Sheet(sheet)) => {
            let link = Link::find(transport)?;
            let stand = sheet.send(&link, id)?;
            return end(transport, link, id, (&stand, &[]), Some(&BTreeMap::new()));
        }
        Some(Answers::ByQuestion(given)) => Some(given),
        None => None,
    };
    let link = Link::find(transport)?;
    let case = link.get(&format!("/desk/v1/cases/{id}"))?;
    let assigned = assigned(&case);
    let mut stand = case["determination"].clone();
    if given.is_none() && !std::io::stdin().is_terminal() {
        // Where it stands needs nobody to be asked.
        if !stand["outcome"].is_null() {
            return end(transport, link, id, (&stand, &assigned), None);
        }
        bail!("nobody is there to be asked: run it in a terminal, or name a file with --answers");
    }
    if given.is_none() && stand["path"].as_array().is_none_or(Vec::is_empty) {
        show_duplicates(&link, id)?;
    }
    while let Some(open) = stand["next"].as_str() {
        let node = casework::node(open)
            .with_context(|| format!("the desk asks `{open}`, which this program does not know"))?;
        let said = match &mut given {
            // About the whole report, so it answers for every finding.
            Some(given) => given.remove(open).map_or(Said::Leave, Said::Answer),
            None => ask(node, &stand["next_about"])?,
        };
        let Said::Answer(body) = said else {
            break;
        };
        match link.post(&format!("/desk/v1/cases/{id}/answers"), &body) {
            Ok(next) => stand = next,
            // A person may say it again; a file says the same each time.
            Err(error) if given.is_none() => line(&format!("  {error}"))?,
            Err(error) => return Err(error.context(format!("question {open}"))),
        }
    }
    end(transport, link, id, (&stand, &assigned), given.as_ref())
}

/// The IDs of a case.
fn assigned(case: &Value) -> Vec<String> {
    let records = case["records"].as_array().into_iter().flatten();
    let ids = records.filter_map(|record| record["cve_id"].as_str());
    ids.map(plain).collect()
}

/// Says where the decision stands, and which answers of the file were not
/// asked.
fn end(
    transport: &Transport,
    link: Link,
    id: CaseId,
    (stand, assigned): (&Value, &[String]),
    unused: Option<&BTreeMap<String, Value>>,
) -> anyhow::Result<()> {
    let open = stand["next"].as_str();
    let outcome = stand["outcome"].as_str();
    if transport.json {
        line(&stand.to_string())?;
    } else if let Some(outcome) = outcome {
        decided(id, outcome, stand, assigned)?;
    } else if let Some(open) = open {
        line(&format!(
            "The question {open}{} is open. Go on with `cna case decide {id}`.",
            about_in_words(&stand["next_about"])
        ))?;
    }
    if let Some(unused) = unused.filter(|unused| !unused.is_empty()) {
        let nodes: Vec<_> = unused.keys().map(String::as_str).collect();
        crate::output::note(&format!(
            "not used, because answered before or not asked any more: {}",
            nodes.join(", ")
        ));
    }
    link.finish()?;
    match (open, outcome, unused) {
        (Some(open), None, Some(_)) => bail!("the file has no answer to {open}"),
        _ => Ok(()),
    }
}

fn decided(id: CaseId, outcome: &str, stand: &Value, assigned: &[String]) -> anyhow::Result<()> {
    let count = stand["count"].as_u64().unwrap_or(0);
    if count > 1 {
        line(&format!("Decided: {outcome}, {count} CVE IDs."))?;
    } else {
        line(&format!("Decided: {outcome}."))?;
    }
    let unconfirmed = stand["needs_confirmation"] == true && stand["confirmation"].is_null();
    if outcome == "assign" && unconfirmed {
        line(&format!(
            "A second trained person confirms the count with \
             `cna case confirm {id} --count {count}`."
        ))?;
    } else if outcome == "assign" {
        match assigned.len() as u64 >= count.max(1) {
            true => line(&format!("Assigned: {}.", assigned.join(", ")))?,
            false => line(&format!("Assign a CVE ID with `cna case assign {id}`."))?,
        }
    }
    Ok(())
}

/// ` about …`, or nothing for the whole report.
fn about_in_words(about: &Value) -> String {
    if let Some(name) = about["finding"].as_str() {
        return format!(" about `{}`", plain(name));
    }
    let both = about["pair"].as_array().into_iter().flatten();
    let both: Vec<_> = both.filter_map(Value::as_str).map(plain).collect();
    if both.is_empty() {
        return String::new();
    }
    format!(" about `{}`", both.join("` and `"))
}

/// What the case may be a duplicate of, before the first question.
fn show_duplicates(link: &Link, id: CaseId) -> anyhow::Result<()> {
    let found = link.get(&format!("/desk/v1/cases/{id}/duplicates"))?;
    let candidates = found["duplicates"].as_array().cloned().unwrap_or_default();
    if candidates.is_empty() {
        return Ok(());
    }
    line(&Style::stdout().bold("It may be a duplicate of"))?;
    for candidate in candidates.iter().take(5) {
        let text = |key: &str| plain(candidate[key].as_str().unwrap_or_default());
        line(&format!("  {}  {}", text("candidate"), text("title")))?;
    }
    line(&format!("See why with `cna case duplicates {id}`.\n"))
}

/// Asks one question in the terminal.
fn ask(node: &Node, about: &Value) -> anyhow::Result<Said> {
    let style = Style::stdout();
    line(&style.bold(&format!("{}  {}", node.id, node.question)))?;
    let subject = about_in_words(about);
    if !subject.is_empty() {
        line(&style.cyan(&format!("   {subject}")))?;
    }
    if !node.explanation.is_empty() {
        line(&format!("    {}", node.explanation))?;
    }
    let rules = node.rules();
    if !rules.is_empty() {
        let legacy = match node.legacy().join(", ") {
            none if none.is_empty() => String::new(),
            ids => format!(" ({ids} in version 2.0)"),
        };
        let rules = rules.join(", ");
        line(&style.dim(&format!("    CNA Rules {rules}{legacy}")))?;
    }
    for (index, (value, step)) in node.answers.iter().enumerate() {
        let leads = match step {
            Step::Ask(next) => format!("then {next}"),
            Step::End(outcome) => format!("ends: {}", outcome.id()),
            Step::Counted => String::new(),
        };
        let text = format!("    {:>2}  {value:<20} {leads}", index + 1);
        line(text.trim_end())?;
    }
    loop {
        let said = prompt("    Answer (number or word, `q` leaves it for later): ")?;
        let Some(said) = said.filter(|said| said != "q") else {
            return Ok(Said::Leave);
        };
        let by_number = said
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        // Where a question is answered by a number, that is meant.
        let exact = node.answers.iter().find(|(value, _)| *value == said);
        let chosen = exact.or_else(|| by_number.and_then(|index| node.answers.get(index)));
        let Some((value, _)) = chosen else {
            line(&format!("    `{said}` is none of the answers."))?;
            continue;
        };
        let Some(reason) = prompt("    Why: ")? else {
            return Ok(Said::Leave);
        };
        let mut body = json!({"node": node.id, "value": value, "reason": reason});
        if names_somebody(node.id, value) {
            let words = "    Which organisation or ID (more than one with commas): ";
            body["names"] = list(prompt(words)?);
        }
        if casework::decision::evidence_rule(node.id, value, casework::decision::Pack::newest())
            .is_some()
        {
            body["evidence"] = list(prompt("    What proves it (link or place): ")?);
        }
        for key in ["finding", "pair"] {
            if !about[key].is_null() {
                body[key] = about[key].clone();
            }
        }
        return Ok(Said::Answer(body));
    }
}

/// Whether an answer means little without a name.
fn names_somebody(node: &str, value: &str) -> bool {
    matches!(
        (node, value),
        ("A4", "exact")
            | ("A5", "yes")
            | ("B3", "supplier_cna")
            | ("B4", "cna")
            | ("B5", "not_agreed")
            | ("E4", "yes" | "unsure")
    ) || (node == "D6" && !matches!(value, "none" | "unsure"))
}

fn list(said: Option<String>) -> Value {
    let said = said.unwrap_or_default();
    let parts = said.split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

/// A line from the person; nothing at the end of the input.
pub(super) fn prompt(text: &str) -> anyhow::Result<Option<String>> {
    let mut out = std::io::stdout();
    write!(out, "{text}")?;
    out.flush()?;
    let mut said = String::new();
    if std::io::stdin().lock().read_line(&mut said)? == 0 {
        line("")?;
        return Ok(None);
    }
    Ok(Some(said.trim().to_owned()))
}
