//! `cna id`: the ledger, the pool, and CVE Services compared with them.

mod archived;
mod import;
mod proposal;
mod sheet;
mod watch;
mod year_end;

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::id::{CveId, Year};
use serde_json::{Value, json};

use crate::cli::{Stop, required, transport_arguments};
use crate::config::Transport;
use crate::output::{Style, line, note, plain};
use crate::transport::Link;

/// The definition of the command.
pub(crate) fn command() -> Command {
    Command::new("id")
        .about("Account for every CVE ID: list, reserve, compare, export")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("list")
                .about("List the IDs of the ledger, and how the pool stands")
                .arg(
                    Arg::new("state")
                        .long("state")
                        .value_name("STATE")
                        .help("Only IDs in this state, such as POOL"),
                )
                .arg(year_argument("Only IDs of this year"))
                .arg(
                    Arg::new("older-than")
                        .long("older-than")
                        .value_name("DAYS")
                        .value_parser(value_parser!(i64).range(0..=100_000))
                        .help("Only IDs that were assigned so long ago and have no record"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("show").about("Show what became of an ID").arg(
                Arg::new("id")
                    .value_name("CVE-ID")
                    .required(true)
                    .value_parser(value_parser!(CveId))
                    .help("The ID"),
            ),
        ))
        .subcommand(archived::command())
        .subcommand(reserve_command())
        .subcommand(refill_command())
        .subcommands(proposal::commands())
        .subcommands(proposal::outside_commands())
        .subcommands(year_end::commands())
        .subcommands(watch::commands())
        .subcommand(transport_arguments(
            Command::new("sync")
                .about("Compare the ledger with CVE Services, both ways")
                .long_about(
                    "Compares the ledger with CVE Services, both ways, shows every difference \
                     and proposes a mend. Nothing is changed at the service, and with --mend the \
                     ledger where it is sure what is right.",
                )
                .after_help("Exit code: 0 nothing differs, 1 something does.")
                .arg(
                    Arg::new("account")
                        .long("account")
                        .value_name("NAME")
                        .help("Compare this account only"),
                )
                .arg(
                    Arg::new("records")
                        .long("records")
                        .action(ArgAction::SetTrue)
                        .help("Also read each published record, and compare it with what was last seen"),
                )
                .arg(
                    Arg::new("mend")
                        .long("mend")
                        .action(ArgAction::SetTrue)
                        .help("Apply the mends that are sure, and compare again"),
                )
                .arg(
                    Arg::new("only")
                        .long("only")
                        .value_name("CVE-ID")
                        .action(ArgAction::Append)
                        .requires("mend")
                        .value_parser(value_parser!(CveId))
                        .help("Mend only this ID"),
                ),
        ))
        .subcommand(import::command())
        .subcommand(transport_arguments(
            Command::new("export")
                .about("Write the tracking sheet, as CSV or for a spreadsheet program")
                .long_about(
                    "Writes the tracking sheet: one row for each ID, by ID. A file that ends in \
                     `.xlsx` is made for spreadsheet programs, every other is CSV. No cell is \
                     ever run as a formula: in CSV, a text that a program could take for one \
                     begins with an apostrophe.",
                )
                .arg(
                    Arg::new("output")
                        .long("output")
                        .value_name("FILE")
                        .help("Where to write; `-` or nothing is standard output, as CSV"),
                ),
        ))
}

fn reserve_command() -> Command {
    transport_arguments(
        Command::new("reserve")
            .about("Reserve IDs for the pool: so many, or as many as the buffer lacks")
            .arg(
                Arg::new("amount")
                    .value_name("N")
                    .value_parser(value_parser!(u32))
                    .help("How many [default: as many as the buffer lacks]"),
            )
            .arg(year_argument("Year of the IDs [default: this year]"))
            .arg(
                Arg::new("sequential")
                    .long("sequential")
                    .action(ArgAction::SetTrue)
                    .help("Neighbouring numbers; for bulk, never for embargoed work"),
            )
            .arg(
                Arg::new("reason")
                    .long("reason")
                    .value_name("TEXT")
                    .help("Why, for a year that has passed"),
            ),
    )
}

fn refill_command() -> Command {
    transport_arguments(
        Command::new("refill")
            .about("Fill a low pool within the quota, or say whether that is done by itself")
            .long_about(
                "Reserves what the buffer lacks when the alarm stands, never past the quota and \
                 never while a reservation waits. With `auto`, `cna serve` does so by itself; \
                 `off` ends that.",
            )
            .arg(
                Arg::new("setting")
                    .value_name("SETTING")
                    .value_parser(["auto", "off"])
                    .help("Whether `cna serve` fills a low pool by itself"),
            ),
    )
}

