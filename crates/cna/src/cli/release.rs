//! The commands of releasing: beneath `cna publish`, `cna review`, `cna case`
//! and `cna portal`.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::id::CveId;
use serde_json::{Map, json};

use super::{Stop, required, transport_arguments};
use crate::commands::{aftermath, issue, release};
use crate::config::Transport;

fn cve_id() -> Arg {
    Arg::new("cve-id")
        .value_name("CVE-ID")
        .required(true)
        .value_parser(value_parser!(CveId))
        .help("The CVE ID")
}

fn told(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("TEXT")
        .required(true)
        .help(help)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// When a plan begins, beneath `cna publish`.
pub(super) fn when_arguments(command: Command) -> Command {
    command
        .arg(
            option(
                "at",
                "TIME",
                "Begin at this local date and hour, such as 2026-12-01T16:00",
            )
            .conflicts_with("when-advisory-answers"),
        )
        .arg(
            option(
                "zone",
                "ZONE",
                "The zone of the hour; the desk's own without it",
            )
            .requires("at"),
        )
        .arg(option(
            "when-advisory-answers",
            "URL",
            "Begin once this address, which the record cites, answers with the CVE ID",
        ))
}

/// The steps beneath `cna publish`.
pub(super) fn publish_steps(command: Command) -> Command {
    command
        .subcommand_negates_reqs(true)
        .args_conflicts_with_subcommands(true)
        .subcommand(transport_arguments(
            Command::new("check")
                .about("Show the publish checklist, with evidence and what to do")
                .arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            Command::new("tick")
                .about("Say that an item of the checklist is done, or waive it")
                .arg(cve_id())
                .arg(
                    Arg::new("item")
                        .value_name("ITEM")
                        .required(true)
                        .help("The item, such as PC-08"),
                )
                .arg(told("note", "How it is known, or why it is waived"))
                .arg(flag("waive", "Waive it for the reason in the note").conflicts_with("reopen"))
                .arg(flag("reopen", "Take back what was said of it")),
        ))
        .subcommand(transport_arguments(
            Command::new("show")
                .about("Show the plans, step by step, with what the other side said")
                .arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            Command::new("cancel")
                .about("Give up the plan that waits")
                .arg(cve_id())
                .arg(told("reason", "Why")),
        ))
        .subcommand(transport_arguments(
            Command::new("announce")
                .about("Make a set of announcements from the templates")
                .arg(cve_id())
                .arg(
                    option("template", "NAME", "Only this template; may be repeated")
                        .action(ArgAction::Append),
                )
                .arg(
                    option(
                        "set",
                        "NAME=TEXT",
                        "What the record does not say; may be repeated",
                    )
                    .action(ArgAction::Append),
                ),
        ))
        .subcommand(messages())
        .subcommand(issue::command())
        .subcommand(aftermath::copies_command())
        .subcommand(transport_arguments(
            Command::new("datamap")
                .about("Write the data map of the fix for the release team, as YAML")
                .arg(cve_id())
                .arg(
                    option(
                        "pr",
                        "NUMBER",
                        "A pull request with the fix; one a release branch",
                    )
                    .required(true)
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(u64)),
                )
                .arg(option("issue", "URL", "Address of the public issue").required(true)),
        ))
        .subcommand(transport_arguments(
            Command::new("templates")
                .about("List the templates of announcements, or show one")
                .arg(Arg::new("name").value_name("NAME").help("The one to show")),
        ))
}

