//! `cna convert`: makes advisories, VEX documents, feeds and texts of CVE
//! Records, and says what they cannot hold.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use cve::check::{Finding, Severity};
use cve::convert::{
    Converted, CsafProfile, CsafVersion, CycloneDxVersion, Loss, Options, Publisher, Read, Record,
    Source, Target, read,
};
use cve::time::Timestamp;

use crate::cli::{json_flag, required};
use crate::progress::Progress;

mod input;
mod output;
mod report;

use input::Document;
use output::Output;
use report::Report;

/// The words of `--to`.
const TARGETS: [&str; 14] = [
    "csaf",
    "csaf-vex",
    "osv",
    "openvex",
    "cyclonedx",
    "k8s-feed",
    "jsonfeed",
    "atom",
    "rss",
    "ghsa",
    "markdown",
    "text",
    "html",
    "cve",
];

/// The definition of the command.
pub(crate) fn command() -> Command {
    Command::new("convert")
        .about("Make advisories, VEX documents, feeds and texts of CVE Records")
        .long_about(
            "Makes other documents of CVE Records: CSAF, OSV, OpenVEX, CycloneDX, feeds, GitHub \
             advisories, Markdown, plain text and HTML; and, with `--to cve`, draft CNA \
             containers of what others write. Nothing is invented: what a format needs and a \
             record lacks is a finding. Nothing is dropped silently: `--report` lists what a \
             format cannot hold.\n\nIt ends with 1 when a document could not be made.",
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("FORMAT")
                .required(true)
                .value_parser(TARGETS)
                .help("What to make"),
        )
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("FORMAT")
                .value_parser(Source::ALL.map(|(word, _)| word))
                .help("What the inputs are [default: found out for each]"),
        )
        .arg(
            Arg::new("csaf-version")
                .long("csaf-version")
                .value_name("VERSION")
                .value_parser(["2.0", "2.1"])
                .default_value("2.0")
                .help("Version of CSAF to write"),
        )
        .arg(
            Arg::new("cyclonedx-version")
                .long("cyclonedx-version")
                .value_name("VERSION")
                .value_parser(["1.6", "1.7"])
                .default_value("1.6")
                .help("Version of CycloneDX to write"),
        )
        .arg(
            Arg::new("publisher")
                .long("publisher")
                .value_name("FILE")
                .help("Who publishes the documents, and what products are; TOML, see docs/convert.md"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .value_name("DIR|-")
                .help("Folder to write the documents to; `-` is standard output [default: -]"),
        )
        .arg(
            Arg::new("report")
                .long("report")
                .action(ArgAction::SetTrue)
                .help("Print what the format cannot hold; documents are then written only with --output"),
        )
        .arg(json_flag("Print the report as JSON"))
        .arg(
            Arg::new("now")
                .long("now")
                .value_name("TIME")
                .hide(true)
                .help("The time the program believes in"),
        )
        .arg(
            Arg::new("input")
                .value_name("FILE|DIR|-")
                .required(true)
                .num_args(1..)
                .help("Records: files of JSON, of one record a line (.jsonl), packed (.zst), folders of these, or `-`"),
        )
}

/// What is to be made.
enum Wanted {
    /// A document of the format.
    Document(Target),
    /// A draft container.
    Draft,
}

/// What was typed.
pub(crate) struct Settings {
    wanted: Wanted,
    from: Option<Source>,
    publisher: Publisher,
    /// The folder, or `None` for standard output.
    folder: Option<PathBuf>,
    /// Whether documents are written at all.
    writes: bool,
    report: bool,
    json: bool,
    now: Timestamp,
    inputs: Vec<String>,
}

