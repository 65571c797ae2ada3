//! `cna case severity N` without a word: the questions of the profile, beside
//! the score.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;

use anyhow::{Context as _, bail};
use casework::CaseId;
use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Map, Value, json};

use super::decide::prompt;
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

/// The largest file of answers, in bytes.
const MOST_BYTES: u64 = 64 * 1024;

/// What the questions take.
pub(crate) fn arguments() -> [Arg; 3] {
    [
        Arg::new("answers")
            .long("answers")
            .value_name("FILE")
            .conflicts_with("severity")
            .help("Answers to the questions of the profile, as YAML: `place: server`"),
        Arg::new("note")
            .long("note")
            .value_name("TEXT")
            .conflicts_with("severity")
            .help("Why what the answers say differs from the score"),
        Arg::new("show")
            .long("show")
            .action(ArgAction::SetTrue)
            .conflicts_with_all(["severity", "answers", "note"])
            .help("Show the questions, the score and what was answered"),
    ]
}

/// Asks the questions, answers them from a file, or shows them.
pub(crate) fn run(transport: &Transport, id: CaseId, matches: &ArgMatches) -> anyhow::Result<()> {
    let file = matches.get_one::<String>("answers");
    let given = file.map(|file| read(file)).transpose()?;
    let is_shown = matches.get_flag("show");
    if given.is_none() && !is_shown && !std::io::stdin().is_terminal() {
        bail!(
            "nobody is there to be asked: run it in a terminal, name a file with --answers, see \
             the questions with --show, or say a word: low, medium, high, critical"
        );
    }
    let link = Link::find(transport)?;
    let path = format!("/desk/v1/cases/{id}/severity-answers");
    let asked = link.get(&path)?;
    if is_shown {
        if transport.json {
            line(&asked.to_string())?;
        } else {
            show(id, &asked)?;
        }
        return link.finish();
    }
    let answers = match given {
        Some(given) => json!(given),
        None => match ask(&asked)? {
            Some(given) => given,
            None => {
                line("Nothing was kept.")?;
                return link.finish();
            }
        },
    };
    let mut note = matches
        .get_one::<String>("note")
        .cloned()
        .unwrap_or_default();
    let body = |note: &str| json!({"answers": answers, "note": note});
    let round = match link.post(&path, &body(&note)) {
        Err(error) if file.is_none() && note.is_empty() && error.to_string().contains("--note") => {
            line(&format!("  {error}"))?;
            note = prompt("  Why they differ: ")?.unwrap_or_default();
            link.post(&path, &body(&note))?
        }
        other => other?,
    };
    if transport.json {
        line(&round.to_string())?;
    } else {
        print(&round)?;
    }
    link.finish()
}

fn read(file: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let reading = || format!("reading answers from `{file}`");
    let size = std::fs::metadata(file).with_context(reading)?.len();
    if size > MOST_BYTES {
        bail!("`{file}` is too long: expected at most {MOST_BYTES} bytes");
    }
    let text = std::fs::read_to_string(file).with_context(reading)?;
    serde_saphyr::from_str(&text)
        .map_err(|error| {
            let first = error.to_string();
            anyhow::anyhow!("{}", first.lines().next().unwrap_or_default().to_owned())
        })
        .with_context(|| {
            format!("`{file}` holds no answers: expected YAML such as `place: server`, a line each")
        })
}

/// Asks each question in the terminal; nothing when the person leaves.
fn ask(asked: &Value) -> anyhow::Result<Option<Value>> {
    let style = Style::stdout();
    print_score(&asked["score"])?;
    let mut given = Map::new();
    for question in asked["questions"].as_array().into_iter().flatten() {
        let text = |key: &str| plain(question[key].as_str().unwrap_or_default());
        line(&style.bold(&format!("{}  {}", text("id"), text("question"))))?;
        let choices = choices(question);
        for (index, (word, meaning)) in choices.iter().enumerate() {
            line(&format!("    {:>2}  {word:<20} {meaning}", index + 1))?;
        }
        let word = loop {
            let said = prompt("    Answer (number or word, `q` keeps nothing): ")?;
            let Some(said) = said.filter(|said| said != "q") else {
                return Ok(None);
            };
            let by_number = said.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            let exact = choices.iter().find(|(word, _)| *word == said);
            match exact.or_else(|| by_number.and_then(|index| choices.get(index))) {
                Some((word, _)) => break word.clone(),
                None => line(&format!("    `{said}` is none of the answers."))?,
            }
        };
        given.insert(text("key"), json!(word));
    }
    Ok(Some(Value::Object(given)))
}

fn choices(question: &Value) -> Vec<(String, String)> {
    let all = question["answers"].as_array().into_iter().flatten();
    let both = |one: &Value| {
        let text = |place: usize| plain(one[place].as_str().unwrap_or_default());
        (text(0), text(1))
    };
    all.map(both).collect()
}

fn print_score(score: &Value) -> anyhow::Result<()> {
    let text = |key: &str| plain(score[key].as_str().unwrap_or_default());
    match score.is_null() {
        true => line("CVSS    no vector yet"),
        false => line(&format!(
            "CVSS    {} ({}) {}",
            text("score"),
            text("band"),
            text("vector")
        )),
    }
}

fn show(id: CaseId, asked: &Value) -> anyhow::Result<()> {
    print_score(&asked["score"])?;
    for question in asked["questions"].as_array().into_iter().flatten() {
        let text = |key: &str| plain(question[key].as_str().unwrap_or_default());
        let words: Vec<String> = choices(question)
            .into_iter()
            .map(|(word, _)| word)
            .collect();
        line(&format!(
            "{}  {}  {}",
            text("id"),
            text("key"),
            text("question")
        ))?;
        line(&format!("       {}", words.join(", ")))?;
    }
    let source = plain(asked["source"].as_str().unwrap_or_default());
    line(&format!("Source  {source}"))?;
    match asked["rounds"].as_array().and_then(|rounds| rounds.last()) {
        Some(round) => print(round),
        None => line(&format!(
            "Not answered yet: `cna case severity {id}` asks, `--answers FILE` answers."
        )),
    }
}

fn print(round: &Value) -> anyhow::Result<()> {
    let tier = &round["tier"];
    let text = |value: &Value, key: &str| plain(value[key].as_str().unwrap_or_default());
    line(&format!(
        "Tier    {}: {}",
        text(tier, "level"),
        text(tier, "because")
    ))?;
    print_score(&round["score"])?;
    for track in tier["tracks"].as_array().into_iter().flatten() {
        let (words, because) = (text(track, "words"), text(track, "because"));
        line(&format!("Track   {words} ({because})"))?;
    }
    if !text(round, "note").is_empty() {
        line(&format!("Note    {}", text(round, "note")))?;
    }
    Ok(())
}

/// The line of a case's head.
pub(super) fn print_in_case(case: &Value) -> anyhow::Result<()> {
    let round = &case["tier"];
    if round.is_null() {
        return Ok(());
    }
    let text = |value: &Value, key: &str| plain(value[key].as_str().unwrap_or_default());
    let beside = match round["score"].is_null() {
        true => "without a score".to_owned(),
        false => format!(
            "beside CVSS {} ({})",
            text(&round["score"], "score"),
            text(&round["score"], "band")
        ),
    };
    let tier = &round["tier"];
    line(&format!(
        "  Tier      {}, {beside}, by {}",
        text(tier, "level"),
        text(round, "author")
    ))?;
    for track in tier["tracks"].as_array().into_iter().flatten() {
        line(&format!("            {}", text(track, "words")))?;
    }
    Ok(())
}
