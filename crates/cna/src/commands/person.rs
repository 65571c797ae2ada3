//! `cna person`: who works at the desk, and as what.

mod roster;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use crate::cli::{Stop, required, transport_arguments};
use crate::commands::case::table;
use crate::commands::clocks::minute;
use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

/// The command line of `cna person`.
pub(crate) fn command() -> Command {
    let name = || Arg::new("name").required(true).help("Name of the person");
    let role = || {
        Arg::new("role")
            .long("role")
            .value_name("ROLE")
            .action(ArgAction::Append)
            .value_parser(parse_role)
            .help("A role; several are given one by one (docs/roles.md says what each may)")
    };
    Command::new("person")
        .about("Add and list people, change their roles, note that they left")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("add")
                .about("Add a person, and print a one-time sign-in link")
                .arg(name())
                .arg(
                    Arg::new("full-name")
                        .long("full-name")
                        .value_name("TEXT")
                        .help("The full name"),
                )
                .arg(role().required(true)),
        ))
        .subcommand(transport_arguments(
            Command::new("list").about("List everybody, also who has left"),
        ))
        .subcommand(transport_arguments(
            Command::new("roles")
                .about("Give a person these roles, in place of the ones before")
                .arg(name())
                .arg(role().required(true)),
        ))
        .subcommand(transport_arguments(
            Command::new("leave")
                .about("Note that a person has left")
                .long_about(
                    "Notes that a person has left: no session and no token works any more, from \
                     the next request on. What the person did stays. The last administrator \
                     cannot leave.",
                )
                .arg(name()),
        ))
        .subcommand(transport_arguments(
            Command::new("link")
                .about("Print a one-time sign-in link for a person")
                .arg(name()),
        ))
        .subcommand(transport_arguments(
            Command::new("contact")
                .about("Set where mail reaches a person, and when its digest goes out")
                .arg(name())
                .arg(
                    Arg::new("mail")
                        .long("mail")
                        .value_name("ADDRESS")
                        .required(true)
                        .help("The mail address"),
                )
                .arg(
                    Arg::new("zone")
                        .long("zone")
                        .value_name("ZONE")
                        .help("The person's zone [default: the CNA's own]"),
                )
                .arg(
                    Arg::new("hour")
                        .long("hour")
                        .value_name("HOUR")
                        .value_parser(clap::value_parser!(u8).range(0..24))
                        .default_value("8")
                        .help("Hour of the day its digest goes out at"),
                ),
        ))
        .subcommands(roster::commands())
        .subcommand(transport_arguments(
            Command::new("erase")
                .about("Erase a person who has left")
                .long_about(
                    "Erases the names of a person who has left and the texts it wrote into \
                     cases. Numbers, times and the audit chain stay, and the chain still verifies.",
                )
                .arg(name())
                .arg(
                    Arg::new("reason")
                        .long("reason")
                        .value_name("TEXT")
                        .required(true)
                        .help("Who asked for it, and by which law"),
                ),
        ))
}

