//! `cve count`: how many records there are.

use cve::wire::IdState;

use super::Entry;
use crate::arguments::{self, option};
use crate::blocks::text_at;
use crate::console::Console;
use crate::json;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "count",
    about: "Count all CVE records",
    takes: "[OPTIONS]",
    options: |command| {
        command
            .arg(option(
                "state",
                None,
                "published|rejected",
                "Only records in this state",
            ))
            .arg(arguments::raw())
    },
    run,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let state = match session
        .value("state")
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        None => None,
        Some("published") => Some(IdState::Published),
        Some("rejected") => Some(IdState::Rejected),
        Some(_) => {
            return Err(session.usage(format!(
                "Invalid value for '--state': '{}' is not one of 'published', 'rejected'.",
                session.value("state").unwrap_or_default()
            )));
        }
    };
    let count = session
        .service()?
        .read(console, |services| services.count(state))?
        .raw;
    if session.flag("raw") {
        console.say(&json::dumps(&count));
        return Ok(());
    }
    let total = text_at(&count, "/totalCount")?;
    console.say(&match state {
        Some(state) => format!("Total CVE records in {state} state: {total}"),
        None => format!("Total CVE records: {total}"),
    });
    Ok(())
}
