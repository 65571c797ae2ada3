//! The command line: one definition, from which parser, help, completion and
//! manual pages come.

mod authority;
mod desk;
mod drafting;
mod findings;
mod records;
mod release;

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::commands;
use crate::config::{Place, Transport};

/// Why a command ended without doing what it was asked.
pub(crate) enum Stop {
    /// The command line is wrong, or help was asked for.
    Usage(clap::Error),
    /// An input cannot be read.
    Unreadable(anyhow::Error),
    /// An input could not be read, which was said already.
    Said,
    /// A check found something, which was printed.
    Found,
    /// Anything else.
    Failed(anyhow::Error),
}

impl From<clap::Error> for Stop {
    fn from(error: clap::Error) -> Stop {
        Stop::Usage(error)
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Stop {
        Stop::Failed(error)
    }
}

/// Reads the command line and runs what it names.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<(), Stop> {
    let word = arguments.get(1).and_then(|word| word.to_str());
    let document_command = OF_DOCUMENTS.iter().find(|(name, _)| Some(*name) == word);
    let needed = match document_command {
        Some((_, define)) => root().subcommand(define()),
        None => command(),
    };
    let matches = needed.try_get_matches_from(arguments)?;
    // What works on documents logs nothing, and is over before a log is set up.
    if document_command.is_none() {
        crate::output::start_log(matches.get_flag("verbose"));
    }
    match matches.subcommand() {
        Some(("demo", matches)) => commands::demo::run(&commands::demo::Options::read(matches))?,
        Some(("serve", matches)) => {
            commands::serve::run(&commands::serve::Options::read(matches)?)?;
        }
        Some(("authority", matches)) => authority::run(matches)?,
        Some(("case", matches)) => case(matches)?,
        Some(("draft", matches)) => desk::run_draft(matches)?,
        Some(("review", matches)) => desk::run_review(matches)?,
        Some(("publish", matches)) => desk::run_publish(matches)?,
        Some(("portal", matches)) => release::run_portal(matches)?,
        Some(("status", matches)) => commands::status::run(matches)?,
        Some(("clocks", matches)) => commands::clocks::run(matches)?,
        Some(("person", matches)) => commands::person::run(matches)?,
        Some(("organisation", matches)) => commands::organisation::run(matches)?,
        Some(("product", matches)) => commands::product::run(matches)?,
        Some(("distributor", matches)) => commands::distributor::run(matches)?,
        Some(("mail", matches)) => commands::mail::run(matches)?,
        Some(("token", matches)) => commands::token::run(matches)?,
        Some(("recover", matches)) => commands::recover::run(matches)?,
        Some(("audit", matches)) => audit(matches)?,
        Some(("store", matches)) => commands::store::run(matches)?,
        Some(("id", matches)) => commands::id::run(matches)?,
        Some(("account", matches)) => commands::account::run(matches)?,
        Some(("followup", matches)) => commands::followup::run(matches)?,
        Some(("list", matches)) => commands::list::run(matches)?,
        Some(("decision", matches)) => commands::decision::run(matches)?,
        Some(("check", matches)) => commands::check::run(matches)?,
        Some(("rule", matches)) => {
            let code = matches.get_one::<String>("code").map(String::as_str);
            commands::rule::run(code, matches.get_flag("json"))?;
        }
        Some(("score", matches)) => commands::score::run(&commands::score::options(matches))?,
        Some(("cvss", matches)) => {
            let vector: &String = required(matches, "vector")?;
            commands::cvss::run(vector, matches.get_flag("json"))?;
        }
        Some(("versions", matches)) => {
            commands::versions::run(&commands::versions::options(matches)?)?;
        }
        Some(("convert", matches)) => {
            commands::convert::run(&commands::convert::Settings::read(matches)?)?;
        }
        Some(("completion", matches)) => commands::completion::run(matches, command())?,
        Some(("man", matches)) => commands::man::run(matches, command())?,
        // clap refuses every other word.
        _ => {}
    }
    Ok(())
}

