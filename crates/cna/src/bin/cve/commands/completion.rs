//! `cve completion`: the script that completes `cve` in a shell.

use clap::Arg;

use super::Entry;
use crate::completion::script;
use crate::console::Console;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "completion",
    about: "Print the script that completes `cve` in a shell",
    takes: "SHELL",
    options: |command| {
        command.arg(
            Arg::new("SHELL")
                .value_name("bash|zsh|fish")
                .help("The shell: bash, zsh or fish"),
        )
    },
    run,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let shell = session
        .value("SHELL")
        .ok_or_else(|| session.usage("Missing argument 'SHELL': bash, zsh or fish."))?;
    let script = script(shell).ok_or_else(|| {
        session.usage(format!(
            "Invalid value for 'SHELL': '{shell}' is not one of 'bash', 'zsh', 'fish'."
        ))
    })?;
    console.say(script.trim_end());
    Ok(())
}
