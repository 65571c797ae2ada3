//! `cna case award`: proposes a bounty award, approves one, or lists them.

use casework::CaseId;
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use crate::cli::required;
use crate::commands::case::table;
use crate::commands::clocks::minute;
use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

/// Its definition, without where the desk is.
pub(crate) fn command() -> Command {
    Command::new("award")
        .about("Propose a bounty award, approve the one of somebody else, or list them")
        .long_about(
            "Proposes a bounty award for whoever reported; a proposal that waits is replaced. \
             Somebody else who is on the case approves it with --approve: whoever proposed it \
             never does. Another amount is another proposal, approved again; what was approved \
             stands until then. It does not wait for the fix. Without an amount, lists the awards \
             of the case.",
        )
        .arg(
            Arg::new("id")
                .value_name("CASE")
                .required(true)
                .value_parser(value_parser!(CaseId))
                .help("Number of the case"),
        )
        .arg(
            Arg::new("amount")
                .value_name("AMOUNT")
                .requires("currency")
                .help("How much, such as 1500 or 1500.50"),
        )
        .arg(
            Arg::new("currency")
                .long("currency")
                .value_name("CODE")
                .requires("amount")
                .help("Of what, by three letters such as USD"),
        )
        .arg(
            Arg::new("note")
                .long("note")
                .value_name("TEXT")
                .requires("amount")
                .help("What for"),
        )
        .arg(
            Arg::new("approve")
                .long("approve")
                .value_name("NUMBER")
                .conflicts_with("amount")
                .value_parser(value_parser!(i64).range(1..))
                .help("Approve the award of this number"),
        )
        .arg(
            Arg::new("refuse")
                .long("refuse")
                .value_name("NUMBER")
                .conflicts_with_all(["amount", "approve"])
                .requires("reason")
                .value_parser(value_parser!(i64).range(1..))
                .help("Refuse the award of this number"),
        )
        .arg(
            Arg::new("reason")
                .long("reason")
                .value_name("TEXT")
                .requires("refuse")
                .help("Why it is refused"),
        )
}

/// Does what was asked.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CaseId = *required(matches, "id")?;
    let link = Link::find(&transport)?;
    let path = format!("/desk/v1/cases/{id}/awards");
    if let Some(number) = matches.get_one::<i64>("approve") {
        let award = link.post(&format!("{path}/{number}/approve"), &json!({}))?;
        let words = format!("Approved award {number} of case {id}: {}.", words(&award));
        return say(&transport, link, &award, &words);
    }
    if let Some(number) = matches.get_one::<i64>("refuse") {
        let reason: &String = required(matches, "reason")?;
        let award = link.post(
            &format!("{path}/{number}/refuse"),
            &json!({"reason": reason}),
        )?;
        let words = format!("Refused award {number} of case {id}: {}.", words(&award));
        return say(&transport, link, &award, &words);
    }
    if let Some(amount) = matches.get_one::<String>("amount") {
        let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
        let body = json!({"amount": amount, "currency": text("currency"), "note": text("note")});
        let award = link.post(&path, &body)?;
        let said = format!(
            "Proposed award {number} of case {id}: {}.\nSomebody else approves it with `cna case \
             award {id} --approve {number}`.",
            words(&award),
            number = award["number"],
        );
        return say(&transport, link, &award, &said);
    }
    let case = link.get(&format!("/desk/v1/cases/{id}"))?;
    let awards = case["awards"].as_array().cloned().unwrap_or_default();
    if transport.json {
        line(&json!({ "awards": awards }).to_string())?;
    } else if awards.is_empty() {
        line(&format!(
            "No award. Propose one with `cna case award {id} AMOUNT --currency CODE`."
        ))?;
    } else {
        let rows: Vec<[String; 6]> = awards.iter().map(row).collect();
        table(
            [
                "AWARD",
                "AMOUNT",
                "STATE",
                "PROPOSED BY",
                "DECIDED BY",
                "PROPOSED (UTC)",
            ],
            &rows,
        )?;
        for award in &awards {
            for (key, what) in [("note", "for"), ("reason", "refused because")] {
                match award[key].as_str().unwrap_or_default() {
                    "" => {}
                    text => line(&format!("{} {what}: {}", award["number"], plain(text)))?,
                }
            }
        }
    }
    link.finish()
}

fn say(transport: &Transport, link: Link, award: &Value, words: &str) -> anyhow::Result<()> {
    if transport.json {
        line(&award.to_string())?;
    } else {
        line(words)?;
    }
    link.finish()
}

fn row(award: &Value) -> [String; 6] {
    let text = |key: &str| plain(award[key].as_str().unwrap_or_default());
    [
        award["number"].to_string(),
        words(award),
        text("state"),
        text("proposed_by"),
        text("decided_by"),
        minute(&text("proposed_at")),
    ]
}

/// The lines of a case's head: its private issue, and its award.
pub(crate) fn print(case: &Value) -> anyhow::Result<()> {
    for tracker in case["trackers"].as_array().into_iter().flatten() {
        let tracker = tracker.as_str().unwrap_or_default();
        line(&format!("  Tracker   {} (private)", plain(tracker)))?;
    }
    for award in case["awards"].as_array().into_iter().flatten() {
        let text = |key: &str| plain(award[key].as_str().unwrap_or_default());
        let state = text("state");
        let who = match state.as_str() {
            "proposed" => format!(
                "proposed by {}, waits for somebody else",
                text("proposed_by")
            ),
            "approved" => format!("approved by {}", text("decided_by")),
            _ => continue,
        };
        line(&format!("  Award     {}, {who}", words(award)))?;
    }
    Ok(())
}

/// An award in words: `1500 USD`.
fn words(award: &Value) -> String {
    let text = |key: &str| plain(award[key].as_str().unwrap_or_default());
    format!("{} {}", text("amount"), text("currency"))
}
