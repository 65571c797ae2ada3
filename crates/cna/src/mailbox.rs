//! Mails where they lie: a Maildir, an mbox, or a file of one. One mail is in
//! memory at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use casework::MAX_MAIL_BYTES;

/// A mail, or why it cannot be read; with what to call it: its file, and in an
/// mbox its number.
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) bytes: anyhow::Result<Vec<u8>>,
}

/// What was named, looked at: what is not there is said before a mail is read.
pub(crate) struct Mailboxes(Vec<Mailbox>);

enum Mailbox {
    /// Files of one mail each, in the order of their names.
    Files(Vec<PathBuf>),
    /// An mbox, or one mail.
    File(PathBuf),
}

impl Mailboxes {
    /// Looks at `paths`.
    ///
    /// Fails: for one that is not there, and for a folder that is no Maildir.
    pub(crate) fn find(paths: &[&String]) -> anyhow::Result<Mailboxes> {
        let mut found = Vec::new();
        for name in paths {
            let path = PathBuf::from(name);
            if path.is_dir() {
                found.push(Mailbox::Files(maildir(&path)?));
            } else if path.exists() {
                found.push(Mailbox::File(path));
            } else {
                bail!("there is no file or folder `{name}`");
            }
        }
        Ok(Mailboxes(found))
    }

    /// Hands over every mail, in order.
    pub(crate) fn each(
        self,
        take: &mut dyn FnMut(Found) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for mailbox in self.0 {
            match mailbox {
                Mailbox::Files(files) => {
                    for file in files {
                        take(one(&file))?;
                    }
                }
                Mailbox::File(file) => each_of(&file, take)?,
            }
        }
        Ok(())
    }
}

/// The mails of a Maildir. Their names begin with the time of delivery, so
/// that an answer comes after what it answers.
fn maildir(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let parts = [folder.join("new"), folder.join("cur")];
    if !parts.iter().any(|part| part.is_dir()) {
        bail!(
            "the folder `{}` has neither `new` nor `cur`: expected a Maildir, an mbox file, or a \
             file of one mail",
            folder.display()
        );
    }
    let mut files = Vec::new();
    for part in parts.iter().filter(|part| part.is_dir()) {
        let reading = || format!("reading the folder `{}`", part.display());
        for entry in std::fs::read_dir(part).with_context(reading)? {
            let path = entry.with_context(reading)?.path();
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            if !name.is_none_or(|name| name.starts_with('.')) && !path.is_dir() {
                files.push(path);
            }
        }
    }
    files.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    Ok(files)
}

fn too_long() -> anyhow::Error {
    anyhow!("it has more than {MAX_MAIL_BYTES} bytes, which is the most")
}

fn one(file: &Path) -> Found {
    let read = || {
        let mut bytes = Vec::new();
        let file = File::open(file)?;
        file.take(MAX_MAIL_BYTES as u64 + 1)
            .read_to_end(&mut bytes)?;
        if bytes.len() > MAX_MAIL_BYTES {
            return Err(too_long());
        }
        Ok(bytes)
    };
    Found {
        name: file.display().to_string(),
        bytes: read(),
    }
}

fn each_of(file: &Path, take: &mut dyn FnMut(Found) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let name = file.display().to_string();
    let opened = File::open(file).map(BufReader::new).and_then(|mut reader| {
        let is_mbox = reader.fill_buf()?.starts_with(SEPARATOR);
        Ok((reader, is_mbox))
    });
    match opened {
        Err(error) => take(Found {
            name,
            bytes: Err(error.into()),
        }),
        Ok((_, false)) => take(one(file)),
        Ok((reader, true)) => {
            let mut mbox = Mbox::new(reader, MAX_MAIL_BYTES);
            while let Some(bytes) = mbox.next_mail() {
                let is_broken = matches!(&bytes, Err(error) if error.is::<std::io::Error>());
                take(Found {
                    name: format!("{name}, message {}", mbox.number),
                    bytes,
                })?;
                if is_broken {
                    break;
                }
            }
            Ok(())
        }
    }
}

/// How the line before each mail of an mbox begins.
const SEPARATOR: &[u8] = b"From ";

/// Bytes of a line that are looked at together; a longer one comes in pieces.
const PIECE: u64 = 64 * 1024;

/// An mbox, read mail by mail.
///
/// Source: RFC 4155; the quoting of `>From ` as in mboxrd, which is undone.
struct Mbox<R> {
    reader: R,
    most: usize,
    /// Number of the mail that was handed over last, from 1.
    number: usize,
    /// A line that was read ahead.
    held: Option<Vec<u8>>,
    has_begun: bool,
}

