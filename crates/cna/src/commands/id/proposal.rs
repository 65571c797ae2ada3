//! `cna id reject`, `hand-back`, `reinstate` and the approval they need.

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::id::CveId;
use serde_json::{Value, json};

use super::encoded;
use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

fn id() -> Arg {
    Arg::new("id")
        .value_name("CVE-ID")
        .required(true)
        .value_parser(value_parser!(CveId))
        .help("The ID")
}

fn number() -> Arg {
    Arg::new("number")
        .value_name("NUMBER")
        .required(true)
        .value_parser(value_parser!(i64).range(1..))
        .help("Number of the proposal, as `cna id proposals` gives it")
}

fn reason(help: &'static str) -> Arg {
    Arg::new("reason")
        .long("reason")
        .value_name("TEXT")
        .required(true)
        .help(help)
}

/// The definitions of the commands.
pub(super) fn commands() -> Vec<Command> {
    vec![
        transport_arguments(
            Command::new("hand-back")
                .about("Propose to give an assigned ID back to the pool")
                .long_about(
                    "Proposes to give an assigned ID back to the pool. Only an ID of this year \
                     that nobody outside was told of, and that has no draft; every other has to be \
                     rejected. A second person approves with `cna id approve`.",
                )
                .arg(id())
                .arg(reason("Why it was assigned by mistake")),
        ),
        transport_arguments(
            Command::new("reject")
                .about("Propose to reject an ID, with the exact record")
                .long_about(
                    "Proposes to reject an ID. The text is the prescribed one of the reason, or \
                     yours, and is checked by the rules of rejected records. A second person \
                     approves exactly this record with `cna id approve`; a publisher sends it with \
                     `cna id proceed`.",
                )
                .arg(id())
                .arg(
                    Arg::new("reason")
                        .long("reason")
                        .value_name("CODE")
                        .required(true)
                        .value_parser([
                            "unused",
                            "not_vuln",
                            "no_evidence",
                            "duplicate",
                            "reservation_duplicate",
                            "merged",
                            "wrong_id",
                            "issued_in_error",
                            "not_disclosed",
                            "out_of_scope",
                            "test",
                        ])
                        .help("Why"),
                )
                .arg(
                    Arg::new("replaced-by")
                        .long("replaced-by")
                        .value_name("CVE-ID")
                        .action(ArgAction::Append)
                        .value_parser(value_parser!(CveId))
                        .help("The ID that stands instead"),
                )
                .arg(
                    Arg::new("text")
                        .long("text")
                        .value_name("TEXT")
                        .help("The text [default: the prescribed one, where there is one]"),
                )
                .arg(
                    Arg::new("state-only")
                        .long("state-only")
                        .action(ArgAction::SetTrue)
                        .help("Without a record that says why; for IDs of the pool"),
                ),
        ),
        transport_arguments(
            Command::new("reinstate")
                .about("Propose to undo a rejection")
                .long_about(
                    "Proposes to undo a rejection: the record that was archived before it is \
                     published again, or the one of --from. An ID that was rejected without a \
                     record is reserved again. A second person approves, a publisher proceeds.",
                )
                .arg(id())
                .arg(reason("Why"))
                .arg(
                    Arg::new("from")
                        .long("from")
                        .value_name("FILE")
                        .help("JSON of the CNA container to publish; `-` reads standard input"),
                ),
        ),
        transport_arguments(
            Command::new("proposals")
                .about("List what was proposed for IDs and is not over")
                .arg(
                    Arg::new("all")
                        .long("all")
                        .action(ArgAction::SetTrue)
                        .help("Also what is done or withdrawn"),
                ),
        ),
        transport_arguments(
            Command::new("proposal")
                .about("Show a proposal: what will be done, and the digest of it")
                .arg(number()),
        ),
        transport_arguments(
            Command::new("approve")
                .about("Approve what somebody else proposed")
                .arg(number())
                .arg(
                    Arg::new("digest")
                        .long("digest")
                        .value_name("SHA-256")
                        .required(true)
                        .help("The digest that was read with `cna id proposal`"),
                )
                .arg(
                    Arg::new("comment")
                        .long("comment")
                        .short('m')
                        .value_name("TEXT")
                        .help("What to say about it"),
                ),
        ),
        transport_arguments(
            Command::new("withdraw")
                .about("Withdraw a proposal that was not begun")
                .arg(number())
                .arg(reason("Why")),
        ),
        transport_arguments(
            Command::new("proceed")
                .about("Send what was approved to CVE Services, or go on with it")
                .arg(number()),
        ),
    ]
}

