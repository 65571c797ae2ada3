//! Lines of a stream, many at a time and with a bound on the memory.

use std::io::{self, Read};

use cve::check::MAX_DOCUMENT_BYTES;

/// How many bytes of lines are handed on at a time.
const BATCH_BYTES: usize = 128 * 1024;

/// Reads lines in batches.
pub(crate) struct LineReader {
    from: Box<dyn Read + Send>,
    /// What was read of the next line.
    rest: Vec<u8>,
    /// Number of the next line, the first being 1.
    line: usize,
    is_done: bool,
}

/// Some lines that follow each other.
pub(crate) enum Lines {
    /// Whole lines.
    Whole { first: usize, bytes: Vec<u8> },
    /// A line that is too long to be kept, and how many bytes it has.
    TooLong { line: usize, length: usize },
}

impl LineReader {
    pub(crate) fn new(from: Box<dyn Read + Send>) -> LineReader {
        LineReader {
            from,
            rest: Vec::new(),
            line: 1,
            is_done: false,
        }
    }

    /// The next lines; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Lines>> {
        let mut bytes = std::mem::take(&mut self.rest);
        // What is left behind a line that was too long may hold whole lines.
        let mut searched = 0;
        loop {
            if self.is_done {
                if bytes.is_empty() {
                    return Ok(None);
                }
                return Ok(Some(self.whole(bytes)));
            }
            self.fill(&mut bytes)?;
            if let Some(last) = memchr::memrchr(b'\n', &bytes[searched..]) {
                let end = searched + last + 1;
                self.rest = Vec::with_capacity(BATCH_BYTES.max(bytes.len() - end));
                self.rest.extend_from_slice(&bytes[end..]);
                bytes.truncate(end);
                return Ok(Some(self.whole(bytes)));
            }
            searched = bytes.len();
            if bytes.len() > MAX_DOCUMENT_BYTES {
                return self.skip(bytes).map(Some);
            }
        }
    }

    fn whole(&mut self, bytes: Vec<u8>) -> Lines {
        let first = self.line;
        self.line += memchr::memchr_iter(b'\n', &bytes).count();
        Lines::Whole { first, bytes }
    }

    /// Reads about a batch more.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let start = bytes.len();
        let more = BATCH_BYTES;
        if bytes.capacity() - start < more {
            // A long line gets all it may need at once: memory that is not
            // touched costs nothing, and nothing is copied again and again.
            let room = match start > 4 * BATCH_BYTES {
                true => MAX_DOCUMENT_BYTES + 2 * BATCH_BYTES - start,
                false => 2 * more,
            };
            bytes.reserve_exact(room);
        }
        let read = (&mut self.from).take(more as u64).read_to_end(bytes)?;
        self.is_done = read < more;
        Ok(())
    }

    /// Passes over the rest of a line that is too long.
    fn skip(&mut self, mut bytes: Vec<u8>) -> io::Result<Lines> {
        let mut length = bytes.len();
        loop {
            bytes.clear();
            bytes.shrink_to(BATCH_BYTES);
            self.fill(&mut bytes)?;
            let end = memchr::memchr(b'\n', &bytes);
            length += end.unwrap_or(bytes.len());
            if end.is_some() || self.is_done {
                let line = self.line;
                if let Some(end) = end {
                    self.line += 1;
                    self.rest = bytes.split_off(end + 1);
                }
                // Whole lines may follow already.
                return Ok(Lines::TooLong { line, length });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (Vec<(usize, Vec<u8>)>, Vec<(usize, usize)>);

    fn read(text: Vec<u8>) -> Read {
        let mut reader = LineReader::new(Box::new(io::Cursor::new(text)));
        let (mut whole, mut long) = (Vec::new(), Vec::new());
        while let Some(lines) = reader.next().unwrap() {
            match lines {
                Lines::Whole { first, bytes } => {
                    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
                    for (at, line) in lines.enumerate() {
                        whole.push((first + at, line.to_vec()));
                    }
                }
                Lines::TooLong { line, length } => long.push((line, length)),
            }
        }
        (whole, long)
    }

    #[test]
    fn lines_keep_their_numbers_over_batches() {
        let text: String = (1..=50_000).map(|line| format!("line {line}\n")).collect();
        let (whole, long) = read(text.into_bytes());
        assert_eq!(long, []);
        assert_eq!(whole.len(), 50_000);
        for (number, line) in whole {
            assert_eq!(line, format!("line {number}\n").into_bytes());
        }
    }

    #[test]
    fn the_last_line_needs_no_end() {
        let (whole, _) = read(b"a\n\nb".to_vec());
        assert_eq!(
            whole,
            [
                (1, b"a\n".to_vec()),
                (2, b"\n".to_vec()),
                (3, b"b".to_vec())
            ]
        );
        assert_eq!(read(Vec::new()).0, []);
    }

    #[test]
    fn a_line_that_is_too_long_is_counted_and_the_next_ones_are_read() {
        let mut text = b"a\n".to_vec();
        let length = MAX_DOCUMENT_BYTES * 2 + 7;
        text.resize(2 + length, b'x');
        text.extend(b"\nb\nc\n");
        let (whole, long) = read(text);
        assert_eq!(long, [(2, length)]);
        assert_eq!(
            whole,
            [
                (1, b"a\n".to_vec()),
                (3, b"b\n".to_vec()),
                (4, b"c\n".to_vec())
            ]
        );
    }
}
