//! Why a command ends before its end, and what it then says.
//!
//! Where this differs from the Program's client, and why, is in
//! `docs/compatibility-cve.md`.

use client::{Error, Method};
use serde_json::Value;

use crate::console::Console;
use crate::json;

/// Why a command ends before its end.
pub(crate) enum Stop {
    /// The command line is wrong.
    Usage {
        /// The command as typed, such as `cve user create`.
        command: String,
        /// What it takes, such as `[OPTIONS] CVE_ID`.
        takes: String,
        /// What is wrong, one sentence.
        message: String,
    },
    /// No command was given; this is the help.
    NoCommand(String),
    /// The help or version was asked for and is this.
    Shown(String),
    /// Input ended at a prompt.
    Aborted,
    /// The answer to a confirmation was no.
    Declined,
    /// Everything is already said.
    Said,
    /// A request failed; or was only rehearsed, which no command lets out.
    Request(Error),
    /// Something failed.
    Failed {
        /// What, one sentence.
        message: String,
        /// What the other side said about it; empty for nothing.
        details: String,
        /// The last word of the command, for the line that points to its
        /// help; empty when help would not help.
        leaf: String,
    },
}

impl Stop {
    /// A failure of our own making.
    pub(crate) fn failed(message: impl Into<String>) -> Stop {
        Stop::Failed {
            message: message.into(),
            details: String::new(),
            leaf: String::new(),
        }
    }

    /// Prints the end: what was asked for and errors of the work on standard
    /// output, as the Program's client does, only a wrong command line and
    /// `Aborted!` on standard error.
    pub(crate) fn tell(&self, console: &mut Console) {
        match self {
            Stop::Usage {
                command,
                takes,
                message,
            } => console.complain(&format!(
                "Usage: {command} {takes}\nTry '{command} --help' for help.\n\nError: {message}"
            )),
            Stop::NoCommand(help) => console.complain(help.trim_end()),
            Stop::Shown(text) => console.say(text.trim_end()),
            Stop::Aborted => console.complain("\nAborted!"),
            Stop::Declined => console.say("Exiting..."),
            Stop::Said => {}
            Stop::Request(failed) => {
                let (message, details) = told(failed);
                error(console, &message, &details);
            }
            Stop::Failed {
                message,
                details,
                leaf,
            } => {
                error(console, message, details);
                if !leaf.is_empty() {
                    console.say_for_error(&format!(
                        "\nUse `cve {leaf} -h` for more information on how to use this command"
                    ));
                }
            }
        }
    }
}

/// Prints what would have been sent; as one document under `--raw`.
pub(crate) fn rehearsed(
    console: &mut Console,
    method: Method,
    url: &str,
    json: Option<&Value>,
    is_raw: bool,
) {
    let method = match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
    };
    if is_raw {
        let body = json.cloned().unwrap_or_default();
        let request = serde_json::json!({"method": method, "url": url, "body": body});
        console.say(&json::dumps(&request));
        return;
    }
    console.say(&format!(
        "Dry run: nothing was sent. The request would be:\n\n{method} {url}"
    ));
    if let Some(body) = json {
        console.say(&json::dumps(body));
    }
}

/// Prints an error and, when there are any, its details.
pub(crate) fn error(console: &mut Console, message: &str, details: &str) {
    console.say_error(message);
    if !details.is_empty() {
        let head = console.bold("DETAILS: ");
        console.say_for_error(&format!("{head}{details}"));
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Request(error)
    }
}

/// A failed request in the words of the Program's client, where it has any.
pub(crate) fn told(error: &Error) -> (String, String) {
    let (side, status) = match error.status() {
        Some(status @ 400..=499) => ("Client", status),
        Some(status @ 500..) => ("Server", status),
        _ => return (error.to_string(), String::new()),
    };
    let reason = error.reason().unwrap_or_default();
    let message = format!("{status} {side} Error: {reason} for url: {}", error.url());
    let details = match serde_json::from_slice(error.body()) {
        Ok(value) => json::python_text(&value),
        Err(_) => String::from_utf8_lossy(error.body()).into_owned(),
    };
    (message, details)
}
