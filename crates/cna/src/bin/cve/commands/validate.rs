//! `cve validate`: check a document without sending it.

use cve::check::Kind;

use super::Entry;
use crate::arguments::{self, option};
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
        let command = command
            .arg(option("cve-json", Some('j'), "JSON", "The document"))
            .arg(option(
                "cve-json-file",
                Some('f'),
                "FILE",
                "The same in a file; `-` is standard input",
            ))
            .arg(option(
                "schema-type",
                Some('s'),
                "full|cna-published|cna-rejected|adp",
                "What the document is, cna-published by default",
            ));
        arguments::checking(command)
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
    let (name, kind) = kind(session)?;
    let format = findings::format(session)?;
    let document = SOURCE.required(session, console)?;
    // The text itself, so that a key that stands twice is seen.
    let verdict = findings::judge(kind, &document.text, format);
    findings::warn(console, &verdict.warnings);
    if verdict.errors.is_empty() {
        console.say("CVE record is valid!");
        return Ok(());
    }
    console.say(&format!("Schema validation against {name} failed:"));
    for line in findings::lines(&verdict.errors, session.flag("explain")) {
        console.say(&line);
    }
    Err(Stop::Said)
}

/// What the document is, and what the Program calls its schema.
fn kind(session: &Session<'_>) -> Result<(&'static str, Kind), Stop> {
    let typed = session.value("schema-type").unwrap_or("cna-published");
    match typed.to_ascii_lowercase().as_str() {
        "full" => Ok(("the CVE Record Format", Kind::Record)),
        "cna-published" => Ok(("cnaPublishedContainer", Kind::PublishedContainer)),
        "cna-rejected" => Ok(("cnaRejectedContainer", Kind::RejectedContainer)),
        "adp" => Ok(("adpContainer", Kind::AdpContainer)),
        _ => Err(session.usage(format!(
            "Invalid value for '-s' / '--schema-type': '{typed}' is not one of 'full', \
             'cna-published', 'cna-rejected', 'adp'."
        ))),
    }
}
