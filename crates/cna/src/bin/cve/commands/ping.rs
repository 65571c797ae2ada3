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
    let service = session.service()?;
    console.say(&format!("CVE API Status — {}", service.base_url()));
    let health = service.read(console, client::Services::health);
    console.ask("└─ ");
    health?;
    let ok = console.green("OK");
    console.say(&ok);
    Ok(())
}
