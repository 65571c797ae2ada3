//! The commands of the desk's steps, from a case to a published record.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::id::CveId;

use super::{Stop, release, required, transport_arguments};
use crate::commands::{case, draft, publish, review};
use crate::config::Transport;

pub(super) fn case_number() -> Arg {
    Arg::new("id")
        .value_name("CASE")
        .required(true)
        .value_parser(value_parser!(casework::CaseId))
        .help("Number of the case")
}

fn cve_id() -> Arg {
    Arg::new("cve-id")
        .value_name("CVE-ID")
        .required(true)
        .value_parser(value_parser!(CveId))
        .help("The CVE ID")
}

fn revision(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .value_name("REVISION")
        .value_parser(value_parser!(i64).range(1..))
        .help(help)
}

fn comment() -> Arg {
    Arg::new("comment")
        .long("comment")
        .short('m')
        .value_name("TEXT")
        .help("What to say about it")
}

/// The steps of a case, beneath `cna case`.
pub(super) fn case_steps(command: Command) -> Command {
    command
        .subcommand(transport_arguments(
            Command::new("take")
                .about("Take a case: you lead it from now on")
                .arg(case_number()),
        ))
        .subcommand(transport_arguments(
            Command::new("answer")
                .about("Answer a question of the decision tree")
                .arg(case_number())
                .arg(
                    Arg::new("node")
                        .value_name("NODE")
                        .required(true)
                        .help("The question, such as B2"),
                )
                .arg(
                    Arg::new("value")
                        .value_name("ANSWER")
                        .required(true)
                        .help("One of the answers it allows"),
                )
                .arg(
                    Arg::new("reason")
                        .long("reason")
                        .value_name("TEXT")
                        .help("Why"),
                )
                .args(super::findings::answer_arguments()),
        ))
        .subcommand(transport_arguments(
            Command::new("decide")
                .about("Go through the decision tree, one question at a time")
                .long_about(
                    "Asks the open questions of the decision tree in the terminal, one at a time, \
                     each with what is meant, its rules and where each answer leads. It can be \
                     left at any question and gone on with later. A report with several findings \
                     is asked about each, about each pair and about each vulnerability. With \
                     --answers the answers come from a file: by question, or a sheet with the \
                     keys `findings`, `answers`, `finding_answers` and `pair_answers`.",
                )
                .arg(case_number())
                .arg(
                    Arg::new("answers")
                        .long("answers")
                        .value_name("FILE")
                        .help("YAML: `B2: yes`, or `B2: {value: yes, reason: …}`"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("assign")
                .about("Assign a CVE ID to each vulnerability, reserving where the pool has none")
                .arg(case_number())
                .arg(
                    Arg::new("year")
                        .long("year")
                        .value_name("YEAR")
                        .value_parser(value_parser!(u16).range(1900..))
                        .help("Year of the ID [default: this year]"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("comment")
                .about("Write an internal message into a case, or draft one to its reporter or a vendor")
                .arg(case_number())
                .arg(
                    Arg::new("text")
                        .value_name("TEXT")
                        .required(true)
                        .help("The message; `-` reads standard input"),
                )
                .arg(
                    Arg::new("lane")
                        .long("lane")
                        .value_parser(["internal", "reporter", "vendors"])
                        .default_value("internal")
                        .help("Who reads it; what leaves the house is only drafted"),
                )
                .arg(
                    Arg::new("to")
                        .long("to")
                        .value_name("VENDOR")
                        .help("The vendor, in the lane `vendors`"),
                ),
        ))
        .subcommand(super::findings::finding_command())
        .subcommands(super::findings::commands())
}

/// Runs a step of a case.
pub(super) fn run_case_step(word: &str, matches: &ArgMatches) -> Result<(), Stop> {
    if word == "finding" {
        return super::findings::run_finding(matches);
    }
    let transport = Transport::read(matches)?;
    let id: &casework::CaseId = required(matches, "id")?;
    match word {
        "confirm" | "close" | "reopen" => {
            super::findings::run(word, &transport, *id, matches)?;
        }
        "take" => case::take(&transport, *id)?,
        "answer" => {
            let node: &String = required(matches, "node")?;
            let value: &String = required(matches, "value")?;
            let given = super::findings::given(matches, node, value);
            case::answer(&transport, *id, &given)?;
        }
        "decide" => {
            let answers = matches.get_one::<String>("answers").map(String::as_str);
            case::decide(&transport, *id, answers)?;
        }
        "assign" => case::assign(&transport, *id, matches.get_one::<u16>("year").copied())?,
        "comment" => {
            let text: &String = required(matches, "text")?;
            let lane: &String = required(matches, "lane")?;
            let to = matches.get_one::<String>("to").map(String::as_str);
            case::comment(&transport, *id, lane, to, text)?;
        }
        // clap refuses every other word.
        _ => {}
    }
    Ok(())
}

pub(super) fn draft_command() -> Command {
    Command::new("draft")
        .about("Write record and advisory, revision by revision")
        .long_about(
            "Writes record and advisory, revision by revision. A draft is one JSON document of \
             `cna`, the CNA container of the record, and `advisory`, what people read. Every \
             revision is kept, with what is wrong with it; an approval binds to exactly one.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            super::drafting::new_command().arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            Command::new("list")
                .about("List the revisions of a draft")
                .arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            Command::new("show")
                .about("Show a revision: its document and what is wrong with it")
                .arg(cve_id())
                .arg(revision("revision", "Which [default: the newest]").long("revision"))
                .arg(super::drafting::format("Show the text of it in this form alone")),
        ))
        .subcommand(transport_arguments(
            super::drafting::describe_command().arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            super::drafting::affected_command().arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            super::drafting::template_command(),
        ))
        .subcommand(transport_arguments(
            Command::new("save")
                .about("Save a document as a further revision")
                .arg(cve_id())
                .arg(
                    Arg::new("from")
                        .long("from")
                        .value_name("FILE")
                        .required(true)
                        .help("A form, .toml or .yaml; or JSON of `cna` and `advisory`, which `-` reads, too"),
                )
                .arg(
                    revision(
                        "base",
                        "The revision it was made from; what others saved since is merged in",
                    )
                    .long("base"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("set")
                .about("Write one field of a draft")
                .arg(cve_id())
                .arg(
                    Arg::new("pointer")
                        .value_name("POINTER")
                        .required(true)
                        .help("Where, such as /cna/title; `-` at the end adds to a list"),
                )
                .arg(
                    Arg::new("value")
                        .value_name("VALUE")
                        .required(true)
                        .help("JSON, or a text as it is"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("edit")
                .about("Edit the newest revision in your editor")
                .long_about(
                    "Opens the newest revision in the editor that VISUAL or EDITOR names, checks \
                     what comes back, and saves it as a further revision. A text that cannot be \
                     read, or has findings, can be opened again at the line that is wrong. \
                     Comments are kept with the draft. What others saved meanwhile is merged in, \
                     field by field.",
                )
                .arg(super::drafting::format("What to edit it as").default_value("toml"))
                .arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            Command::new("diff")
                .about("Say what differs between two revisions, field by field")
                .arg(cve_id())
                .arg(revision("a", "The earlier one [default: the one before]"))
                .arg(revision("b", "The later one [default: the newest]")),
        ))
        .subcommand(transport_arguments(
            Command::new("merge")
                .about("Merge the live record into the draft of a published one")
                .long_about(
                    "Reads the live record, and makes one of three: what was last seen of it, \
                     what is there now, and the draft. What only one side changed is kept; \
                     where both changed a field, nothing is saved until --take says whose.",
                )
                .arg(cve_id())
                .arg(
                    Arg::new("take")
                        .long("take")
                        .value_parser(["ours", "live"])
                        .help("Whose value to keep where both changed a field"),
                ),
        ))
}

pub(super) fn run_draft(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    if word == "template" {
        return super::drafting::run_template(&transport, matches);
    }
    let id: CveId = *required(matches, "cve-id")?;
    let number = |name: &str| matches.get_one::<i64>(name).copied();
    match word {
        "new" => super::drafting::run_new(&transport, id, matches)?,
        "describe" => super::drafting::run_describe(&transport, id, matches)?,
        "affected" => super::drafting::run_affected(&transport, id, matches)?,
        "list" => draft::list(&transport, id)?,
        "show" => match matches.get_one::<String>("format") {
            Some(format) => draft::show_form(&transport, id, format, number("revision"))?,
            None => draft::show(&transport, id, number("revision"))?,
        },
        "save" => {
            let from: &String = required(matches, "from")?;
            draft::save(&transport, id, from, number("base"))?;
        }
        "set" => {
            let pointer: &String = required(matches, "pointer")?;
            let value: &String = required(matches, "value")?;
            draft::set(&transport, id, pointer, value)?;
        }
        "edit" => {
            let format: &String = required(matches, "format")?;
            draft::edit(&transport, id, format)?;
        }
        "diff" => draft::diff(&transport, id, number("a"), number("b"))?,
        "merge" => {
            let take = matches.get_one::<String>("take").map(String::as_str);
            draft::merge(&transport, id, take)?;
        }
        _ => {}
    }
    Ok(())
}

pub(super) fn review_command() -> Command {
    let digest = || {
        Arg::new("digest")
            .long("digest")
            .value_name("SHA-256")
            .help("The digest that was read [default: that of the newest revision, asked first]")
    };
    release::review_steps(Command::new("review"))
        .about("Approve or return a draft that somebody else wrote")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("list")
                .about("List what was said of a draft")
                .arg(cve_id()),
        ))
        .subcommand(transport_arguments(
            Command::new("approve")
                .about("Approve the revision with this digest")
                .arg(cve_id())
                .arg(digest())
                .arg(comment())
                .arg(
                    Arg::new("take")
                        .long("take")
                        .value_name("CODE=REASON")
                        .action(ArgAction::Append)
                        .help("Take a warning, with the reason; once for each code"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("return")
                .about("Return the revision with this digest to its author")
                .arg(cve_id())
                .arg(digest())
                .arg(comment().required(true)),
        ))
        .subcommand(transport_arguments(
            Command::new("comment")
                .about("Say something of a place in the draft, and what should be there")
                .arg(cve_id())
                .arg(
                    Arg::new("at")
                        .long("at")
                        .value_name("POINTER")
                        .default_value("")
                        .hide_default_value(true)
                        .help("Where, such as /cna/title [default: the whole draft]"),
                )
                .arg(comment())
                .arg(
                    Arg::new("suggest")
                        .long("suggest")
                        .value_name("VALUE")
                        .help("What should be there: JSON, or a text as it is"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("accept")
                .about("Take a suggested value into a further revision")
                .arg(cve_id())
                .arg(
                    Arg::new("number")
                        .value_name("NUMBER")
                        .required(true)
                        .value_parser(value_parser!(i64).range(1..))
                        .help("Number of the comment, as `cna review list` gives it"),
                ),
        ))
}

pub(super) fn run_review(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    if release::run_review_step(word, matches)? {
        return Ok(());
    }
    let transport = Transport::read(matches)?;
    let id: CveId = *required(matches, "cve-id")?;
    let text = |name: &str| {
        let known = matches.try_get_one::<String>(name).ok().flatten();
        known.map(String::as_str)
    };
    let comment = text("comment").unwrap_or_default();
    match word {
        "list" => review::list(&transport, id)?,
        "approve" => {
            let taken: Vec<String> = matches
                .get_many::<String>("take")
                .map(|values| values.cloned().collect())
                .unwrap_or_default();
            review::approve(&transport, id, text("digest"), comment, &taken)?;
        }
        "return" => review::give_back(&transport, id, text("digest"), comment)?,
        "comment" => {
            let at = text("at").unwrap_or_default();
            review::comment(&transport, id, at, comment, text("suggest"))?;
        }
        "accept" => review::accept(&transport, id, *required(matches, "number")?)?,
        _ => {}
    }
    Ok(())
}

pub(super) fn publish_command() -> Command {
    let command = transport_arguments(
        Command::new("publish")
            .about("Make the advisory public and send the record after it")
            .long_about(
                "Prints the plan, then does it: the approved advisory becomes public, its \
                 address must answer with the CVE ID, the record is sent, read back and \
                 compared, and the ledger line is closed. A record that is published already is \
                 replaced the same way, never over a change somebody else made.",
            )
            .arg(cve_id())
            .arg(
                Arg::new("dry-run")
                    .long("dry-run")
                    .action(ArgAction::SetTrue)
                    .help("Print the plan with its exact requests, and do nothing"),
            ),
    );
    release::publish_steps(release::when_arguments(command))
}

pub(super) fn run_publish(matches: &ArgMatches) -> Result<(), Stop> {
    if release::run_publish_step(matches)? {
        return Ok(());
    }
    let transport = Transport::read(matches)?;
    let id: CveId = *required(matches, "cve-id")?;
    let dry_run = matches.get_flag("dry-run");
    if !dry_run && release::run_plan(matches, id)? {
        return Ok(());
    }
    publish::run(&transport, id, dry_run)?;
    Ok(())
}
