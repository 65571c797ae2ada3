//! `cna check`: says what is wrong with CVE Records, where, why, and how to
//! mend it.
//!
//! Threads take turns at the inputs: each takes the next job under a lock,
//! checks its documents, and hands what it rendered to the sink, which prints
//! in the order of the inputs. So the answer is the same with any number of
//! threads, and no thread only reads or only waits.
//!
//! | file | holds |
//! |---|---|
//! | `options`, `selection` | what was asked for |
//! | `feed`, `lines`, `large` | the inputs, with a bound on memory |
//! | `judge`, `official`, `mend`, `baseline` | what is said of one document |
//! | `printer`, `text`, `table`, `sarif`, `junit`, `github` | how it is printed |
//! | `sink`, `tally` | order and counts |

mod baseline;
pub(crate) mod feed;
mod github;
mod judge;
mod junit;
mod large;
mod lines;
mod mend;
mod official;
mod options;
mod printer;
mod sarif;
pub(crate) mod selection;
mod sink;
mod table;
mod tally;
mod text;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use cve::check::MAX_DOCUMENT_BYTES;

use baseline::Baseline;
use feed::{Feed, Job, LARGE_BYTES};
use judge::{Judge, Judged};
use large::Large;
use official::Official;
use options::{Mending, Options, Output};
use printer::{Printer, View};
use sink::{NewBaseline, Rendered, Sink};
use tally::Tally;

use crate::cli::Stop;
use crate::output::Style;
use crate::progress::Progress;

pub(crate) use printer::counted;
pub(crate) use text::shown;

/// Runs the command.
pub(crate) fn run(matches: &clap::ArgMatches) -> Result<(), Stop> {
    let options = Options::read(matches)?;
    let now = crate::world::real(options.now)?.now();
    let official = match &options.schema {
        Some(path) => Some(Arc::new(Official::read(path).map_err(Stop::Unreadable)?)),
        None => None,
    };
    let baseline = match &options.baseline {
        Some(path) => Baseline::read(path).map_err(Stop::Unreadable)?,
        None => Baseline::default(),
    };
    let new_baseline = match &options.write_baseline {
        Some(path) => Some(NewBaseline::create(path).map_err(Stop::Unreadable)?),
        None => None,
    };
    let style = Style::stdout();
    let printer = Printer::new(options.output, options.summary, style);
    let read = Arc::new(AtomicU64::new(0));
    let progress = progress_of(&options, &read);
    let jobs = match is_single(&options) {
        true => 1,
        false => options.jobs.unwrap_or_else(options::cores),
    };
    let feed = Feed::new(options.inputs.clone(), options.lines, Arc::clone(&read));
    let shared = Shared {
        large: feed.large(),
        feed: Mutex::new((0, feed)),
        sink: Sink::new(printer.separator(), new_baseline, progress, jobs),
        printer,
        options: &options,
        baseline,
        tally: Mutex::new(new_tally(&options)),
    };
    shared.sink.print(&printer.begin());
    let worker = || Worker::new(&shared, Judge::new(&options, now, official.clone())).work();
    if jobs == 1 {
        worker();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(worker);
            }
        });
    }
    let tally = shared.tally.into_inner();
    let tally = tally.unwrap_or_else(PoisonError::into_inner);
    // Counts of nothing would only hide why nothing was read.
    let end = match (tally.records, tally.troubles, options.output) {
        (0, 1.., Output::Text) => String::new(),
        _ => printer.end(&tally),
    };
    shared.sink.finish(&end, tally.troubles == 0)?;
    verdict(&options, &tally)
}

/// An empty tally of what the output asks for.
fn new_tally(options: &Options) -> Tally {
    let lists_rules = options.output == Output::Sarif;
    Tally::new(options.summary || lists_rules, options.summary)
}

/// Success, or why not: what could not be read weighs more than findings.
fn verdict(options: &Options, tally: &Tally) -> Result<(), Stop> {
    if tally.troubles > 0 {
        return Err(Stop::Said);
    }
    if let Some(path) = &options.write_baseline {
        crate::output::note(&format!(
            "{} written to `{}`; hide them with --baseline",
            printer::counted(tally.findings(), "finding"),
            path.display()
        ));
        return Ok(());
    }
    match options.fail_on {
        Some(severity) if tally.has(severity) => Err(Stop::Found),
        _ => Ok(()),
    }
}