fn case(matches: &ArgMatches) -> Result<(), Stop> {
    match matches.subcommand() {
        Some(("new", matches)) => {
            let from: &String = required(matches, "from")?;
            let product = matches.get_one::<String>("product").map(String::as_str);
            commands::case::new(&Transport::read(matches)?, from, product)?;
        }
        Some(("list", matches)) => commands::case::list(&Transport::read(matches)?)?,
        Some(("show", matches)) => {
            let id: &casework::CaseId = required(matches, "id")?;
            commands::case::show(&Transport::read(matches)?, *id)?;
        }
        Some(("duplicates", matches)) => commands::case_duplicates::list(matches)?,
        Some(("duplicate", matches)) => commands::case_duplicates::judge(matches)?,
        Some((word, matches)) if commands::case_intake::WORDS.contains(&word) => {
            commands::case_intake::run(word, matches)?;
        }
        Some(("import-mail", matches)) => commands::case_import::run(matches)?,
        Some(("award", matches)) => commands::case_award::run(matches)?,
        Some(("notify", matches)) => commands::notify::run(matches)?,
        Some(("event", matches)) => {
            let id: &casework::CaseId = required(matches, "id")?;
            let body = commands::clocks::event_body(matches)?;
            let path = format!("/desk/v1/cases/{id}/events");
            commands::clocks::record(&Transport::read(matches)?, &path, &body)?;
        }
        Some(("embargo", matches)) => {
            let id: &casework::CaseId = required(matches, "id")?;
            let change = embargo_change(matches);
            commands::case::embargo(&Transport::read(matches)?, *id, change)?;
        }
        Some(("retrospective", matches)) => commands::aftermath::retrospective(matches)?,
        Some(("write", matches)) => commands::letter::run(matches)?,
        Some(("route", matches)) => commands::routing::route(matches)?,
        Some(("leak", matches)) => release::run_leak(matches)?,
        Some((word, matches)) if commands::office::is_step(word) => {
            commands::office::run(word, matches)?;
        }
        Some((word, matches)) => desk::run_case_step(word, matches)?,
        None => {}
    }
    Ok(())
}

fn embargo_change(matches: &ArgMatches) -> Option<commands::case::EmbargoChange> {
    use commands::case::EmbargoChange;
    if let Some(reason) = matches.get_one::<String>("lift") {
        return Some(EmbargoChange::Lift(reason.clone()));
    }
    let until = matches.get_one::<String>("until")?;
    let mut body = serde_json::json!({"until": until});
    for name in ["zone", "conditions"] {
        if let Some(text) = matches.get_one::<String>(name) {
            body[name] = serde_json::json!(text);
        }
    }
    Some(EmbargoChange::Set(body))
}

fn audit(matches: &ArgMatches) -> Result<(), Stop> {
    if let Some(("verify", matches)) = matches.subcommand() {
        commands::audit::verify(&Place::read(matches)?, matches.get_flag("json"))?;
    }
    Ok(())
}

/// The value of an argument clap has made sure of.
pub(crate) fn required<'a, T: Clone + Send + Sync + 'static>(
    matches: &'a ArgMatches,
    name: &str,
) -> Result<&'a T, anyhow::Error> {
    matches
        .get_one(name)
        .ok_or_else(|| anyhow::anyhow!("`{name}` has no value"))
}

