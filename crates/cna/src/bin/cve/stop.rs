//! Why a command ends before its end, and what it then says.
//!
//! | where the Program's client | we | why |
//! |---|---|---|
//! | ends with 0 on JSON it cannot read | end with 1 | a script must notice |
//! | dumps thousands of lines per schema error | print `pointer: message` lines | so people can read it |
//! | asks for the org before it checks a container | check first | nothing is sent that is wrong |
//! | checks rejected and ADP containers, and `validate -s full` | leave it to the service | we have no check of them yet |
//! | wants `providerMetadata` in `validate` | do not | `publish` and the service add it |
//! | takes `CVE-2021-1000xyz` for a CVE ID | refuse it, 2 | the service refuses it, too |
//! | hides a 5xx behind a JSON error | print the status | it is what happened |
//! | shows a traceback on unexpected JSON | print one sentence | so people can read it |
//! | resets a key without asking under `-i` | ask | it cannot be undone |
//! | asks for `AB` for first name `A`, last name `B` | ask for `A B` | a slip |
//! | asks for the org `None` when there is none | refuse it, 2 | a slip |
//! | sends the key along with redirects, and repeats a POST as a GET | follow only when reading, the key stays at its host | keys leak |
//! | lets `a/../b` as an org reach another path | encode it | a slip |
//! | takes `-y=2021` for the year `=2021` | take it for 2021 | our option reader does |
//! | drops the last part of a base URL without slash | add the slash | a slip |

use client::Error;

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
    /// A request failed.
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
                    console.say(&format!(
                        "\nUse `cve {leaf} -h` for more information on how to use this command"
                    ));
                }
            }
        }
    }
}

/// Prints an error and, when there are any, its details.
pub(crate) fn error(console: &mut Console, message: &str, details: &str) {
    let head = console.bold("ERROR: ");
    console.say(&format!("{head}{message}"));
    if !details.is_empty() {
        let head = console.bold("DETAILS: ");
        console.say(&format!("{head}{details}"));
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
