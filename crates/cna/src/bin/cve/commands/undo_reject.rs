//! `cve undo-reject`: take back the rejection of an ID without a record.

use cve::wire::IdState;

use super::{Entry, transfer};
use crate::arguments::{self, cve_id};
use crate::console::Console;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "undo-reject",
    about: "Move a rejected CVE ID without a record back to reserved",
    takes: "[OPTIONS] CVE_ID",
    options: |command| arguments::changing(command.arg(cve_id()).arg(arguments::raw())),
    run,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let id = session.id()?;
    let about = format!(
        "You are about to move {} back to the reserved state.",
        console.bold(&id.to_string())
    );
    let question = "\nThis is only allowed for CVE IDs without a record. Do you want to continue?";
    session.confirm(console, &about, question)?;
    let answer = transfer::change(session, console, id, Some(IdState::Reserved), None)?;
    let head = "Moved the following CVE to reserved:";
    transfer::told(session, console, head, &answer)
}
