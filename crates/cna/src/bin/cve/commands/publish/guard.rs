//! `cve publish --diff`: what changes, and whether the live record is the one
//! that was last seen here.

use cve::compare;
use cve::id::CveId;
use serde_json::Value;

use crate::console::Console;
use crate::prompt;
use crate::seen::{self, Seen};
use crate::session::{Service, Session};
use crate::stop::Stop;

/// Shows what would change and decides whether to go on: not when nothing
/// would change, and not over a record that was never seen here or changed
/// since, unless `--force` or a person says so.
pub(super) fn passes(
    session: &Session<'_>,
    console: &mut Console,
    service: &Service,
    id: CveId,
    container: &Value,
) -> Result<bool, Stop> {
    let live = service.read(console, |services| services.record(id))?;
    let Some(live) = live.map(|reply| reply.raw) else {
        tell(
            session,
            console,
            &format!("{id} has no record yet; all of it is new.\n"),
        );
        confirmed(session, console)?;
        return Ok(true);
    };
    let Some(cna) = live.pointer("/containers/cna") else {
        return Err(Stop::failed("the answer has no `/containers/cna`"));
    };
    let is_forced = session.flag("force");
    let lines = compare::changes(cna, container);
    if lines.is_empty() && !is_forced {
        tell(
            session,
            console,
            &format!("{id} already says this; nothing was sent."),
        );
        seen::remember(service.base_url(), id, cna)?;
        return Ok(false);
    }
    tell(
        session,
        console,
        &format!("Changes to the live record of {id}:\n"),
    );
    for line in lines {
        tell(session, console, &format!("  {line}"));
    }
    tell(session, console, "");
    let known = seen::compared(service.base_url(), id, cna, container)?;
    if session.is_dry_run() {
        // Whoever looked has seen it.
        seen::remember(service.base_url(), id, cna)?;
        return Ok(true);
    }
    let is_seen = is_forced || known == Seen::Unchanged;
    if session.account.interactive {
        if !is_seen {
            console.say(&format!("{}\n", unseen(id, known, cna)));
        }
        confirmed(session, console)?;
        return Ok(true);
    }
    if is_seen {
        return Ok(true);
    }
    Err(Stop::failed(format!(
        "{}, so it was not overwritten; look at the changes above, take what is missing into \
         your document, and repeat after `--diff --dry-run`, or with `--force`",
        unseen(id, known, cna)
    )))
}

/// Prints what comes before the answer; beside it when that is a document.
fn tell(session: &Session<'_>, console: &mut Console, text: &str) {
    match session.flag("raw") {
        true => console.complain(text),
        false => console.say(text),
    }
}

fn confirmed(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    match session.account.interactive && !session.is_dry_run() {
        true => prompt::confirm(console, "Do you want to continue?"),
        false => Ok(()),
    }
}

fn unseen(id: CveId, known: Seen, cna: &Value) -> String {
    let text = |key: &str| {
        let value = cna.pointer(&format!("/providerMetadata/{key}"));
        value.and_then(Value::as_str).unwrap_or("n/a").to_owned()
    };
    match known {
        Seen::Never => format!("the live record of {id} was never seen here"),
        _ => format!(
            "the live record of {id} changed since it was last seen here ({} by {})",
            text("dateUpdated"),
            text("shortName")
        ),
    }
}
