//! `cna store vacuum`: the database written anew, without what was erased.

use clap::{ArgMatches, Command};
use serde_json::json;
use store::{DatabaseUrl, Store};

use crate::cli::{json_flag, place_arguments};
use crate::config::Place;
use crate::folder::Folder;
use crate::output::line;

/// The command line of `cna store`.
pub(crate) fn command() -> Command {
    Command::new("store")
        .about("Look after the database itself")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(place_arguments(
            Command::new("vacuum")
                .about("Write the database anew, so that what was erased is nowhere in its files")
                .long_about(
                    "Writes the database anew, without what was erased or replaced: until then an \
                     engine leaves the old bytes in its files, for later use. Run it after `cna \
                     person erase` and `cna case erase`, while nothing else uses the data folder. \
                     It needs as much room again as the database has. Backups, and the log of a \
                     PostgreSQL server, are not reached.",
                )
                .arg(json_flag("Print JSON")),
        ))
}

/// Writes the database anew.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let Some((_, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let place = Place::read(matches)?;
    let missing = match &place.database {
        DatabaseUrl::Sqlite(file) if !file.exists() => Some(file.display().to_string()),
        _ if !place.data.exists() => Some(place.data.display().to_string()),
        _ => None,
    };
    if let Some(missing) = missing {
        anyhow::bail!("there is no database `{missing}`: name the folder with --data");
    }
    let _held = Folder::make(&place.data)?.hold_or_refuse("cna store vacuum")?;
    let size = || match &place.database {
        DatabaseUrl::Sqlite(file) => std::fs::metadata(file).map(|found| found.len()).ok(),
        DatabaseUrl::Postgres(_) => None,
    };
    let before = size();
    Store::vacuum(&place.database)?;
    let after = size();
    if matches.get_flag("json") {
        return line(&json!({"bytes_before": before, "bytes_after": after}).to_string());
    }
    line(&match (before, after) {
        (Some(before), Some(after)) => {
            format!("The database is written anew: {before} bytes before, {after} now.")
        }
        _ => "The database is written anew.".to_owned(),
    })
}
