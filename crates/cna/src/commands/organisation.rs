//! `cna organisation`: whose desk this is, and where its public issues are.

use std::io::Read as _;

use anyhow::{Context as _, ensure};
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

const PATH: &str = "/desk/v1/organisation";
const TRACKER: &str = "/desk/v1/tracker";

/// The command line of `cna organisation`.
pub(crate) fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("organisation")
        .about("Show and set whose desk this is, and where its public issues are")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("show").about("Show the organisation, and the tracker of public issues"),
        ))
        .subcommand(transport_arguments(
            Command::new("set")
                .about("Name the organisation, or change what is named")
                .arg(text("short-name", "NAME", "Its short name as a CNA"))
                .arg(text("name", "TEXT", "Its full name"))
                .arg(text(
                    "account",
                    "NAME",
                    "The account IDs are reserved and records published with",
                )),
        ))
        .subcommand(transport_arguments(
            Command::new("tracker")
                .about("Say where public issues are, on GitHub or what speaks its API")
                .arg(
                    text("repository", "OWNER/NAME", "The repository of the issues").required(true),
                )
                .arg(text(
                    "api",
                    "URL",
                    "Address of the API [default: https://api.github.com]",
                ))
                .arg(text(
                    "api-token-file",
                    "FILE",
                    "File with a token for it, an empty one for none; `-` reads standard input; \
                     as before without it",
                )),
        ))
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("show", matches)) => show(&Transport::read(matches)?),
        Some(("set", matches)) => set(matches),
        Some(("tracker", matches)) => tracker(matches),
        // clap refuses every other word.
        _ => Ok(()),
    }
}

/// The organisation; nothing before it is set.
fn organisation(link: &Link) -> anyhow::Result<Option<Value>> {
    // Before it is set, the desk says that it is not there.
    match link.get(PATH) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.to_string().contains("the organisation was not found") => Ok(None),
        Err(error) => Err(error),
    }
}

fn show(transport: &Transport) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let (organisation, tracker) = (organisation(&link)?, link.get(TRACKER)?);
    if transport.json {
        line(&json!({"organisation": organisation, "tracker": tracker}).to_string())?;
    } else {
        match &organisation {
            Some(value) => print(value)?,
            None => line(
                "The organisation is not named yet. Name it with `cna organisation set \
                 --short-name NAME --name TEXT --account NAME`.",
            )?,
        }
        print_tracker(&tracker)?;
    }
    link.finish()
}

fn text(value: &Value, key: &str) -> String {
    plain(value[key].as_str().unwrap_or_default())
}

fn print(organisation: &Value) -> anyhow::Result<()> {
    line(&format!("Short name  {}", text(organisation, "short_name")))?;
    line(&format!("Name        {}", text(organisation, "name")))?;
    line(&format!("Account     {}", text(organisation, "account")))
}

fn print_tracker(tracker: &Value) -> anyhow::Result<()> {
    if tracker.is_null() {
        return line(
            "Issues      no repository is set (`cna organisation tracker --repository OWNER/NAME`)",
        );
    }
    let token = match tracker["has_token"] == true {
        true => "with a token",
        false => "without a token",
    };
    let (repository, api) = (text(tracker, "repository"), text(tracker, "api"));
    line(&format!("Issues      {repository} at {api}, {token}"))
}

fn set(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let link = Link::find(&transport)?;
    let mut wanted = organisation(&link)?.unwrap_or_else(|| json!({}));
    for (flag, key) in [
        ("short-name", "short_name"),
        ("name", "name"),
        ("account", "account"),
    ] {
        if let Some(value) = matches.get_one::<String>(flag) {
            wanted[key] = json!(value);
        }
        ensure!(
            wanted[key].is_string(),
            "the organisation is not named yet: give --{flag} too"
        );
    }
    let set = link.put(PATH, &wanted)?;
    if transport.json {
        line(&set.to_string())?;
    } else {
        print(&set)?;
    }
    link.finish()
}

fn tracker(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let mut wanted = json!({"repository": required::<String>(matches, "repository")?});
    if let Some(api) = matches.get_one::<String>("api") {
        wanted["api"] = json!(api);
    }
    if let Some(file) = matches.get_one::<String>("api-token-file") {
        wanted["token"] = json!(secret(file)?);
    }
    let link = Link::find(&transport)?;
    let set = link.put(TRACKER, &wanted)?;
    if transport.json {
        line(&set.to_string())?;
    } else {
        print_tracker(&set)?;
    }
    link.finish()
}

/// What a file holds, or standard input.
fn secret(file: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    match file {
        "-" => std::io::stdin().lock().read_to_string(&mut text),
        file => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    }
    .with_context(|| format!("reading the token from `{file}`"))?;
    Ok(text.trim().to_owned())
}