fn parse_role(text: &str) -> Result<String, String> {
    text.parse::<casework::Role>().map(|role| role.to_string())
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Stop> {
    match matches.subcommand() {
        Some(("compare", matches)) => roster::compare(matches),
        Some((word, matches)) => Ok(step(word, matches)?),
        // clap refuses every other word.
        None => Ok(()),
    }
}

fn step(word: &str, matches: &ArgMatches) -> anyhow::Result<()> {
    match word {
        "trained" => roster::trained(matches),
        "add" => add(matches),
        "list" => list(&Transport::read(matches)?),
        "roles" => roles(matches),
        "leave" => leave(matches),
        "link" => link(matches),
        "contact" => contact(matches),
        "erase" => erase(matches),
        // clap refuses every other word.
        _ => Ok(()),
    }
}

fn named(matches: &ArgMatches) -> anyhow::Result<Vec<String>> {
    let roles = matches.get_many::<String>("role");
    Ok(roles.into_iter().flatten().cloned().collect())
}

fn add(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let name: &String = required(matches, "name")?;
    let full_name = matches.get_one::<String>("full-name");
    let body = json!({
        "name": name,
        "full_name": full_name.cloned().unwrap_or_default(),
        "roles": named(matches)?,
    });
    let link = Link::find(&transport)?;
    let mut person = link.post("/desk/v1/people", &body)?;
    let invitation = link.post(&path(name, "invitation"), &json!({}))?;
    person["sign_in"] = invitation["url"].clone();
    if transport.json {
        line(&person.to_string())?;
    } else {
        line(&format!("Added {name}: {}.", roles_of(&person)))?;
        print_link(&invitation)?;
    }
    link.finish()
}

fn print_link(invitation: &Value) -> anyhow::Result<()> {
    let url = invitation["url"].as_str().unwrap_or_default();
    line(&format!("Sign in once, within an hour: {url}"))
}

fn list(transport: &Transport) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get("/desk/v1/people")?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let people = answer["people"].as_array().cloned().unwrap_or_default();
    let rows: Vec<[String; 6]> = people
        .iter()
        .map(|person| {
            let text = |key: &str| person[key].as_str().unwrap_or_default();
            let stands = match text("left_at") {
                "" if person["active"] == true => "here".to_owned(),
                "" => "gone".to_owned(),
                left => format!("left {}", minute(left)),
            };
            let seen = match text("seen_at") {
                "" => "never".to_owned(),
                seen => minute(seen),
            };
            [
                text("name").to_owned(),
                stands,
                seen,
                match text("trained_on") {
                    "" => "not noted".to_owned(),
                    day => day.to_owned(),
                },
                roles_of(person),
                text("full_name").to_owned(),
            ]
        })
        .collect();
    table(
        [
            "NAME",
            "STANDS",
            "SIGNED IN (UTC)",
            "TRAINED",
            "ROLES",
            "FULL NAME",
        ],
        &rows,
    )?;
    link.finish()
}

fn roles(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let name: &String = required(matches, "name")?;
    let link = Link::find(&transport)?;
    let body = json!({"roles": named(matches)?});
    let person = link.put(&path(name, "roles"), &body)?;
    if transport.json {
        line(&person.to_string())?;
    } else {
        line(&format!("{name} is now {}.", roles_of(&person)))?;
    }
    link.finish()
}

fn leave(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let name: &String = required(matches, "name")?;
    let link = Link::find(&transport)?;
    let person = link.post(&path(name, "leave"), &json!({}))?;
    if transport.json {
        line(&person.to_string())?;
    } else {
        line(&format!(
            "{name} has left: nothing {name} holds works any more."
        ))?;
    }
    link.finish()
}

fn link(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let name: &String = required(matches, "name")?;
    let link = Link::find(&transport)?;
    let invitation = link.post(&path(name, "invitation"), &json!({}))?;
    if transport.json {
        line(&invitation.to_string())?;
    } else {
        print_link(&invitation)?;
    }
    link.finish()
}

fn contact(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let name: &String = required(matches, "name")?;
    let zone = matches.get_one::<String>("zone");
    let hour: &u8 = required(matches, "hour")?;
    let mail: &String = required(matches, "mail")?;
    let body = json!({"mail": mail, "zone": zone.cloned().unwrap_or_default(), "hour": hour});
    let link = Link::find(&transport)?;
    let contact = link.put(&path(name, "contact"), &body)?;
    if transport.json {
        line(&contact.to_string())?;
    } else {
        let zone = zone.map_or("the zone of the CNA", |zone| zone);
        line(&format!(
            "Mail reaches {name} at {mail}; its digest goes out at {hour:02}:00 in {zone}."
        ))?;
    }
    link.finish()
}

fn erase(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let name: &String = required(matches, "name")?;
    let reason: &String = required(matches, "reason")?;
    let link = Link::find(&transport)?;
    let answer = link.post(&path(name, "erase"), &json!({"reason": reason}))?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        let instead = answer["name"].as_str().unwrap_or_default();
        line(&format!("Erased; `{instead}` stands where the name was."))?;
    }
    link.finish()
}

/// The path of something about a person; what is no character of a name is
/// percent-encoded, so that the desk can refuse it.
fn path(name: &str, what: &str) -> String {
    format!("/desk/v1/people/{}/{what}", encoded(name))
}

/// A name as it stands in a path.
pub(crate) fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'@' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

fn roles_of(person: &Value) -> String {
    let roles = person["roles"].as_array().into_iter().flatten();
    let roles: Vec<_> = roles.filter_map(Value::as_str).collect();
    match roles.as_slice() {
        [] => "without a role".to_owned(),
        roles => roles.join(", "),
    }
}
