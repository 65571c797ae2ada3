//! Printing: to people, and to programs.

use std::io::Write as _;

use tracing_subscriber::EnvFilter;

/// Says why a command failed: one line, causes joined by colons.
pub(crate) fn failure(error: &anyhow::Error) {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        // Some causes repeat the one above them.
        if text.ends_with(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    let style = Style::of(&std::io::stderr());
    // A closed stream leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "{} {text}", style.bold("error:"));
}

/// Says something that is not the command's answer, so that programs which
/// read that are not disturbed.
pub(crate) fn note(text: &str) {
    let style = Style::of(&std::io::stderr());
    // A closed stream leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "{} {text}", style.bold("note:"));
}

/// Says one thing that is wrong with an input: `kind` is `error`, `warning`
/// or the like.
pub(crate) fn problem(kind: &str, text: &str) {
    let style = Style::of(&std::io::stderr());
    // A closed stream leaves nobody to tell.
    let _ = writeln!(
        std::io::stderr(),
        "{} {text}",
        style.bold(&format!("{kind}:"))
    );
}

/// Prints a line; a reader that went away is no failure of the command.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// A text of somebody else as a terminal may see it: in one line and without
/// codes.
pub(crate) fn plain(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a stream shows colours and bold letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style(bool);

impl Style {
    /// Bold only on a terminal, and never where `NO_COLOR` is set.
    pub(crate) fn of(stream: &impl std::io::IsTerminal) -> Style {
        Style(stream.is_terminal() && crate::config::variable("NO_COLOR").is_none())
    }

    /// The style of standard output.
    pub(crate) fn stdout() -> Style {
        Style::of(&std::io::stdout())
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.coded("1", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.coded("32", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.coded("1;31", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.coded("33", text)
    }

    pub(crate) fn cyan(self, text: &str) -> String {
        self.coded("36", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.coded("2", text)
    }

    /// A text between the codes of a terminal.
    fn coded(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// No colours, whatever the stream.
    #[cfg(test)]
    pub(crate) fn plain() -> Style {
        Style(false)
    }
}

/// Sends the program's log to standard error: warnings, with `--verbose` more.
/// `CNA_LOG` sets it in detail.
pub(crate) fn start_log(verbose: bool) {
    let filter = match crate::config::variable("CNA_LOG") {
        Some(filter) => EnvFilter::new(filter),
        None => EnvFilter::new(if verbose { "info" } else { "warn" }),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Colours need a feature of the crate that brings a dependency.
        .with_ansi(false)
        .init();
}