fn year_argument(help: &'static str) -> Arg {
    Arg::new("year")
        .long("year")
        .value_name("YEAR")
        .value_parser(value_parser!(Year))
        .help(help)
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((name, matches)) = matches.subcommand() else {
        return Ok(());
    };
    if name == "hits" {
        return watch::run_hits(matches);
    }
    let transport = Transport::read(matches)?;
    match name {
        "list" => Ok(list(&transport, matches)?),
        "show" => Ok(show(&transport, *required(matches, "id")?)?),
        "archived" => Ok(archived::run(&transport, matches)?),
        "reserve" => Ok(reserve(&transport, matches)?),
        "sync" => sync(&transport, matches),
        "import" => import::run(&transport, matches),
        "refill" => Ok(refill(&transport, matches)?),
        "watch" => watch::run(&transport, matches),
        "year-end" | "reopen" => Ok(year_end::run(name, &transport, matches)?),
        "shared" | "transfer" | "transfers" => {
            Ok(proposal::run_outside(name, &transport, matches)?)
        }
        "hand-back" | "reject" | "reinstate" | "proposals" | "proposal" | "approve"
        | "withdraw" | "proceed" => Ok(proposal::run(name, &transport, matches)?),
        _ => Ok(sheet::export(
            &transport,
            matches.get_one::<String>("output").map(String::as_str),
        )?),
    }
}

fn list(transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let mut query = Vec::new();
    if let Some(state) = matches.get_one::<String>("state") {
        query.push(format!("state={}", encoded(&state.to_ascii_uppercase())));
    }
    if let Some(year) = matches.get_one::<Year>("year") {
        query.push(format!("year={year}"));
    }
    if let Some(days) = matches.get_one::<i64>("older-than") {
        query.push(format!("older_than={days}"));
    }
    let link = Link::find(transport)?;
    let answer = link.get(&format!("/desk/v1/ids?{}", query.join("&")))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let ids = answer["ids"].as_array().cloned().unwrap_or_default();
    if ids.is_empty() && !query.is_empty() {
        line("No such IDs.")?;
    } else if ids.is_empty() {
        line("No IDs. Reserve some with `cna id reserve`, or assign one to a case.")?;
    } else {
        let rows: Vec<[String; 5]> = ids
            .iter()
            .map(|id| {
                let text = |key: &str| plain(id[key].as_str().unwrap_or_default());
                let case = id["case"].as_i64().map(|case| case.to_string());
                [
                    text("cve_id"),
                    text("state"),
                    text("account"),
                    case.unwrap_or_default(),
                    text("title"),
                ]
            })
            .collect();
        super::case::table(["CVE ID", "STATE", "ACCOUNT", "CASE", "TITLE"], &rows)?;
    }
    for year in answer["pool"].as_array().into_iter().flatten() {
        print_pool(year)?;
    }
    link.finish()
}

fn print_pool(year: &Value) -> anyhow::Result<()> {
    let buffer = match year["buffer"].as_i64() {
        Some(0) | None => String::new(),
        Some(buffer) => format!(" of {buffer}"),
    };
    line(&format!(
        "Pool of {}: {}{buffer}, {} on order",
        year["year"].as_str().unwrap_or_default(),
        year["pool"],
        year["on_order"]
    ))?;
    if year["is_frozen"] == true {
        note("the pool is frozen by its year-end run");
    } else if year["is_low"] == true {
        note("the pool is low: fill it with `cna id refill`");
    }
    Ok(())
}

fn show(transport: &Transport, id: CveId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let found = link.get(&format!("/desk/v1/ids/{id}"))?;
    if transport.json {
        line(&found.to_string())?;
        return link.finish();
    }
    let text = |key: &str| plain(found[key].as_str().unwrap_or_default());
    line(&Style::stdout().bold(&format!("{id}  {}", text("state"))))?;
    for (name, key) in [
        ("Title", "title"),
        ("Account", "account"),
        ("Reserved", "reserved_at"),
        ("By", "reserved_by"),
        ("Assigned", "assigned_at"),
        ("Approved", "approved_at"),
        ("Advisory", "advisory"),
        ("Disclosed", "disclosed_at"),
        ("Published", "published_at"),
    ] {
        if !text(key).is_empty() {
            line(&format!("  {name:<9}  {}", text(key)))?;
        }
    }
    if let Some(case) = found["case"].as_i64() {
        line(&format!("  Case       {case}"))?;
    }
    // Of an ID of a case one is not on, there is nothing more to see.
    if let Ok(history) = link.get(&format!("/desk/v1/ids/{id}/history")) {
        print_history(&history)?;
    }
    link.finish()
}

