//! Options of `cna draft`: what drafts begin with, and what is filled in.

use clap::{Arg, ArgAction, ArgMatches, Command};
use cve::id::CveId;

use super::{Stop, required};
use crate::commands::draft::{self, Wanted};
use crate::config::Transport;

/// The details of a description: option, key of the API, help.
const DETAILS: [(&str, &str, &str); 10] = [
    ("type", "type", "The kind of flaw, such as 'path traversal'"),
    ("component", "component", "Where in the product"),
    ("vendor", "vendor", "The vendor [default: the draft's]"),
    ("product", "product", "The product [default: the draft's]"),
    (
        "versions",
        "versions",
        "The versions in words [default: the draft's]",
    ),
    (
        "root-cause",
        "root_cause",
        "Why, as a clause such as 'follows symbolic links'; instead of the type",
    ),
    ("attacker", "attacker", "Who [default: attackers]"),
    ("impact", "impact", "What they can do, such as 'read files'"),
    ("vector", "vector", "By which way, such as 'a crafted link'"),
    (
        "note",
        "note",
        "A relation: 'incomplete-fix ID', 'regression ID', 'split-from ID', 'may-overlap ID', 'may-be-same ID', 'related ID' or 'unsupported'",
    ),
];

fn valued(name: &'static str, value_name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value_name).help(help)
}

/// `--format`.
pub(super) fn format(help: &'static str) -> Arg {
    valued("format", "FORMAT", help).value_parser(["toml", "yaml", "json"])
}

pub(super) fn new_command() -> Command {
    Command::new("new")
        .about("Begin a draft of record and advisory")
        .long_about(
            "Begins a draft of record and advisory as a further revision: from the report of the \
             case, from another draft, from a file others wrote (a GitHub advisory, OSV, CSAF, \
             CVE JSON, Vulnogram), also one that came as the report (--from-report), or from the \
             template of the product. The advisory keeps its \
             id, and its own address is among the references.",
        )
        .arg(
            valued("from", "report|template|CVE-ID|FILE", "What it begins with")
                .default_value("report"),
        )
        .arg(valued(
            "product",
            "NAME",
            "Whose template [default: the report's]",
        ))
        .arg(
            Arg::new("from-report")
                .long("from-report")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["from", "product"])
                .help("Begin with the document that came as the report, or beside it"),
        )
        .arg(
            valued(
                "attachment",
                "N",
                "Number of the attachment that is the document [default: the first that is one]",
            )
            .requires("from-report")
            .value_parser(clap::value_parser!(i64).range(1..)),
        )
}

pub(super) fn run_new(
    transport: &Transport,
    id: CveId,
    matches: &ArgMatches,
) -> Result<(), anyhow::Error> {
    if matches.get_flag("from-report") {
        let number = matches.get_one::<i64>("attachment").copied();
        return draft::new_from_document(transport, id, number);
    }
    let from: &String = required(matches, "from")?;
    let product = matches.get_one::<String>("product").map(String::as_str);
    draft::new(transport, id, from, product)
}

pub(super) fn describe_command() -> Command {
    let command = Command::new("describe")
        .about("Write the description from its key details")
        .long_about(
            "Writes the description of the record from its key details, in the phrasing of the \
             Program: TYPE in COMPONENT in VENDOR PRODUCT VERSIONS allows ATTACKER to IMPACT via \
             VECTOR. What is not known is said to be unspecified.",
        );
    let details = DETAILS.map(|(name, _, help)| valued(name, "TEXT", help));
    command.args(details)
}

pub(super) fn run_describe(
    transport: &Transport,
    id: CveId,
    matches: &ArgMatches,
) -> Result<(), anyhow::Error> {
    let told = DETAILS.iter().filter_map(|(name, key, _)| {
        let value = matches.get_one::<String>(name)?;
        Some((*key, value.as_str()))
    });
    let told: Vec<(&str, &str)> = told.collect();
    draft::describe(transport, id, &told)
}

pub(super) fn affected_command() -> Command {
    Command::new("affected")
        .about("Write the affected ranges from a git repository")
        .long_about(
            "Reads a git repository and finds the releases, which are tags, that contain the \
             flaw: an introducing commit is behind them and no fixing one is. Cherry-picks that \
             say so (`git cherry-pick -x`) count as what they were picked from, reverts take \
             back. Writes ranges of versions and of commits into the draft, as one revision.",
        )
        .arg(valued("repo", "DIR", "The repository, with its whole history").required(true))
        .arg(
            valued(
                "introduced",
                "COMMIT",
                "A commit that brings the flaw; may be repeated [default: it was always there]",
            )
            .action(ArgAction::Append),
        )
        .arg(
            valued(
                "fixed",
                "COMMIT",
                "A commit that takes it away; may be repeated",
            )
            .action(ArgAction::Append),
        )
        .arg(valued(
            "product",
            "NAME",
            "The product, as the draft names it, where it has several",
        ))
        .arg(valued(
            "repo-url",
            "URL",
            "Public address of the repository, for the record",
        ))
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Say what was found, and save nothing"),
        )
}

pub(super) fn run_affected(
    transport: &Transport,
    id: CveId,
    matches: &ArgMatches,
) -> Result<(), anyhow::Error> {
    let folder: &String = required(matches, "repo")?;
    let all = |name: &str| -> Vec<String> {
        let values = matches.get_many::<String>(name).unwrap_or_default();
        values.cloned().collect()
    };
    let wanted = Wanted {
        folder: folder.clone(),
        introduced: all("introduced"),
        fixed: all("fixed"),
        product: matches.get_one::<String>("product").cloned(),
        url: matches.get_one::<String>("repo-url").cloned(),
        dry_run: matches.get_flag("dry-run"),
    };
    if wanted.introduced.is_empty() && wanted.fixed.is_empty() {
        anyhow::bail!("neither --introduced nor --fixed names a commit: expected at least one");
    }
    draft::affected(transport, id, &wanted)
}

pub(super) fn template_command() -> Command {
    Command::new("template")
        .about("Show or set what drafts of a product begin with")
        .arg(
            Arg::new("product")
                .value_name("PRODUCT")
                .required(true)
                .help("Its name in the catalogue"),
        )
        .arg(valued(
            "from",
            "FILE",
            "JSON, a part of a CNA container; `-` reads standard input",
        ))
}

pub(super) fn run_template(transport: &Transport, matches: &ArgMatches) -> Result<(), Stop> {
    let product: &String = required(matches, "product")?;
    let from = matches.get_one::<String>("from").map(String::as_str);
    Ok(draft::template(transport, product, from)?)
}
