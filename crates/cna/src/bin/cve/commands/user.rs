//! `cve user` and the commands below it.

use clap::ArgMatches;
use client::UserChange;
use cve::wire::{Authority, NewUser, PersonName};
use serde_json::{Value, json};

use super::{Entry, publish};
use crate::arguments::{self, flag, option};
use crate::blocks::{self, at, text_at};
use crate::console::Console;
use crate::json;
use crate::session::{Looking, Session};
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "user",
    about: "Show a user of the org",
    takes: "[OPTIONS] [COMMAND] [ARGS]...",
    options: |command| {
        command
            .arg(option(
                "username",
                Some('u'),
                "TEXT",
                "The user, yourself by default",
            ))
            .arg(arguments::raw())
    },
    run,
    children: &[CREATE, RESET_KEY, UPDATE],
};

const CREATE: Entry = Entry {
    name: "create",
    about: "Create a user in the org",
    takes: "[OPTIONS]",
    options: |command| {
        let command = command
            .arg(option(
                "username",
                Some('u'),
                "TEXT",
                "Name to log in with [required]",
            ))
            .arg(option("name-first", None, "TEXT", "First name"))
            .arg(option("name-last", None, "TEXT", "Last name"))
            .arg(
                option("role", None, "ADMIN", "Role, may be repeated")
                    .action(clap::ArgAction::Append),
            )
            .arg(arguments::raw());
        arguments::changing(command)
    },
    run: create,
    children: &[],
};

const RESET_KEY: Entry = Entry {
    name: "reset-key",
    about: "Replace the key of a user; the old one stops working at once",
    takes: "[OPTIONS]",
    options: |command| {
        let command = command
            .arg(option("username", Some('u'), "TEXT", "The user [required]"))
            .arg(arguments::raw());
        arguments::changing(command)
    },
    run: reset_key,
    children: &[],
};

const UPDATE: Entry = Entry {
    name: "update",
    about: "Change a user of the org",
    takes: "[OPTIONS]",
    options: |command| {
        let command = command
            .arg(option("username", Some('u'), "TEXT", "The user [required]"))
            .arg(flag("mark-active", None, "The user may log in").overrides_with("mark-inactive"))
            .arg(flag(
                "mark-inactive",
                None,
                "The user may not log in any more",
            ))
            .arg(option(
                "new-username",
                None,
                "TEXT",
                "New name to log in with",
            ))
            .arg(option("name-first", None, "TEXT", "First name"))
            .arg(option("name-last", None, "TEXT", "Last name"))
            .arg(option("add-role", None, "ADMIN", "Role to give"))
            .arg(option("remove-role", None, "ADMIN", "Role to take"))
            .arg(arguments::raw());
        arguments::changing(command)
    },
    run: update,
    children: &[],
};

const USERNAME: &str = "'-u' / '--username'";

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let username = match session.filled("username") {
        Some(username) => username,
        None => session.user()?,
    };
    let org = session.org()?;
    let user = session
        .service()?
        .read(console, |services| services.user(org, username))?
        .raw;
    if session.flag("raw") {
        console.say(&json::dumps(&user));
        return Ok(());
    }
    blocks::user(console, &user)
}

fn create(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let user = new_user(session)?;
    confirm_create(session, console, &user)?;
    let answer = create_once(session, console, &user)?;
    let created = at(&answer, "/created")?;
    if session.flag("raw") {
        console.say(&json::dumps(created));
        return Ok(());
    }
    console.say("Created user:\n");
    blocks::user(console, created)?;
    console.say("\nMake sure to copy the returned API key; you won't be able to access it again!");
    Ok(())
}

fn create_once(
    session: &Session<'_>,
    console: &mut Console,
    user: &NewUser,
) -> Result<Value, Stop> {
    let (org, name) = (session.org()?, user.username.as_str());
    let outcome = session.service()?.change(
        console,
        |services| services.create_user(org, user).map(publish::raw),
        |looking, console| match looking.read(console, |services| services.user(org, name)) {
            Ok(_) => Err(Stop::failed(format!(
                "the user `{name}` is there, but the answer with the key was lost; \
                 `cve user reset-key -u {name}` makes another key"
            ))),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error.into()),
        },
    )?;
    Ok(publish::answer_of(outcome))
}

fn new_user(session: &Session<'_>) -> Result<NewUser, Stop> {
    let roles = session.values("role");
    for role in &roles {
        check_role(session, "--role", role)?;
    }
    Ok(NewUser {
        username: session.required("username", USERNAME)?.to_owned(),
        name: PersonName {
            first: session.filled("name-first").map(str::to_owned),
            last: session.filled("name-last").map(str::to_owned),
            ..PersonName::default()
        },
        authority: Authority {
            active_roles: roles,
        },
    })
}

