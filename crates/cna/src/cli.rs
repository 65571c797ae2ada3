//! The command line: one definition, from which parser, help, completion and
//! manual pages come.

mod authority;
mod records;

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::commands;
use crate::config::{Place, Transport};

/// Why a command ended without doing what it was asked.
pub(crate) enum Stop {
    /// The command line is wrong, or help was asked for.
    Usage(clap::Error),
    /// An input cannot be read.
    Unreadable(anyhow::Error),
    /// An input could not be read, which was said already.
    Said,
    /// A check found something, which was printed.
    Found,
    /// Anything else.
    Failed(anyhow::Error),
}

impl From<clap::Error> for Stop {
    fn from(error: clap::Error) -> Stop {
        Stop::Usage(error)
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Stop {
        Stop::Failed(error)
    }
}

/// Reads the command line and runs what it names.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<(), Stop> {
    let matches = command().try_get_matches_from(arguments)?;
    crate::output::start_log(matches.get_flag("verbose"));
    match matches.subcommand() {
        Some(("demo", matches)) => commands::demo::run(&commands::demo::Options::read(matches))?,
        Some(("serve", matches)) => {
            commands::serve::run(&commands::serve::Options::read(matches)?)?;
        }
        Some(("authority", matches)) => authority::run(matches)?,
        Some(("case", matches)) => case(matches)?,
        Some(("audit", matches)) => audit(matches)?,
        Some(("decision", matches)) => commands::decision::run(matches)?,
        Some(("check", matches)) => commands::check::run(matches)?,
        Some(("rule", matches)) => {
            let code = matches.get_one::<String>("code").map(String::as_str);
            commands::rule::run(code, matches.get_flag("json"))?;
        }
        Some(("score", matches)) => commands::score::run(&commands::score::options(matches))?,
        Some(("cvss", matches)) => {
            let vector: &String = required(matches, "vector")?;
            commands::cvss::run(vector, matches.get_flag("json"))?;
        }
        Some(("versions", matches)) => {
            commands::versions::run(&commands::versions::options(matches)?)?;
        }
        Some(("convert", matches)) => {
            commands::convert::run(&commands::convert::Settings::read(matches)?)?;
        }
        Some(("completion", matches)) => commands::completion::run(matches, command())?,
        Some(("man", matches)) => commands::man::run(matches, command())?,
        // clap refuses every other word.
        _ => {}
    }
    Ok(())
}

fn case(matches: &ArgMatches) -> Result<(), Stop> {
    match matches.subcommand() {
        Some(("new", matches)) => {
            let from: &String = required(matches, "from")?;
            commands::case::new(&Transport::read(matches)?, from)?;
        }
        Some(("list", matches)) => commands::case::list(&Transport::read(matches)?)?,
        Some(("show", matches)) => {
            let id: &casework::CaseId = required(matches, "id")?;
            commands::case::show(&Transport::read(matches)?, *id)?;
        }
        _ => {}
    }
    Ok(())
}

fn audit(matches: &ArgMatches) -> Result<(), Stop> {
    if let Some(("verify", matches)) = matches.subcommand() {
        commands::audit::verify(&Place::read(matches)?, matches.get_flag("json"))?;
    }
    Ok(())
}

/// The value of an argument clap has made sure of.
pub(crate) fn required<'a, T: Clone + Send + Sync + 'static>(
    matches: &'a ArgMatches,
    name: &str,
) -> Result<&'a T, anyhow::Error> {
    matches
        .get_one(name)
        .ok_or_else(|| anyhow::anyhow!("`{name}` has no value"))
}

/// The whole command line.
pub(crate) fn command() -> Command {
    Command::new("cna")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The system a CVE Numbering Authority works in")
        .long_about(
            "The system a CVE Numbering Authority works in: from the first report of a \
             vulnerability to a published CVE Record, an advisory and a feed, with every CVE ID \
             accounted for.\n\nStart with `cna demo`, which does the whole job on an example, or \
             with `cna serve`, which opens a desk of your own.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .arg(
            Arg::new("verbose")
                .long("verbose")
                .short('v')
                .action(ArgAction::SetTrue)
                .global(true)
                .help("Log more, to standard error"),
        )
        .subcommand(demo())
        .subcommand(serve())
        .subcommand(authority::command())
        .subcommand(case_command())
        .subcommand(audit_command())
        .subcommand(commands::decision::command())
        .subcommand(records::check())
        .subcommand(records::rule())
        .subcommand(records::score())
        .subcommand(records::cvss())
        .subcommand(records::versions())
        .subcommand(commands::convert::command())
        .subcommand(
            Command::new("completion")
                .about("Print a completion script for a shell")
                .arg(
                    Arg::new("shell")
                        .required(true)
                        .value_parser(value_parser!(clap_complete::Shell))
                        .help("bash, elvish, fish, powershell or zsh"),
                ),
        )
        .subcommand(
            Command::new("man")
                .about("Write manual pages into a folder")
                .arg(
                    Arg::new("folder")
                        .required(true)
                        .help("Folder to write them to"),
                ),
        )
}

