//! `cve publish`: the CNA container of a record.

use clap::Command;
use client::Reply;
use cve::check;
use cve::wire::RecordAnswer;
use serde_json::Value;

use super::Entry;
use crate::arguments::{self, cve_id, option};
use crate::blocks::{self, text_at};
use crate::console::Console;
use crate::document::{self, Source};
use crate::findings;
use crate::json;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "publish",
    about: "Publish a CVE record, or replace the CNA container of a published one",
    takes: "[OPTIONS] CVE_ID",
    options: |command| options(command).arg(arguments::raw()),
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
            "The same in a file; `-` reads it here",
        ))
}

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let id = session.id()?;
    let document = SOURCE.required(session, console)?;
    let about = format!(
        "You are about to publish a CNA container in the CVE record for {} using the following \
         input:\n\n{}\n",
        console.bold(&id.to_string()),
        json::dumps(&document)
    );
    session.confirm(console, &about, "Do you want to continue?")?;
    let container = document::cna_container(document)?;
    findings::stop_at_errors(console, &check::published_container(&container), ENTRY.name)?;
    let services = session.services()?;
    let container = document::complete(container, &services, session.org()?)?;
    // Create first and update when there is a record: asking before would
    // cost a request every time, and could be wrong by then.
    let reply = match services.publish_cna(id, &container) {
        Err(error) if error.is_refusal(403, "CVE_RECORD_EXISTS") => {
            services.update_cna(id, &container)?
        }
        other => other?,
    };
    told(session, console, "Published the following CVE:", reply)
}

/// Prints the answer to a change of a record.
pub(super) fn told(
    session: &Session<'_>,
    console: &mut Console,
    head: &str,
    reply: Reply<RecordAnswer>,
) -> Result<(), Stop> {
    let answer = reply.raw;
    if session.flag("raw") {
        console.say(&json::dumps(&answer));
        return Ok(());
    }
    let record = answer.get("created").or_else(|| answer.get("updated"));
    let record: &Value = record.ok_or_else(|| Stop::failed("the answer has no record"))?;
    console.say(&format!("{head}\n"));
    blocks::record(console, record)?;
    console.say(&format!(
        "\nAPI response: {}",
        text_at(&answer, "/message")?
    ));
    Ok(())
}
