//! `cve`: the commands of the Program's own client, started in milliseconds.
//!
//! A drop-in for cvelib 1.8.0: same commands, options, variables, prompts,
//! outputs, streams and exit codes. Where it differs, and why, is said at the
//! place and listed in `docs/compatibility-cve.md`.
//!
//! Nothing is built before it is needed: the top-level options are read
//! first, then the prompts, then the options of the one command that runs.

mod arguments;
mod blocks;
mod commands;
mod completion;
mod console;
mod document;
mod findings;
mod globals;
mod json;
mod key;
mod layer;
mod network;
mod patience;
mod profile;
mod prompt;
mod seen;
mod session;
mod stop;
mod table;
mod when;

use std::process::ExitCode;

use console::Console;
use stop::Stop;

fn main() -> ExitCode {
    let mut console = Console::new();
    let outcome = commands::run(std::env::args_os().collect(), &mut console);
    exit_code(outcome, console)
}

/// The one place where an exit code is chosen: 0 for success and for a
/// "no" at a confirmation, 2 for a wrong command line, 1 for the rest.
fn exit_code(outcome: Result<(), Stop>, mut console: Console) -> ExitCode {
    let code = match &outcome {
        Ok(()) | Err(Stop::Declined | Stop::Shown(_)) => 0,
        Err(Stop::Usage { .. } | Stop::NoCommand(_)) => 2,
        Err(Stop::Aborted | Stop::Said | Stop::Request(_) | Stop::Failed { .. }) => 1,
    };
    if let Err(stop) = outcome {
        stop.tell(&mut console);
    }
    let is_written = console.finish();
    ExitCode::from(if is_written { code } else { code.max(1) })
}
