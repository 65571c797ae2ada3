//! `cna publish copies` and `cna case retrospective`: what follows a
//! publication.

use anyhow::bail;
use casework::CaseId;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::id::CveId;
use serde_json::{Value, json};

use super::clocks::minute;
use super::draft::path;
use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

fn text(value: &Value, key: &str) -> String {
    plain(value[key].as_str().unwrap_or_default())
}

/// `cna publish copies`.
pub(crate) fn copies_command() -> Command {
    transport_arguments(
        Command::new("copies")
            .about("Look whether the copies of a published record show what was published")
            .long_about(
                "Reads the record at the service, and where a CVE List was imported (`cna list \
                 import`) the copy in it, and compares both with what was published last. What \
                 was seen is kept with its time, so that it says since when a copy is the same. \
                 Ends with an error while a copy is missing or differs.",
            )
            .arg(
                Arg::new("cve-id")
                    .value_name("CVE-ID")
                    .required(true)
                    .value_parser(value_parser!(CveId))
                    .help("The CVE ID"),
            )
            .arg(
                Arg::new("last")
                    .long("last")
                    .action(ArgAction::SetTrue)
                    .help("Show what was seen last, and ask nobody"),
            ),
    )
}

/// Looks at the copies, or shows the last look.
///
/// Refuses: a copy that is missing or differs, after it was shown.
pub(crate) fn copies(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CveId = *required(matches, "cve-id")?;
    let link = Link::find(&transport)?;
    let answer = match matches.get_flag("last") {
        true => link.get(&path(id, "copies"))?,
        false => link.post(&path(id, "copies"), &json!({}))?,
    };
    link.finish()?;
    let copies = answer["copies"].as_array().map_or(&[][..], Vec::as_slice);
    if transport.json {
        line(&answer.to_string())?;
    } else if copies.is_empty() {
        line(&format!(
            "Nobody looked at the copies of {id} yet. Look with `cna publish copies {id}`."
        ))?;
    }
    let mut amiss = Vec::new();
    for copy in copies {
        let place = match copy["source"].as_str() {
            Some("list") => "imported CVE List",
            _ => "service",
        };
        if copy["state"] != "same" {
            amiss.push(format!("{place} ({})", text(copy, "state")));
        }
        if transport.json {
            continue;
        }
        let state = text(copy, "state");
        line(&format!("{state:<8} {place}: {}", text(copy, "words")))?;
        let mut facts = Vec::new();
        if let Some(since) = copy["same_since"].as_str() {
            facts.push(format!("the same since {} UTC", minute(since)));
        }
        if !text(copy, "updated").is_empty() {
            facts.push(format!(
                "changed there {} UTC",
                minute(&text(copy, "updated"))
            ));
        }
        let (at, by) = (minute(&text(copy, "seen_at")), text(copy, "seen_by"));
        facts.push(format!("seen {at} UTC by {by}"));
        line(&Style::stdout().dim(&format!("         {}", facts.join(", "))))?;
    }
    if amiss.is_empty() {
        return Ok(());
    }
    bail!("copies of {id} are not as published: {}", amiss.join(", "))
}

/// `cna case retrospective`.
pub(crate) fn retrospective_command() -> Command {
    transport_arguments(
        Command::new("retrospective")
            .about("Keep the text of the retrospective of a case, or show it")
            .long_about(
                "Keeps what was learnt from a case, which stops the clock D-19. Without a text, \
                 shows it. A later text takes the place of an earlier one, which is kept. Where \
                 the profile is `kubernetes`, a published case is not closed without one.",
            )
            .arg(
                Arg::new("id")
                    .value_name("CASE")
                    .required(true)
                    .value_parser(value_parser!(CaseId))
                    .help("Number of the case"),
            )
            .arg(
                Arg::new("text")
                    .short('m')
                    .long("text")
                    .value_name("TEXT")
                    .help("The text"),
            )
            .arg(
                Arg::new("from")
                    .long("from")
                    .value_name("FILE")
                    .conflicts_with("text")
                    .help("File with the text; `-` reads standard input"),
            ),
    )
}

/// Keeps the text, or shows it.
pub(crate) fn retrospective(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CaseId = *required(matches, "id")?;
    let given = super::given::text(matches.get_one("text"), matches.get_one("from"))?;
    let link = Link::find(&transport)?;
    let path = format!("/desk/v1/cases/{id}/retrospectives");
    if let Some(body) = given {
        let kept = link.post(&path, &json!({"body": body}))?;
        match transport.json {
            true => line(&kept.to_string())?,
            false => line(&format!("The retrospective of case {id} is kept."))?,
        }
        return link.finish();
    }
    let answer = link.get(&path)?;
    let newest = answer["retrospectives"]
        .as_array()
        .and_then(|all| all.last());
    if transport.json {
        line(&answer.to_string())?;
    } else if let Some(newest) = newest {
        let (at, by) = (minute(&text(newest, "at")), text(newest, "author"));
        line(&Style::stdout().dim(&format!("{at} UTC, {by}, text {}", newest["number"])))?;
        for row in newest["body"].as_str().unwrap_or_default().lines() {
            line(&plain(row))?;
        }
    } else {
        line(&format!(
            "Case {id} has no retrospective yet. Keep its text with `cna case retrospective {id} \
             -m TEXT`."
        ))?;
    }
    link.finish()
}
