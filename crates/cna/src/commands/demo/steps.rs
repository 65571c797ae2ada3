//! Printing the steps of the demo: what, by whom, how long.

use std::path::Path;
use std::time::Instant;

use cve::id::CveId;
use serde_json::json;

use crate::output::{Style, line};

/// Prints each step as it is done.
pub(crate) struct Steps {
    as_json: bool,
    style: Style,
    last: Instant,
}

impl Steps {
    pub(crate) fn start(as_json: bool) -> Steps {
        Steps {
            as_json,
            style: Style::stdout(),
            last: Instant::now(),
        }
    }

    /// Prints a step that has just been done, and how long it took since the
    /// one before.
    pub(crate) fn done(&mut self, step: &str, by: &str, detail: &str) -> anyhow::Result<()> {
        let ms = self.last.elapsed().as_micros() as f64 / 1000.0;
        self.last = Instant::now();
        if self.as_json {
            return line(&json!({"step": step, "by": by, "ms": ms, "detail": detail}).to_string());
        }
        let mark = self.style.green("✓");
        line(&format!("{mark} {step:<11} {by:<7} {ms:>7.1} ms  {detail}"))
    }

    /// Prints a line that is no step.
    pub(crate) fn note(&self, text: &str) -> anyhow::Result<()> {
        if self.as_json {
            return line(&json!({"note": text}).to_string());
        }
        line(text)
    }

    /// Names the published ID and where the outputs are.
    pub(crate) fn last_line(&self, id: CveId, output: &Path) -> anyhow::Result<()> {
        if self.as_json {
            return line(&json!({"published": id, "output": output}).to_string());
        }
        let text = format!("Published {id}. Outputs are in {}", output.display());
        line(&self.style.bold(&text))
    }
}