/// Says whether there is a single document, for which no second thread is
/// worth its start.
fn is_single(options: &Options) -> bool {
    !options.lines
        && matches!(options.inputs.as_slice(), [input] if input.ends_with(".json") && !Path::new(input).is_dir())
}

fn progress_of(options: &Options, read: &Arc<AtomicU64>) -> Progress {
    let is_stream = |input: &String| {
        let path = Path::new(input);
        (options.lines || !input.ends_with(".json")) && path.is_file()
    };
    let bytes = options.inputs.iter().all(is_stream).then(|| {
        let sizes = options
            .inputs
            .iter()
            .filter_map(|input| std::fs::metadata(input).ok());
        sizes.map(|metadata| metadata.len()).sum()
    });
    Progress::new(!is_single(options), bytes, Arc::clone(read))
}

/// What all threads share.
struct Shared<'a> {
    /// How many jobs were taken, and where the next comes from.
    feed: Mutex<(u64, Feed)>,
    large: Large,
    sink: Sink,
    printer: Printer,
    options: &'a Options,
    baseline: Baseline,
    tally: Mutex<Tally>,
}

impl Shared<'_> {
    fn next(&self) -> Option<(u64, Job)> {
        if self.sink.is_over() {
            return None;
        }
        let mut feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        let job = feed.1.next()?;
        let number = feed.0;
        feed.0 += 1;
        Some((number, job))
    }
}

/// One thread.
struct Worker<'a> {
    shared: &'a Shared<'a>,
    judge: Judge,
    tally: Tally,
    rendered: Rendered,
    /// The file that is looked at.
    file: Vec<u8>,
}