impl<R: BufRead> Mbox<R> {
    fn new(reader: R, most: usize) -> Mbox<R> {
        Mbox {
            reader,
            most,
            number: 0,
            held: None,
            has_begun: false,
        }
    }

    /// The next mail; nothing after the last. A mail that is too long is
    /// passed over without being held.
    fn next_mail(&mut self) -> Option<anyhow::Result<Vec<u8>>> {
        if !self.has_begun {
            self.has_begun = true;
            // The first separator.
            if let Err(error) = self.line() {
                self.number = 1;
                return Some(Err(error.into()));
            }
        }
        let mut mail = Vec::new();
        let (mut is_long, mut is_blank, mut has_any) = (false, true, false);
        let mut starts = true;
        loop {
            let line = match self.line() {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => {
                    self.number += 1;
                    return Some(Err(error.into()));
                }
            };
            if starts && is_blank && has_any && line.starts_with(SEPARATOR) {
                // A mail begins with a header; a text that happens to begin
                // so does not go on with one.
                match self.line() {
                    Ok(Some(next)) if is_header(&next) => {
                        self.held = Some(next);
                        break;
                    }
                    Ok(next) => self.held = next,
                    Err(error) => {
                        self.number += 1;
                        return Some(Err(error.into()));
                    }
                }
            }
            has_any = true;
            let quoted = line.iter().take_while(|byte| **byte == b'>').count();
            let is_quoted = starts && quoted > 0 && line[quoted..].starts_with(SEPARATOR);
            let line_of_mail = &line[usize::from(is_quoted)..];
            is_blank = starts && line.trim_ascii_end().is_empty();
            starts = line.ends_with(b"\n");
            if is_long || mail.len() + line_of_mail.len() > self.most {
                is_long = true;
                mail = Vec::new();
            } else {
                mail.extend_from_slice(line_of_mail);
            }
        }
        if !has_any {
            return None;
        }
        self.number += 1;
        Some(if is_long { Err(too_long()) } else { Ok(mail) })
    }

    /// The next line, or a piece of a long one; nothing at the end.
    fn line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        let mut line = Vec::new();
        let mut piece = self.reader.by_ref().take(PIECE);
        piece.read_until(b'\n', &mut line)?;
        Ok((!line.is_empty()).then_some(line))
    }
}

/// Says whether a line is a header field: `Name: value`.
///
/// Source: RFC 5322 section 2.2.
fn is_header(line: &[u8]) -> bool {
    let name = line
        .iter()
        .take_while(|byte| (33..=126).contains(*byte) && **byte != b':');
    let length = name.count();
    length > 0 && line.get(length) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mails(text: &[u8], most: usize) -> Vec<Result<String, String>> {
        let mut mbox = Mbox::new(text, most);
        let mut found = Vec::new();
        while let Some(mail) = mbox.next_mail() {
            let mail = mail.map(|mail| String::from_utf8_lossy(&mail).into_owned());
            found.push(mail.map_err(|error| error.to_string()));
        }
        assert_eq!(mbox.number, found.len());
        found
    }

    #[test]
    fn an_mbox_is_taken_apart_where_a_mail_begins_and_its_quotes_are_undone() {
        let text = b"From a Tue Nov  3 10:00:00 2026\nSubject: one\n\nFrom here on,\nit \
                     fails.\n\nFrom there, too.\n>From afar\n\nFrom b\nSubject: two\n\n>>From x\n";
        assert_eq!(
            mails(text, 1000),
            [
                Ok(
                    "Subject: one\n\nFrom here on,\nit fails.\n\nFrom there, too.\nFrom afar\n\n"
                        .to_owned()
                ),
                Ok("Subject: two\n\n>From x\n".to_owned()),
            ]
        );
    }

    #[test]
    fn a_mail_that_is_too_long_is_passed_over_and_the_next_is_read() {
        let text = format!(
            "From a\nSubject: one\n\n{}\n\nFrom b\nSubject: two\n\nx\n",
            "y".repeat(200_000)
        );
        let found = mails(text.as_bytes(), 100);
        assert!(found[0].as_ref().unwrap_err().contains("which is the most"));
        assert_eq!(found[1], Ok("Subject: two\n\nx\n".to_owned()));
    }

    proptest! {
        #[test]
        fn any_mbox_is_taken_apart_without_a_panic(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("From "), Just("\n\n"), Just(">"), Just("A: b\n"), Just("\r\n"), Just("x"),
                ],
                0..40,
            ),
        ) {
            let text = parts.concat();
            let found = mails(text.as_bytes(), 20);
            prop_assert!(found.len() <= text.matches("From ").count() + 1);
        }
    }
}
