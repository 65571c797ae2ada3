//! `cve publish-adp`: the org's ADP container of a record.

use cve::check::Kind;
use cve::compare::is_same;
use cve::id::CveId;
use serde_json::Value;

use super::{Entry, publish};
use crate::arguments::{self, cve_id, option};
use crate::console::Console;
use crate::document::{self, Source};
use crate::json;
use crate::session::{Looking, Session};
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "publish-adp",
    about: "Add the org's ADP container to a record, or replace it",
    takes: "[OPTIONS] CVE_ID",
    options: |command| {
        let command = command
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
                "The same in a file; `-` is standard input",
            ))
            .arg(arguments::raw());
        arguments::changing(arguments::checking(command))
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
    let document = SOURCE.required(session, console)?.value;
    let about = format!(
        "You are about to publish an ADP record for {} using the following input:\n\n{}\n",
        console.bold(&id.to_string()),
        json::dumps(&document)
    );
    let question = "\nADP containers cannot be removed once published; they can only be updated.\n\
                    Do you want to continue?";
    session.confirm(console, &about, question)?;
    let container = document::adp_container(document)?;
    let service = session.service()?;
    let kind = Kind::AdpContainer;
    let container = document::completed(container, kind, session, &service, console)?;
    let outcome = service.change(
        console,
        |services| services.publish_adp(id, &container).map(publish::raw),
        |looking, console| found(looking, console, id, &container),
    )?;
    let head = "Published an ADP container for:";
    publish::told(session, console, head, &publish::answer_of(outcome))
}

/// After a lost answer: the live record, when one of its ADP containers is
/// ours.
fn found(
    looking: &Looking<'_>,
    console: &mut Console,
    id: CveId,
    container: &Value,
) -> Result<Option<Value>, Stop> {
    let org = container.pointer("/providerMetadata/orgId");
    publish::found_if(looking, console, id, |record| {
        let all = record.pointer("/containers/adp").and_then(Value::as_array);
        all.into_iter()
            .flatten()
            .any(|live| live.pointer("/providerMetadata/orgId") == org && is_same(live, container))
    })
}
