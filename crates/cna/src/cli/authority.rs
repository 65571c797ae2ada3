//! The command line of `cna authority`.

use std::net::IpAddr;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{Stop, json_flag, listen_argument, place_arguments};
use crate::commands;

/// Runs what was typed behind `cna authority`.
pub(super) fn run(matches: &ArgMatches) -> Result<(), Stop> {
    match matches.subcommand() {
        Some(("serve", matches)) => {
            commands::authority::serve(&commands::authority::Options::read(matches)?)?;
        }
        Some(("load", matches)) => {
            commands::authority::load(&commands::authority::LoadOptions::read(matches)?)?;
        }
        Some((noun, matches)) => {
            let (verb, matches) = matches.subcommand().unwrap_or(("", matches));
            commands::authority::administer(noun, verb, matches)?;
        }
        None => {}
    }
    Ok(())
}

pub(super) fn command() -> Command {
    Command::new("authority")
        .about("Run a CVE Services of your own")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(serve())
        .subcommand(in_folder(
            Command::new("load")
                .about("Load organisations, users, IDs and records from one file")
                .arg(Arg::new("file").required(true).help("The JSON file")),
        ))
        .subcommand(noun("org", "Administer organisations").subcommands(orgs()))
        .subcommand(noun("user", "Administer users and their keys").subcommands(users()))
        .subcommand(
            noun("quota", "Show and set how many IDs may be reserved").subcommands(quotas()),
        )
        .subcommand(noun("range", "List, open and extend years").subcommands(ranges()))
        .subcommand(transfer())
        .subcommand(noun("audit", "Look at the audit chain").subcommands(audits()))
}

fn noun(name: &'static str, about: &'static str) -> Command {
    Command::new(name)
        .about(about)
        .subcommand_required(true)
        .arg_required_else_help(true)
}

/// The authority's own data folder.
fn in_folder(command: Command) -> Command {
    place_arguments(command).mut_arg("data", |arg| arg.default_value("./cna-authority"))
}

/// Which authority a command of the administration talks to.
fn administered(command: Command) -> Command {
    in_folder(command)
        .arg(
            Arg::new("server")
                .long("server")
                .value_name("URL")
                .env("CNA_AUTHORITY_SERVER")
                .help("Talk to the authority at this address instead of the data folder's"),
        )
        .arg(
            Arg::new("cve-org")
                .long("cve-org")
                .value_name("ORG")
                .env("CVE_ORG")
                .help("With `--server`: sign in as a user of this organisation"),
        )
        .arg(
            Arg::new("cve-user")
                .long("cve-user")
                .value_name("USER")
                .env("CVE_USER")
                .help("With `--server`: sign in as this user"),
        )
        .arg(
            Arg::new("api-key-file")
                .long("api-key-file")
                .value_name("FILE")
                .env("CVE_API_KEY_FILE")
                .help("With `--server`: the file that holds the API key; or set CVE_API_KEY"),
        )
        .arg(json_flag("Print JSON"))
}

fn serve() -> Command {
    in_folder(
        Command::new("serve")
            .about("Serve the authority's API")
            .arg(listen_argument("127.0.0.1:3999"))
            .arg(
                Arg::new("practice")
                    .long("practice")
                    .action(ArgAction::SetTrue)
                    .help("Make one organisation with one user, and print what a client needs"),
            )
            .arg(
                Arg::new("compat")
                    .long("compat")
                    .value_parser(["2.3", "current"])
                    .default_value("current")
                    .help("Version of CVE Services to behave as"),
            )
            .arg(
                Arg::new("rate-limit")
                    .long("rate-limit")
                    .value_parser(["on", "off"])
                    .default_value("on")
                    .help("Limit how often a client may ask, as the three limits below say"),
            )
            .arg(limit(
                "address-limit",
                "1000/1",
                "Requests without a key from one address",
            ))
            .arg(limit("key-limit", "1000/1", "Requests with one user's key"))
            .arg(limit(
                "wrong-key-limit",
                "100/60",
                "Wrong keys from one address; then none is looked at",
            ))
            .arg(
                Arg::new("proxy")
                    .long("proxy")
                    .value_name("ADDR")
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(IpAddr))
                    .help("Address of a proxy in front, whose X-Forwarded-For is believed; may be repeated"),
            )
            .arg(
                Arg::new("log")
                    .long("log")
                    .env("CNA_AUTHORITY_LOG")
                    .value_parser(["text", "json", "off"])
                    .default_value("text")
                    .help("Write a line for each request to standard error"),
            )
            .arg(
                Arg::new("metrics-listen")
                    .long("metrics-listen")
                    .value_name("ADDR")
                    .env("CNA_METRICS_LISTEN")
                    .help("Serve metrics for Prometheus at /metrics on this address of its own"),
            ),
    )
}

fn limit(name: &'static str, default: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("REQUESTS/SECONDS")
        .default_value(default)
        .help(help)
}

