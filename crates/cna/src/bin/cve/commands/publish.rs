//! `cve publish`: the CNA container of a record.

mod folder;
mod guard;

use clap::Command;
use client::{Reply, Services};
use cve::check::Kind;
use cve::compare::is_same;
use cve::id::CveId;
use cve::wire::RecordAnswer;
use serde_json::{Value, json};

use super::Entry;
use crate::arguments::{self, cve_id, flag, option};
use crate::blocks::{self, text_at};
use crate::console::Console;
use crate::document::{self, Source};
use crate::json;
use crate::patience::Outcome;
use crate::seen;
use crate::session::{Looking, Service, Session};
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "publish",
    about: "Publish a CVE record, or replace the CNA container of a published one",
    takes: "[OPTIONS] CVE_ID",
    options: |command| {
        let command = options(command).arg(arguments::raw());
        arguments::changing(arguments::checking(command))
            .args([
                flag(
                    "diff",
                    None,
                    "Show what would change, and refuse to overwrite what you have not seen",
                ),
                flag("force", None, "With --diff, overwrite it all the same"),
            ])
            .after_help(FOLDERS)
    },
    run,
    children: &[],
};

const SOURCE: Source = Source {
    text: "cve-json",
    file: "cve-json-file",
    noun: "CNA data",
    both: "a CNA JSON data",
    none: "CNA JSON data",
};

const FOLDERS: &str = "A folder may stand in the place of CVE_ID. Then each `.json` file in it is published:\n\
                       a full record, or a container in a file named by its CVE ID. All of them are\n\
                       checked before the first is sent.";

const HEAD: &str = "Published the following CVE:";

fn options(command: Command) -> Command {
    command
        .arg(cve_id())
        .arg(option(
            "cve-json",
            Some('j'),
            "JSON",
            "The CNA container, or a full record",
        ))
        .arg(option(
            "cve-json-file",
            Some('f'),
            "FILE",
            "The same in a file; `-` is standard input",
        ))
}

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    if let Some(files) = folder::files(session)? {
        return folder::publish(session, console, files);
    }
    let id = session.id()?;
    let document = SOURCE.required(session, console)?.value;
    let about = format!(
        "You are about to publish a CNA container in the CVE record for {} using the following \
         input:\n\n{}\n",
        console.bold(&id.to_string()),
        json::dumps(&document)
    );
    let has_diff = session.flag("diff");
    if !has_diff {
        session.confirm(console, &about, "\nDo you want to continue?")?;
    }
    let container = document::cna_container(document)?;
    let service = session.service()?;
    let container = document::completed(
        container,
        Kind::PublishedContainer,
        session,
        &service,
        console,
    )?;
    if has_diff && !guard::passes(session, console, &service, id, &container)? {
        return Ok(());
    }
    let answer = send(session, console, &service, id, &container)?;
    told(session, console, HEAD, &answer)
}

/// Sends a container and gives the service's answer.
fn send(
    session: &Session<'_>,
    console: &mut Console,
    service: &Service,
    id: CveId,
    container: &Value,
) -> Result<Value, Stop> {
    let is_update = is_rehearsed_update(session, console, service, id)?;
    let outcome = service.change(
        console,
        |services| {
            match is_update {
                true => services.update_cna(id, container),
                false => create_or_update(services, id, container),
            }
            .map(raw)
        },
        |looking, console| found(looking, console, id, container),
    )?;
    let answer = answer_of(outcome);
    if let Some(cna) = record_in(&answer).and_then(|record| record.pointer("/containers/cna")) {
        match session.flag("diff") {
            true => seen::remember(service.base_url(), id, cna)?,
            false => seen::remember_again(service.base_url(), id, cna)?,
        }
    }
    Ok(answer)
}

/// Whether a rehearsal is one of an update: it cannot learn that from the
/// refusal of a creation, so it looks.
pub(super) fn is_rehearsed_update(
    session: &Session<'_>,
    console: &mut Console,
    service: &Service,
    id: CveId,
) -> Result<bool, Stop> {
    if !session.is_dry_run() {
        return Ok(false);
    }
    let live = service.read(console, |services| services.record(id))?;
    Ok(live.is_some())
}

/// Creates first and updates when there is a record: asking before would cost
/// a request every time, and could be wrong by then.
fn create_or_update(
    services: &Services,
    id: CveId,
    container: &Value,
) -> Result<Reply<RecordAnswer>, client::Error> {
    match services.publish_cna(id, container) {
        Err(error) if error.is_refusal(403, "CVE_RECORD_EXISTS") => {
            services.update_cna(id, container)
        }
        other => other,
    }
}

pub(super) fn raw<T>(reply: Reply<T>) -> Value {
    reply.raw
}

/// The answer, as it came or as a look put it together.
pub(super) fn answer_of(outcome: Outcome<Value>) -> Value {
    match outcome {
        Outcome::Answered(answer) | Outcome::Found(answer) => answer,
    }
}

/// After a lost answer: the live record, when its CNA container is ours.
pub(super) fn found(
    looking: &Looking<'_>,
    console: &mut Console,
    id: CveId,
    container: &Value,
) -> Result<Option<Value>, Stop> {
    found_if(looking, console, id, |record| {
        let live = record.pointer("/containers/cna");
        live.is_some_and(|live| is_same(live, container))
    })
}

/// After a lost answer: the live record, when it is as it was sent.
pub(super) fn found_if(
    looking: &Looking<'_>,
    console: &mut Console,
    id: CveId,
    is_ours: impl Fn(&Value) -> bool,
) -> Result<Option<Value>, Stop> {
    let live = looking.read(console, |services| services.record(id))?;
    let live = live.map(|reply| reply.raw).filter(|record| is_ours(record));
    Ok(live.map(|record| read_back(id, record)))
}

/// The answer that was lost, made from the record that is there.
pub(super) fn read_back(id: CveId, record: Value) -> Value {
    let message = format!("the answer was lost, but {id} was read back and is as it was sent.");
    json!({"message": message, "updated": record})
}

fn record_in(answer: &Value) -> Option<&Value> {
    answer.get("created").or_else(|| answer.get("updated"))
}

/// Prints the answer to a change of a record.
pub(super) fn told(
    session: &Session<'_>,
    console: &mut Console,
    head: &str,
    answer: &Value,
) -> Result<(), Stop> {
    if session.flag("raw") {
        console.say(&json::dumps(answer));
        return Ok(());
    }
    let record = record_in(answer).ok_or_else(|| Stop::failed("the answer has no record"))?;
    console.say(&format!("{head}\n"));
    blocks::record(console, record)?;
    console.say(&format!("\nAPI response: {}", text_at(answer, "/message")?));
    Ok(())
}
