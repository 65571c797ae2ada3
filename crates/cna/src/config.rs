//! What was typed, resolved: flag before variable before default.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::ArgMatches;
use cve::time::Timestamp;
use store::DatabaseUrl;

use crate::cli::required;

/// Where the data lies, and what time it is there.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The database; a relative SQLite file lies in the data folder.
    pub(crate) database: DatabaseUrl,
    /// The time the program believes in, for practice and tests.
    pub(crate) now: Option<Timestamp>,
}

impl Place {
    pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<Place> {
        let data = PathBuf::from(required::<String>(matches, "data")?);
        let database: DatabaseUrl = required::<String>(matches, "database")?
            .parse()
            .context("--database")?;
        let now = matches
            .get_one::<String>("now")
            .map(|now| now.parse::<Timestamp>().context("--now"))
            .transpose()?;
        Ok(Place {
            database: database.inside(&data),
            data,
            now,
        })
    }
}

/// Which desk a command talks to, and how its answer is printed.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    /// The data folder, where no server is named.
    pub(crate) place: Place,
    /// Address of a server, and the token for it.
    pub(crate) server: Option<(String, String)>,
    /// The person to act as, on the folder's own desk.
    pub(crate) person: Option<String>,
    /// Print JSON.
    pub(crate) json: bool,
}

impl Transport {
    pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<Transport> {
        let server = match matches.get_one::<String>("server") {
            Some(url) => Some((url.trim_end_matches('/').to_owned(), token(matches)?)),
            None => None,
        };
        let person = matches.get_one::<String>("as").cloned();
        if server.is_some() && person.is_some() {
            bail!(
                "--as goes with the data folder's own desk: with --server, the token says who acts"
            );
        }
        Ok(Transport {
            place: Place::read(matches)?,
            server,
            person,
            json: matches.get_flag("json"),
        })
    }
}

/// The token for a server. Never a flag: everybody on the machine can read
/// another process's command line.
fn token(matches: &ArgMatches) -> anyhow::Result<String> {
    if let Some(file) = matches.get_one::<String>("token-file") {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("reading the token from `{file}`"))?;
        return Ok(text.trim().to_owned());
    }
    variable("CNA_TOKEN").context(
        "--server needs a token: put it into a file and name it with --token-file, or set CNA_TOKEN",
    )
}

/// A variable of the environment; an empty one counts as not set.
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
