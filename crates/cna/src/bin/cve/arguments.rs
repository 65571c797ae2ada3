//! Options, and what is said about a wrong command line.

use std::ffi::OsString;

use clap::builder::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches};

use crate::globals::wait_option;
use crate::stop::Stop;

/// A flag; given twice is given.
pub(crate) fn flag(name: &'static str, short: Option<char>, help: &'static str) -> Arg {
    let arg = Arg::new(name).long(name).help(help);
    let arg = arg.action(ArgAction::SetTrue);
    match short {
        Some(short) => arg.short(short),
        None => arg,
    }
}

/// An option with a value, which may start with a hyphen; the last one given
/// counts.
pub(crate) fn option(
    name: &'static str,
    short: Option<char>,
    value: &'static str,
    help: &'static str,
) -> Arg {
    let arg = Arg::new(name).long(name).value_name(value).help(help);
    let arg = arg.action(ArgAction::Set).allow_hyphen_values(true);
    match short {
        Some(short) => arg.short(short),
        None => arg,
    }
}

/// The CVE ID a command is about; known by its place, and must be there.
pub(crate) fn cve_id() -> Arg {
    Arg::new("CVE_ID")
        .help("The CVE ID, such as CVE-2099-1000")
        .required(true)
}

/// `--raw`, which nearly every command has.
pub(crate) fn raw() -> Arg {
    flag("raw", None, "Print the answer as JSON")
}

/// What every command takes that changes something.
pub(crate) fn changing(command: Command) -> Command {
    command
        .arg(flag(
            "dry-run",
            None,
            "Show the request, and do not send it",
        ))
        .arg(wait_option(
            "Keep trying for this long, and look before repeating; 300 seconds if not said",
        ))
}

/// What every command takes that checks a document.
pub(crate) fn checking(command: Command) -> Command {
    command
        .arg(option(
            "record-format",
            None,
            "5.0|5.1.1|5.2.0",
            "Version of the record format to check by; without it, 5.1.1 or 5.2.0 must accept",
        ))
        .arg(flag(
            "explain",
            None,
            "Say which rule each finding comes from, and what to do about it",
        ))
}

/// A command that takes what the Program's client takes: options are spelled
/// out, repeated options override, and there is `-h` but no `help` command.
pub(crate) fn command(path: &str, takes: &str) -> Command {
    Command::new("cve")
        .no_binary_name(true)
        .override_usage(format!("{path} {takes}"))
        // Scripts look for `Usage: cve …` at the very start.
        .help_template("Usage: {usage}\n\n{about}.\n\n{all-args}{after-help}")
        .args_override_self(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .infer_long_args(false)
}

/// Reads `words` as `command` says.
pub(crate) fn parse(
    command: Command,
    path: &str,
    takes: &str,
    words: Vec<OsString>,
) -> Result<ArgMatches, Stop> {
    command
        .try_get_matches_from(words)
        .map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp => Stop::Shown(error.render().to_string()),
            _ => Stop::Usage {
                command: path.to_owned(),
                takes: takes.to_owned(),
                message: message(&error),
            },
        })
}

fn message(error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let given = context(ContextKind::InvalidArg);
    // `--year <YYYY>` is meant for the help; the option is its first word.
    let option = given.split([' ', '=', '[']).next().unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if given.starts_with('-') => {
            format!("No such option '{option}'.")
        }
        ErrorKind::UnknownArgument => format!("Got unexpected extra argument ({given})"),
        ErrorKind::InvalidValue => format!("Option '{option}' requires an argument."),
        ErrorKind::MissingRequiredArgument => "Missing argument 'CVE_ID'.".to_owned(),
        ErrorKind::TooManyValues => format!("Option '{option}' does not take a value."),
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8 text.".to_owned(),
        kind => kind.to_string(),
    }
}
