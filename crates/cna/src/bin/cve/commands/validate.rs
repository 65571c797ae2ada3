//! `cve validate`: check a document without sending it.

use cve::check;

use super::Entry;
use crate::arguments::option;
use crate::console::Console;
use crate::document::Source;
use crate::findings;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "validate",
    about: "Check a CVE record without sending it",
    takes: "[OPTIONS]",
    options: |command| {
        command
            .arg(option("cve-json", Some('j'), "JSON", "The document"))
            .arg(option(
                "cve-json-file",
                Some('f'),
                "FILE",
                "The same in a file; `-` reads it here",
            ))
            .arg(option(
                "schema-type",
                Some('s'),
                "cna-published",
                "What the document is",
            ))
    },
    run,
    children: &[],
};

const SOURCE: Source = Source {
    text: "cve-json",
    file: "cve-json-file",
    noun: "CVE data",
    both: "a CVE JSON",
    none: "CVE JSON data",
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let kind = session.value("schema-type").unwrap_or("cna-published");
    match kind.to_ascii_lowercase().as_str() {
        "cna-published" => {}
        _ => {
            return Err(session.usage(format!(
                "Invalid value for '-s' / '--schema-type': '{kind}' is not one of \
                 'cna-published'."
            )));
        }
    }
    let document = SOURCE.required(session, console)?;
    let errors = findings::errors(&check::published_container(&document));
    if errors.is_empty() {
        console.say("CVE record is valid!");
        return Ok(());
    }
    console.say(&format!("Schema validation against {kind} failed:"));
    for error in errors {
        console.say(&error);
    }
    Err(Stop::Said)
}
