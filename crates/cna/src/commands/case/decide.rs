//! `cna case decide`: one question of the decision tree at a time.

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use casework::{CaseId, GivenAnswer, Node, Step};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

/// The largest file of answers, in bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// An answer in a file: the value alone, or with its reason.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum FileAnswer {
    Value(String),
    Number(u32),
    Given(GivenAnswer),
}

impl From<FileAnswer> for GivenAnswer {
    fn from(answer: FileAnswer) -> GivenAnswer {
        let (value, reason) = match answer {
            FileAnswer::Value(value) => (value, String::new()),
            FileAnswer::Number(number) => (number.to_string(), String::new()),
            FileAnswer::Given(given) => return given,
        };
        GivenAnswer { value, reason }
    }
}

/// What a person said to a question.
enum Said {
    Answer(GivenAnswer),
    /// Nothing for now; what was answered stays.
    Leave,
}

/// Asks the open questions of a case, or answers them from a file.
pub(crate) fn decide(
    transport: &Transport,
    id: CaseId,
    answers: Option<&str>,
) -> anyhow::Result<()> {
    let mut given = match answers {
        Some(file) => Some(read(file)?),
        None if !std::io::stdin().is_terminal() => bail!(
            "nobody is there to be asked: run it in a terminal, or name a file with --answers"
        ),
        None => None,
    };
    let link = Link::find(transport)?;
    let mut stand = link.get(&format!("/desk/v1/cases/{id}"))?["determination"].clone();
    if given.is_none() && stand["path"].as_array().is_none_or(Vec::is_empty) {
        show_duplicates(&link, id)?;
    }
    while let Some(open) = stand["next"].as_str() {
        let node = casework::node(open)
            .with_context(|| format!("the desk asks `{open}`, which this program does not know"))?;
        let said = match &mut given {
            Some(given) => match given.remove(open) {
                Some(answer) => Said::Answer(answer),
                None => Said::Leave,
            },
            None => ask(node)?,
        };
        let Said::Answer(answer) = said else {
            break;
        };
        let body = json!({"node": open, "value": answer.value, "reason": answer.reason});
        match link.post(&format!("/desk/v1/cases/{id}/answers"), &body) {
            Ok(next) => stand = next,
            // A person may say it again; a file says the same each time.
            Err(error) if given.is_none() => line(&format!("  {error}"))?,
            Err(error) => return Err(error.context(format!("question {open}"))),
        }
    }
    end(transport, link, id, &stand, given.as_ref())
}

/// Says where the tree stands, and which answers of the file were not asked.
fn end(
    transport: &Transport,
    link: Link,
    id: CaseId,
    stand: &Value,
    unused: Option<&BTreeMap<String, GivenAnswer>>,
) -> anyhow::Result<()> {
    let open = stand["next"].as_str();
    if transport.json {
        line(&stand.to_string())?;
    } else if let Some(open) = open {
        line(&format!(
            "The question {open} is open. Go on with `cna case decide {id}`."
        ))?;
    } else {
        let outcome = stand["outcome"].as_str().unwrap_or_default();
        line(&format!("Decided: {outcome}."))?;
        if outcome == "assign" {
            line(&format!("Assign a CVE ID with `cna case assign {id}`."))?;
        }
    }
    if let Some(unused) = unused.filter(|unused| !unused.is_empty()) {
        let nodes: Vec<_> = unused.keys().map(String::as_str).collect();
        crate::output::note(&format!("not asked, so not answered: {}", nodes.join(", ")));
    }
    link.finish()?;
    match (open, unused) {
        (Some(open), Some(_)) => bail!("the file has no answer to {open}"),
        _ => Ok(()),
    }
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
fn ask(node: &Node) -> anyhow::Result<Said> {
    let style = Style::stdout();
    line(&style.bold(&format!("{}  {}", node.id, node.question)))?;
    if !node.explanation.is_empty() {
        line(&format!("    {}", node.explanation))?;
    }
    let rules = node.rules();
    if !rules.is_empty() {
        line(&style.dim(&format!("    CNA Rules {}", rules.join(", "))))?;
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
        let value = (*value).to_owned();
        return Ok(Said::Answer(GivenAnswer { value, reason }));
    }
}

/// A line from the person; nothing at the end of the input.
fn prompt(text: &str) -> anyhow::Result<Option<String>> {
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

/// The answers of a file, by question.
fn read(file: &str) -> anyhow::Result<BTreeMap<String, GivenAnswer>> {
    let size = std::fs::metadata(file).with_context(|| format!("reading answers from `{file}`"))?;
    if size.len() > MOST_BYTES {
        bail!("`{file}` is too long: expected at most {MOST_BYTES} bytes");
    }
    let text =
        std::fs::read_to_string(file).with_context(|| format!("reading answers from `{file}`"))?;
    let answers: BTreeMap<String, FileAnswer> = serde_saphyr::from_str(&text)
        .map_err(|error| {
            let first = error.to_string();
            anyhow::anyhow!("{}", first.lines().next().unwrap_or_default().to_owned())
        })
        .with_context(|| {
            format!(
                "`{file}` holds no answers: expected YAML such as `B2: yes` or \
                 `B2: {{value: yes, reason: …}}`"
            )
        })?;
    for node in answers.keys() {
        if casework::node(node).is_none() {
            bail!("`{file}`: `{node}` is not a question of the decision tree");
        }
    }
    Ok(answers
        .into_iter()
        .map(|(node, answer)| (node, answer.into()))
        .collect())
}