fn word(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn org() -> Arg {
    Arg::new("org")
        .value_name("ORG")
        .required(true)
        .help("Short name of the organisation")
}

fn user() -> Arg {
    Arg::new("user")
        .value_name("USER")
        .required(true)
        .help("Name of the user")
}

fn role() -> Arg {
    Arg::new("role")
        .long("role")
        .value_name("ROLE")
        .action(ArgAction::Append)
        .ignore_case(true)
        .value_parser(["SECRETARIAT", "CNA", "ROOT_CNA", "ADP", "BULK_DOWNLOAD"])
        .help("A role of the organisation; may be repeated, and replaces those it has")
}

fn quota() -> Arg {
    Arg::new("quota")
        .value_name("NUMBER")
        .value_parser(value_parser!(i64).range(0..=100_000))
        .help("IDs the organisation may hold reserved, 0 to 100000")
}

fn under() -> Arg {
    word(
        "under",
        "ROOT",
        "Short name of the Root the organisation is under",
    )
}

fn orgs() -> Vec<Command> {
    vec![
        administered(Command::new("list").about("List organisations")),
        administered(
            Command::new("show")
                .about("Show an organisation")
                .arg(org()),
        ),
        administered(
            Command::new("create")
                .about("Create an organisation")
                .arg(org())
                .arg(word(
                    "name",
                    "NAME",
                    "Its full name [default: its short name]",
                ))
                .arg(role())
                .arg(quota().long("quota"))
                .arg(under()),
        ),
        administered(
            Command::new("update")
                .about("Change an organisation")
                .arg(org())
                .arg(word("short-name", "NAME", "Its new short name"))
                .arg(word("name", "NAME", "Its new full name"))
                .arg(role())
                .arg(under())
                .arg(
                    Arg::new("under-none")
                        .long("under-none")
                        .action(ArgAction::SetTrue)
                        .conflicts_with("under")
                        .help("Take it from under its Root"),
                ),
        ),
        administered(
            Command::new("disable")
                .about("Let nobody of an organisation sign in any more")
                .arg(org())
                .arg(word(
                    "reason",
                    "TEXT",
                    "Why; kept beside it and in the audit chain",
                )),
        ),
        administered(
            Command::new("enable")
                .about("Let a disabled organisation sign in again")
                .arg(org()),
        ),
    ]
}

fn name_parts(command: Command) -> Command {
    command
        .arg(word("first", "NAME", "First name"))
        .arg(word("last", "NAME", "Last name"))
        .arg(word("middle", "NAME", "Middle name"))
        .arg(word("suffix", "NAME", "Suffix of the name"))
}

fn users() -> Vec<Command> {
    let yes_or_no = |name: &'static str, help: &'static str| {
        word(name, "yes|no", help).value_parser(["yes", "no"])
    };
    vec![
        administered(
            Command::new("list")
                .about("List users with the age and last use of their keys")
                .arg(org()),
        ),
        administered(
            Command::new("show")
                .about("Show a user")
                .arg(org())
                .arg(user()),
        ),
        administered(name_parts(
            Command::new("create")
                .about("Create a user and print its key, once")
                .arg(org())
                .arg(user())
                .arg(
                    Arg::new("admin")
                        .long("admin")
                        .action(ArgAction::SetTrue)
                        .help("Let it administer the users of its organisation"),
                ),
        )),
        administered(name_parts(
            Command::new("update")
                .about("Change a user")
                .arg(org())
                .arg(user())
                .arg(word("username", "NAME", "Its new name"))
                .arg(yes_or_no(
                    "admin",
                    "Whether it administers its organisation's users",
                ))
                .arg(yes_or_no("active", "Whether it can sign in")),
        )),
        administered(
            Command::new("reset-key")
                .about("Make a new key and print it, once; the old one ends")
                .arg(org())
                .arg(user()),
        ),
    ]
}

fn quotas() -> Vec<Command> {
    vec![
        administered(Command::new("show").about("Show quota and use").arg(org())),
        administered(
            Command::new("set")
                .about("Set the quota")
                .arg(org())
                .arg(quota().required(true)),
        ),
    ]
}

fn ranges() -> Vec<Command> {
    let year = || {
        Arg::new("year")
            .value_name("YEAR")
            .required(true)
            .help("The year, four digits")
    };
    vec![
        administered(Command::new("list").about("List open years and the numbers they have left")),
        administered(
            Command::new("open")
                .about("Open a year, so that IDs can be reserved in it")
                .arg(year()),
        ),
        administered(
            Command::new("extend")
                .about("Move the last number of a year")
                .arg(year())
                .arg(
                    Arg::new("last")
                        .long("last")
                        .value_name("NUMBER")
                        .required(true)
                        .value_parser(value_parser!(i64))
                        .help("The last number of the general block"),
                ),
        ),
    ]
}

fn transfer() -> Command {
    administered(
        Command::new("transfer")
            .about("Give CVE IDs, with their records, to another organisation")
            .arg(word("to", "ORG", "Short name of the new owner").required(true))
            .arg(
                word("from", "ORG", "Take all IDs of this organisation")
                    .required_unless_present("ids"),
            )
            .arg(
                word("state", "STATE", "With `--from`: only IDs in this state")
                    .requires("from")
                    .ignore_case(true)
                    .value_parser(["RESERVED", "PUBLISHED", "REJECTED"]),
            )
            .arg(
                Arg::new("ids")
                    .value_name("CVE_ID")
                    .num_args(1..)
                    .conflicts_with("from")
                    .help("The IDs; all are transferred, or none"),
            ),
    )
}

fn audits() -> Vec<Command> {
    let number = |name: &'static str, help: &'static str| {
        word(name, "NUMBER", help).value_parser(value_parser!(i64).range(0..))
    };
    vec![
        administered(
            Command::new("list")
                .about("List events, oldest first")
                .arg(word(
                    "org",
                    "ORG",
                    "Only what users of this organisation did",
                ))
                .arg(word(
                    "object",
                    "ID",
                    "Only what happened to this UUID, CVE ID or year",
                ))
                .arg(number("after", "Only events after this number"))
                .arg(number("limit", "At most so many, up to 1000")),
        ),
        administered(Command::new("verify").about("Walk the chain and say whether it is unbroken")),
    ]
}
