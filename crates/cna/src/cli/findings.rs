//! The commands of findings, counting, closing.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::desk::case_number;
use super::{Stop, required, transport_arguments};
use crate::commands::case::findings;
use crate::config::Transport;

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn finding_name(help: &'static str) -> Arg {
    Arg::new("finding")
        .value_name("FINDING")
        .required(true)
        .help(help)
}

/// What an answer says beside its value.
pub(super) fn answer_arguments() -> Vec<Arg> {
    vec![
        text(
            "finding",
            "FINDING",
            "The finding it is about [default: the whole report]",
        ),
        Arg::new("pair")
            .long("pair")
            .value_name("FINDING")
            .num_args(2)
            .conflicts_with("finding")
            .help("The two findings it is about"),
        text("evidence", "TEXT", "What proves it; may be given again").action(ArgAction::Append),
        text(
            "names",
            "NAME",
            "An organisation, ID or finding it names; may be given again",
        )
        .action(ArgAction::Append),
        text(
            "override",
            "REASON",
            "Decide otherwise than a SHOULD asks, for this reason",
        ),
        text(
            "exception",
            "ID",
            "The Board's exception, to decide otherwise than a MUST",
        )
        .requires("override"),
    ]
}

/// The answer of a command line, as the desk takes it.
pub(super) fn given(matches: &ArgMatches, node: &str, value: &str) -> Value {
    let mut body = json!({"node": node, "value": value});
    for name in ["reason", "finding", "override", "exception"] {
        if let Some(text) = matches.get_one::<String>(name) {
            body[name] = json!(text);
        }
    }
    for name in ["pair", "evidence", "names"] {
        if let Some(texts) = matches.get_many::<String>(name) {
            body[name] = texts.map(String::as_str).collect();
        }
    }
    body
}

/// `cna case finding`.
pub(super) fn finding_command() -> Command {
    Command::new("finding")
        .about("Split a report into findings: each is judged and counted by itself")
        .long_about(
            "Splits a report into findings, the smallest bugs or behaviours it describes by \
             themselves. A case begins with one, made from its report. They change until the \
             case is determined.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("add")
                .about("Add a finding")
                .arg(case_number())
                .arg(finding_name("Its name, the working title"))
                .args(change_arguments()),
        ))
        .subcommand(transport_arguments(
            Command::new("list")
                .about("List the findings of a case")
                .arg(case_number()),
        ))
        .subcommand(transport_arguments(
            Command::new("edit")
                .about("Rename a finding, or change what it affects")
                .arg(case_number())
                .arg(finding_name("The name it has now"))
                .arg(text("name", "NAME", "Its new name"))
                .args(change_arguments()),
        ))
        .subcommand(transport_arguments(
            Command::new("remove")
                .about("Remove a finding; the answers about it stay, and count no more")
                .arg(case_number())
                .arg(finding_name("Its name")),
        ))
}

fn change_arguments() -> Vec<Arg> {
    vec![
        text(
            "product",
            "NAME[@CODEBASE]",
            "A product of the catalogue it affects, with a codebase it shares; may be given again",
        )
        .action(ArgAction::Append),
        text("supplier", "ORG", "Short name of who supplies the products"),
        Arg::new("implementations")
            .long("implementations")
            .value_name("COUNT")
            .value_parser(value_parser!(u32))
            .help("The known vulnerable implementations of a function or specification"),
    ]
}

fn change(matches: &ArgMatches) -> Value {
    let mut change = json!({});
    if let Some(products) = matches.get_many::<String>("product") {
        let mut list: Vec<Value> = Vec::new();
        for text in products {
            let (name, codebase) = text.split_once('@').unwrap_or((text, ""));
            let codebases = (!codebase.is_empty()).then_some(codebase);
            let known = list.iter_mut().find(|product| product["product"] == name);
            match (known, codebases) {
                (Some(product), Some(codebase)) => {
                    if let Some(codebases) = product["codebases"].as_array_mut() {
                        codebases.push(json!(codebase));
                    }
                }
                (Some(_), None) => {}
                (None, _) => list.push(json!({
                    "product": name,
                    "codebases": codebases.into_iter().collect::<Vec<_>>(),
                })),
            }
        }
        change["products"] = json!(list);
    }
    if let Some(supplier) = matches.get_one::<String>("supplier") {
        change["supplier"] = json!(supplier);
    }
    if let Some(count) = matches.get_one::<u32>("implementations") {
        change["implementations"] = json!(count);
    }
    change
}

/// Runs a command of `cna case finding`.
pub(super) fn run_finding(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    let id: &casework::CaseId = required(matches, "id")?;
    if word == "list" {
        findings::list(&transport, *id)?;
        return Ok(());
    }
    let finding: &String = required(matches, "finding")?;
    match word {
        "add" => {
            let mut change = change(matches);
            change["name"] = json!(finding);
            findings::add(&transport, *id, &change)?;
        }
        "edit" => {
            let mut change = change(matches);
            if let Some(name) = matches.get_one::<String>("name") {
                change["name"] = json!(name);
            }
            findings::edit(&transport, *id, finding, &change)?;
        }
        _ => findings::remove(&transport, *id, finding)?,
    }
    Ok(())
}

/// `cna case confirm|close|reopen`.
pub(super) fn commands() -> Vec<Command> {
    let reason = || text("reason", "TEXT", "Why").required(true);
    vec![
        transport_arguments(
            Command::new("confirm")
                .about("Confirm how many vulnerabilities a case has, as a second trained person")
                .long_about(
                    "Confirms how many vulnerabilities a case has (D8). It is needed above one, \
                     or when an answer of stage D is `unsure`, from a trained person who gave no \
                     answer of stage D. A later answer undoes it. Without --count it shows what \
                     is to be confirmed.",
                )
                .arg(case_number())
                .arg(
                    Arg::new("count")
                        .long("count")
                        .value_name("COUNT")
                        .value_parser(value_parser!(u32))
                        .help("How many there are"),
                )
                .arg(text("comment", "TEXT", "What to say about it").short('m')),
        ),
        transport_arguments(
            Command::new("close")
                .about("Close a case that another CNA assigns, whose reporter is silent, or that is published")
                .arg(case_number())
                .arg(reason()),
        ),
        transport_arguments(
            Command::new("reopen")
                .about("Open a case again because of new information")
                .arg(case_number())
                .arg(reason()),
        ),
    ]
}

/// Runs `confirm`, `close` or `reopen`.
pub(super) fn run(
    word: &str,
    transport: &Transport,
    id: casework::CaseId,
    matches: &ArgMatches,
) -> Result<(), Stop> {
    if word == "confirm" {
        let count = matches.get_one::<u32>("count").copied();
        let comment = matches.get_one::<String>("comment").map_or("", |text| text);
        findings::confirm(transport, id, count, comment)?;
        return Ok(());
    }
    let reason: &String = required(matches, "reason")?;
    findings::close(transport, id, word, reason)?;
    Ok(())
}
