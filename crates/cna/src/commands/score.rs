//! `cna score`: how complete records are, and what would raise that most.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Context as _;
use cve::check::MAX_DOCUMENT_BYTES;
use cve::score::{Score, Total, is_rejected, score};
use serde_json::{Value, json};

use crate::cli::Stop;
use crate::commands::check::feed::{Feed, Job, trouble};
use crate::commands::check::shown;
use crate::output::{Style, failure, line, note};

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) inputs: Vec<String>,
    pub(crate) cna: Option<String>,
    pub(crate) as_json: bool,
}

/// Reads what was typed.
pub(crate) fn options(matches: &clap::ArgMatches) -> Options {
    let inputs = matches.get_many::<String>("input").into_iter().flatten();
    Options {
        inputs: inputs.cloned().collect(),
        cna: matches.get_one::<String>("cna").cloned(),
        as_json: matches.get_flag("json"),
    }
}

/// Reads one document; what is not JSON is a failure that names the place.
pub(crate) fn document(file: &str) -> anyhow::Result<Value> {
    let mut bytes = Vec::new();
    let most = MAX_DOCUMENT_BYTES as u64 + 1;
    if file == "-" {
        std::io::stdin()
            .take(most)
            .read_to_end(&mut bytes)
            .context("reading standard input")?;
    } else {
        std::fs::File::open(file)
            .and_then(|file| file.take(most).read_to_end(&mut bytes))
            .map_err(|error| anyhow::anyhow!(trouble(file, &error)))?;
    }
    if bytes.len() > MAX_DOCUMENT_BYTES {
        anyhow::bail!(
            "`{}` is too large: a record has at most {MAX_DOCUMENT_BYTES} bytes",
            shown(file)
        );
    }
    serde_json::from_slice(&bytes)
        .with_context(|| format!("reading `{}` as JSON; `cna check` says more", shown(file)))
}

/// What was seen of all documents.
#[derive(Default)]
struct Scores {
    by_org: BTreeMap<String, Total>,
    all: Total,
    rejected: u64,
    troubles: u64,
    /// The only document, as long as there is one.
    single: Option<(String, Score)>,
}

/// Prints the score of a record, or the totals of several.
pub(crate) fn run(options: &Options) -> Result<(), Stop> {
    let mut scores = Scores::default();
    let mut feed = Feed::new(options.inputs.clone(), false, Arc::new(AtomicU64::new(0)));
    while let Some(job) = feed.next() {
        scores.job(job, options);
    }
    if options.as_json {
        line(&scores.page().to_string())?;
    } else {
        scores.print()?;
    }
    match scores.troubles {
        0 => Ok(()),
        _ => Err(Stop::Said),
    }
}

impl Scores {
    fn job(&mut self, job: Job, options: &Options) {
        match job {
            Job::Files(paths) => {
                for path in paths {
                    let name = path.to_string_lossy();
                    match std::fs::metadata(&path).and_then(|meta| {
                        let fits = meta.len() <= MAX_DOCUMENT_BYTES as u64;
                        if fits {
                            std::fs::read(&path)
                        } else {
                            Ok(Vec::new())
                        }
                    }) {
                        Ok(bytes) => self.document(&name, None, &bytes, options),
                        Err(error) => self.trouble(&trouble(&name, &error)),
                    }
                }
            }
            Job::Lines {
                source,
                first,
                bytes,
                ..
            } => {
                for (at, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
                    if !text.trim_ascii().is_empty() {
                        self.document(&source, Some(first + at), text, options);
                    }
                }
            }
            Job::Document { source, bytes, .. } => self.document(&source, None, &bytes, options),
            Job::TooLarge { source, line, .. } => {
                let name = place(&source, line);
                self.trouble(&format!("`{}` is too large to be read", shown(&name)));
            }
            Job::Trouble(text) => self.trouble(&text),
            Job::Note(text) => note(&text),
        }
    }

    fn trouble(&mut self, text: &str) {
        self.troubles += 1;
        failure(&anyhow::anyhow!("{text}"));
    }

    fn document(&mut self, source: &str, line: Option<usize>, bytes: &[u8], options: &Options) {
        let head = cve::check::head(bytes);
        if let Some(cna) = &options.cna {
            let is_theirs = |org: &String| org.eq_ignore_ascii_case(cna);
            if !head.org.as_ref().is_some_and(is_theirs) {
                return;
            }
        }
        let document: Value = match serde_json::from_slice(bytes) {
            Ok(document) => document,
            Err(error) => {
                let name = place(source, line);
                return self.trouble(&format!(
                    "reading `{}` as JSON: {error}; `cna check` says more",
                    shown(&name)
                ));
            }
        };
        if is_rejected(&document) {
            self.rejected += 1;
            return;
        }
        let score = score(&document);
        let name = head.id.unwrap_or_else(|| place(source, line));
        self.single = match self.all.records {
            0 => Some((name, score)),
            _ => None,
        };
        let org = head.org.unwrap_or_else(|| "(unknown)".to_owned());
        self.by_org.entry(org).or_default().add(&score);
        self.all.add(&score);
    }

