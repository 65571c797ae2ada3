//! `cve publish-adp`: the org's ADP container of a record.

use super::{Entry, publish};
use crate::arguments::{self, cve_id, option};
use crate::console::Console;
use crate::document::{self, Source};
use crate::json;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "publish-adp",
    about: "Add the org's ADP container to a record, or replace it",
    takes: "[OPTIONS] CVE_ID",
    options: |command| {
        command
            .arg(cve_id())
            .arg(option(
                "adp-json",
                Some('j'),
                "JSON",
                "The ADP container, or a full record",
            ))
            .arg(option(
                "adp-json-file",
                Some('f'),
                "FILE",
                "The same in a file; `-` reads it here",
            ))
            .arg(arguments::raw())
    },
    run,
    children: &[],
};

const SOURCE: Source = Source {
    text: "adp-json",
    file: "adp-json-file",
    noun: "ADP data",
    both: "ADP JSON data",
    none: "ADP JSON record",
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let id = session.id()?;
    let document = SOURCE.required(session, console)?;
    let about = format!(
        "You are about to publish an ADP record for {} using the following input:\n\n{}\n",
        console.bold(&id.to_string()),
        json::dumps(&document)
    );
    let question = "ADP containers cannot be removed once published; they can only be updated.\n\
                    Do you want to continue?";
    session.confirm(console, &about, question)?;
    let services = session.services()?;
    let container = document::adp_container(document)?;
    let container = document::complete(container, &services, session.org()?)?;
    let reply = services.publish_adp(id, &container)?;
    publish::told(session, console, "Published an ADP container for:", reply)
}
