//! Files beside a case. What they are is told from their bytes, and they are
//! only ever handed out as bytes: never shown, never run.

use cve::hash::Digest;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AttachmentRow, Blob, Tx};

use crate::case::{self, CaseId, Names, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// Bytes an attachment may have.
///
/// Source: our choice.
pub const MAX_ATTACHMENT_BYTES: usize = 10 * 1024 * 1024;

/// Attachments a case may have.
///
/// Source: our choice.
pub const MAX_ATTACHMENTS: usize = 20;

/// A file as somebody hands it in. It has no bytes in its `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name; a path before it is left out.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({} bytes)", self.bytes.len())
    }
}

/// An attachment of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Number in the case, from 1.
    pub number: i64,
    /// Name of the file.
    pub name: String,
    /// What its bytes are, such as `png` or `text`.
    pub kind: String,
    /// Its length in bytes.
    pub size: i64,
    /// sha-256 of its bytes.
    pub digest: Digest,
    /// Name of who attached it, or `reporter`.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A file that was looked at and may be kept.
#[derive(Clone)]
pub(crate) struct Checked {
    name: String,
    kind: &'static str,
    blob: Blob,
}

impl Checked {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Desk {
    /// Attaches a file to a case.
    ///
    /// Refuses: an empty file, a too large one, a kind that is not taken, one
    /// more than a case may have; a case the actor is not on.
    pub fn attach(&self, actor: &Actor, id: CaseId, file: File) -> Result<Attachment, Error> {
        check(actor, Action::Comment)?;
        let checked = checked(file)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let number = keep(tx, id, actor.id(), &checked)?;
            let detail = json!({"number": number, "digest": checked.blob.digest});
            case::record(tx, &actor, id, "attached", "attach", detail);
            Ok(Attachment {
                number,
                name: checked.name.clone(),
                kind: checked.kind.to_owned(),
                size: i64::try_from(checked.blob.body.len()).unwrap_or(i64::MAX),
                digest: checked.blob.digest,
                by: actor.name().to_owned(),
                at: tx.now(),
            })
        })
    }

    /// The attachments of a case, in the order they came.
    ///
    /// Refuses: a case the actor is not on.
    pub fn attachments(&self, actor: &Actor, id: CaseId) -> Result<Vec<Attachment>, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| {
            if !case::is_visible(reader, actor, id.number())? {
                return Err(case::not_found(id).into());
            }
            let names = Names::load(reader)?;
            let rows = reader.attachments(id.number())?;
            Ok(rows
                .into_iter()
                .map(|row| attachment(row, &names))
                .collect())
        })
    }

    /// An attachment with its bytes. The look is written to the audit chain.
    ///
    /// Refuses: a case the actor is not on; a number it does not have.
    pub fn attachment(
        &self,
        actor: &Actor,
        id: CaseId,
        number: i64,
    ) -> Result<(Attachment, Vec<u8>), Error> {
        check(actor, Action::See)?;
        let found = self.store.snapshot(|reader| {
            if !case::is_visible(reader, actor, id.number())? {
                return Err(case::not_found(id).into());
            }
            let names = Names::load(reader)?;
            let found = reader.attachment(id.number(), number)?;
            let (row, bytes) = found
                .ok_or_else(|| Refusal::not_found(format!("attachment {number} of case {id}")))?;
            Ok::<_, Error>((attachment(row, &names), bytes))
        })?;
        let (actor, digest) = (actor.clone(), found.0.digest);
        self.store.write(move |tx| {
            let detail = json!({"number": number, "digest": digest});
            case::note(tx, actor.name(), id, "read-attachment", detail);
            Ok::<_, Error>(())
        })?;
        Ok(found)
    }
}

pub(crate) fn attachment(row: AttachmentRow, names: &Names) -> Attachment {
    Attachment {
        number: row.number,
        name: row.name,
        kind: row.kind,
        size: row.size,
        digest: row.digest,
        by: names.of(&row.author),
        at: row.at,
    }
}