impl Settings {
    pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<Settings> {
        let wanted = wanted(matches)?;
        let output = matches.get_one::<String>("output").map(String::as_str);
        let json = matches.get_flag("json");
        let report = matches.get_flag("report") || json;
        if report && output == Some("-") {
            bail!(
                "standard output cannot take the documents and the report: name a folder with --output, or leave --report out"
            );
        }
        let from: Option<&String> = matches.get_one("from");
        let now = matches
            .get_one::<String>("now")
            .map(|now| now.parse::<Timestamp>().context("--now"));
        Ok(Settings {
            wanted,
            from: from.map(|word| word.parse()).transpose()?,
            publisher: match matches.get_one::<String>("publisher") {
                Some(file) => read_publisher(file)?,
                None => Publisher::unnamed(),
            },
            folder: output.filter(|output| *output != "-").map(PathBuf::from),
            writes: !report || output.is_some(),
            report,
            json,
            now: crate::world::real(now.transpose()?)?.now(),
            inputs: matches
                .get_many("input")
                .unwrap_or_default()
                .cloned()
                .collect(),
        })
    }
}

fn wanted(matches: &ArgMatches) -> anyhow::Result<Wanted> {
    let version = match required::<String>(matches, "csaf-version")?.as_str() {
        "2.1" => CsafVersion::V2_1,
        _ => CsafVersion::V2_0,
    };
    let cyclonedx = match required::<String>(matches, "cyclonedx-version")?.as_str() {
        "1.7" => CycloneDxVersion::V1_7,
        _ => CycloneDxVersion::V1_6,
    };
    let csaf = |profile| Target::Csaf { version, profile };
    let target = match required::<String>(matches, "to")?.as_str() {
        "csaf" => csaf(CsafProfile::SecurityAdvisory),
        "csaf-vex" => csaf(CsafProfile::Vex),
        "osv" => Target::Osv,
        "openvex" => Target::OpenVex,
        "cyclonedx" => Target::CycloneDx(cyclonedx),
        "k8s-feed" => Target::K8sFeed,
        "jsonfeed" => Target::JsonFeed,
        "atom" => Target::Atom,
        "rss" => Target::Rss,
        "ghsa" => Target::Ghsa,
        "markdown" => Target::Markdown,
        "text" => Target::Text,
        "html" => Target::Html,
        _ => return Ok(Wanted::Draft),
    };
    for (flag, fits) in [
        ("csaf-version", matches!(target, Target::Csaf { .. })),
        ("cyclonedx-version", matches!(target, Target::CycloneDx(_))),
    ] {
        let typed = matches.value_source(flag) == Some(clap::parser::ValueSource::CommandLine);
        if typed && !fits {
            bail!(
                "--{flag} has no meaning for `--to {}`: leave it out",
                target.as_str()
            );
        }
    }
    Ok(Wanted::Document(target))
}

/// Reads a publisher's settings.
fn read_publisher(file: &str) -> anyhow::Result<Publisher> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("reading the publisher's settings `{file}`"))?;
    let publisher: Publisher = toml::from_str(&text)
        .map_err(|error| anyhow::anyhow!("{}", error.to_string().trim_end().to_owned()))
        .with_context(|| format!("reading the publisher's settings `{file}`"))?;
    if let Some(fault) = publisher.faults().first() {
        bail!("reading the publisher's settings `{file}`: {fault}");
    }
    Ok(publisher)
}

/// Makes the documents.
///
/// Fails: after all inputs were looked at, when one was no record or became no
/// document.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<()> {
    let inputs = input::inputs(&settings.inputs)?;
    let is_one = inputs.is_one();
    let mut run = Run {
        settings,
        options: Options::new(&settings.publisher, settings.now),
        output: match (settings.writes, &settings.folder) {
            (false, _) => Output::nowhere(),
            (true, None) => Output::stream(is_one),
            (true, Some(folder)) => Output::folder(folder)?,
        },
        report: Report::default(),
        speaks: is_one && !settings.report,
    };
    let mut progress = Progress::new(!is_one, None, Arc::default());
    match settings.wanted {
        Wanted::Document(target) if target.is_feed() => {
            let mut documents = Vec::new();
            inputs.each(|document| {
                progress.advance(1);
                documents.push(document);
                Ok(())
            })?;
            progress.finish();
            run.feed(&documents, target)?;
        }
        Wanted::Document(target) => inputs.each(|document| {
            progress.advance(1);
            progress.aside(|_| run.document(&document, target))
        })?,
        Wanted::Draft => inputs.each(|document| {
            progress.advance(1);
            progress.aside(|_| run.draft(&document))
        })?,
    }
    progress.finish();
    run.end()
}

