//! A document in the person's own editor.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use cve::id::CveId;
use serde_json::Value;

use super::is_asked;
use crate::config::variable;

/// Opens a document in the editor until what comes back can be read.
///
/// Gives: the document; nothing when it is as it was.
/// Refuses: an editor that fails; a text that cannot be read, when nobody is
/// there to be asked.
pub(super) fn edited(id: CveId, document: &Value) -> anyhow::Result<Option<Value>> {
    // The text may be under embargo: a folder of one's own, gone afterwards.
    let folder = tempfile::Builder::new()
        .prefix("cna-draft-")
        .tempdir()
        .context("making a folder for the draft")?;
    let file = folder.path().join(format!("{id}.json"));
    let mut before = serde_json::to_string_pretty(document)?;
    before.push('\n');
    std::fs::write(&file, &before).with_context(|| format!("writing `{}`", file.display()))?;
    let mut at = None;
    loop {
        open(&file, at)?;
        let after = std::fs::read_to_string(&file)
            .with_context(|| format!("reading `{}`", file.display()))?;
        if after == before {
            return Ok(None);
        }
        let error = match serde_json::from_str(&after) {
            Ok(edited) => return Ok(Some(edited)),
            Err(error) => error,
        };
        if !is_asked() {
            bail!("the text is not JSON: {error}; nothing was saved");
        }
        at = Some(error.line());
        let mut asking = std::io::stderr();
        write!(
            asking,
            "The text is not JSON: {error}. Edit it again? [Y/n] "
        )?;
        asking.flush()?;
        let mut said = String::new();
        std::io::stdin().lock().read_line(&mut said)?;
        if said.trim().to_lowercase().starts_with('n') {
            bail!("nothing was saved");
        }
    }
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
    let status = command
        .arg(file)
        .status()
        .with_context(|| format!("running the editor `{editor}`: set VISUAL or EDITOR"))?;
    if !status.success() {
        bail!("the editor `{editor}` failed; nothing was saved");
    }
    Ok(())
}
