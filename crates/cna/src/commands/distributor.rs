//! `cna distributor`: who is told before a disclosure.

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::commands::case::table;
use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

const PATH: &str = "/desk/v1/distributors";

/// Its definition.
pub(crate) fn command() -> Command {
    let name = || {
        Arg::new("name")
            .value_name("NAME")
            .required(true)
            .help("Name of the distributor")
    };
    Command::new("distributor")
        .about("Keep the private distributors, who are told of a case before its disclosure")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("add")
                .about("Add a distributor, or change the one of that name")
                .arg(name())
                .arg(
                    Arg::new("mail")
                        .long("mail")
                        .value_name("ADDRESS")
                        .required(true)
                        .help("Its mail address, watched by several people"),
                )
                .arg(
                    Arg::new("product")
                        .long("product")
                        .value_name("TEXT")
                        .required(true)
                        .help("What it distributes"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("list").about("List the distributors, and the address of their list"),
        ))
        .subcommand(transport_arguments(
            Command::new("remove")
                .about("Remove a distributor; what it was sent stays noted")
                .arg(name()),
        ))
        .subcommand(transport_arguments(
            Command::new("address")
                .about("Set the address of the distributors' mailing list")
                .long_about(
                    "Sets the address of the distributors' mailing list. A package goes there in \
                     one mail; without an address it goes to each distributor in a mail of its \
                     own.",
                )
                .arg(
                    Arg::new("address")
                        .value_name("ADDRESS")
                        .required(true)
                        .help("Address of the list; `none` for none"),
                ),
        ))
}

/// Does what was asked.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let link = Link::find(&transport)?;
    let words = match word {
        "list" => return list(&transport, link),
        "add" => {
            let name: &String = required(matches, "name")?;
            let body = json!({"name": name, "address": text("mail"), "product": text("product")});
            link.post(PATH, &body)?;
            format!("Added {name}.")
        }
        "remove" => {
            let name: &String = required(matches, "name")?;
            link.post(&format!("{PATH}/remove"), &json!({"name": name}))?;
            format!("Removed {name}.")
        }
        _ => {
            let address = text("address");
            let address = if address == "none" { "" } else { &address };
            link.put(&format!("{PATH}/list"), &json!({"address": address}))?;
            match address {
                "" => "The distributors have no list: each is mailed by itself.".to_owned(),
                address => format!("The distributors' list is {address}."),
            }
        }
    };
    if transport.json {
        line(&json!({"done": words}).to_string())?;
    } else {
        line(&words)?;
    }
    link.finish()
}

fn list(transport: &Transport, link: Link) -> anyhow::Result<()> {
    let answer = link.get(PATH)?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    match answer["list"].as_str().unwrap_or_default() {
        "" => line(
            "They have no list: each is mailed by itself. `cna distributor address` sets one.",
        )?,
        list => line(&format!("List  {}", plain(list)))?,
    }
    let members = answer["members"].as_array().cloned().unwrap_or_default();
    if members.is_empty() {
        line(
            "No distributors. Add one with `cna distributor add NAME --mail ADDRESS --product TEXT`.",
        )?;
        return link.finish();
    }
    let rows: Vec<[String; 3]> = members
        .iter()
        .map(|member: &Value| {
            ["name", "product", "address"]
                .map(|key| plain(member[key].as_str().unwrap_or_default()))
        })
        .collect();
    table(["NAME", "PRODUCT", "MAIL"], &rows)?;
    link.finish()
}
