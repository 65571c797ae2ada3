//! `cna man DIR`: writes a manual page for each command, of `cve` as well.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

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
    of_cve(&folder)?;
    line(&format!("Manual pages are in {}", folder.display()))
}

/// Has the `cve` beside this program write its pages; without one there is
/// nothing to document.
fn of_cve(folder: &Path) -> anyhow::Result<()> {
    let here = std::env::current_exe().context("finding this program")?;
    let cve = here.with_file_name(format!("cve{}", std::env::consts::EXE_SUFFIX));
    if !cve.exists() {
        return Ok(());
    }
    let output = Process::new(&cve)
        .arg("man")
        .arg(folder)
        .output()
        .with_context(|| format!("running `{}`", cve.display()))?;
    anyhow::ensure!(
        output.status.success(),
        "`{}` could not write its manual pages: {}",
        cve.display(),
        String::from_utf8_lossy(&output.stdout).trim()
    );
    Ok(())
}