/// Runs the command `name`.
pub(super) fn run(name: &str, transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let text = |key: &str| matches.get_one::<String>(key).map(String::as_str);
    let link = Link::find(transport)?;
    if name == "proposals" {
        return list(transport, link, matches.get_flag("all"));
    }
    let answer = match name {
        "hand-back" | "reject" | "reinstate" => {
            let id: &CveId = required(matches, "id")?;
            let mut body = json!({"reason": text("reason")});
            if name == "reject" {
                let ids: Vec<&CveId> = matches
                    .get_many("replaced-by")
                    .unwrap_or_default()
                    .collect();
                body["replaced_by"] = json!(ids);
                body["text"] = json!(text("text"));
                body["state_only"] = json!(matches.get_flag("state-only"));
            }
            if name == "reinstate"
                && let Some(file) = text("from")
            {
                body["container"] = container(file)?;
            }
            link.post(&format!("/desk/v1/ids/{id}/{name}"), &body)?
        }
        _ => {
            let number: &i64 = required(matches, "number")?;
            let path = format!("/desk/v1/proposals/{number}");
            match name {
                "proposal" => link.get(&path)?,
                "approve" => {
                    let body = json!({
                        "digest": text("digest"),
                        "comment": text("comment").unwrap_or_default(),
                    });
                    link.post(&format!("{path}/approve"), &body)?
                }
                "withdraw" => link.post(
                    &format!("{path}/withdraw"),
                    &json!({"reason": text("reason")}),
                )?,
                _ => link.post(&format!("{path}/proceed"), &json!({}))?,
            }
        }
    };
    if transport.json {
        line(&answer.to_string())?;
    } else {
        print(&answer, name == "proposal")?;
    }
    link.finish()
}

fn container(file: &str) -> anyhow::Result<Value> {
    let context = || format!("reading the container from `{file}`");
    let text = match file {
        "-" => std::io::read_to_string(std::io::stdin()).with_context(context)?,
        file => std::fs::read_to_string(file).with_context(context)?,
    };
    let mut value: Value = serde_json::from_str(&text).with_context(context)?;
    Ok(match value.get_mut("cnaContainer") {
        Some(inner) => inner.take(),
        None => value,
    })
}

/// A proposal; `whole`, with its document.
pub(super) fn print(proposal: &Value, whole: bool) -> anyhow::Result<()> {
    let text = |key: &str| plain(proposal[key].as_str().unwrap_or_default());
    let number = &proposal["number"];
    line(&Style::stdout().bold(&format!(
        "Proposal {number}: {} {}, {}",
        text("kind").replace('_', " "),
        text("subject"),
        text("state")
    )))?;
    line(&format!("  Reason  {}", text("reason")))?;
    line(&format!("  By      {}, {}", text("author"), text("at")))?;
    if !text("decided_by").is_empty() {
        line(&format!(
            "  Decided {}, {}",
            text("decided_by"),
            text("decided_at")
        ))?;
    }
    line(&format!("  Digest  {}", text("digest")))?;
    for warning in proposal["document"]["warnings"]
        .as_array()
        .into_iter()
        .flatten()
    {
        line(&format!(
            "  Warning {}",
            plain(warning.as_str().unwrap_or_default())
        ))?;
    }
    let container = &proposal["document"]["container"];
    if let Some(text) = container["rejectedReasons"][0]["value"].as_str() {
        line(&format!("  Text    {}", plain(text)))?;
    }
    if whole {
        line(&serde_json::to_string_pretty(&proposal["document"])?)?;
    }
    line(&match text("state").as_str() {
        "open" => format!(
            "Somebody else reads it with `cna id proposal {number}` and approves it with `cna id \
             approve {number} --digest {}`.",
            text("digest")
        ),
        "approved" => format!("A publisher sends it with `cna id proceed {number}`."),
        "begun" => "On its way; `cna followup list` shows what waits.".to_owned(),
        "done" => "Done.".to_owned(),
        _ => "Withdrawn.".to_owned(),
    })
}