fn demo() -> Command {
    Command::new("demo")
        .about("Do the whole job on an example report, then show it")
        .long_about(
            "Does the whole job on an example report, with real parts and nothing beyond this \
             machine: an authority, a desk, a case, the decision tree, a CVE ID, a draft, a \
             review, an advisory, a published record, a feed. Prints each step, writes the \
             outputs to a folder, and then serves desk and portal until Ctrl-C.",
        )
        .arg(
            Arg::new("exit")
                .long("exit")
                .action(ArgAction::SetTrue)
                .help("End when the job is done, instead of serving it"),
        )
        .arg(
            Arg::new("report")
                .long("report")
                .value_name("FILE")
                .help("Take this report instead of the example; Markdown with front matter"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .value_name("DIR")
                .help("Write the outputs here instead of a temporary folder"),
        )
        .arg(json_flag("Print one line of JSON a step"))
}

fn serve() -> Command {
    place_arguments(
        Command::new("serve")
            .about("Serve the desk and its portal")
            .long_about(
                "Serves the desk and its public portal. Creates what is missing, prints the \
                 addresses, and at the first start a one-time sign-in link for the first \
                 administrator. SIGTERM or Ctrl-C ends it cleanly.",
            )
            .arg(listen_argument("127.0.0.1:8080"))
            .arg(
                Arg::new("portal-url")
                    .long("portal-url")
                    .value_name("URL")
                    .env("CNA_PORTAL_URL")
                    .help("Address under which the public reaches the portal [default: the listening address]"),
            )
            .arg(
                Arg::new("environment")
                    .long("environment")
                    .env("CNA_ENVIRONMENT")
                    .value_parser(["production", "test", "practice"])
                    .default_value("production")
                    .help("Said in words on every page"),
            )
            .arg(
                Arg::new("allow-private-addresses")
                    .long("allow-private-addresses")
                    .action(ArgAction::SetTrue)
                    .help("Let the desk ask servers at private and loopback addresses"),
            ),
    )
}

fn case_command() -> Command {
    Command::new("case")
        .about("File, list and show cases")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("new").about("File a report as a case").arg(
                Arg::new("from")
                    .long("from")
                    .value_name("FILE")
                    .required(true)
                    .help("The report, Markdown with front matter; `-` reads standard input"),
            ),
        ))
        .subcommand(transport_arguments(
            Command::new("list").about("List the cases you are on"),
        ))
        .subcommand(transport_arguments(
            Command::new("show").about("Show a case").arg(
                Arg::new("id")
                    .required(true)
                    .value_parser(value_parser!(casework::CaseId))
                    .help("Number of the case"),
            ),
        ))
}

fn audit_command() -> Command {
    Command::new("audit")
        .about("Prove the audit chain")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(place_arguments(
            Command::new("verify")
                .about("Walk the audit chain and say whether it is unbroken")
                .arg(json_flag("Print the verdict as JSON")),
        ))
}

pub(crate) fn json_flag(help: &'static str) -> Arg {
    Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help(help)
}

fn listen_argument(default: &'static str) -> Arg {
    Arg::new("listen")
        .long("listen")
        .value_name("ADDR")
        .env("CNA_LISTEN")
        .default_value(default)
        .help("Address and port to listen on; port 0 takes a free one")
}

/// Where the data lies.
fn place_arguments(command: Command) -> Command {
    command
        .arg(
            Arg::new("data")
                .long("data")
                .value_name("DIR")
                .env("CNA_DATA")
                .default_value("./cna-data")
                .help("Data folder; made when it is missing"),
        )
        .arg(
            Arg::new("database")
                .long("database")
                .value_name("URL")
                .env("CNA_DATABASE")
                .hide_env_values(true)
                .default_value("sqlite:cna.sqlite")
                .help("`sqlite:FILE`, taken from the data folder, or `postgres://…`"),
        )
        .arg(now_argument())
}

/// Another clock.
fn now_argument() -> Arg {
    Arg::new("now")
        .long("now")
        .value_name("TIME")
        .hide(true)
        .help("For practice and tests: the time the program believes in")
}

/// Which desk a command talks to.
fn transport_arguments(command: Command) -> Command {
    place_arguments(command)
        .arg(
            Arg::new("server")
                .long("server")
                .value_name("URL")
                .env("CNA_SERVER")
                .help("Talk to the desk at this address instead of the data folder's"),
        )
        .arg(
            Arg::new("token-file")
                .long("token-file")
                .value_name("FILE")
                .env("CNA_TOKEN_FILE")
                .help("File that holds the token for `--server`; or set CNA_TOKEN"),
        )
        .arg(
            Arg::new("as")
                .long("as")
                .value_name("PERSON")
                .env("CNA_AS")
                .help("Act as this person, on the data folder's own desk"),
        )
        .arg(json_flag("Print JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }
}