fn print_history(history: &Value) -> anyhow::Result<()> {
    for told in history["shared"].as_array().into_iter().flatten() {
        line(&format!(
            "  Outside    {}",
            plain(told.as_str().unwrap_or_default())
        ))?;
    }
    for one in history["rejections"].as_array().into_iter().flatten() {
        let text = |key: &str| plain(one[key].as_str().unwrap_or_default());
        let what = match one["undone"] == true {
            true => "Reinstated",
            false => "Rejected  ",
        };
        line(&format!(
            "  {what} {} {} {}",
            text("at"),
            text("reason"),
            text("text")
        ))?;
    }
    for one in history["proposals"].as_array().into_iter().flatten() {
        let text = |key: &str| plain(one[key].as_str().unwrap_or_default());
        let number = &one["number"];
        line(&format!(
            "  Proposal   {number}: {}, {}",
            text("kind"),
            text("state")
        ))?;
    }
    Ok(())
}

fn refill(transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    if let Some(setting) = matches.get_one::<String>("setting") {
        let answer = link.put("/desk/v1/ids/refill", &json!({"refill": setting}))?;
        if transport.json {
            line(&answer.to_string())?;
        } else {
            line(match setting.as_str() {
                "auto" => "`cna serve` fills a low pool by itself from now on.",
                _ => "A low pool is filled only when somebody asks.",
            })?;
        }
        return link.finish();
    }
    let answer = link.post("/desk/v1/ids/refill", &json!({}))?;
    if transport.json {
        line(&answer.to_string())?;
    } else if answer["amount"] == 0 {
        line(
            "Nothing was reserved: the pool is not low, a reservation waits, or the quota is used up.",
        )?;
    } else {
        line(&format!("{} IDs are being reserved.", answer["amount"]))?;
    }
    link.finish()
}

fn reserve(transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let body = json!({
        "amount": matches.get_one::<u32>("amount"),
        "year": matches.get_one::<Year>("year"),
        "sequential": matches.get_flag("sequential"),
        "reason": matches.get_one::<String>("reason").cloned().unwrap_or_default(),
    });
    let link = Link::find(transport)?;
    let answer = link.post("/desk/v1/ids/reservations", &body)?;
    let amount = answer["amount"]
        .as_u64()
        .context("the desk did not say how many")?;
    if transport.json {
        line(&answer.to_string())?;
    } else if amount == 0 {
        line("The buffer is full; nothing was reserved.")?;
    } else {
        line(&format!(
            "{amount} IDs of {} are being reserved. See them with `cna id list`, and what waits \
             with `cna followup list`.",
            answer["year"].as_str().unwrap_or_default()
        ))?;
    }
    link.finish()
}

fn sync(transport: &Transport, matches: &ArgMatches) -> Result<(), Stop> {
    let account = matches.get_one::<String>("account");
    let records = matches.get_flag("records");
    let link = Link::find(transport)?;
    let answer = if matches.get_flag("mend") {
        let only: Option<Vec<&CveId>> = matches.get_many("only").map(Iterator::collect);
        let body = json!({"account": account, "records": records, "ids": only});
        link.post("/desk/v1/ids/sync", &body)?
    } else {
        let account = account.map(|name| format!("&account={}", encoded(name)));
        let account = account.unwrap_or_default();
        link.get(&format!("/desk/v1/ids/sync?records={records}{account}"))?
    };
    let accounts = answer["accounts"].as_array().cloned().unwrap_or_default();
    let differences = |account: &Value| account["differences"].as_array().map_or(0, Vec::len);
    let count: usize = accounts.iter().map(differences).sum();
    if transport.json {
        line(&answer.to_string())?;
    } else {
        for mended in answer["mended"].as_array().into_iter().flatten() {
            let text = |key: &str| plain(mended[key].as_str().unwrap_or_default());
            let word = match mended["is_done"] == true {
                true => "mended",
                false => "not mended",
            };
            line(&format!("{}  {word}: {}", text("cve_id"), text("what")))?;
        }
        for account in &accounts {
            print_sync(account)?;
        }
    }
    link.finish()?;
    if count == 0 { Ok(()) } else { Err(Stop::Found) }
}

fn print_sync(account: &Value) -> anyhow::Result<()> {
    let text = |value: &Value| plain(value.as_str().unwrap_or_default());
    let differences = account["differences"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    line(&format!(
        "{} ({}): {} IDs in the ledger, {} at the service, {} differences",
        text(&account["account"]),
        text(&account["environment"]),
        account["in_ledger"],
        account["at_service"],
        differences.len()
    ))?;
    for difference in &differences {
        let side = |key: &str| match text(&difference[key]).as_str() {
            "" => "nothing".to_owned(),
            said => said.to_owned(),
        };
        line(&format!(
            "  {}  {}: ledger says {}, service says {}",
            text(&difference["cve_id"]),
            text(&difference["kind"]),
            side("ledger"),
            side("service")
        ))?;
        line(&format!("    {}", text(&difference["mend"])))?;
    }
    Ok(())
}

/// A text as part of an address.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
