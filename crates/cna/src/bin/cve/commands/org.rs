//! `cve org` and `cve org users`.

use serde_json::Value;

use super::Entry;
use crate::arguments::{self, flag};
use crate::blocks::{self, active, at, full_name, text_at, time_at};
use crate::console::Console;
use crate::json;
use crate::session::Session;
use crate::stop::Stop;
use crate::table;

pub(super) const ENTRY: Entry = Entry {
    name: "org",
    about: "Show the org",
    takes: "[OPTIONS] [COMMAND] [ARGS]...",
    options: |command| command.arg(arguments::raw()),
    run,
    children: &[USERS],
};

const USERS: Entry = Entry {
    name: "users",
    about: "List the users of the org",
    takes: "[OPTIONS]",
    options: |command| {
        command.arg(arguments::raw()).arg(flag(
            "no-header",
            Some('N'),
            "Leave out the line with the names of the columns",
        ))
    },
    run: users,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let name = session.org()?;
    let org = session
        .service()?
        .read(console, |services| services.org(name))?
        .raw;
    if session.flag("raw") {
        console.say(&json::dumps(&org));
        return Ok(());
    }
    blocks::org(console, &org)
}

fn users(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let org = session.org()?;
    let users = session
        .service()?
        .read(console, |services| services.users(org))?
        .raw;
    if session.flag("raw") {
        console.say(&json::dumps(&users));
        return Ok(());
    }
    let users = users.as_array().into_iter().flatten();
    let mut rows: Vec<_> = users.map(row).collect::<Result<_, _>>()?;
    rows.sort();
    let has_header = !session.flag("no-header");
    if has_header {
        let header = ["USERNAME", "NAME", "ROLES", "ACTIVE", "CREATED", "MODIFIED"];
        rows.insert(0, header.map(str::to_owned).to_vec());
    }
    table::print(console, &rows, has_header);
    Ok(())
}

fn row(user: &Value) -> Result<Vec<String>, Stop> {
    Ok(vec![
        text_at(user, "/username")?,
        full_name(user).unwrap_or_else(|| "None".to_owned()),
        blocks::roles(user)?,
        active(at(user, "/active")?).to_owned(),
        time_at(user, "/time/created")?,
        time_at(user, "/time/modified")?,
    ])
}
