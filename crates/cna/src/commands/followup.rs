//! `cna followup`: what waits to be said to other servers.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use super::id::encoded;
use crate::cli::{Stop, required, transport_arguments};
use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

/// The definition of the command.
pub(crate) fn command() -> Command {
    let id = || {
        Arg::new("id")
            .value_name("ID")
            .required(true)
            .help("Id of the follow-up")
    };
    Command::new("followup")
        .about("List, show, retry and cancel what waits to be said to other servers")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("list")
                .about("List what waits, newest first")
                .arg(
                    Arg::new("all")
                        .long("all")
                        .action(ArgAction::SetTrue)
                        .help("Also what is done or cancelled"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("show")
                .about("Show a follow-up, with the last answer")
                .arg(id()),
        ))
        .subcommand(transport_arguments(
            Command::new("retry")
                .about("Try a held or failed follow-up again")
                .arg(id()),
        ))
        .subcommand(transport_arguments(
            Command::new("cancel")
                .about("Give a follow-up up that is held, has failed or was never tried")
                .arg(id())
                .arg(
                    Arg::new("reason")
                        .long("reason")
                        .value_name("TEXT")
                        .required(true)
                        .help("Why"),
                ),
        ))
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((verb, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    if verb == "list" {
        return Ok(list(&transport, matches.get_flag("all"))?);
    }
    let id: &String = required(matches, "id")?;
    let path = format!("/desk/v1/followups/{}", encoded(id));
    let link = Link::find(&transport)?;
    match verb {
        "show" => {}
        "retry" => drop(link.post(&format!("{path}/retry"), &json!({}))?),
        _ => {
            let reason: &String = required(matches, "reason")?;
            link.post(&format!("{path}/cancel"), &json!({"reason": reason}))?;
        }
    }
    let followup = link.get(&path)?;
    if transport.json {
        line(&followup.to_string())?;
    } else {
        print(&followup)?;
    }
    Ok(link.finish()?)
}

fn text_of(value: &Value, key: &str) -> String {
    plain(value[key].as_str().unwrap_or_default())
}

fn print(followup: &Value) -> anyhow::Result<()> {
    for (name, key) in [
        ("Id", "id"),
        ("Kind", "kind"),
        ("Subject", "subject"),
        ("State", "state"),
        ("Created", "created"),
        ("Next try", "not_before"),
        ("Answer", "last_answer"),
    ] {
        line(&format!("{name:<8}  {}", text_of(followup, key)))?;
    }
    line(&format!("Tries     {}", followup["attempts"]))
}

fn list(transport: &Transport, all: bool) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&format!("/desk/v1/followups?all={all}"))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let followups = answer["followups"].as_array().cloned().unwrap_or_default();
    if followups.is_empty() {
        line("Nothing waits to be said to other servers.")?;
        return link.finish();
    }
    let rows: Vec<[String; 5]> = followups
        .iter()
        .map(|followup| {
            [
                text_of(followup, "id"),
                text_of(followup, "state"),
                text_of(followup, "kind"),
                text_of(followup, "subject"),
                text_of(followup, "last_answer"),
            ]
        })
        .collect();
    super::case::table(["ID", "STATE", "KIND", "SUBJECT", "ANSWER"], &rows)?;
    link.finish()
}
