//! `cve transfer`: give an ID to another org.

use client::Reply;
use cve::wire::UpdatedCveId;

use super::Entry;
use crate::arguments::{self, cve_id, option};
use crate::blocks::{self, at};
use crate::console::Console;
use crate::json;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "transfer",
    about: "Give a CVE ID to another CNA",
    takes: "[OPTIONS] CVE_ID",
    options: |command| {
        command
            .arg(cve_id())
            .arg(option(
                "new-cna",
                Some('n'),
                "SHORTNAME",
                "The CNA that will own it",
            ))
            .arg(arguments::raw())
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
    session.confirm(console, &about, "Do you want to continue?")?;
    let reply = session.services()?.change_id(id, None, Some(org))?;
    told(
        session,
        console,
        "Successfully transferred the following CVE:",
        reply,
    )
}

/// Prints the answer to a change of an ID.
pub(super) fn told(
    session: &Session<'_>,
    console: &mut Console,
    head: &str,
    reply: Reply<UpdatedCveId>,
) -> Result<(), Stop> {
    if session.flag("raw") {
        console.say(&json::dumps(&reply.raw));
        return Ok(());
    }
    let id = at(&reply.raw, "/updated")?;
    console.say(&format!("{head}\n"));
    blocks::id(console, id)
}
