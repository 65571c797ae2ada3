//! `cna account`: the CVE Services accounts of the desk.

use std::io::Read as _;

use anyhow::Context as _;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use super::id::encoded;
use crate::cli::{Stop, required, transport_arguments};
use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

/// The definition of the command.
pub(crate) fn command() -> Command {
    let name = || {
        Arg::new("name")
            .value_name("NAME")
            .required(true)
            .help("Name of the account")
    };
    Command::new("account")
        .about("Add, list, test, rotate and remove CVE Services accounts")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(add_command().arg(name()))
        .subcommand(transport_arguments(
            Command::new("list").about("List the accounts and the age of their keys"),
        ))
        .subcommand(transport_arguments(
            Command::new("test")
                .about("Ask the service whether it takes an account, and for its quota")
                .arg(name()),
        ))
        .subcommand(transport_arguments(
            Command::new("rotate")
                .about("Put a new key in the place of an account's, once the service takes it")
                .arg(name())
                .arg(key_argument()),
        ))
        .subcommand(transport_arguments(
            Command::new("remove")
                .about("Remove an account that nothing needs any more")
                .arg(name()),
        ))
}

fn add_command() -> Command {
    let field = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).required(true).help(help)
    };
    transport_arguments(
        Command::new("add")
            .about("Add an account")
            .arg(
                field("environment", "Shown wherever the account is used").value_parser([
                    "production",
                    "test",
                    "practice",
                ]),
            )
            .arg(field("url", "Address of the API").value_name("URL"))
            .arg(field("org", "Short name of the organisation").value_name("NAME"))
            .arg(field("user", "Name of the user").value_name("NAME"))
            .arg(key_argument()),
    )
}

fn key_argument() -> Arg {
    Arg::new("key-file")
        .long("key-file")
        .value_name("FILE")
        .required(true)
        .help("File that holds the API key; `-` reads standard input")
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((verb, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    let name = || required::<String>(matches, "name");
    let path =
        |end: &str| Ok::<_, anyhow::Error>(format!("/desk/v1/accounts/{}/{end}", encoded(name()?)));
    match verb {
        "add" => {
            let text = |key: &str| required::<String>(matches, key);
            let body = json!({
                "name": name()?,
                "environment": text("environment")?,
                "base_url": text("url")?,
                "org": text("org")?,
                "username": text("user")?,
                "key": key(text("key-file")?)?,
            });
            told(
                &transport,
                |link| link.post("/desk/v1/accounts", &body),
                |account| {
                    format!(
                        "Added `{0}`. Test it with `cna account test {0}`.",
                        text_of(account, "name")
                    )
                },
            )?;
        }
        "list" => list(&transport)?,
        "test" => told(
            &transport,
            |link| link.post(&path("test")?, &json!({})),
            quota,
        )?,
        "rotate" => {
            let body = json!({"key": key(required::<String>(matches, "key-file")?)?});
            told(&transport, |link| link.post(&path("key")?, &body), quota)?;
        }
        _ => told(
            &transport,
            |link| link.post(&path("remove")?, &json!({})),
            |_| "Removed.".to_owned(),
        )?,
    }
    Ok(())
}

/// Asks, and tells the answer.
fn told(
    transport: &Transport,
    ask: impl FnOnce(&Link) -> anyhow::Result<Value>,
    tell: impl FnOnce(&Value) -> String,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = ask(&link)?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(&tell(&answer))?;
    }
    link.finish()
}

fn text_of(value: &Value, key: &str) -> String {
    plain(value[key].as_str().unwrap_or_default())
}

fn quota(test: &Value) -> String {
    format!(
        "The service takes `{}` ({}): {} of {} IDs reserved, {} left.",
        text_of(test, "name"),
        text_of(test, "environment"),
        test["total_reserved"],
        test["id_quota"],
        test["available"]
    )
}

fn list(transport: &Transport) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get("/desk/v1/accounts")?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let accounts = answer["accounts"].as_array().cloned().unwrap_or_default();
    if accounts.is_empty() {
        line("No accounts yet. Add one with `cna account add`.")?;
        return link.finish();
    }
    let rows: Vec<[String; 6]> = accounts
        .iter()
        .map(|account| {
            [
                text_of(account, "name"),
                text_of(account, "environment"),
                text_of(account, "org"),
                text_of(account, "username"),
                format!("{} days", account["key_age_days"]),
                text_of(account, "base_url"),
            ]
        })
        .collect();
    super::case::table(
        [
            "ACCOUNT",
            "ENVIRONMENT",
            "ORG",
            "USER",
            "KEY AGE",
            "ADDRESS",
        ],
        &rows,
    )?;
    link.finish()
}

/// The key in a file. Never a flag: everybody on the machine can read another
/// process's command line.
fn key(file: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    match file {
        "-" => std::io::stdin().lock().read_to_string(&mut text),
        file => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    }
    .with_context(|| format!("reading the key from `{file}`"))?;
    let key = text.trim();
    anyhow::ensure!(
        !key.is_empty(),
        "`{file}` holds no key: expected the API key and nothing else"
    );
    Ok(key.to_owned())
}
