//! `cve publish FOLDER`: every record of a folder.

use std::path::{Path, PathBuf};

use cve::check::Kind;
use cve::id::CveId;
use serde_json::{Value, json};

use super::{guard, record_in, send};
use crate::console::Console;
use crate::document;
use crate::json;
use crate::prompt;
use crate::session::{Service, Session, parse_id};
use crate::stop::{self, Stop};

/// The `.json` files of the folder that stands where the CVE ID would, in the
/// order of their names; `None` when there stands no folder.
pub(super) fn files(session: &Session<'_>) -> Result<Option<Vec<PathBuf>>, Stop> {
    let Some(name) = session.value("CVE_ID") else {
        return Ok(None);
    };
    let has_document = ["cve-json", "cve-json-file"]
        .iter()
        .any(|option| session.value(option).is_some());
    if has_document || parse_id(name).is_some() || !Path::new(name).is_dir() {
        return Ok(None);
    }
    let unreadable =
        |error: std::io::Error| Stop::failed(format!("cannot read the folder `{name}`: {error}"));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(name).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "json") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Stop::failed(format!(
            "the folder `{name}` holds no `.json` file; put a record in it, such as \
             `CVE-2099-1000.json`"
        )));
    }
    Ok(Some(files))
}

/// Checks all files, and then publishes one after the other. One that fails
/// does not keep the others back.
pub(super) fn publish(
    session: &Session<'_>,
    console: &mut Console,
    files: Vec<PathBuf>,
) -> Result<(), Stop> {
    let service = session.service()?;
    let mut containers: Vec<(CveId, Value)> = Vec::new();
    let mut wrong = 0;
    for file in &files {
        match read(session, console, &service, file) {
            Ok((id, _)) if containers.iter().any(|(other, _)| *other == id) => {
                stop::error(
                    console,
                    &in_file(file, &format!("{id} is in another file, too")),
                    "",
                );
                wrong += 1;
            }
            Ok(read) => containers.push(read),
            Err(stop) => {
                stop.tell(console);
                wrong += 1;
            }
        }
    }
    if wrong > 0 {
        return Err(Stop::failed(format!(
            "{wrong} of {} files cannot be published, so nothing was sent",
            files.len()
        )));
    }
    if session.account.interactive && !session.is_dry_run() {
        let ids: Vec<_> = containers.iter().map(|(id, _)| id.to_string()).collect();
        console.say(&format!(
            "You are about to publish {} CVE records: {}.\n",
            ids.len(),
            ids.join(", ")
        ));
        prompt::confirm(console, "Do you want to continue?")?;
    }
    let mut failed = 0;
    for (id, container) in &containers {
        if let Err(stop) = publish_one(session, console, &service, *id, container) {
            console.say_for_error(&format!("{id}  failed"));
            stop.tell(console);
            failed += 1;
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(Stop::failed(format!(
            "{failed} of {} records were not published; repeat the command, the others stay \
             as they are",
            containers.len()
        ))),
    }
}

fn publish_one(
    session: &Session<'_>,
    console: &mut Console,
    service: &Service,
    id: CveId,
    container: &Value,
) -> Result<(), Stop> {
    if session.flag("diff") && !guard::passes(session, console, service, id, container)? {
        return Ok(());
    }
    let answer = match send(session, console, service, id, container) {
        Err(Stop::Request(client::Error::Rehearsed { method, url, json })) => {
            let is_raw = session.flag("raw");
            stop::rehearsed(console, method, &url, json.as_deref(), is_raw);
            return Ok(());
        }
        other => other?,
    };
    if session.flag("raw") {
        console.say(&json::dumps(
            &json!({"cve_id": id.to_string(), "answer": answer}),
        ));
        return Ok(());
    }
    let verb = match answer.get("created") {
        Some(_) => "created",
        None => "updated",
    };
    // An answer without a record would have failed in `cve publish ID`, too.
    record_in(&answer).ok_or_else(|| Stop::failed("the answer has no record"))?;
    console.say(&format!("{id}  {verb}"));
    Ok(())
}

/// Reads and checks one file.
fn read(
    session: &Session<'_>,
    console: &mut Console,
    service: &Service,
    file: &Path,
) -> Result<(CveId, Value), Stop> {
    let text = std::fs::read(file)
        .map_err(|error| Stop::failed(in_file(file, &format!("cannot be read: {error}"))))?;
    let given = document::parse(console, &format!("`{}`", file.display()), text)?;
    let inside = given
        .value
        .pointer("/cveMetadata/cveId")
        .and_then(Value::as_str);
    let named = file.file_stem().and_then(|stem| stem.to_str());
    let id = inside.or(named).and_then(parse_id).ok_or_else(|| {
        Stop::failed(in_file(
            file,
            "it names no CVE ID; give a full record, or name the file by its CVE ID",
        ))
    })?;
    let container = document::cna_container(given.value)
        .map_err(|_| Stop::failed(in_file(file, "it holds no CNA container")))?;
    let kind = Kind::PublishedContainer;
    match document::completed(container, kind, session, service, console) {
        Ok(container) => Ok((id, container)),
        Err(Stop::Said) => Err(Stop::failed(in_file(file, "its findings stand above"))),
        Err(other) => Err(other),
    }
}

fn in_file(file: &Path, what: &str) -> String {
    format!("`{}`: {what}", file.display())
}