    fn page(&self) -> Value {
        if let Some((id, score)) = &self.single {
            let scorecard = score.scorecard();
            let criteria: Vec<Value> = score
                .criteria()
                .map(|(criterion, met)| {
                    json!({
                        "key": criterion.key, "title": criterion.title,
                        "points": criterion.points, "met": met, "advice": criterion.advice,
                    })
                })
                .collect();
            let raises: Vec<Value> = score
                .missing()
                .map(|criterion| {
                    json!({
                        "key": criterion.key, "points": criterion.points,
                        "advice": criterion.advice,
                    })
                })
                .collect();
            return json!({
                "id": id,
                "cna": self.by_org.keys().next(),
                "completeness": score.completeness(),
                "enriched": score.is_enriched(),
                "scorecard": {"total": scorecard.total(), "categories": scorecard},
                "criteria": criteria,
                "raises": raises,
            });
        }
        let orgs: Vec<Value> = self
            .by_org
            .iter()
            .map(|(org, total)| totals(Some(org), total))
            .collect();
        json!({"total": totals(None, &self.all), "rejected": self.rejected, "cnas": orgs})
    }

    fn print(&self) -> anyhow::Result<()> {
        let style = Style::stdout();
        if let Some((id, score)) = &self.single {
            return print_single(id, score, style);
        }
        if self.all.records == 0 {
            let why = match self.rejected {
                0 => "no record was read".to_owned(),
                count => format!(
                    "{} rejected: rejected records are not measured",
                    super::check::counted(count, "record")
                ),
            };
            return line(&why);
        }
        let width = self.by_org.keys().map(|org| org.chars().count()).max();
        let width = width.unwrap_or(0).clamp(5, 32);
        line(&style.bold(&format!(
            "{:<width$} {:>8} {:>12} {:>9} {:>9}  raised most by",
            "CNA", "records", "completeness", "scorecard", "enriched"
        )))?;
        for (org, total) in &self.by_org {
            line(&row(&shown(org), total, width))?;
        }
        line(&style.bold(&row("all", &self.all, width)))?;
        line("")?;
        line(&style.bold("Criteria met by all records"))?;
        for (criterion, met) in self.all.criteria() {
            let share = percent(met, self.all.records);
            line(&format!(
                "  {share:>6}  {:>2} points  {}",
                criterion.points, criterion.title
            ))?;
        }
        if self.rejected > 0 {
            line(&format!(
                "{} rejected records are not measured",
                self.rejected
            ))?;
        }
        Ok(())
    }
}

fn place(source: &str, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{source}:{line}"),
        None => source.to_owned(),
    }
}

fn percent(part: u64, whole: u64) -> String {
    // Rounded down, so that 98 % is not shown before it is reached.
    let tenths = part * 1000 / whole.max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn row(org: &str, total: &Total, width: usize) -> String {
    let raise = match total.best_raise() {
        Some((criterion, by)) => format!("{} (+{by:.1})", criterion.key),
        None => "nothing is missing".to_owned(),
    };
    format!(
        "{org:<width$} {:>8} {:>12.1} {:>9.1} {:>9}  {raise}",
        total.records,
        total.completeness(),
        total.scorecard(),
        percent(total.enriched, total.records),
    )
}

fn totals(org: Option<&str>, total: &Total) -> Value {
    let criteria: serde_json::Map<String, Value> = total
        .criteria()
        .map(|(criterion, met)| (criterion.key.to_owned(), json!(met)))
        .collect();
    let raise = total.best_raise().map(|(criterion, by)| {
        json!({"key": criterion.key, "by": rounded(by), "advice": criterion.advice})
    });
    let mut page = json!({
        "records": total.records,
        "completeness": rounded(total.completeness()),
        "scorecard": rounded(total.scorecard()),
        "enriched": total.enriched,
        "recognised": total.is_recognised(),
        "raisedMostBy": raise,
        "met": criteria,
    });
    if let Some(org) = org {
        page["cna"] = json!(org);
    }
    page
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn print_single(id: &str, score: &Score, style: Style) -> anyhow::Result<()> {
    let scorecard = score.scorecard();
    line(&style.bold(&format!(
        "{}: {} of 100 points",
        shown(id),
        score.completeness()
    )))?;
    let enriched = match score.is_enriched() {
        true => "yes: CVSS and CWE are there",
        false => "no: the Program's recognition counts records with both CVSS and CWE",
    };
    line(&format!("enriched    {enriched}"))?;
    line(&format!(
        "scorecard   {} of 100 (foundational {}, root cause {}, severity {}, software {}, patch {})",
        scorecard.total(),
        scorecard.foundational,
        scorecard.root_cause,
        scorecard.severity,
        scorecard.software_identification,
        scorecard.patch,
    ))?;
    line("")?;
    for (criterion, met) in score.criteria() {
        let mark = if met {
            style.green("✓")
        } else {
            style.red("✗")
        };
        line(&format!(
            "  {mark} {:>2}  {}",
            criterion.points, criterion.title
        ))?;
    }
    let mut missing = score.missing().peekable();
    if missing.peek().is_none() {
        return line("\nNothing is missing.");
    }
    line("")?;
    line(&style.bold("What would raise it most"))?;
    for criterion in missing.take(5) {
        line(&format!("  +{:<3} {}", criterion.points, criterion.advice))?;
    }
    Ok(())
}
