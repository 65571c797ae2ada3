//! `cna token`: what programs sign in with.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::commands::case::table;
use crate::commands::clocks::minute;
use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

/// The command line of `cna token`.
pub(crate) fn command() -> Command {
    let person = || {
        Arg::new("person")
            .long("person")
            .value_name("NAME")
            .help("Tokens of this person, for an administrator [default: your own]")
    };
    Command::new("token")
        .about("Make, list and revoke tokens for programs")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("new")
                .about("Make a token for a program that acts as you, and print it once")
                .arg(
                    Arg::new("label")
                        .required(true)
                        .help("What it is for, in words"),
                )
                .arg(
                    Arg::new("scope")
                        .long("scope")
                        .value_name("SCOPE")
                        .action(ArgAction::Append)
                        .value_parser(parse_scope)
                        .help(
                            "What it is good for: read, report, work, publish or administer; \
                             several are given one by one [default: everything you may do]",
                        ),
                )
                .arg(
                    Arg::new("days")
                        .long("days")
                        .value_name("N")
                        .value_parser(value_parser!(u16).range(1..=365))
                        .default_value("90")
                        .help("After how many days it stops working, at most 365"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("list")
                .about("List tokens, without their secrets")
                .arg(person()),
        ))
        .subcommand(transport_arguments(
            Command::new("revoke")
                .about("End a token")
                .arg(
                    Arg::new("id")
                        .required(true)
                        .help("Its id, as `cna token list` shows it"),
                )
                .arg(person()),
        ))
}

fn parse_scope(text: &str) -> Result<String, String> {
    text.parse::<casework::Scope>()
        .map(|scope| scope.to_string())
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("new", matches)) => new(matches),
        Some(("list", matches)) => list(matches),
        Some(("revoke", matches)) => revoke(matches),
        // clap refuses every other word.
        _ => Ok(()),
    }
}

fn new(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let label: &String = required(matches, "label")?;
    let days: &u16 = required(matches, "days")?;
    let mut body = json!({"label": label, "days": days});
    if let Some(scopes) = matches.get_many::<String>("scope") {
        body["scopes"] = json!(scopes.collect::<Vec<_>>());
    }
    let link = Link::find(&transport)?;
    let token = link.post("/desk/v1/tokens", &body)?;
    if transport.json {
        line(&token.to_string())?;
    } else {
        let text = |key: &str| token[key].as_str().unwrap_or_default();
        line(text("token"))?;
        crate::output::note(&format!(
            "this is shown once; it is token {}, good for {} until {} UTC",
            text("id"),
            scopes(&token),
            minute(text("expires"))
        ));
    }
    link.finish()
}

fn list(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let link = Link::find(&transport)?;
    let path = match matches.get_one::<String>("person") {
        Some(name) => format!("/desk/v1/tokens?person={}", query(name)),
        None => "/desk/v1/tokens".to_owned(),
    };
    let answer = link.get(&path)?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let tokens = answer["tokens"].as_array().cloned().unwrap_or_default();
    if tokens.is_empty() {
        line("No tokens. Make one with `cna token new LABEL`.")?;
        return link.finish();
    }
    let rows: Vec<[String; 5]> = tokens
        .iter()
        .map(|token| {
            let text = |key: &str| token[key].as_str().unwrap_or_default();
            let until = match token["expired"] == true {
                true => format!("{} (over)", minute(text("expires"))),
                false => minute(text("expires")),
            };
            [
                text("id").to_owned(),
                text("person").to_owned(),
                scopes(token),
                until,
                text("label").to_owned(),
            ]
        })
        .collect();
    table(["ID", "PERSON", "GOOD FOR", "UNTIL (UTC)", "LABEL"], &rows)?;
    link.finish()
}

fn revoke(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: &String = required(matches, "id")?;
    let mut body = json!({});
    if let Some(name) = matches.get_one::<String>("person") {
        body["person"] = json!(name);
    }
    let link = Link::find(&transport)?;
    link.post(&format!("/desk/v1/tokens/{}/revoke", query(id)), &body)?;
    if transport.json {
        line(&json!({"revoked": id}).to_string())?;
    } else {
        line(&format!("Token {id} does not work any more."))?;
    }
    link.finish()
}

/// A text as it stands in an address.
fn query(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'@' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

fn scopes(token: &Value) -> String {
    let scopes = token["scopes"].as_array().into_iter().flatten();
    let scopes: Vec<_> = scopes.filter_map(Value::as_str).collect();
    match scopes.as_slice() {
        ["*"] => "everything".to_owned(),
        scopes => scopes.join(", "),
    }
}