/// Looks at a file before anything is written.
pub(crate) fn checked(file: File) -> Result<Checked, Refusal> {
    let name = plain_name(&file.name);
    let refused = |problem: String| Refusal::invalid("attachment", format!("`{name}` {problem}"));
    if file.bytes.is_empty() {
        return Err(refused(
            "is empty: attach a file with something in it".into(),
        ));
    }
    if file.bytes.len() > MAX_ATTACHMENT_BYTES {
        return Err(refused(format!(
            "has {} bytes, expected at most {MAX_ATTACHMENT_BYTES}",
            file.bytes.len()
        )));
    }
    let Some(kind) = kind_of(&file.bytes) else {
        return Err(refused(
            "is of a kind that is not taken: expected text, an image, a video, a PDF, a packet \
             capture or an archive; pack anything else into an archive"
                .into(),
        ));
    };
    let digest = Digest::of(&file.bytes);
    let blob = Blob {
        digest,
        body: file.bytes,
    };
    Ok(Checked { name, kind, blob })
}

/// Keeps a file in this unit of work, which has taken or made the case.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    id: CaseId,
    author: &str,
    file: &Checked,
) -> Result<i64, Error> {
    if tx.attachments(id.number())?.len() >= MAX_ATTACHMENTS {
        let problem = format!("the case has {MAX_ATTACHMENTS} already, which is the most");
        return Err(Refusal::invalid("attachment", problem).into());
    }
    Ok(tx.insert_attachment(id.number(), &file.name, file.kind, author, &file.blob)?)
}

/// A name without folders and without what a terminal or a header would obey.
pub(crate) fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain = |c: &char| {
        !c.is_control()
            && !matches!(*c, '"' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain: String = last.chars().filter(is_plain).take(120).collect();
    let plain = plain.trim().trim_start_matches('.').trim();
    if plain.is_empty() {
        return "attachment".to_owned();
    }
    plain.to_owned()
}

/// Kinds that are taken, with the bytes they begin with.
const KINDS: &[(&str, usize, &[u8])] = &[
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("gif", 0, b"GIF8"),
    ("webp", 8, b"WEBP"),
    ("pdf", 0, b"%PDF-"),
    ("zip", 0, b"PK\x03\x04"),
    ("gzip", 0, b"\x1f\x8b"),
    ("xz", 0, b"\xfd7zXZ\0"),
    ("zstd", 0, b"\x28\xb5\x2f\xfd"),
    ("7z", 0, b"7z\xbc\xaf\x27\x1c"),
    ("bzip2", 0, b"BZh"),
    ("tar", 257, b"ustar"),
    ("pcap", 0, b"\xd4\xc3\xb2\xa1"),
    ("pcap", 0, b"\xa1\xb2\xc3\xd4"),
    ("pcapng", 0, b"\x0a\x0d\x0d\x0a"),
    ("mp4", 4, b"ftyp"),
    ("webm", 0, b"\x1a\x45\xdf\xa3"),
];

/// What bytes are; nothing for what is not taken, programs among it.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    let begins = |at: usize, mark: &[u8]| bytes.get(at..at + mark.len()) == Some(mark);
    let known = KINDS.iter().find(|(_, at, mark)| begins(*at, mark));
    if let Some((kind, ..)) = known {
        return Some(kind);
    }
    let is_text = std::str::from_utf8(bytes).is_ok_and(|text| {
        !text.contains(|c: char| c.is_control() && !"\t\n\r\x0c\x1b".contains(c))
    });
    is_text.then_some("text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_file_is_follows_from_its_bytes_and_programs_are_not_taken() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Some("png")),
            (b"%PDF-1.7", Some("pdf")),
            (b"#!/bin/sh\necho \xc3\xa4\n", Some("text")),
            (b"\x7fELF\x02\x01\x01\0", None),
            (b"MZ\x90\0\x03\0", None),
            (b"\xff\xfe\xfd", None),
        ] {
            assert_eq!(kind_of(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_name_has_no_folder_and_nothing_a_terminal_obeys() {
        for (name, expected) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\poc\\a.txt", "a.txt"),
            ("a\u{1b}[2J\"b\u{202e}.txt", "a[2Jb.txt"),
            ("..", "attachment"),
            ("", "attachment"),
        ] {
            assert_eq!(plain_name(name), expected, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn any_file_is_taken_or_refused_without_a_panic(
            name in "\\PC{0,20}",
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = checked(File { name, bytes });
        }
    }
}