/// The bytes of a record, and where they come from.
enum RecordBytes<'d> {
    /// The input itself.
    Own(&'d [u8]),
    /// A draft that another format was read into.
    Draft(Vec<u8>),
}

/// One run over the inputs.
struct Run<'a> {
    settings: &'a Settings,
    options: Options<'a>,
    output: Output,
    report: Report,
    /// Whether lesser findings are printed one by one.
    speaks: bool,
}

impl Run<'_> {
    fn document(&mut self, document: &Document, target: Target) -> anyhow::Result<()> {
        self.report.records += 1;
        let bytes = match self.record_bytes(document) {
            Ok(bytes) => bytes,
            Err(findings) => return self.refuse(&document.name, None, findings),
        };
        let record = match checked(&bytes) {
            Ok(record) => record,
            Err(findings) => return self.refuse(&document.name, None, findings),
        };
        match cve::convert::convert(&record, target, &self.options) {
            Ok(converted) => {
                self.say_lesser(&document.name, &converted.findings);
                self.report.add(&document.name, record.id(), &converted);
                self.put(&document.name, &converted.name, &converted.document)
            }
            Err(refused) => self.refuse(&document.name, Some(record.id()), refused.findings),
        }
    }

    fn feed(&mut self, documents: &[Document], target: Target) -> anyhow::Result<()> {
        let mut texts = Vec::with_capacity(documents.len());
        for document in documents {
            self.report.records += 1;
            match self.record_bytes(document) {
                Ok(bytes) => texts.push((document, bytes)),
                Err(findings) => self.refuse(&document.name, None, findings)?,
            }
        }
        let mut records = Vec::with_capacity(texts.len());
        for (document, bytes) in &texts {
            match checked(bytes) {
                Ok(record) => records.push(record),
                Err(findings) => self.refuse(&document.name, None, findings)?,
            }
        }
        if records.is_empty() {
            return Ok(());
        }
        match cve::convert::convert_all(&records, target, &self.options) {
            Ok(converted) => {
                self.say_lesser(target.as_str(), &converted.findings);
                self.report.add(target.as_str(), "", &converted);
                self.put(target.as_str(), &converted.name, &converted.document)
            }
            Err(refused) => self.refuse(target.as_str(), None, refused.findings),
        }
    }

    fn draft(&mut self, document: &Document) -> anyhow::Result<()> {
        self.report.records += 1;
        let read = match self.read(document) {
            Ok(read) => read,
            Err(findings) => return self.refuse(&document.name, None, findings),
        };
        let id = read.id.map(|id| id.to_string());
        let text = format!("{:#}\n", read.container);
        let converted = Converted {
            name: format!(
                "{}.json",
                id.as_deref().map_or_else(|| document.stem(), str::to_owned)
            ),
            document: text,
            losses: read.unplaced,
            findings: read.findings,
        };
        self.say_lesser(&document.name, &converted.findings);
        self.say_unplaced(&document.name, &converted.losses);
        self.report.add(
            &document.name,
            id.as_deref().unwrap_or_default(),
            &converted,
        );
        self.put(&document.name, &converted.name, &converted.document)
    }

    fn read(&self, document: &Document) -> Result<Read, Vec<Finding>> {
        let read = read::read(
            &document.bytes,
            self.settings.from,
            &self.settings.publisher,
        );
        read.map_err(|refused| refused.findings)
    }

    /// What could not be placed is told, one by one, for a single document.
    fn say_unplaced(&self, input: &str, unplaced: &[Loss]) {
        if self.speaks {
            for loss in unplaced {
                let text = format!("{input}: {} {}", loss.pointer, loss.message);
                crate::output::problem("not placed", &text);
            }
        }
    }

    /// The bytes of a record: the document's own, or those of the draft that
    /// another format was read into.
    fn record_bytes<'d>(&self, document: &'d Document) -> Result<RecordBytes<'d>, Vec<Finding>> {
        let is_record = match self.settings.from {
            Some(source) => source == Source::Cve5,
            None => input::is_record(&document.bytes),
        };
        if is_record {
            return Ok(RecordBytes::Own(&document.bytes));
        }
        let read = self.read(document)?;
        let Some(id) = read.id else {
            return Err(vec![no_id()]);
        };
        let lost = read.unplaced.len();
        if lost > 0 {
            let text = format!(
                "{}: {lost} parts found no place; --to cve lists them",
                document.name
            );
            crate::output::note(&text);
        }
        self.say_lesser(&document.name, &read.findings);
        let record = serde_json::json!({
            "dataType": "CVE_RECORD",
            "dataVersion": "5.2",
            "cveMetadata": {"cveId": id.to_string(), "state": "PUBLISHED"},
            "containers": {"cna": read.container},
        });
        Ok(RecordBytes::Draft(record.to_string().into_bytes()))
    }

    /// Writes a document; one that cannot be written is told, and the run
    /// goes on when only this one is concerned.
    fn put(&mut self, input: &str, name: &str, text: &str) -> anyhow::Result<()> {
        match self.output.put(name, text)? {
            None => Ok(()),
            Some(fault) => {
                self.report.documents -= 1;
                self.report.refuse(input, None, &[]);
                crate::output::problem("error", &format!("{input}: {fault}"));
                Ok(())
            }
        }
    }

    fn refuse(
        &mut self,
        input: &str,
        id: Option<&str>,
        findings: Vec<Finding>,
    ) -> anyhow::Result<()> {
        self.report.refuse(input, id, &findings);
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        for finding in errors {
            crate::output::problem("error", &said(input, finding));
        }
        Ok(())
    }

    fn say_lesser(&self, input: &str, findings: &[Finding]) {
        if self.speaks {
            for finding in findings {
                crate::output::problem(finding.severity.as_str(), &said(input, finding));
            }
        }
    }

    fn end(mut self) -> anyhow::Result<()> {
        self.output.end()?;
        if self.settings.report {
            self.report.print(self.settings.json)?;
        } else if !self.speaks && self.report.has_remarks() {
            crate::output::note(&self.report.summary());
        }
        let refused = self.report.refused.len();
        if self.report.records == 0 {
            bail!(
                "there is no record in the inputs: name files, folders with .json or .jsonl files, or `-`"
            );
        }
        if refused > 0 {
            bail!(
                "{refused} of {} records became no document",
                self.report.records
            );
        }
        Ok(())
    }
}

/// Reads a record; its own bytes are checked, a draft has no owner yet and could
/// not pass.
fn checked<'b>(bytes: &'b RecordBytes) -> Result<Record<'b>, Vec<Finding>> {
    match bytes {
        RecordBytes::Own(bytes) => input::record(bytes),
        RecordBytes::Draft(bytes) => Record::parse(bytes).map_err(|finding| vec![*finding]),
    }
}

/// A finding in one line: where, which rule, what, and what to do.
fn said(input: &str, finding: &Finding) -> String {
    let place = finding
        .position
        .map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
    let pointer = match finding.pointer.as_str() {
        "" => String::new(),
        pointer => format!(" {pointer}"),
    };
    format!(
        "{input}{place}:{pointer} {} ({}, {}); {}",
        finding.message, finding.code, finding.rule, finding.fix
    )
}

fn no_id() -> Finding {
    Finding {
        code: "CONV-RECORD".into(),
        severity: Severity::Error,
        pointer: String::new(),
        message: "the document names no CVE ID".to_owned(),
        rule: "CVE Record Format: cveMetadata.cveId".into(),
        fix: "make a draft with --to cve, and give it an ID".into(),
        position: None,
    }
}
