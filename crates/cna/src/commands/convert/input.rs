//! The inputs of a conversion: files, folders, lines, packed or not.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use cve::check::{Checker, Finding, Format, Kind, MAX_DOCUMENT_BYTES, Severity};
use cve::convert::Record;

use crate::packed::unpacked;
use crate::walker::Walker;

/// One document of the inputs.
pub(super) struct Document {
    /// What to call it in messages: the file, and the line where it has many.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The inputs, the files of a folder in the order of their names.
pub(super) struct Inputs {
    files: Vec<PathBuf>,
}

/// Finds the files that were named.
///
/// Fails: for a name that is no file and no folder.
pub(super) fn inputs(names: &[String]) -> anyhow::Result<Inputs> {
    let mut files = Vec::new();
    for name in names {
        let path = PathBuf::from(name);
        if name == "-" {
            files.push(path);
        } else if path.is_dir() {
            add_files_of(&path, &mut files)?;
        } else if path.exists() {
            files.push(path);
        } else {
            bail!("there is no file or folder `{name}`");
        }
    }
    Ok(Inputs { files })
}

/// Endings of the files of a folder that are inputs.
const ENDINGS: &[&str] = &[".json", ".json.zst", ".jsonl", ".jsonl.zst"];

fn add_files_of(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let reading = |folder: &Path| format!("reading the folder `{}`", folder.display());
    let mut walker = Walker::new(folder, ENDINGS).with_context(|| reading(folder))?;
    while let Some(next) = walker.next() {
        files.push(next.map_err(|(folder, error)| anyhow!(error).context(reading(&folder)))?);
    }
    Ok(())
}

impl Inputs {
    /// Says whether they are one file that holds one document.
    pub(super) fn is_one(&self) -> bool {
        match self.files.as_slice() {
            [file] => !file.to_string_lossy().contains(".jsonl"),
            _ => false,
        }
    }

    /// Hands over every document, in order.
    pub(super) fn each(
        &self,
        mut take: impl FnMut(Document) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for file in &self.files {
            let name = file.display().to_string();
            each_of(file, &name, &mut take).with_context(|| format!("reading `{name}`"))?;
        }
        Ok(())
    }
}

fn each_of(
    file: &Path,
    name: &str,
    take: &mut impl FnMut(Document) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let from: Box<dyn Read + Send> = match name {
        "-" => Box::new(std::io::stdin()),
        _ => Box::new(File::open(file)?),
    };
    let mut reader = BufReader::new(unpacked(from)?);
    let plain = name.strip_suffix(".zst").unwrap_or(name);
    if plain.ends_with(".jsonl") {
        return each_line(reader, name, take);
    }
    // What is longer is refused by its length, and need not be held.
    let mut bytes = Vec::new();
    reader.by_ref().take(READ_AT_MOST).read_to_end(&mut bytes)?;
    // Standard input and files of any other name may have a record a line.
    let known = plain.ends_with(".json");
    if !known && has_lines(&bytes) {
        return each_line(Cursor::new(bytes).chain(reader), name, take);
    }
    take(Document {
        name: name.to_owned(),
        bytes,
    })
}

/// Bytes read of one document at most: enough for its check to find it too long.
const READ_AT_MOST: u64 = MAX_DOCUMENT_BYTES as u64 + 1;

/// Says whether the first line alone is a JSON document and others follow.
fn has_lines(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    let Some(end) = text.iter().position(|byte| *byte == b'\n') else {
        return false;
    };
    serde_json::from_slice::<serde::de::IgnoredAny>(&text[..end]).is_ok()
}

fn each_line(
    mut reader: impl BufRead,
    name: &str,
    take: &mut impl FnMut(Document) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut number = 0;
    loop {
        let mut bytes = Vec::new();
        let mut line = reader.by_ref().take(READ_AT_MOST);
        if line.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        if bytes.len() as u64 == READ_AT_MOST && !bytes.ends_with(b"\n") {
            reader.skip_until(b'\n')?;
        }
        number += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        take(Document {
            name: format!("{name}:{number}"),
            bytes,
        })?;
    }
}

/// Reads a record and checks it, by the newest format that accepts it.
///
/// Gives: every error of the newest format when none does.
pub(super) fn record(bytes: &[u8]) -> Result<Record<'_>, Vec<Finding>> {
    let formats = [Format::V5_2_0, Format::V5_1_1, Format::V5_0];
    let accepted = formats
        .iter()
        .any(|format| Checker::new(*format).verdict(Kind::Record, bytes));
    if accepted {
        return Record::parse(bytes).map_err(|finding| vec![*finding]);
    }
    let mut findings = Checker::default().findings(Kind::Record, bytes);
    findings.retain(|finding| finding.severity == Severity::Error);
    Err(findings)
}

/// Says whether a document is meant to be a CVE Record of format 5, right or
/// wrong, rather than another format.
///
/// A text that is no JSON counts as one, so that the record's own reader says
/// where it breaks.
pub(super) fn is_record(bytes: &[u8]) -> bool {
    /// The keys that tell.
    #[derive(serde::Deserialize)]
    struct Keys {
        #[serde(rename = "dataType")]
        data_type: Option<serde::de::IgnoredAny>,
        #[serde(rename = "cveMetadata")]
        metadata: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice(bytes).map_or(true, |keys: Keys| {
        keys.data_type.is_some() || keys.metadata.is_some()
    })
}

impl Document {
    /// A file name for a document that has no ID, from that of its input.
    pub(super) fn stem(&self) -> String {
        let file = self.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default();
        let line = file.rsplit_once(':').map(|(_, line)| format!("-{line}"));
        match stem {
            "" | "-" => format!("draft{}", line.unwrap_or_default()),
            stem => format!("{stem}{}", line.unwrap_or_default()),
        }
    }
}