fn confirm_create(
    session: &Session<'_>,
    console: &mut Console,
    user: &NewUser,
) -> Result<(), Stop> {
    let or_none = |text: String| match text.is_empty() {
        true => "None".to_owned(),
        false => text,
    };
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    // The Program's client runs the two names together.
    let name = format!("{} {}", part(&user.name.first), part(&user.name.last));
    let about = format!(
        "You are about to create the following user under your {} org:\n\n\
         Username:\t{}\nFull name:\t{}\nRoles:\t\t{}\n\n\
         This action cannot be undone; created users can only be marked as inactive.\n",
        console.bold(session.org()?),
        user.username,
        or_none(name.trim().to_owned()),
        or_none(user.authority.active_roles.join(", ")),
    );
    session.confirm(console, &about, "Do you want to continue?")
}

fn reset_key(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let username = named(session)?;
    // The Program's client does not ask here, though it cannot be undone.
    let about = format!(
        "You are about to replace the API key of {}; the present one stops working at once.\n",
        console.bold(username)
    );
    session.confirm(console, &about, "\nDo you want to continue?")?;
    let org = session.org()?;
    let outcome = session.service()?.change(
        console,
        |services| services.reset_secret(org, username).map(publish::raw),
        |_, _| {
            Err(Stop::failed(format!(
                "the answer with the new key of `{username}` was lost, and the old key may not \
                 work any more; run the command again, or let an administrator of the org run it"
            )))
        },
    )?;
    let answer = publish::answer_of(outcome);
    if session.flag("raw") {
        console.say(&json::dumps(&answer));
        return Ok(());
    }
    let head = console.bold(username);
    let key = console.bold(&text_at(&answer, "/API-secret")?);
    console.say(&format!(
        "New API key for {head}:\n\n{key}\n\n\
         Make sure to copy your new API key; you won't be able to access it again!"
    ));
    Ok(())
}

fn update(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let username = named(session)?;
    let changes = changes(session)?;
    if changes.is_empty() {
        return Err(session.usage("No updates were provided."));
    }
    let lines: String = changes
        .iter()
        .map(UserChange::parameter)
        .map(|(name, value)| format!("- {name}: {value}\n"))
        .collect();
    let about = format!(
        "You are about to update the {} user with the following changes:\n\n{lines}",
        console.bold(username)
    );
    session.confirm(console, &about, "\nDo you want to continue?")?;
    let org = session.org()?;
    let outcome = session.service()?.change(
        console,
        |services| {
            services
                .update_user(org, username, &changes)
                .map(publish::raw)
        },
        |looking, console| renamed(looking, console, org, &changes),
    )?;
    let answer = publish::answer_of(outcome);
    if session.flag("raw") {
        console.say(&json::dumps(&answer));
        return Ok(());
    }
    console.say("User updated.");
    Ok(())
}

/// The user an option must name; an empty name is the person's own.
fn named<'a>(session: &'a Session<'_>) -> Result<&'a str, Stop> {
    match session.required("username", USERNAME)? {
        "" => session.user(),
        name => Ok(name),
    }
}

/// After a lost answer: the user under the new name. Every other change may be
/// made again without harm.
fn renamed(
    looking: &Looking<'_>,
    console: &mut Console,
    org: &str,
    changes: &[UserChange],
) -> Result<Option<Value>, Stop> {
    let new_name = changes.iter().find_map(|change| match change {
        UserChange::NewUsername(name) => Some(name.as_str()),
        _ => None,
    });
    let Some(new_name) = new_name else {
        return Ok(None);
    };
    match looking.read(console, |services| services.user(org, new_name)) {
        Ok(user) => Ok(Some(
            json!({"message": format!("{new_name} was read back"), "updated": user.raw}),
        )),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The changes in the order they were typed.
fn changes(session: &Session<'_>) -> Result<Vec<UserChange>, Stop> {
    let matches = &session.matches;
    let mut changes = Vec::new();
    let mut add = |name: &str, change: fn(String) -> UserChange| {
        if let Some(value) = session.value(name) {
            changes.push((place(matches, name), change(value.to_owned())));
        }
    };
    add("new-username", UserChange::NewUsername);
    add("name-first", UserChange::First);
    add("name-last", UserChange::Last);
    add("add-role", UserChange::AddRole);
    add("remove-role", UserChange::RemoveRole);
    for name in ["add-role", "remove-role"] {
        if let Some(role) = session.value(name) {
            check_role(session, &format!("--{name}"), role)?;
        }
    }
    for (name, active) in [("mark-active", true), ("mark-inactive", false)] {
        if session.flag(name) {
            changes.push((place(matches, name), UserChange::Active(active)));
        }
    }
    changes.sort_by_key(|(place, _)| *place);
    Ok(changes.into_iter().map(|(_, change)| change).collect())
}

fn place(matches: &ArgMatches, name: &str) -> usize {
    matches
        .indices_of(name)
        .and_then(Iterator::last)
        .unwrap_or(0)
}

fn check_role(session: &Session<'_>, option: &str, role: &str) -> Result<(), Stop> {
    if role == "ADMIN" {
        return Ok(());
    }
    Err(session.usage(format!(
        "Invalid value for '{option}': '{role}' is not 'ADMIN'."
    )))
}
