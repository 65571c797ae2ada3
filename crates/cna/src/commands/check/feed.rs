//! The inputs as jobs, in order, with a bound on what is held of them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cve::check::MAX_DOCUMENT_BYTES;

use super::large::{Large, Permit};
use super::lines::{LineReader, Lines};
use crate::packed::unpacked;
use crate::walker::Walker;

/// How many files a thread takes at a time.
const BATCH_FILES: usize = 32;

/// More bytes than this are looked at by one thread at a time.
pub(crate) const LARGE_BYTES: usize = 512 * 1024;

/// Something for a thread to do.
pub(crate) enum Job {
    /// Read and check these files, each a document.
    Files(Vec<PathBuf>),
    /// Check these lines, each a document.
    Lines {
        source: Arc<str>,
        first: usize,
        bytes: Vec<u8>,
        /// Held while the lines are looked at, if they are large.
        permit: Option<Permit>,
    },
    /// Check this document.
    Document {
        source: Arc<str>,
        bytes: Vec<u8>,
        permit: Option<Permit>,
    },
    /// A document that is too large to be kept.
    TooLarge {
        source: Arc<str>,
        line: Option<usize>,
        length: usize,
    },
    /// Say that something could not be read.
    Trouble(String),
    /// Say something that is no mistake.
    Note(String),
}

/// The inputs, one after the other.
pub(crate) struct Feed {
    inputs: std::vec::IntoIter<String>,
    /// Every stream holds a document a line.
    lines: bool,
    now: Now,
    /// What is to be said before anything else is read.
    pending: Option<Job>,
    large: Large,
    /// Bytes of streams that were read, packed as they are.
    read: Arc<AtomicU64>,
}

enum Now {
    Nothing,
    Folder {
        name: String,
        walker: Walker,
        is_empty: bool,
    },
    Lines {
        source: Arc<str>,
        reader: LineReader,
    },
}

impl Feed {
    pub(crate) fn new(inputs: Vec<String>, lines: bool, read: Arc<AtomicU64>) -> Feed {
        Feed {
            inputs: inputs.into_iter(),
            lines,
            now: Now::Nothing,
            pending: None,
            large: Large::default(),
            read,
        }
    }

    /// Lets others take turns with large documents.
    pub(crate) fn large(&self) -> Large {
        self.large.clone()
    }

    /// The next job; `None` when all inputs are done.
    pub(crate) fn next(&mut self) -> Option<Job> {
        loop {
            if let Some(job) = self.pending.take() {
                return Some(job);
            }
            match &mut self.now {
                Now::Folder {
                    name,
                    walker,
                    is_empty,
                } => match files(walker, &mut self.pending) {
                    Some(job) => {
                        *is_empty = false;
                        return Some(job);
                    }
                    None => {
                        let note = is_empty.then(|| {
                            Job::Note(format!(
                                "there is no record below `{name}`: no file there ends in `.json`"
                            ))
                        });
                        self.now = Now::Nothing;
                        if note.is_some() {
                            return note;
                        }
                    }
                },
                Now::Lines { source, reader } => {
                    let source = Arc::clone(source);
                    match reader.next() {
                        Ok(Some(Lines::Whole { first, bytes })) => {
                            let permit = (bytes.len() > LARGE_BYTES).then(|| self.large.wait());
                            return Some(Job::Lines {
                                source,
                                first,
                                bytes,
                                permit,
                            });
                        }
                        Ok(Some(Lines::TooLong { line, length })) => {
                            return Some(Job::TooLarge {
                                source,
                                line: Some(line),
                                length,
                            });
                        }
                        Ok(None) => self.now = Now::Nothing,
                        Err(error) => {
                            self.now = Now::Nothing;
                            return Some(unreadable(&source, &error));
                        }
                    }
                }
                Now::Nothing => {
                    let input = self.inputs.next()?;
                    match self.open(&input) {
                        Ok(Some(job)) => return Some(job),
                        Ok(None) => {}
                        Err(error) => return Some(unreadable(&input, &error)),
                    }
                }
            }
        }
    }

    /// Begins an input; gives a job when it is a single document.
    fn open(&mut self, input: &str) -> io::Result<Option<Job>> {
        if input == "-" {
            return self.stream("<stdin>", Box::new(io::stdin()), Shape::Unknown);
        }
        let path = Path::new(input);
        if path.is_dir() {
            let walker = Walker::new(path, &[".json"])?;
            self.now = Now::Folder {
                name: input.to_owned(),
                walker,
                is_empty: true,
            };
            return Ok(None);
        }
        let plain = input.strip_suffix(".zst").unwrap_or(input);
        let is = |ending: &str| plain.ends_with(ending);
        let shape = if self.lines || is(".jsonl") || is(".ndjson") {
            Shape::Lines
        } else if is(".json") {
            Shape::Document
        } else {
            Shape::Unknown
        };
        if matches!(shape, Shape::Document) && plain == input {
            // Read by the thread that checks it.
            return Ok(Some(Job::Files(vec![path.to_owned()])));
        }
        let file = File::open(path)?;
        self.stream(input, Box::new(file), shape)
    }

