//! Standard output and standard error.

use std::io::{IsTerminal, StdoutLock, Write};

/// Where a command prints. Bold and green only on a terminal.
pub(crate) struct Console {
    stdout: StdoutLock<'static>,
    is_terminal: bool,
    is_broken: bool,
}

impl Console {
    pub(crate) fn new() -> Console {
        let stdout = std::io::stdout();
        Console {
            is_terminal: stdout.is_terminal(),
            stdout: stdout.lock(),
            is_broken: false,
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