/// A command's name, and what defines it.
type Definition = (&'static str, fn() -> Command);

/// The commands that look at documents and open no desk. They are run in
/// loops over many files, where defining all the others would be most of their
/// time.
const OF_DOCUMENTS: &[Definition] = &[
    ("check", records::check),
    ("rule", records::rule),
    ("score", records::score),
    ("cvss", records::cvss),
    ("versions", records::versions),
    ("convert", commands::convert::command),
];

/// The command line without its commands.
fn root() -> Command {
    Command::new("cna")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The system a CVE Numbering Authority works in")
        .long_about(
            "The system a CVE Numbering Authority works in: from the first report of a \
             vulnerability to a published CVE Record, an advisory and a feed, with every CVE ID \
             accounted for.\n\nStart with `cna demo`, which does the whole job on an example, or \
             with `cna serve`, which opens a desk of your own.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .arg(
            Arg::new("verbose")
                .long("verbose")
                .short('v')
                .action(ArgAction::SetTrue)
                .global(true)
                .help("Log more, to standard error"),
        )
}

/// The whole command line.
pub(crate) fn command() -> Command {
    root()
        .subcommand(demo())
        .subcommand(serve())
        .subcommand(authority::command())
        .subcommand(case_command())
        .subcommand(desk::draft_command())
        .subcommand(desk::review_command())
        .subcommand(desk::publish_command())
        .subcommand(release::portal_command())
        .subcommand(commands::status::command())
        .subcommand(commands::clocks::command())
        .subcommand(commands::person::command())
        .subcommand(commands::organisation::command())
        .subcommand(commands::product::command())
        .subcommand(commands::distributor::command())
        .subcommand(commands::mail::command())
        .subcommand(commands::token::command())
        .subcommand(commands::recover::command())
        .subcommand(audit_command())
        .subcommand(commands::store::command())
        .subcommand(commands::id::command())
        .subcommand(commands::account::command())
        .subcommand(commands::followup::command())
        .subcommand(commands::list::command())
        .subcommand(commands::decision::command())
        .subcommand(records::check())
        .subcommand(records::rule())
        .subcommand(records::score())
        .subcommand(records::cvss())
        .subcommand(records::versions())
        .subcommand(commands::convert::command())
        .subcommand(
            Command::new("completion")
                .about("Print a completion script for a shell")
                .arg(
                    Arg::new("shell")
                        .required(true)
                        .value_parser(value_parser!(clap_complete::Shell))
                        .help("bash, elvish, fish, powershell or zsh"),
                ),
        )
        .subcommand(
            Command::new("man")
                .about("Write manual pages into a folder")
                .arg(
                    Arg::new("folder")
                        .required(true)
                        .help("Folder to write them to"),
                ),
        )
}

fn demo() -> Command {
    Command::new("demo")
        .about("Do the whole job on an example report, then show it")
        .long_about(
            "Does the whole job on an example report, with real parts and nothing beyond this \
             machine: an authority, a desk, a case, the decision tree, a CVE ID, a draft, a \
             review, an advisory, a published record, a feed. Prints each step, writes the \
             outputs to a folder, and then serves desk and portal until Ctrl-C.",
        )
        .arg(
            Arg::new("exit")
                .long("exit")
                .action(ArgAction::SetTrue)
                .help("End when the job is done, instead of serving it"),
        )
        .arg(
            Arg::new("report")
                .long("report")
                .value_name("FILE")
                .help("Take this report instead of the example; Markdown with front matter"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .value_name("DIR")
                .help("Write the outputs here instead of a temporary folder"),
        )
        .arg(json_flag("Print one line of JSON a step"))
}

fn serve() -> Command {
    place_arguments(
        Command::new("serve")
            .about("Serve the desk and its portal")
            .long_about(
                "Serves the desk and its public portal. Creates what is missing, prints the \
                 addresses, and at the first start a one-time sign-in link for the first \
                 administrator. SIGTERM or Ctrl-C ends it cleanly.",
            )
            .arg(listen_argument("127.0.0.1:8080"))
            .arg(
                Arg::new("portal-url")
                    .long("portal-url")
                    .value_name("URL")
                    .env("CNA_PORTAL_URL")
                    .help("Address under which the public reaches the portal [default: the listening address]"),
            )
            .arg(
                Arg::new("environment")
                    .long("environment")
                    .env("CNA_ENVIRONMENT")
                    .value_parser(["production", "test", "practice"])
                    .default_value("production")
                    .help("Said in words on every page"),
            )
            .arg(
                Arg::new("allow-private-addresses")
                    .long("allow-private-addresses")
                    .action(ArgAction::SetTrue)
                    .help("Let the desk ask servers at private and loopback addresses"),
            )
            .arg(
                Arg::new("proxy")
                    .long("proxy")
                    .value_name("ADDR")
                    .env("CNA_PROXY")
                    .action(ArgAction::Append)
                    .value_delimiter(',')
                    .value_parser(value_parser!(std::net::IpAddr))
                    .help("Address of a proxy in front, whose X-Forwarded-For is believed; may be repeated"),
            ),
    )
}

fn case_command() -> Command {
    let command = Command::new("case")
        .about("File, list, show and decide cases, and record what happened in them")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("new").about("File a report as a case").arg(
                Arg::new("from")
                    .long("from")
                    .value_name("FILE")
                    .required(true)
                    .help("The report, Markdown with front matter, or a GHSA, OSV, CSAF, CVE JSON or Vulnogram document; `-` reads standard input"),
            )
            .arg(
                Arg::new("product")
                    .long("product")
                    .value_name("PRODUCT")
                    .help("Product of the catalogue a document is about [default: the one it names]"),
            ),
        ))
        .subcommand(transport_arguments(
            Command::new("list").about("List the cases you are on"),
        ))
        .subcommand(transport_arguments(
            Command::new("show").about("Show a case").arg(
                Arg::new("id")
                    .required(true)
                    .value_parser(value_parser!(casework::CaseId))
                    .help("Number of the case"),
            ),
        ))
        .subcommand(transport_arguments(
            commands::case_duplicates::list_command(),
        ))
        .subcommand(transport_arguments(
            commands::case_duplicates::judge_command(),
        ))
        .subcommand(transport_arguments(commands::clocks::event_arguments(
            Command::new("event")
                .about("Record what happened in a case, so that clocks start and stop")
                .arg(
                    Arg::new("id")
                        .required(true)
                        .value_parser(value_parser!(casework::CaseId))
                        .help("Number of the case"),
                ),
        )))
        .subcommand(transport_arguments(embargo_command()))
        .subcommands(commands::case_intake::command_lines())
        .subcommand(transport_arguments(commands::case_import::command()))
        .subcommand(transport_arguments(commands::case_award::command()))
        .subcommand(commands::notify::command())
        .subcommand(commands::letter::command())
        .subcommand(commands::routing::route_command())
        .subcommand(commands::aftermath::retrospective_command())
        .subcommand(release::leak_command());
    commands::office::steps(desk::case_steps(command))
}

