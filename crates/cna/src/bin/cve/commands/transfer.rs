//! `cve transfer`: give an ID to another org.

use cve::id::CveId;
use cve::wire::IdState;
use serde_json::Value;

use super::{Entry, publish};
use crate::arguments::{self, cve_id, option};
use crate::blocks::{self, at};
use crate::console::Console;
use crate::json::{self, python_text};
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "transfer",
    about: "Give a CVE ID to another CNA",
    takes: "[OPTIONS] CVE_ID",
    options: |command| {
        let command = command
            .arg(cve_id())
            .arg(option(
                "new-cna",
                Some('n'),
                "SHORTNAME",
                "The CNA that will own it",
            ))
            .arg(arguments::raw());
        arguments::changing(command)
    },
    run,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let id = session.id()?;
    let org = session.required("new-cna", "'-n' / '--new-cna'")?;
    let about = format!(
        "You are about to transfer ownership of {} to CNA {}.\n",
        console.bold(&id.to_string()),
        console.bold(org)
    );
    session.confirm(console, &about, "\nDo you want to continue?")?;
    let answer = change(session, console, id, None, Some(org))?;
    let head = "Successfully transferred the following CVE:";
    told(session, console, head, &answer)
}

/// Changes an ID's state or owner; after a lost answer, looks at the ID.
pub(super) fn change(
    session: &Session<'_>,
    console: &mut Console,
    id: CveId,
    state: Option<IdState>,
    org: Option<&str>,
) -> Result<Value, Stop> {
    let outcome = session.service()?.change(
        console,
        |services| services.change_id(id, state, org).map(publish::raw),
        |looking, console| {
            let live = looking.read(console, |services| services.id(id))?.raw;
            let is = |key: &str, wanted: Option<String>| {
                wanted.is_none_or(|wanted| live.get(key).map(python_text) == Some(wanted))
            };
            let is_done = is("state", state.map(|state| state.to_string()))
                && is("owning_cna", org.map(str::to_owned));
            Ok(is_done.then(|| publish::read_back(id, live)))
        },
    )?;
    Ok(publish::answer_of(outcome))
}

/// Prints the answer to a change of an ID.
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
    let id = at(answer, "/updated")?;
    console.say(&format!("{head}\n"));
    blocks::id(console, id)
}
