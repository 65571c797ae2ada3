//! Standard output and standard error.

use std::io::{IsTerminal, StdoutLock, Write};

/// Where a command prints. Bold and green only on a terminal.
pub(crate) struct Console {
    stdout: StdoutLock<'static>,
    is_terminal: bool,
    is_broken: bool,
    errors_to_stderr: bool,
}

impl Console {
    pub(crate) fn new() -> Console {
        let stdout = std::io::stdout();
        Console {
            is_terminal: stdout.is_terminal(),
            stdout: stdout.lock(),
            is_broken: false,
            errors_to_stderr: false,
        }
    }

    /// Prints a line.
    pub(crate) fn say(&mut self, text: &str) {
        self.print(text);
        self.print("\n");
    }

    /// Prints without ending the line, and shows it at once.
    pub(crate) fn ask(&mut self, text: &str) {
        self.print(text);
        self.is_broken |= self.stdout.flush().is_err();
    }

    fn print(&mut self, text: &str) {
        // A reader that went away (`cve list | head`) ends the printing, not
        // the work.
        if !self.is_broken {
            self.is_broken = self.stdout.write_all(text.as_bytes()).is_err();
        }
    }

    /// Sends errors to standard error from now on, or to standard output,
    /// where the Program's client prints them.
    pub(crate) fn errors_to_stderr(&mut self, yes: bool) {
        self.errors_to_stderr = yes;
    }

    /// Prints the first line of an error.
    pub(crate) fn say_error(&mut self, text: &str) {
        let head = self.bold("ERROR: ");
        self.say_for_error(&format!("{head}{text}"));
    }

    /// Prints a further line of an error.
    pub(crate) fn say_for_error(&mut self, text: &str) {
        match self.errors_to_stderr {
            true => self.complain(text),
            false => self.say(text),
        }
    }

    /// Prints a line on standard error.
    pub(crate) fn complain(&mut self, text: &str) {
        // Keeps the order when both go to one place.
        self.is_broken |= self.stdout.flush().is_err();
        // There is nowhere left to say that this failed.
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Ends the output; says whether all of it was written.
    pub(crate) fn finish(mut self) -> bool {
        !self.is_broken && self.stdout.flush().is_ok()
    }

    pub(crate) fn bold(&self, text: &str) -> String {
        self.styled("1", text)
    }

    pub(crate) fn green(&self, text: &str) -> String {
        self.styled("32", text)
    }

    fn styled(&self, style: &str, text: &str) -> String {
        if self.is_terminal {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
