//! `cna case write`: a message to the reporter from a template.

use anyhow::bail;
use casework::CaseId;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value, json};

use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

/// Its definition.
pub(crate) fn command() -> Command {
    transport_arguments(
        Command::new("write")
            .about("Draft a message to the reporter from a template, and show it")
            .long_about(
                "Fills a template with what the case says, keeps the text as a draft, and shows \
                 it. Nothing is sent before somebody sends it with `cna case send`. `cna publish \
                 templates` lists the templates; what the case does not say is given with \
                 --set.",
            )
            .arg(
                Arg::new("id")
                    .value_name("CASE")
                    .required(true)
                    .value_parser(value_parser!(CaseId))
                    .help("Number of the case"),
            )
            .arg(
                Arg::new("template")
                    .long("template")
                    .value_name("NAME")
                    .required(true)
                    .help("The template, such as first-answer, need-info, id-and-date, published"),
            )
            .arg(
                Arg::new("set")
                    .long("set")
                    .value_name("NAME=TEXT")
                    .action(ArgAction::Append)
                    .help(
                        "What the case does not say, such as QUESTION or REASON; may be repeated",
                    ),
            ),
    )
}

/// What was given with `--set`, by name.
pub(crate) fn values(matches: &ArgMatches) -> anyhow::Result<Value> {
    let mut given = Map::new();
    for one in matches.get_many::<String>("set").into_iter().flatten() {
        match one.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                given.insert(name.to_owned(), json!(value));
            }
            _ => bail!("--set `{one}`: expected NAME=TEXT, such as `QUESTION=Which version?`"),
        }
    }
    Ok(Value::Object(given))
}

/// Drafts the message and shows it.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CaseId = *required(matches, "id")?;
    let template: &String = required(matches, "template")?;
    let values = values(matches)?;
    let link = Link::find(&transport)?;
    let wanted = json!({"template": template, "values": values});
    let letter = link.post(&format!("/desk/v1/cases/{id}/letters"), &wanted)?;
    if transport.json {
        line(&letter.to_string())?;
        return link.finish();
    }
    for row in letter["body"].as_str().unwrap_or_default().lines() {
        line(&plain(row))?;
    }
    let number = &letter["number"];
    line(&Style::stdout().dim(&format!(
        "Drafted as {number}; nothing is sent yet. Send it with `cna case send {id} {number}`."
    )))?;
    link.finish()
}
