//! Where documents go: a folder, standard output, or nowhere.

use std::collections::HashSet;
use std::io::{BufWriter, Stdout, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Where documents go.
pub(super) enum Output {
    Nowhere,
    Stream {
        out: BufWriter<Stdout>,
        /// Whether the document may have many lines, because it is the only
        /// one.
        is_one: bool,
    },
    Folder {
        path: PathBuf,
        /// The names that are taken.
        names: HashSet<String>,
    },
}

impl Output {
    pub(super) fn nowhere() -> Output {
        Output::Nowhere
    }

    pub(super) fn stream(is_one: bool) -> Output {
        Output::Stream {
            out: BufWriter::new(std::io::stdout()),
            is_one,
        }
    }

    /// A folder, made when it is missing.
    pub(super) fn folder(path: &Path) -> anyhow::Result<Output> {
        std::fs::create_dir_all(path)
            .with_context(|| format!("making the folder `{}`", path.display()))?;
        Ok(Output::Folder {
            path: path.to_owned(),
            names: HashSet::new(),
        })
    }

    /// Writes a document, whole or not at all.
    ///
    /// Gives: a sentence when this one could not be written and others can.
    pub(super) fn put(&mut self, name: &str, text: &str) -> anyhow::Result<Option<String>> {
        match self {
            Output::Nowhere => {}
            Output::Stream { out, is_one } => {
                let written = match *is_one || !text.starts_with('{') {
                    true => out.write_all(text.as_bytes()),
                    false => out.write_all(on_one_line(text).as_bytes()),
                };
                written
                    .or_else(is_pipe_closed)
                    .context("writing to standard output")?;
            }
            Output::Folder { path, names } => {
                if !names.insert(name.to_owned()) {
                    return Ok(Some(format!(
                        "a document before has the name `{name}`: convert each record once"
                    )));
                }
                let file = path.join(name);
                let part = path.join(format!(".{name}.part"));
                std::fs::write(&part, text)
                    .and_then(|()| std::fs::rename(&part, &file))
                    .with_context(|| format!("writing `{}`", file.display()))?;
            }
        }
        Ok(None)
    }

    pub(super) fn end(&mut self) -> anyhow::Result<()> {
        match self {
            Output::Stream { out, .. } => out
                .flush()
                .or_else(is_pipe_closed)
                .context("writing to standard output"),
            _ => Ok(()),
        }
    }
}

/// A reader that went away is no failure of the command.
fn is_pipe_closed(error: std::io::Error) -> std::io::Result<()> {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    }
}

/// A JSON document without line breaks, which its texts never hold.
fn on_one_line(text: &str) -> String {
    let mut line: String = text.lines().map(str::trim_start).collect();
    line.push('\n');
    line
}
