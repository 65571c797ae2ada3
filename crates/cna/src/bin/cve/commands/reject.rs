//! `cve reject`: say that an ID must not be used.

use cve::wire::IdState;

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
        command
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
                "The same in a file; `-` reads it here",
            ))
            .arg(arguments::raw())
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
    let document = SOURCE.read(session, console)?;
    let input = match &document {
        None => "without providing a reject record.\n".to_owned(),
        Some(document) => format!("using the following input:\n\n{}\n", json::dumps(document)),
    };
    let about = format!(
        "You are about to reject {} {input}",
        console.bold(&id.to_string())
    );
    session.confirm(console, &about, "Do you want to continue?")?;
    let services = session.services()?;
    let Some(document) = document else {
        let reply = services.change_id(id, Some(IdState::Rejected), None)?;
        return transfer::told(session, console, HEAD, reply);
    };
    let container = document::cna_container(document)?;
    let container = document::complete(container, &services, session.org()?)?;
    // Here cve-services answers 400, not 403 as for a published record.
    let reply = match services.reject(id, &container) {
        Err(error) if error.is_refusal(400, "CVE_RECORD_EXISTS") => {
            services.update_reject(id, &container)?
        }
        other => other?,
    };
    publish::told(session, console, HEAD, reply)
}
