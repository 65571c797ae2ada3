//! `cna id year-end`: rejecting what a year left unused.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::id::Year;
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

fn year() -> Arg {
    Arg::new("year")
        .value_name("YEAR")
        .required(true)
        .value_parser(value_parser!(Year))
        .help("The year")
}

/// The definitions of `year-end` and `reopen`.
pub(super) fn commands() -> Vec<Command> {
    vec![
        transport_arguments(
            Command::new("year-end")
                .about("Reject what a year left unused: list, approval, batches, report")
                .long_about(
                    "With --no-more-wanted, freezes the pool of the year, compares ledger and CVE \
                     Services, and proposes the exact list of what becomes of every reserved ID: U \
                     unassigned and rejected, A assigned and kept, B assigned and dropped, R \
                     public and to be published, X to be resolved by hand. A second person \
                     approves the list with `cna id approve`, a publisher begins it with `cna id \
                     proceed`, and goes on with it when it was broken off. Without the flag, says \
                     how the run stands.",
                )
                .arg(year())
                .arg(
                    Arg::new("no-more-wanted")
                        .long("no-more-wanted")
                        .action(ArgAction::SetTrue)
                        .help("Make the list: nobody wants further IDs of that year"),
                )
                .arg(
                    Arg::new("state-only")
                        .long("state-only")
                        .action(ArgAction::SetTrue)
                        .requires("no-more-wanted")
                        .help("Reject unassigned IDs without records that say why"),
                )
                .arg(
                    Arg::new("drop")
                        .long("drop")
                        .value_name("CVE-ID=REASON")
                        .action(ArgAction::Append)
                        .requires("no-more-wanted")
                        .help("An assigned ID that will not be disclosed, such as =not_vuln"),
                )
                .arg(
                    Arg::new("csv")
                        .long("csv")
                        .value_name("FILE")
                        .help("Write the list as CSV, for the Root"),
                ),
        ),
        transport_arguments(
            Command::new("reopen")
                .about("Open the pool of a frozen year again")
                .arg(year())
                .arg(
                    Arg::new("reason")
                        .long("reason")
                        .value_name("TEXT")
                        .required(true)
                        .help("Why"),
                ),
        ),
    ]
}

/// Runs `year-end` or `reopen`.
pub(super) fn run(name: &str, transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let year: &Year = required(matches, "year")?;
    let path = format!("/desk/v1/year-ends/{year}");
    let link = Link::find(transport)?;
    if name == "reopen" {
        let reason: &String = required(matches, "reason")?;
        link.post(&format!("{path}/reopen"), &json!({"reason": reason}))?;
    } else if matches.get_flag("no-more-wanted") {
        let mut drop = BTreeMap::new();
        for pair in matches.get_many::<String>("drop").unwrap_or_default() {
            let Some((id, reason)) = pair.split_once('=') else {
                bail!("--drop `{pair}`: expected CVE-ID=REASON, such as CVE-1900-20001=not_vuln");
            };
            drop.insert(id.to_owned(), reason.to_owned());
        }
        let body = json!({
            "no_more_wanted": true,
            "state_only": matches.get_flag("state-only"),
            "drop": drop,
        });
        link.post(&path, &body)?;
    }
    let stand = link.get(&path)?;
    if let Some(file) = matches.try_get_one::<String>("csv").ok().flatten() {
        write_csv(&stand, file)?;
    }
    if transport.json {
        line(&stand.to_string())?;
    } else {
        print(*year, &stand)?;
    }
    link.finish()
}

fn print(year: Year, stand: &Value) -> anyhow::Result<()> {
    let frozen = match stand["is_frozen"] == true {
        true => "frozen",
        false => "open",
    };
    line(&Style::stdout().bold(&format!("Year {year}: its pool is {frozen}")))?;
    for obstacle in stand["obstacles"].as_array().into_iter().flatten() {
        let words = match obstacle.as_str().unwrap_or_default() {
            "year_not_over" => "the year is not over",
            "open_report" => "reports of that year are not decided",
            _ => "IDs of that year are on order",
        };
        line(&format!("  In the way: {words}"))?;
    }
    if stand["proposal"].is_null() {
        return line(&format!(
            "No list yet. Make it with `cna id year-end {year} --no-more-wanted`."
        ));
    }
    for (class, what) in [
        ("U", "unassigned, to be rejected as unused"),
        ("A", "assigned, kept"),
        ("B", "assigned and dropped, to be rejected"),
        ("R", "public, to be published"),
        ("X", "to be resolved by hand first"),
    ] {
        let count = stand["counts"][class].as_u64().unwrap_or(0);
        line(&format!("  {class}  {count:>5}  {what}"))?;
    }
    line(&format!(
        "  Rejected {}, left {}, of these stuck {}",
        stand["rejected"], stand["left"], stand["stuck"]
    ))?;
    for kept in stand["kept"].as_array().into_iter().flatten() {
        let id = kept["cve_id"].as_str().unwrap_or_default();
        let owner = match plain(kept["owner"].as_str().unwrap_or_default()).as_str() {
            "" => String::new(),
            owner => format!(", ask {owner} for the planned date"),
        };
        let case = match kept["case"].as_i64() {
            Some(case) => format!(", case {case}"),
            None => String::new(),
        };
        line(&format!("  Kept {id}{case}{owner}"))?;
    }
    super::proposal::print(&stand["proposal"], false)
}

fn write_csv(stand: &Value, file: &str) -> anyhow::Result<()> {
    let context = || format!("writing `{file}`");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["cve_id", "class", "action", "reason"])?;
    let items = &stand["proposal"]["document"]["items"];
    for item in items.as_array().into_iter().flatten() {
        let text = |key: &str| item[key].as_str().unwrap_or_default();
        writer.write_record([
            text("cve_id"),
            text("class"),
            text("action"),
            text("reason"),
        ])?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    std::fs::write(file, bytes).with_context(context)
}
