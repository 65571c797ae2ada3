//! The commands that look at records.

use clap::{Arg, ArgAction, Command, value_parser};

pub(super) fn check() -> Command {
    Command::new("check")
        .about("Say what is wrong with CVE Records, where, why, and how to mend it")
        .long_about(
            "Checks CVE Records against the official schema, the rules CVE Services has beyond \
             it, and the Program's content rules. Each finding says where it is, what is there \
             and what is expected, which rule it comes from, and how to mend it.\n\nA file \
             that ends in `.json` holds one document; one that ends in `.jsonl` or `.ndjson` \
             holds one a line, blank lines aside; a folder is searched for `.json` files; `-` \
             reads standard input, one document or one a line. Each may be packed with zstd.",
        )
        .after_help(
            "Exit code: 0 nothing found by --fail-on, 1 findings, 2 a wrong command line or an \
             input that cannot be read.",
        )
        .arg(
            Arg::new("input")
                .value_name("FILE|DIR|-")
                .required(true)
                .action(ArgAction::Append)
                .help("Records: files, folders, or `-` for standard input"),
        )
        .arg(
            Arg::new("level")
                .long("level")
                .value_parser(["schema", "server", "lint"])
                .help(
                    "How deep to look; each level has those before it [default: lint; schema \
                     with --schema]",
                ),
        )
        .arg(
            Arg::new("type")
                .long("type")
                .value_parser(["full", "cna", "rejected", "adp"])
                .help("What the documents are [default: found out from each]"),
        )
        .arg(
            Arg::new("format-version")
                .long("format-version")
                .value_parser(["5.0", "5.1.1", "5.2.0"])
                .default_value("5.2.0")
                .help("Version of the CVE Record Format"),
        )
        .arg(
            Arg::new("select")
                .long("select")
                .value_name("CODES")
                .action(ArgAction::Append)
                .help("Show only these codes or prefixes, such as SCHEMA,REC-014"),
        )
        .arg(
            Arg::new("ignore")
                .long("ignore")
                .value_name("CODES")
                .action(ArgAction::Append)
                .help("Leave out these codes or prefixes"),
        )
        .arg(
            Arg::new("profile")
                .long("profile")
                .value_parser(["default", "cvelint"])
                .default_value("default")
                .help("Content rules to apply: ours, or those of the program cvelint"),
        )
        .arg(
            Arg::new("cna")
                .long("cna")
                .value_name("NAME")
                .help("Check only records of the CNA with this short name"),
        )
        .arg(
            Arg::new("jobs")
                .long("jobs")
                .value_name("N")
                .value_parser(value_parser!(u16).range(1..=256))
                .help("Threads to use [default: as many as the machine has]"),
        )
        .arg(
            Arg::new("fail-on")
                .long("fail-on")
                .value_parser(["error", "violation", "warning", "advice", "never"])
                .default_value("violation")
                .help("Least severity that makes the exit code 1"),
        )
        .arg(
            Arg::new("baseline")
                .long("baseline")
                .value_name("FILE")
                .help("Hide the findings that are listed in this file"),
        )
        .arg(
            Arg::new("write-baseline")
                .long("write-baseline")
                .value_name("FILE")
                .help("Write all findings to this file, for --baseline, and exit with 0"),
        )
        .arg(
            Arg::new("fix")
                .long("fix")
                .action(ArgAction::SetTrue)
                .help("Write the mends that cannot be wrong, and show them as a diff"),
        )
        .arg(
            Arg::new("diff")
                .long("diff")
                .action(ArgAction::SetTrue)
                .help("Show the mends --fix would make, and write nothing"),
        )
        .arg(
            Arg::new("schema")
                .long("schema")
                .value_name("FILE")
                .help("Judge by this JSON Schema instead of the one built in"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .value_parser(["text", "json", "ndjson", "csv", "sarif", "junit", "github"])
                .default_value("text")
                .help("How to print; ndjson prints one line of JSON a record"),
        )
        .arg(
            Arg::new("summary")
                .long("summary")
                .action(ArgAction::SetTrue)
                .help("Count findings for each CNA and rule instead of listing them"),
        )
        .arg(
            Arg::new("lines")
                .long("lines")
                .action(ArgAction::SetTrue)
                .help("Every file and standard input holds one document a line"),
        )
        .arg(super::now_argument())
}

pub(super) fn rule() -> Command {
    Command::new("rule")
        .about("Print a rule's page, or the list of all rules")
        .arg(
            Arg::new("code")
                .value_name("CODE")
                .help("Code such as REC-014, or a prefix such as SCHEMA"),
        )
        .arg(super::json_flag("Print JSON"))
}

pub(super) fn score() -> Command {
    Command::new("score")
        .about("Say how complete records are, and what would raise that most")
        .long_about(
            "Measures what the CNA says in its records: completeness from 0 to 100 by the \
             criteria that are listed; the points of the unofficial CNA scorecard; and whether \
             a record counts as enriched (CVSS and CWE), which the Program's recognition asks \
             of 98 of 100 records. Of several records it prints the totals of each CNA. \
             Rejected records are not measured.",
        )
        .arg(
            Arg::new("input")
                .value_name("FILE|DIR|-")
                .required(true)
                .action(ArgAction::Append)
                .help("Records, as for `cna check`"),
        )
        .arg(
            Arg::new("cna")
                .long("cna")
                .value_name("NAME")
                .help("Measure only records of the CNA with this short name"),
        )
        .arg(super::json_flag("Print JSON"))
}

pub(super) fn cvss() -> Command {
    Command::new("cvss")
        .about("Put a CVSS vector into words, with its scores")
        .arg(
            Arg::new("vector")
                .value_name("VECTOR")
                .required(true)
                .help("A vector of version 2.0, 3.0, 3.1 or 4.0"),
        )
        .arg(super::json_flag("Print JSON"))
}

pub(super) fn versions() -> Command {
    Command::new("versions")
        .about("Say whether a record lists a version as affected, and by which entry")
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .help("The record or container; `-` reads standard input"),
        )
        .arg(
            Arg::new("product")
                .value_name("PRODUCT")
                .required(true)
                .help("Name of the product, `vendor/product`, a package's name or its URL"),
        )
        .arg(
            Arg::new("version")
                .value_name("VERSION")
                .required(true)
                .help("The version, as the product spells it"),
        )
        .arg(super::json_flag("Print JSON"))
}
