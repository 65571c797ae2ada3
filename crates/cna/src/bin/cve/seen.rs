//! Which state of a record was last seen here, so that nothing newer is
//! overwritten unknowingly.
//!
//! Kept by `--diff` alone, in `cve/seen/` of `$XDG_STATE_HOME` or
//! `~/.local/state`: a small file for each record and service, with a digest
//! of the CNA container.

use std::path::PathBuf;

use cve::compare::is_same_moment;
use cve::hash::{self, Digest};
use cve::id::CveId;
use serde_json::{Value, json};

use crate::globals::set_variable;
use crate::stop::Stop;

/// What is known about a live container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is as it was last seen.
    Unchanged,
    /// It is not.
    Changed,
    /// It was never seen here.
    Never,
}

/// Compares the live container with what was last seen: the stamp in our own
/// document, where it was taken from the service, or the file kept here.
pub(crate) fn compared(
    base_url: &str,
    id: CveId,
    live: &Value,
    ours: &Value,
) -> Result<Seen, Stop> {
    let stamp = |container: &Value| {
        let stamp = container.pointer("/providerMetadata/dateUpdated")?;
        stamp.as_str().map(str::to_owned)
    };
    let has_stamp = stamp(ours);
    if let (Some(live), Some(ours)) = (stamp(live), &has_stamp)
        && is_same_moment(&live, ours)
    {
        return Ok(Seen::Unchanged);
    }
    match kept(base_url, id)? {
        Some(kept) if kept == digest(live) => Ok(Seen::Unchanged),
        None if has_stamp.is_none() => Ok(Seen::Never),
        _ => Ok(Seen::Changed),
    }
}

/// Remembers a live container as seen.
pub(crate) fn remember(base_url: &str, id: CveId, live: &Value) -> Result<(), Stop> {
    let file = file(base_url, id)?;
    let text = json!({"service": base_url, "cve_id": id.to_string(), "sha256": digest(live)});
    write(&file, &format!("{text}\n")).map_err(|error| {
        Stop::failed(format!(
            "cannot remember the record in `{}`: {error}",
            file.display()
        ))
    })
}

/// Remembers a live container if one of this record was remembered before.
pub(crate) fn remember_again(base_url: &str, id: CveId, live: &Value) -> Result<(), Stop> {
    // Without a home nothing was ever remembered.
    match file(base_url, id) {
        Ok(file) if file.exists() => remember(base_url, id, live),
        _ => Ok(()),
    }
}

fn kept(base_url: &str, id: CveId) -> Result<Option<String>, Stop> {
    let file = file(base_url, id)?;
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Stop::failed(format!(
                "cannot read `{}`: {error}",
                file.display()
            )));
        }
    };
    let document: Option<Value> = serde_json::from_str(&text).ok();
    let digest = document
        .as_ref()
        .and_then(|document| document.get("sha256"));
    let digest = digest.and_then(Value::as_str).map(str::to_owned);
    digest.map(Some).ok_or_else(|| {
        Stop::failed(format!(
            "`{}` does not say which record was seen; delete it",
            file.display()
        ))
    })
}

fn file(base_url: &str, id: CveId) -> Result<PathBuf, Stop> {
    let folder = set_variable("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(set_variable("HOME")?).join(".local/state")));
    let folder = folder.ok_or_else(|| {
        Stop::failed(
            "there is no folder to remember records in; set HOME or XDG_STATE_HOME".to_owned(),
        )
    })?;
    let service = hash::hex(&Digest::of(base_url.as_bytes()).as_bytes()[..8]);
    Ok(folder.join("cve/seen").join(service).join(id.to_string()))
}

/// Whole or not at all: a cut file would be taken for another record.
fn write(file: &PathBuf, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("new");
    std::fs::write(&new, text)?;
    std::fs::rename(&new, file)
}

/// A digest of what the author wrote, whatever was stamped on it.
fn digest(container: &Value) -> String {
    let mut container = container.clone();
    if let Some(object) = container.as_object_mut() {
        object.shift_remove("providerMetadata");
    }
    Digest::of_json(&container).to_string()
}