    fn stream(
        &mut self,
        name: &str,
        from: Box<dyn Read + Send>,
        shape: Shape,
    ) -> io::Result<Option<Job>> {
        let source: Arc<str> = Arc::from(name);
        let counted = Counted {
            from,
            read: Arc::clone(&self.read),
        };
        let mut from = unpacked(Box::new(counted))?;
        let shape = if self.lines { Shape::Lines } else { shape };
        if let Shape::Lines = shape {
            let reader = LineReader::new(from);
            self.now = Now::Lines { source, reader };
            return Ok(None);
        }
        // Whether a stream holds one document or one a line shows in its
        // first lines.
        let mut start = Vec::new();
        if let Shape::Unknown = shape {
            (&mut from)
                .take(LARGE_BYTES as u64)
                .read_to_end(&mut start)?;
            if holds_lines(&start) {
                let from = Box::new(io::Cursor::new(start).chain(from));
                let reader = LineReader::new(from);
                self.now = Now::Lines { source, reader };
                return Ok(None);
            }
        }
        let permit = self.large.wait();
        document(source, start, from, permit).map(Some)
    }
}

/// What a stream holds.
enum Shape {
    Document,
    /// A document a line.
    Lines,
    Unknown,
}

/// Says whether the beginning of a stream looks like a document a line: its
/// first line is one, or looks like one, and another line follows.
fn holds_lines(start: &[u8]) -> bool {
    let mut lines = start
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return false;
    };
    if !first.starts_with(b"{") {
        return false;
    }
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok();
    is_json || (first.len() > 1 && first.ends_with(b"}") && second.starts_with(b"{"))
}

/// Reads the rest of a document, or counts it when it is too large.
fn document(
    source: Arc<str>,
    mut bytes: Vec<u8>,
    mut from: Box<dyn Read + Send>,
    permit: Permit,
) -> io::Result<Job> {
    // Memory that is not touched costs nothing, and nothing is copied twice.
    let more = 64 * 1024;
    bytes.reserve_exact(MAX_DOCUMENT_BYTES + 2 * more - bytes.len().min(MAX_DOCUMENT_BYTES));
    loop {
        let read = (&mut from).take(more as u64).read_to_end(&mut bytes)?;
        if bytes.len() > MAX_DOCUMENT_BYTES {
            break;
        }
        if read < more {
            return Ok(Job::Document {
                source,
                bytes,
                permit: Some(permit),
            });
        }
    }
    let kept = bytes.len();
    drop(bytes);
    let rest = io::copy(&mut from, &mut io::sink())?;
    Ok(Job::TooLarge {
        source,
        line: None,
        length: kept + rest as usize,
    })
}

/// Counts what is read, for the progress bar.
struct Counted {
    from: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(bytes)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The next files of a folder; what cannot be read is said behind them.
fn files(walker: &mut Walker, pending: &mut Option<Job>) -> Option<Job> {
    let mut paths = Vec::new();
    while paths.len() < BATCH_FILES {
        match walker.next() {
            Some(Ok(path)) => paths.push(path),
            Some(Err((path, error))) => {
                *pending = Some(unreadable(&path.display().to_string(), &error));
                break;
            }
            None => break,
        }
    }
    if paths.is_empty() {
        return pending.take();
    }
    Some(Job::Files(paths))
}

/// A job that says why something could not be read.
fn unreadable(name: &str, error: &io::Error) -> Job {
    Job::Trouble(trouble(name, error))
}

/// Why something could not be read, and what to do about it.
pub(crate) fn trouble(name: &str, error: &io::Error) -> String {
    let name = super::text::shown(name);
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "; check the path",
        io::ErrorKind::PermissionDenied => "; check who may read it",
        _ => "",
    };
    format!("reading `{name}`: {error}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_documents_are_told_apart_by_their_first_lines() {
        for (text, lines) in [
            ("", false),
            ("{}", false),
            ("{}\n", false),
            ("{}\n\n  \n", false),
            ("{}\n{}\n", true),
            ("\n{}\n7", true),
            ("{\n  \"a\": 1\n}\n", false),
            ("{\"a\": {}\n, \"b\": {}}", false),
            ("{broken}\n{}", true),
            ("[\n{}\n]", false),
        ] {
            assert_eq!(holds_lines(text.as_bytes()), lines, "{text:?}");
        }
    }
}