fn messages() -> Command {
    Command::new("messages")
        .about("Read, approve and mark announcements")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("list")
                .about("List the newest set of announcements")
                .arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            Command::new("show")
                .about("Show announcements in full")
                .arg(cve_id())
                .arg(
                    Arg::new("which")
                        .value_name("ID")
                        .help("Only this one, by id or template"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("approve")
                .about("Approve the newest set of announcements")
                .arg(cve_id())
                .arg(option("digest", "SHA-256", "The digest that was read")),
        ))
        .subcommand(transport_arguments(
            Command::new("send")
                .about("Send an approved announcement by mail, once the advisory is public")
                .arg(cve_id())
                .arg(
                    Arg::new("which")
                        .value_name("ID")
                        .required(true)
                        .help("Its id, or a template for all texts made from it"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("sent")
                .about("Mark an announcement as sent by you")
                .arg(cve_id())
                .arg(
                    Arg::new("which")
                        .value_name("ID")
                        .required(true)
                        .help("Its id, or a template for all texts made from it"),
                ),
        ))
}

/// The steps beneath `cna review`.
pub(super) fn review_steps(command: Command) -> Command {
    command
        .subcommand(transport_arguments(
            Command::new("votes")
                .about("Show who approved the newest revision, and how many are needed")
                .arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            Command::new("override")
                .about("Approve alone in an emergency; a review follows within a business day")
                .arg(cve_id())
                .arg(told("reason", "Why it cannot wait for a second person"))
                .arg(
                    option(
                        "for",
                        "WHAT",
                        "What it is for: `publish`, and never `reject`",
                    )
                    .default_value("publish"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("after")
                .about("Keep the review that follows an emergency override")
                .arg(cve_id())
                .arg(told("comment", "What the review found")),
        ))
        .subcommand(transport_arguments(
            Command::new("rule")
                .about("Show or set how many approve, solo mode, and the checklist")
                .arg(
                    option(
                        "approvals",
                        "NUMBER",
                        "How many different people approve, 1 to 9",
                    )
                    .value_parser(value_parser!(u8)),
                )
                .arg(
                    option(
                        "solo",
                        "on|off",
                        "Whether authors may approve what they wrote",
                    )
                    .value_parser(["on", "off"]),
                )
                .arg(option("reason", "TEXT", "Why solo mode is set"))
                .arg(
                    option("profile", "NAME", "The checklist: default or kubernetes")
                        .value_parser(["default", "kubernetes"]),
                )
                .arg(
                    option(
                        "distributors",
                        "yes|no",
                        "Whether private distributors are told before",
                    )
                    .value_parser(["yes", "no"]),
                ),
        ))
}

/// The step beneath `cna case`.
pub(super) fn leak_command() -> Command {
    transport_arguments(
        Command::new("leak")
            .about("Record a leak: the embargo ends, clocks start, plans begin now")
            .arg(
                Arg::new("id")
                    .value_name("CASE")
                    .required(true)
                    .value_parser(value_parser!(casework::CaseId))
                    .help("Number of the case"),
            )
            .arg(option("url", "URL", "Where it was seen").required(true))
            .arg(option(
                "seen",
                "TIME",
                "When we became aware, in UTC; now without it",
            ))
            .arg(flag(
                "ours",
                "One of our own outputs told it, and not somebody else's",
            )),
    )
}

/// Runs `cna case leak`.
pub(super) fn run_leak(matches: &ArgMatches) -> Result<(), Stop> {
    let transport = Transport::read(matches)?;
    let case = *required(matches, "id")?;
    let url: &String = required(matches, "url")?;
    let seen = matches.get_one::<String>("seen").map(String::as_str);
    release::leak(&transport, case, url, seen, matches.get_flag("ours"))?;
    Ok(())
}

/// The commands of the public side.
pub(super) fn portal_command() -> Command {
    Command::new("portal")
        .about("Look after what the public reads")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(Command::new("rebuild").about(
            "Make everything the public reads again, from nothing, byte for byte",
        )))
        .subcommand(transport_arguments(
            Command::new("security-txt")
                .about("Set whom researchers reach (RFC 9116)")
                .arg(
                    option(
                        "contact",
                        "URI",
                        "Such as mailto:security@example.org; may be repeated",
                    )
                    .required(true)
                    .action(ArgAction::Append),
                )
                .arg(
                    option(
                        "expires",
                        "TIME",
                        "From when on it must not be believed, in UTC",
                    )
                    .required(true),
                )
                .arg(option("policy", "URL", "Address of the disclosure policy"))
                .arg(option(
                    "languages",
                    "LIST",
                    "Languages reports may be in, such as `en, de`",
                )),
        ))
}

/// Runs `cna portal`.
pub(super) fn run_portal(matches: &ArgMatches) -> Result<(), Stop> {
    match matches.subcommand() {
        Some(("rebuild", matches)) => release::rebuild(&Transport::read(matches)?)?,
        Some(("security-txt", matches)) => {
            let transport = Transport::read(matches)?;
            let one = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
            let contact: Vec<String> = many(matches, "contact");
            let text = json!({
                "contact": contact,
                "expires": one("expires"),
                "policy": one("policy"),
                "preferred_languages": one("languages"),
            });
            release::security_txt(&transport, &text)?;
        }
        _ => {}
    }
    Ok(())
}

fn many(matches: &ArgMatches, name: &str) -> Vec<String> {
    let values = matches.get_many::<String>(name);
    values
        .map(|values| values.cloned().collect())
        .unwrap_or_default()
}

/// Runs a step of `cna publish`.
///
/// Gives: whether it was one.
pub(super) fn run_publish_step(matches: &ArgMatches) -> Result<bool, Stop> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(false);
    };
    if word == "issue" {
        issue::run(matches)?;
        return Ok(true);
    }
    if word == "copies" {
        aftermath::copies(matches)?;
        return Ok(true);
    }
    if word == "messages" {
        run_messages(matches)?;
        return Ok(true);
    }
    let transport = Transport::read(matches)?;
    if word == "templates" {
        let name = matches.get_one::<String>("name").map(String::as_str);
        release::templates(&transport, name)?;
        return Ok(true);
    }
    let id: CveId = *required(matches, "cve-id")?;
    match word {
        "check" => release::check(&transport, id)?,
        "tick" => {
            let (item, note): (&String, &String) =
                (required(matches, "item")?, required(matches, "note")?);
            let kind = match (matches.get_flag("waive"), matches.get_flag("reopen")) {
                (true, _) => "waived",
                (_, true) => "open",
                _ => "done",
            };
            release::tick(&transport, id, item, kind, note)?;
        }
        "show" => release::show(&transport, id)?,
        "cancel" => {
            let reason: &String = required(matches, "reason")?;
            release::cancel(&transport, id, reason)?;
        }
        "datamap" => {
            let prs = matches.get_many::<u64>("pr");
            let prs: Vec<u64> = prs.map(|prs| prs.copied().collect()).unwrap_or_default();
            let issue: &String = required(matches, "issue")?;
            release::datamap(&transport, id, &prs, issue)?;
        }
        "announce" => {
            let (templates, values) = (many(matches, "template"), many(matches, "set"));
            release::announce(&transport, id, &templates, &values)?;
        }
        _ => {}
    }
    Ok(true)
}

fn run_messages(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    let id: CveId = *required(matches, "cve-id")?;
    let text = |name: &str| {
        let known = matches.try_get_one::<String>(name).ok().flatten();
        known.map(String::as_str)
    };
    match word {
        "list" => release::messages(&transport, id)?,
        "show" => release::message(&transport, id, text("which"))?,
        "approve" => release::approve(&transport, id, text("digest"))?,
        "send" => release::send(&transport, id, text("which").unwrap_or_default())?,
        "sent" => release::sent(&transport, id, text("which").unwrap_or_default())?,
        _ => {}
    }
    Ok(())
}

/// Plans for later, when an hour or an address was given.
///
/// Gives: whether one was.
pub(super) fn run_plan(matches: &ArgMatches, id: CveId) -> Result<bool, Stop> {
    let text = |name: &str| matches.get_one::<String>(name);
    let mut wanted = Map::new();
    for (name, key) in [
        ("at", "at"),
        ("zone", "zone"),
        ("when-advisory-answers", "when_answers"),
    ] {
        if let Some(value) = text(name) {
            wanted.insert(key.to_owned(), json!(value));
        }
    }
    if wanted.is_empty() {
        return Ok(false);
    }
    release::plan(&Transport::read(matches)?, id, &json!(wanted))?;
    Ok(true)
}

/// Runs a step of `cna review` that is about releasing.
///
/// Gives: whether it was one.
pub(super) fn run_review_step(word: &str, matches: &ArgMatches) -> Result<bool, Stop> {
    if !matches!(word, "votes" | "override" | "after" | "rule") {
        return Ok(false);
    }
    let transport = Transport::read(matches)?;
    if word == "rule" {
        let text = |name: &str| matches.get_one::<String>(name);
        let mut changes = Map::new();
        if let Some(approvals) = matches.get_one::<u8>("approvals") {
            changes.insert("approvals".into(), json!(approvals));
        }
        if let Some(solo) = text("solo") {
            changes.insert("solo".into(), json!(solo == "on"));
        }
        if let Some(distributors) = text("distributors") {
            changes.insert("distributors".into(), json!(distributors == "yes"));
        }
        for name in ["reason", "profile"] {
            if let Some(value) = text(name) {
                changes.insert(name.into(), json!(value));
            }
        }
        release::rule(&transport, &json!(changes))?;
        return Ok(true);
    }
    let id: CveId = *required(matches, "cve-id")?;
    match word {
        "votes" => release::votes(&transport, id)?,
        "override" => {
            let (what, reason): (&String, &String) =
                (required(matches, "for")?, required(matches, "reason")?);
            release::override_approval(&transport, id, what, reason)?;
        }
        _ => {
            let comment: &String = required(matches, "comment")?;
            release::after(&transport, id, comment)?;
        }
    }
    Ok(true)
}