fn list(transport: &Transport, link: Link, all: bool) -> anyhow::Result<()> {
    let answer = link.get(&format!("/desk/v1/proposals?all={all}"))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let proposals = answer["proposals"].as_array().cloned().unwrap_or_default();
    if proposals.is_empty() {
        line("Nothing is proposed. `cna id reject` or `cna id hand-back` propose something.")?;
        return link.finish();
    }
    let rows: Vec<[String; 6]> = proposals
        .iter()
        .map(|proposal| {
            let text = |key: &str| plain(proposal[key].as_str().unwrap_or_default());
            [
                proposal["number"].to_string(),
                text("kind"),
                text("subject"),
                text("state"),
                text("author"),
                text("next"),
            ]
        })
        .collect();
    crate::commands::case::table(["NUMBER", "KIND", "SUBJECT", "STATE", "BY", "NEXT"], &rows)?;
    link.finish()
}

/// The definitions of `shared`, `transfer` and `transfers`.
pub(super) fn outside_commands() -> Vec<Command> {
    vec![
        transport_arguments(
            Command::new("shared")
                .about("Record that somebody outside was told of an ID")
                .arg(id())
                .arg(
                    Arg::new("with")
                        .long("with")
                        .value_name("WHOM")
                        .required(true)
                        .help("Whom you told"),
                )
                .arg(
                    Arg::new("note")
                        .long("note")
                        .value_name("TEXT")
                        .help("How, or why"),
                ),
        ),
        transport_arguments(
            Command::new("transfer")
                .about("Ask that an ID become another organisation's, and draft the letter")
                .arg(id())
                .arg(
                    Arg::new("to")
                        .long("to")
                        .value_name("ORG")
                        .required(true)
                        .help("Short name of whose it shall be"),
                )
                .arg(
                    Arg::new("ground")
                        .long("ground")
                        .value_parser(["scope", "delay"])
                        .default_value("scope")
                        .help("The only grounds there are"),
                )
                .arg(reason("Why, for whoever decides; nothing of an embargo")),
        ),
        transport_arguments(
            Command::new("transfers").about("List the transfers that were asked for"),
        ),
    ]
}

/// Runs `shared`, `transfer` or `transfers`.
pub(super) fn run_outside(
    name: &str,
    transport: &Transport,
    matches: &ArgMatches,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    if name == "transfers" {
        let answer = link.get("/desk/v1/transfers")?;
        if transport.json {
            line(&answer.to_string())?;
            return link.finish();
        }
        let transfers = answer["transfers"].as_array().cloned().unwrap_or_default();
        if transfers.is_empty() {
            line("No transfer was asked for. `cna id transfer` asks for one.")?;
        }
        for one in &transfers {
            let text = |key: &str| plain(one[key].as_str().unwrap_or_default());
            let seen = match text("seen_at").as_str() {
                "" => "not seen at the service yet".to_owned(),
                at => format!("seen at the service {at}"),
            };
            let (id, to, at) = (text("cve_id"), text("to"), text("at"));
            line(&format!(
                "{id}  to {to}, {}, asked {at}, {seen}",
                text("ground")
            ))?;
        }
        return link.finish();
    }
    let id: &CveId = required(matches, "id")?;
    let text = |key: &str| matches.get_one::<String>(key).cloned().unwrap_or_default();
    if name == "shared" {
        let body = json!({"with": text("with"), "note": text("note")});
        link.post(&format!("/desk/v1/ids/{id}/shared"), &body)?;
        let history = link.get(&format!("/desk/v1/ids/{id}/history"))?;
        if transport.json {
            line(&history.to_string())?;
        } else {
            line(&format!(
                "Recorded. {id} never serves another vulnerability."
            ))?;
        }
        return link.finish();
    }
    let body = json!({"to": text("to"), "ground": text("ground"), "reason": text("reason")});
    let made = link.post(
        &format!("/desk/v1/ids/{}/transfer", encoded(&id.to_string())),
        &body,
    )?;
    if transport.json {
        line(&made.to_string())?;
    } else {
        line(made["letter"].as_str().unwrap_or_default().trim_end())?;
    }
    link.finish()
}
