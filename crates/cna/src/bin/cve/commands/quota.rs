//! `cve quota`: how many IDs the org may still reserve.

use super::Entry;
use crate::arguments;
use crate::blocks::{block, text_at};
use crate::console::Console;
use crate::json;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "quota",
    about: "Show how many CVE IDs the org may still reserve",
    takes: "[OPTIONS]",
    options: |command| command.arg(arguments::raw()),
    run,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let org = session.org()?;
    let quota = session
        .service()?
        .read(console, |services| services.quota(org))?
        .raw;
    if session.flag("raw") {
        console.say(&json::dumps(&quota));
        return Ok(());
    }
    let head = format!("CNA quota for {}:", console.bold(org));
    let lines = [
        ("Limit", text_at(&quota, "/id_quota")?),
        ("Reserved", text_at(&quota, "/total_reserved")?),
        ("Available", text_at(&quota, "/available")?),
    ];
    block(console, &head, &lines);
    Ok(())
}
