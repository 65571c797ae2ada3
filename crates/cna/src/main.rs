//! `cna`: the system a CVE Numbering Authority works in.
//!
//! Only this room reads the clock, the environment and randomness; it opens
//! the store, wires the rooms together and chooses exit codes. It holds no
//! rule of any kind.

mod cli;
mod commands;
mod config;
mod desk_server;
mod folder;
mod mailbox;
mod output;
mod packed;
mod progress;
mod repository;
mod request_log;
mod runtime;
mod transport;
mod walker;
mod world;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    exit_code(cli::run(std::env::args_os().collect()))
}

/// The one place where an exit code is chosen: 0 for success, 2 for a wrong
/// command line or an input that cannot be read, 1 for everything else, also
/// for findings.
fn exit_code(outcome: Result<(), cli::Stop>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cli::Stop::Usage(error)) => {
            // A closed stream leaves nobody to tell.
            let _ = error.print();
            // Asking for help is no mistake.
            ExitCode::from(if error.use_stderr() { 2 } else { 0 })
        }
        Err(cli::Stop::Unreadable(error)) => {
            output::failure(&error);
            ExitCode::from(2)
        }
        Err(cli::Stop::Said) => ExitCode::from(2),
        Err(cli::Stop::Found) => ExitCode::from(1),
        Err(cli::Stop::Failed(error)) => {
            output::failure(&error);
            ExitCode::from(1)
        }
    }
}