impl<'a> Worker<'a> {
    fn new(shared: &'a Shared<'a>, judge: Judge) -> Worker<'a> {
        Worker {
            shared,
            judge,
            tally: new_tally(shared.options),
            rendered: Rendered::default(),
            file: Vec::new(),
        }
    }

    fn work(mut self) {
        while let Some((number, job)) = self.shared.next() {
            self.job(job);
            let rendered = std::mem::take(&mut self.rendered);
            // The next job will print about as much.
            self.rendered.out.reserve(rendered.out.len());
            self.shared.sink.put(number, rendered);
        }
        let mut tally = self
            .shared
            .tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        tally.add(self.tally);
    }

    fn job(&mut self, job: Job) {
        match job {
            Job::Files(paths) => {
                for path in paths {
                    self.path(&path);
                }
            }
            Job::Lines {
                source,
                first,
                bytes,
                permit,
            } => {
                let mut line = first;
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                    let document = &rest[..end];
                    // A blank line separates and is no document.
                    if !document.trim_ascii().is_empty() {
                        self.document(&source, Some(line), document, None);
                    }
                    rest = rest.get(end + 1..).unwrap_or_default();
                    line += 1;
                }
                drop(permit);
            }
            Job::Document {
                source,
                bytes,
                permit,
            } => {
                self.document(&source, None, &bytes, None);
                drop(permit);
            }
            Job::TooLarge {
                source,
                line,
                length,
            } => {
                let judged = self.judge.too_large(length);
                self.say(&source, line, judged, b"");
            }
            Job::Trouble(text) => self.trouble(text),
            Job::Note(text) => self.rendered.notes.push(text),
        }
    }

    fn trouble(&mut self, text: String) {
        self.tally.troubles += 1;
        self.rendered.troubles.push(text);
    }

    /// Reads and checks a file that holds one document.
    fn path(&mut self, path: &Path) {
        let source = path.to_string_lossy();
        let mut bytes = std::mem::take(&mut self.file);
        bytes.resize(FILE_BYTES, 0);
        match self.read(path, &mut bytes) {
            Ok(Read::Small(length)) => {
                self.document(&source, None, &bytes[..length], Some(path));
            }
            Ok(Read::Large(permit)) => {
                self.document(&source, None, &bytes, Some(path));
                drop(permit);
            }
            Ok(Read::TooLarge(length)) => {
                let judged = self.judge.too_large(length);
                self.say(&source, None, judged, b"");
            }
            Err(error) => self.trouble(feed::trouble(&source, &error)),
        }
        bytes.truncate(FILE_BYTES);
        bytes.shrink_to(LARGE_BYTES);
        self.file = bytes;
    }

    fn read(&self, path: &Path, bytes: &mut Vec<u8>) -> io::Result<Read> {
        let mut file = File::open(path)?;
        // Most records end in here: one look at the size is saved.
        let mut length = 0;
        while length < bytes.len() {
            match file.read(&mut bytes[length..]) {
                Ok(0) => return Ok(Read::Small(length)),
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let size = file.metadata()?.len();
        if size > MAX_DOCUMENT_BYTES as u64 {
            return Ok(Read::TooLarge(size as usize));
        }
        let permit = self.shared.large.wait();
        bytes.reserve_exact((size as usize + 1).saturating_sub(bytes.len()));
        let most = MAX_DOCUMENT_BYTES as u64 + 1;
        (&mut file).take(most).read_to_end(bytes)?;
        if bytes.len() > MAX_DOCUMENT_BYTES {
            // It grew while it was read, or has no size, such as a pipe.
            let rest = io::copy(&mut file, &mut io::sink())?;
            return Ok(Read::TooLarge(bytes.len() + rest as usize));
        }
        Ok(Read::Large(permit))
    }

    /// Checks a document; `path` is the file that holds nothing else.
    fn document(&mut self, source: &str, line: Option<usize>, bytes: &[u8], path: Option<&Path>) {
        let Some(judged) = self.judge.judge(bytes) else {
            return;
        };
        if self.shared.options.mending != Mending::No
            && let Some((judged, mended)) = self.mend(source, line, &judged, bytes, path)
        {
            return self.say(source, line, judged, &mended);
        }
        self.say(source, line, judged, bytes);
    }

    /// Mends a document as was asked; gives what is left to be said of it,
    /// when it was written.
    fn mend(
        &mut self,
        source: &str,
        line: Option<usize>,
        judged: &Judged,
        bytes: &[u8],
        path: Option<&Path>,
    ) -> Option<(Judged, Vec<u8>)> {
        let name = match line {
            Some(line) => format!("{source}:{line}"),
            None => source.to_owned(),
        };
        let settings = &self.shared.options.settings;
        let mended = mend::mend(&name, judged.kind, bytes, settings)?;
        let is_written = self.shared.options.mending == Mending::Write;
        if is_written {
            let Some(path) = path else {
                self.trouble(format!(
                    "`{}` holds mends that --fix cannot write: it writes files that hold one \
                     record as JSON; see them with --diff",
                    shown(&name)
                ));
                return None;
            };
            if let Err(error) = mend::replace(path, &mended.bytes) {
                self.trouble(format!("writing `{}`: {error}", shown(source)));
                return None;
            }
        }
        self.tally.mends += mended.count as u64;
        self.tally.mended_files += 1;
        let to = match self.shared.options.output {
            Output::Text => &mut self.rendered.out,
            _ => &mut self.rendered.beside,
        };
        to.extend_from_slice(safe_diff(&mended.diff).as_bytes());
        if !is_written {
            return None;
        }
        let judged = self.judge.judge(&mended.bytes)?;
        Some((judged, mended.bytes))
    }

    /// Counts and prints what was found in a document.
    fn say(&mut self, source: &str, line: Option<usize>, mut judged: Judged, bytes: &[u8]) {
        let name = judged.id.clone();
        let name = name.as_deref().unwrap_or(source);
        let known = self.shared.baseline.hide(name, &mut judged.findings);
        if self.shared.options.write_baseline.is_some() {
            baseline::lines(name, &judged.findings, &mut self.rendered.baseline);
        }
        self.tally.count(&judged, known);
        self.rendered.records += 1;
        let view = View {
            source,
            line,
            judged: &judged,
            bytes,
            known,
        };
        self.shared.printer.record(&view, &mut self.rendered.out);
    }
}

/// The first bytes of a file are read at once, in this many.
const FILE_BYTES: usize = 64 * 1024;

/// How a file was read.
enum Read {
    /// All of it: the first bytes of the buffer, this many.
    Small(usize),
    /// All of it, which is the whole buffer, with the right to hold it.
    Large(large::Permit),
    /// Not at all; it has this many bytes.
    TooLarge(usize),
}

/// A diff as a terminal may have it: only line ends, tabs and what shows.
fn safe_diff(diff: &str) -> String {
    let lines = diff.split_inclusive('\n').map(|line| {
        let text = line.strip_suffix('\n').unwrap_or(line);
        let safe = match text.contains(|c: char| c.is_control() && c != '\t') {
            true => shown(text),
            false => text.to_owned(),
        };
        format!("{safe}{}", &line[text.len()..])
    });
    lines.collect()
}
