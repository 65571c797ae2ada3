//! `cve reject`: say that an ID must not be used.

use client::{Reply, Services};
use cve::check::Kind;
use cve::id::CveId;
use cve::wire::{IdState, RecordAnswer};
use serde_json::Value;

use super::{Entry, publish, transfer};
use crate::arguments::{self, cve_id, option};
use crate::console::Console;
use crate::document::{self, Source};
use crate::json;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "reject",
    about: "Reject a CVE ID or its record",
    takes: "[OPTIONS] CVE_ID",
    options: |command| {
        let command = command
            .arg(cve_id())
            .arg(option(
                "cve-json",
                Some('j'),
                "JSON",
                "The rejected CNA container; without one only the state of the ID changes",
            ))
            .arg(option(
                "cve-json-file",
                Some('f'),
                "FILE",
                "The same in a file; `-` is standard input",
            ))
            .arg(arguments::raw());
        arguments::changing(arguments::checking(command))
    },
    run,
    children: &[],
};

const HEAD: &str = "Rejected the following CVE:";

const SOURCE: Source = Source {
    text: "cve-json",
    file: "cve-json-file",
    noun: "CVE data",
    both: "a CVE JSON record",
    none: "a CVE JSON record",
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let id = session.id()?;
    let document = SOURCE
        .read(session, console)?
        .map(|document| document.value);
    let input = match &document {
        None => "without providing a reject record.\n".to_owned(),
        Some(document) => format!("using the following input:\n\n{}\n", json::dumps(document)),
    };
    let about = format!(
        "You are about to reject {} {input}",
        console.bold(&id.to_string())
    );
    session.confirm(console, &about, "\nDo you want to continue?")?;
    let Some(document) = document else {
        let answer = transfer::change(session, console, id, Some(IdState::Rejected), None)?;
        return transfer::told(session, console, HEAD, &answer);
    };
    let container = document::cna_container(document)?;
    let service = session.service()?;
    let kind = Kind::RejectedContainer;
    let container = document::completed(container, kind, session, &service, console)?;
    let is_update = publish::is_rehearsed_update(session, console, &service, id)?;
    let outcome = service.change(
        console,
        |services| {
            match is_update {
                true => services.update_reject(id, &container),
                false => reject_or_update(services, id, &container),
            }
            .map(publish::raw)
        },
        |looking, console| publish::found(looking, console, id, &container),
    )?;
    publish::told(session, console, HEAD, &publish::answer_of(outcome))
}

fn reject_or_update(
    services: &Services,
    id: CveId,
    container: &Value,
) -> Result<Reply<RecordAnswer>, client::Error> {
    match services.reject(id, container) {
        // Here cve-services answers 400, not 403 as for a published record.
        Err(error) if error.is_refusal(400, "CVE_RECORD_EXISTS") => {
            services.update_reject(id, container)
        }
        other => other,
    }
}
