//! `cna man DIR`: writes a manual page for each command.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{ArgMatches, Command};

use crate::cli::required;
use crate::output::line;

/// Writes the pages into the folder that was named.
pub(crate) fn run(matches: &ArgMatches, command: Command) -> anyhow::Result<()> {
    let folder = PathBuf::from(required::<String>(matches, "folder")?);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("making the folder `{}`", folder.display()))?;
    clap_mangen::generate_to(command, &folder)
        .with_context(|| format!("writing manual pages into `{}`", folder.display()))?;
    line(&format!("Manual pages are in {}", folder.display()))
}
