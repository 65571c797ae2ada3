//! Texts that are given to a command: as words, as a file, on standard input.

use std::io::Read as _;

use anyhow::Context as _;

/// The text of a file.
///
/// Takes: its name; `-` for standard input.
pub(crate) fn read(file: &str) -> anyhow::Result<String> {
    if file == "-" {
        let mut text = String::new();
        let mut input = std::io::stdin().lock();
        input
            .read_to_string(&mut text)
            .context("reading standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("reading `{file}`"))
}

/// The text that was given as words or else as a file; nothing where neither
/// was.
pub(crate) fn text(
    words: Option<&String>,
    file: Option<&String>,
) -> anyhow::Result<Option<String>> {
    match (words, file) {
        (_, Some(file)) => Ok(Some(read(file)?)),
        (words, None) => Ok(words.cloned()),
    }
}
