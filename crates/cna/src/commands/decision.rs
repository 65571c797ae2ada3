//! `cna decision verify|route|settings`: the rules of the decision, asked directly.

mod route;
mod settings;
mod verify;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::cli::{Stop, json_flag, transport_arguments};
use crate::config::Transport;

/// The command line of `cna decision`.
pub(crate) fn command() -> Command {
    Command::new("decision")
        .about("Ask the rules of the decision: precedents, routing, settings")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("verify")
                .about("Run scenario files against the rules")
                .long_about(
                    "Runs every scenario of the files against the rules, and says of each whether \
                     it is kept or broken, with the first difference. A scenario with an unknown \
                     key, a missing answer or an expectation that cannot be evaluated is broken. \
                     Ends with 1 when any is broken.",
                )
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .num_args(1..)
                        .help("YAML files, one or many scenarios each; a folder means its `.yaml` files"),
                )
                .arg(json_flag("Print one line of JSON a scenario, and one with the counts")),
        )
        .subcommand(
            Command::new("route")
                .about("Find which CNA covers a product, and draft the letter to it")
                .long_about(
                    "Searches the scopes of a list of partners for a product, and ranks who may \
                     cover it, with the reason. With `--letter` it drafts the message that hands \
                     the report over. Nobody found is no error: then the CNA of last resort \
                     assigns.",
                )
                .arg(
                    Arg::new("partners")
                        .long("partners")
                        .value_name("FILE")
                        .required(true)
                        .help("The Program's list of partners, JSON; `-` reads standard input"),
                )
                .arg(
                    Arg::new("product")
                        .long("product")
                        .value_name("TEXT")
                        .required(true)
                        .help("The product, best with its vendor"),
                )
                .arg(
                    Arg::new("letter")
                        .long("letter")
                        .value_name("SHORT NAME")
                        .num_args(0..=1)
                        .default_missing_value("")
                        .help("Draft the letter to this partner, or to the best one"),
                )
                .arg(
                    Arg::new("from")
                        .long("from")
                        .value_name("NAME")
                        .default_value("[our organisation]")
                        .help("Who writes the letter"),
                )
                .arg(
                    Arg::new("public")
                        .long("public")
                        .action(ArgAction::SetTrue)
                        .help("The vulnerability is public: the 72 hours run"),
                )
                .arg(
                    Arg::new("limit")
                        .long("limit")
                        .value_name("N")
                        .default_value("10")
                        .value_parser(clap::value_parser!(u16).range(1..))
                        .help("Show at most so many"),
                )
                .arg(json_flag("Print the ranking as JSON")),
        )
        .subcommand(super::routing::partners_command())
        .subcommand(transport_arguments(
            Command::new("settings")
                .about("Show or set profile, overlays and hierarchy, by which cases are decided")
                .arg(
                    Arg::new("file")
                        .long("file")
                        .value_name("FILE")
                        .help("YAML with `profile`, `overlays` and `organisations`, to be set"),
                ),
        ))
}

/// Runs `cna decision`.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Stop> {
    match matches.subcommand() {
        Some(("verify", matches)) => {
            let files = matches.get_many::<String>("file").unwrap_or_default();
            verify::run(
                &files.cloned().collect::<Vec<_>>(),
                matches.get_flag("json"),
            )
        }
        Some(("route", matches)) => route::run(&route::Question::read(matches)?),
        Some(("partners", matches)) => Ok(super::routing::partners(matches)?),
        Some(("settings", matches)) => {
            let file = matches.get_one::<String>("file").map(String::as_str);
            settings::run(&Transport::read(matches)?, file)?;
            Ok(())
        }
        // clap refuses every other word.
        _ => Ok(()),
    }
}
