//! The commands: one file each, and the table of them.

mod completion;
mod count;
mod list;
mod man;
mod org;
mod ping;
mod publish;
mod publish_adp;
mod quota;
mod reject;
mod reserve;
mod show;
mod transfer;
mod undo_reject;
mod user;
mod validate;

use std::ffi::OsString;

use clap::Command;
use client::Error;

use crate::arguments;
use crate::console::Console;
use crate::globals;
use crate::session::{Account, Session};
use crate::stop::{self, Stop};

/// One command.
pub(crate) struct Entry {
    /// Its word.
    pub(crate) name: &'static str,
    /// What it does, in the list of commands.
    pub(crate) about: &'static str,
    /// What it takes, in its usage line.
    takes: &'static str,
    /// Adds its options.
    options: fn(Command) -> Command,
    /// Does it.
    run: fn(&Session<'_>, &mut Console) -> Result<(), Stop>,
    /// The commands below it.
    pub(crate) children: &'static [Entry],
}

/// All commands, by name.
pub(crate) const COMMANDS: &[Entry] = &[
    completion::ENTRY,
    count::ENTRY,
    list::ENTRY,
    man::ENTRY,
    org::ENTRY,
    ping::ENTRY,
    publish::ENTRY,
    publish_adp::ENTRY,
    quota::ENTRY,
    reject::ENTRY,
    reserve::ENTRY,
    show::ENTRY,
    transfer::ENTRY,
    undo_reject::ENTRY,
    user::ENTRY,
    validate::ENTRY,
];

/// Runs a whole command line, the name of the program first.
pub(crate) fn run(words: Vec<OsString>, console: &mut Console) -> Result<(), Stop> {
    if let Some(answered) = crate::completion::answer(console) {
        return answered;
    }
    let globals = globals::read(words.into_iter().skip(1).collect())?;
    let account = globals.account(console)?;
    match find(COMMANDS, &globals.command) {
        Some(entry) => descend(entry, "cve", globals.rest, &account, console),
        None => Err(globals::usage(unknown(&globals.command))),
    }
}

fn find(entries: &'static [Entry], name: &OsString) -> Option<&'static Entry> {
    entries.iter().find(|entry| name == entry.name)
}

fn unknown(name: &OsString) -> String {
    format!("No such command '{}'.", name.to_string_lossy())
}

/// Runs one command, or the one below it that the words name.
fn descend(
    entry: &Entry,
    above: &str,
    words: Vec<OsString>,
    account: &Account,
    console: &mut Console,
) -> Result<(), Stop> {
    let path = format!("{above} {}", entry.name);
    let mut matches = arguments::parse(built(entry, &path), &path, entry.takes, words)?;
    let below = matches.remove_subcommand();
    let session = Session {
        account,
        path,
        takes: entry.takes,
        matches,
    };
    let Some((name, mut rest)) = below else {
        let outcome = (entry.run)(&session, console);
        return ended(outcome, &session, console);
    };
    let name = OsString::from(name);
    let rest = rest.remove_many::<OsString>("").into_iter().flatten();
    match find(entry.children, &name) {
        Some(child) => descend(child, &session.path, rest.collect(), account, console),
        None => Err(session.usage(unknown(&name))),
    }
}

/// The command of an entry, with its options; `path` is how it is typed.
pub(crate) fn built(entry: &Entry, path: &str) -> Command {
    let command = (entry.options)(arguments::command(path, entry.takes)).about(entry.about);
    if entry.children.is_empty() {
        return command;
    }
    let list: String = entry
        .children
        .iter()
        .map(|child| format!("\n  {:<13}{}", child.name, child.about))
        .collect();
    command
        .allow_external_subcommands(true)
        .after_help(format!("Commands:{list}"))
}

/// Ends a run: shows what was only rehearsed, and points a failed request to
/// the help of its command.
///
/// The Program's client names only the last word, so `cve user update` is
/// called `cve update` there; scripts may look for it.
fn ended(
    outcome: Result<(), Stop>,
    session: &Session<'_>,
    console: &mut Console,
) -> Result<(), Stop> {
    match outcome {
        // A rehearsal ends with the request that would have been sent.
        Err(Stop::Request(Error::Rehearsed { method, url, json })) => {
            let is_raw = session.flag("raw") || session.flag("json-lines");
            stop::rehearsed(console, method, &url, json.as_deref(), is_raw);
            Ok(())
        }
        Err(Stop::Request(error)) => {
            let (message, details) = stop::told(&error);
            Err(Stop::Failed {
                message,
                details,
                leaf: session.leaf().to_owned(),
            })
        }
        other => other,
    }
}
