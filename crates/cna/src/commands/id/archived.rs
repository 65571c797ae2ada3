//! `cna id archived`: the records of an ID that a rejection replaced.

use clap::{Arg, ArgMatches, Command, value_parser};
use cve::id::CveId;

use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

/// The definition of the command.
pub(super) fn command() -> Command {
    transport_arguments(
        Command::new("archived")
            .about("Show the records of an ID that a rejection replaced")
            .long_about(
                "Shows the whole records of an ID that were kept before a rejection took their \
                 place, oldest first, as JSON. Their ADP containers are kept here only: CVE \
                 Services drops them with the rejection.",
            )
            .arg(
                Arg::new("id")
                    .value_name("CVE-ID")
                    .required(true)
                    .value_parser(value_parser!(CveId))
                    .help("The ID"),
            ),
    )
}

/// Shows them.
pub(super) fn run(transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let id: CveId = *required(matches, "id")?;
    let link = Link::find(transport)?;
    let answer = link.get(&format!("/desk/v1/ids/{id}/archived"))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let records = answer["records"].as_array().cloned().unwrap_or_default();
    if records.is_empty() {
        line(&format!("No record of {id} was replaced by a rejection."))?;
    }
    for record in records {
        line(&serde_json::to_string_pretty(&record)?)?;
    }
    link.finish()
}
