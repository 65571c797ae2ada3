//! `cna completion SHELL`: prints a completion script.

use std::io::Write as _;

use clap::{ArgMatches, Command};
use clap_complete::Shell;

use crate::cli::required;

/// Prints the script for the shell that was named.
pub(crate) fn run(matches: &ArgMatches, mut command: Command) -> anyhow::Result<()> {
    let shell: &Shell = required(matches, "shell")?;
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut command, "cna", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(())
}
