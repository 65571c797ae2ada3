//! What was asked for, read from the command line.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::ArgMatches;
use cve::check::{Format, Severity};
use cve::lint::{Profile, Settings};
use cve::time::Timestamp;

use super::selection::Selection;

/// How deep a document is looked into; each level has those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The official schema.
    Schema,
    /// What CVE Services refuses beyond it.
    Server,
    /// The content rules.
    Lint,
}

/// What documents are said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// Found out from each document.
    Any,
    Full,
    Cna,
    Rejected,
    Adp,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Text,
    Json,
    Ndjson,
    Csv,
    Sarif,
    Junit,
    Github,
}

/// What happens to safe mends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mending {
    No,
    /// Show them as a diff.
    Show,
    /// Write them, and show what was written.
    Write,
}

/// Everything `cna check` was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) inputs: Vec<String>,
    pub(crate) lines: bool,
    pub(crate) level: Level,
    pub(crate) kind: Type,
    pub(crate) format: Format,
    pub(crate) selection: Selection,
    pub(crate) settings: Settings,
    /// Only records of the organisation with this short name.
    pub(crate) cna: Option<String>,
    /// Threads; `None` for as many as the machine runs at once.
    pub(crate) jobs: Option<usize>,
    /// The least severity that makes the command fail; `None` for never.
    pub(crate) fail_on: Option<Severity>,
    pub(crate) baseline: Option<PathBuf>,
    pub(crate) write_baseline: Option<PathBuf>,
    pub(crate) mending: Mending,
    pub(crate) schema: Option<PathBuf>,
    pub(crate) output: Output,
    pub(crate) summary: bool,
    pub(crate) now: Option<Timestamp>,
}

impl Options {
    /// Reads the command line.
    ///
    /// Refuses: what clap cannot know to be wrong, as a usage error.
    pub(crate) fn read(matches: &ArgMatches) -> Result<Options, clap::Error> {
        let word = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
        let path = |name: &str| matches.get_one::<String>(name).map(PathBuf::from);
        let list = |name: &str| -> Vec<String> {
            let values = matches.get_many::<String>(name).into_iter().flatten();
            let words = values.flat_map(|value| value.split(','));
            let words = words.map(str::trim).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        };
        let now = matches
            .get_one::<String>("now")
            .map(|now| now.parse::<Timestamp>().context("--now"))
            .transpose()
            .map_err(|error| mistake(&format!("{error:#}")))?;
        let output = match word("output") {
            "json" => Output::Json,
            "ndjson" => Output::Ndjson,
            "csv" => Output::Csv,
            "sarif" => Output::Sarif,
            "junit" => Output::Junit,
            "github" => Output::Github,
            _ => Output::Text,
        };
        let summary = matches.get_flag("summary");
        if summary && !matches!(output, Output::Text | Output::Json | Output::Csv) {
            return Err(mistake(
                "--summary counts findings instead of listing them: use it with --output text, \
                 json or csv",
            ));
        }
        let schema = path("schema");
        let level = match (word("level"), &schema) {
            ("schema", _) | ("", Some(_)) => Level::Schema,
            ("server", _) => Level::Server,
            _ => Level::Lint,
        };
        let profile = Profile::named(word("profile")).unwrap_or_default();
        let (select, ignore) = (list("select"), list("ignore"));
        let (selection, settings) =
            Selection::read(profile, select, ignore).map_err(|error| mistake(&error))?;
        let inputs: Vec<String> = matches
            .get_many::<String>("input")
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        if inputs.iter().filter(|input| *input == "-").count() > 1 {
            return Err(mistake(
                "`-` is named twice: standard input can be read once",
            ));
        }
        let mending = match (matches.get_flag("fix"), matches.get_flag("diff")) {
            (_, true) => Mending::Show,
            (true, false) => Mending::Write,
            (false, false) => Mending::No,
        };
        Ok(Options {
            inputs,
            lines: matches.get_flag("lines"),
            level,
            kind: match word("type") {
                "full" => Type::Full,
                "cna" => Type::Cna,
                "rejected" => Type::Rejected,
                "adp" => Type::Adp,
                _ => Type::Any,
            },
            format: match word("format-version") {
                "5.0" => Format::V5_0,
                "5.1.1" => Format::V5_1_1,
                _ => Format::V5_2_0,
            },
            selection,
            settings,
            cna: matches.get_one::<String>("cna").cloned(),
            jobs: matches
                .get_one::<u16>("jobs")
                .map(|jobs| usize::from(*jobs)),
            fail_on: match word("fail-on") {
                "error" => Some(Severity::Error),
                "warning" => Some(Severity::Warning),
                "advice" => Some(Severity::Advice),
                "never" => None,
                _ => Some(Severity::Violation),
            },
            baseline: path("baseline"),
            write_baseline: path("write-baseline"),
            mending,
            schema,
            output,
            summary,
            now,
        })
    }
}

/// As many threads as the machine runs at once.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A mistake on the command line, said as clap says its own.
pub(crate) fn mistake(message: &str) -> clap::Error {
    clap::Error::raw(
        clap::error::ErrorKind::ValueValidation,
        format!("{message}\n"),
    )
}
