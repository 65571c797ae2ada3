//! `cna case duplicates|duplicate`: what a case may be a duplicate of.

use casework::CaseId;
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use crate::cli::required;
use crate::config::Transport;
use crate::output::{Style, line, note, plain};
use crate::transport::Link;

/// The definition of `duplicates`, without where the desk is.
pub(crate) fn list_command() -> Command {
    Command::new("duplicates")
        .about("List what a case may be a duplicate of, with reasons")
        .long_about(
            "Compares a case with the cases you are on, the ledger, the public advisories and \
             the imported CVE List: by IDs it names, commits, references, product and wording. \
             The score says how much there is to look at; a person decides, with `cna case \
             duplicate`.",
        )
        .arg(case_argument())
}

/// The definition of `duplicate`, without where the desk is.
pub(crate) fn judge_command() -> Command {
    Command::new("duplicate")
        .about("Say whether a candidate is the same, related or different")
        .arg(case_argument())
        .arg(
            Arg::new("candidate")
                .value_name("CANDIDATE")
                .required(true)
                .help("A CVE ID, or the number of a case"),
        )
        .arg(
            Arg::new("verdict")
                .long("verdict")
                .required(true)
                .value_parser(["same", "related", "different"])
                .help("What it is"),
        )
        .arg(
            Arg::new("reason")
                .long("reason")
                .value_name("TEXT")
                .required(true)
                .help("Why"),
        )
}

fn case_argument() -> Arg {
    Arg::new("id")
        .value_name("CASE")
        .required(true)
        .value_parser(value_parser!(CaseId))
        .help("Number of the case")
}

/// Lists the candidates of a case.
pub(crate) fn list(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CaseId = *required(matches, "id")?;
    let link = Link::find(&transport)?;
    let answer = link.get(&format!("/desk/v1/cases/{id}/duplicates"))?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        print(&answer)?;
    }
    link.finish()
}

/// Keeps a verdict.
pub(crate) fn judge(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CaseId = *required(matches, "id")?;
    let link = Link::find(&transport)?;
    let body = json!({
        "candidate": required::<String>(matches, "candidate")?,
        "verdict": required::<String>(matches, "verdict")?,
        "reason": required::<String>(matches, "reason")?,
    });
    let answer = link.post(&format!("/desk/v1/cases/{id}/duplicates"), &body)?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(&said(&answer))?;
    }
    link.finish()
}

fn said(verdict: &Value) -> String {
    let text = |key: &str| plain(verdict[key].as_str().unwrap_or_default());
    format!(
        "{} is {}, says {}: {}",
        text("candidate"),
        text("verdict"),
        text("by"),
        text("reason")
    )
}

fn print(answer: &Value) -> anyhow::Result<()> {
    let list = &answer["cve_list"];
    match list["standing"].as_str() {
        Some("missing") => note(
            "no CVE List was compared: read one with `cna list import PATH` into the desk's data \
             folder",
        ),
        Some("unusable") => note(&plain(list["problem"].as_str().unwrap_or_default())),
        _ => {}
    }
    let candidates = answer["duplicates"].as_array().cloned().unwrap_or_default();
    if candidates.is_empty() {
        line("Nothing found that it may be a duplicate of.")?;
    }
    print_candidates(&candidates)?;
    for verdict in answer["other_verdicts"].as_array().into_iter().flatten() {
        line(&format!("     {}", said(verdict)))?;
    }
    Ok(())
}

/// Prints candidates, each with its reasons.
pub(crate) fn print_candidates(candidates: &[Value]) -> anyhow::Result<()> {
    let style = Style::stdout();
    for candidate in candidates {
        let text = |key: &str| plain(candidate[key].as_str().unwrap_or_default());
        line(&style.bold(&format!(
            "{:>3}  {}  {}",
            candidate["score"],
            text("candidate"),
            text("title")
        )))?;
        line(&format!("     {}, {}", text("likelihood"), text("state")))?;
        for reason in candidate["reasons"].as_array().into_iter().flatten() {
            let text = |key: &str| plain(reason[key].as_str().unwrap_or_default());
            line(&format!("     {:<9} {}", text("by"), text("shared")))?;
        }
        if candidate["verdict"].is_object() {
            line(&format!("     {}", said(&candidate["verdict"])))?;
        }
    }
    Ok(())
}
