//! `cna decision verify|route`: the rules of the decision, asked directly.

mod verify;

use clap::{Arg, ArgMatches, Command};

use crate::cli::{Stop, json_flag};

/// The command line of `cna decision`.
pub(crate) fn command() -> Command {
    Command::new("decision")
        .about("Ask the rules of the decision: precedents, routing")
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
        // clap refuses every other word.
        _ => Ok(()),
    }
}