fn embargo_command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("embargo")
        .about("Show until when a case is under embargo, set the hour, or end it")
        .arg(
            Arg::new("id")
                .required(true)
                .value_parser(value_parser!(casework::CaseId))
                .help("Number of the case"),
        )
        .arg(text(
            "until",
            "TIME",
            "Local date and hour it ends at, such as `2026-12-01T16:00`",
        ))
        .arg(text("zone", "ZONE", "Zone of that hour [default: the CNA's own]").requires("until"))
        .arg(text("conditions", "TEXT", "What else was agreed").requires("until"))
        .arg(text("lift", "REASON", "End it now, for this reason").conflicts_with("until"))
}

fn audit_command() -> Command {
    Command::new("audit")
        .about("Prove the audit chain")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(place_arguments(
            Command::new("verify")
                .about("Walk the audit chain and say whether it is unbroken")
                .arg(json_flag("Print the verdict as JSON")),
        ))
}

pub(crate) fn json_flag(help: &'static str) -> Arg {
    Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help(help)
}

fn listen_argument(default: &'static str) -> Arg {
    Arg::new("listen")
        .long("listen")
        .value_name("ADDR")
        .env("CNA_LISTEN")
        .default_value(default)
        .help("Address and port to listen on; port 0 takes a free one")
}

/// Where the data lies.
pub(crate) fn place_arguments(command: Command) -> Command {
    command
        .arg(
            Arg::new("data")
                .long("data")
                .value_name("DIR")
                .env("CNA_DATA")
                .default_value("./cna-data")
                .help("Data folder; made when it is missing"),
        )
        .arg(
            Arg::new("database")
                .long("database")
                .value_name("URL")
                .env("CNA_DATABASE")
                .hide_env_values(true)
                .default_value("sqlite:cna.sqlite")
                .help("`sqlite:FILE`, taken from the data folder, or `postgres://…`"),
        )
        .arg(now_argument())
}

/// Another clock.
fn now_argument() -> Arg {
    Arg::new("now")
        .long("now")
        .value_name("TIME")
        .hide(true)
        .help("For practice and tests: the time the program believes in")
}

/// Which desk a command talks to.
pub(crate) fn transport_arguments(command: Command) -> Command {
    place_arguments(command)
        .arg(
            Arg::new("server")
                .long("server")
                .value_name("URL")
                .env("CNA_SERVER")
                .help("Talk to the desk at this address instead of the data folder's"),
        )
        .arg(
            Arg::new("token-file")
                .long("token-file")
                .value_name("FILE")
                .env("CNA_TOKEN_FILE")
                .help("File that holds the token for `--server`; or set CNA_TOKEN"),
        )
        .arg(
            Arg::new("as")
                .long("as")
                .value_name("PERSON")
                .env("CNA_AS")
                .help("Act as this person, on the data folder's own desk"),
        )
        .arg(json_flag("Print JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn a_command_defined_by_itself_is_the_one_of_the_whole_command_line() {
        let whole = command();
        for (name, define) in OF_DOCUMENTS {
            let (mut alone, listed) = (define(), whole.find_subcommand(name));
            let mut listed = listed.expect("it is listed").clone();
            assert_eq!(
                alone.render_long_help().to_string(),
                listed.render_long_help().to_string(),
                "{name}"
            );
        }
    }
}
