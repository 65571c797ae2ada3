//! `cve ping`: does the service answer?

use super::Entry;
use crate::console::Console;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "ping",
    about: "Check that the service answers",
    takes: "[OPTIONS]",
    options: |command| command,
    run,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let services = session.services()?;
    console.say(&format!("CVE API Status — {}", services.base_url()));
    let health = services.health();
    console.ask("└─ ");
    health?;
    let ok = console.green("OK");
    console.say(&ok);
    Ok(())
}
