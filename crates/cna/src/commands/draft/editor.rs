//! A document in the person's own editor.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::is_asked;
use crate::config::variable;
use crate::output::plain;

/// Opens a form in the editor until what comes back can be read, and whoever
/// wrote it is content with its findings.
///
/// Takes: `name` of the file; `check`, which says what is wrong with a text.
/// Gives: the text; nothing when it is as it was.
/// Refuses: an editor that fails; a text that cannot be read, when nobody is
/// there to be asked.
pub(super) fn edited(
    name: &str,
    before: &str,
    check: impl Fn(&str) -> anyhow::Result<Value>,
) -> anyhow::Result<Option<String>> {
    // The text may be under embargo: a folder of one's own, gone afterwards.
    let folder = tempfile::Builder::new()
        .prefix("cna-draft-")
        .tempdir()
        .context("making a folder for the draft")?;
    let file = folder.path().join(name);
    std::fs::write(&file, before).with_context(|| format!("writing `{}`", file.display()))?;
    let mut at = None;
    loop {
        open(&file, at)?;
        let after = std::fs::read_to_string(&file)
            .with_context(|| format!("reading `{}`", file.display()))?;
        if after == before {
            return Ok(None);
        }
        let checked = check(&after)?;
        let fault = checked["fault"]["message"].as_str();
        if !is_asked() {
            if let Some(message) = fault {
                bail!("`{name}`, {message}; nothing was saved");
            }
            return Ok(Some(after));
        }
        let findings = checked["findings"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let line_of = |found: &Value| {
            found["line"]
                .as_u64()
                .and_then(|line| usize::try_from(line).ok())
        };
        at = match fault {
            Some(_) => line_of(&checked["fault"]),
            None => worst(findings).and_then(line_of),
        };
        let mut asking = std::io::stderr();
        match fault {
            Some(message) => writeln!(asking, "`{name}`, {}", plain(message))?,
            None if findings.is_empty() => return Ok(Some(after)),
            None => tell(&mut asking, findings)?,
        }
        if !goes_back(&mut asking, at)? {
            if fault.is_some() {
                bail!("nothing was saved");
            }
            return Ok(Some(after));
        }
    }
}

/// The finding to go to: the first that stands in the way of an approval, or
/// else the first.
fn worst(findings: &[Value]) -> Option<&Value> {
    let blocks =
        |finding: &&Value| matches!(finding["severity"].as_str(), Some("error" | "violation"));
    findings.iter().find(blocks).or_else(|| findings.first())
}

fn tell(out: &mut impl std::io::Write, findings: &[Value]) -> anyhow::Result<()> {
    for finding in findings {
        let text = |key: &str| plain(finding[key].as_str().unwrap_or_default());
        writeln!(
            out,
            "line {}: {} {}: {}",
            finding["line"],
            text("severity"),
            text("code"),
            text("message")
        )?;
    }
    Ok(())
}

fn goes_back(asking: &mut impl std::io::Write, at: Option<usize>) -> anyhow::Result<bool> {
    write!(asking, "Go back to line {}? [Y/n] ", at.unwrap_or(1))?;
    asking.flush()?;
    let mut said = String::new();
    let count = std::io::stdin().lock().read_line(&mut said)?;
    // Whoever is gone does not go back.
    Ok(count > 0 && !said.trim().to_lowercase().starts_with('n'))
}

/// Runs the editor on a file, with the cursor in line `at` where it can.
fn open(file: &Path, at: Option<usize>) -> anyhow::Result<()> {
    let editor = variable("VISUAL")
        .or_else(|| variable("EDITOR"))
        .unwrap_or_else(|| "vi".to_owned());
    // As a shell would: the variable may hold arguments, too.
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let mut command = Command::new(program);
    command.args(words);
    // These take `+LINE`; to any other it would be a file.
    let name = Path::new(program).file_name().unwrap_or_default();
    let takes_line = [
        "vi",
        "vim",
        "nvim",
        "nano",
        "emacs",
        "emacsclient",
        "ed",
        "kak",
        "joe",
    ];
    if let Some(line) = at.filter(|_| takes_line.iter().any(|known| name == *known)) {
        command.arg(format!("+{line}"));
    }
    let takes_place = ["code", "codium"].iter().any(|known| name == *known);
    if let Some(line) = at.filter(|_| takes_place) {
        command.arg("-g").arg(format!("{}:{line}", file.display()));
    } else {
        command.arg(file);
    }
    let status = command
        .status()
        .with_context(|| format!("running the editor `{editor}`: set VISUAL or EDITOR"))?;
    if !status.success() {
        bail!("the editor `{editor}` failed; nothing was saved");
    }
    Ok(())
}
