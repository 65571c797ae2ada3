//! `cna list`: the CVE List of others, imported to search and to compare with.
//!
//! It is public and lies in the data folder, so these commands work on that
//! folder and need no desk; a desk that runs there sees what they imported.

mod source;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::id::{CveId, Year};
use cve::world::World;
use serde_json::{Value, json};
use store::cve_list::{CveList, Error, ListEntry, ListHit, ListProduct, ListQuery, ListSource};

use crate::cli::{Stop, json_flag, required};
use crate::folder::Folder;
use crate::output::{Style, line, note, plain, problem};
use crate::progress::Progress;

use source::{Reading, Tally};

/// The most hits a search prints.
const MOST_HITS: u16 = 1_000;

/// The definition of the command.
pub(crate) fn command() -> Command {
    Command::new("list")
        .about("Import the CVE List, search it, and show its records")
        .long_about(
            "Imports the CVE List into the data folder, searches it and shows its records. \
             The desk compares new cases with it. The index can be built again at any time and \
             is no part of the database.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(import_command())
        .subcommand(search_command())
        .subcommand(data_argument(
            Command::new("show")
                .about("Show what the list has of a CVE ID")
                .arg(
                    Arg::new("id")
                        .value_name("CVE-ID")
                        .required(true)
                        .value_parser(value_parser!(CveId))
                        .help("The ID"),
                ),
        ))
        .subcommand(data_argument(Command::new("status").about(
            "Say how many records the list has, from where, and whether it is whole",
        )))
}

fn import_command() -> Command {
    data_argument(
        Command::new("import")
            .about("Read what is new and changed into the list")
            .long_about(
                "Reads records into the list: a clone of cvelistV5 or any folder of `.json` \
                 files; a `.zip`, also one that holds a zip, as the releases of cvelistV5 do; a \
                 file with one record a line, which may be packed with zstd; or a single \
                 record. What is in the list already is not read again: a file of a folder is \
                 known by its size and time, an entry of a zip by its checksum, a line by its \
                 digest. An import that is cut off leaves the list as it was.",
            )
            .after_help(
                "Exit code: 0 all was read, 2 something could not be read; what could be read is \
                 in the list all the same.",
            )
            .arg(
                Arg::new("path")
                    .value_name("PATH")
                    .required(true)
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(PathBuf))
                    .help("Folders, zips and files of records"),
            )
            .arg(
                Arg::new("rebuild")
                    .long("rebuild")
                    .action(ArgAction::SetTrue)
                    .help("Begin with an empty list; the former one serves until this is done"),
            ),
    )
}

fn search_command() -> Command {
    data_argument(
        Command::new("search")
            .about("Find records by words, product, reference, commit and year")
            .arg(
                Arg::new("text")
                    .value_name("TEXT")
                    .action(ArgAction::Append)
                    .help("Words; an ID, an address or a whole commit is looked for as such"),
            )
            .arg(
                Arg::new("product")
                    .long("product")
                    .value_name("NAME")
                    .help("Words of vendor, product, package or package URL"),
            )
            .arg(
                Arg::new("reference")
                    .long("reference")
                    .value_name("URL")
                    .help("Records that cite this address or one below it"),
            )
            .arg(
                Arg::new("commit")
                    .long("commit")
                    .value_name("SHA")
                    .help("Records that name this commit, at least 7 digits"),
            )
            .arg(
                Arg::new("year")
                    .long("year")
                    .value_name("YEAR")
                    .value_parser(value_parser!(Year))
                    .help("Year of the ID"),
            )
            .arg(
                Arg::new("limit")
                    .long("limit")
                    .value_name("N")
                    .value_parser(value_parser!(u16).range(1..=i64::from(MOST_HITS)))
                    .default_value("10")
                    .help("How many at most"),
            ),
    )
}

fn data_argument(command: Command) -> Command {
    command
        .arg(
            Arg::new("data")
                .long("data")
                .value_name("DIR")
                .env("CNA_DATA")
                .default_value("./cna-data")
                .help("Data folder; made by an import when it is missing"),
        )
        .arg(json_flag("Print JSON"))
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((name, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let data = PathBuf::from(required::<String>(matches, "data")?);
    let list = CveList::inside(&data);
    let as_json = matches.get_flag("json");
    match name {
        "import" => {
            let paths: Vec<PathBuf> = matches
                .get_many::<PathBuf>("path")
                .unwrap_or_default()
                .cloned()
                .collect();
            Folder::make(&data)?;
            import(&list, &paths, matches.get_flag("rebuild"), as_json)
        }
        "search" => Ok(search(&list, &query(matches)?, as_json)?),
        "show" => Ok(show(&list, *required(matches, "id")?, as_json)?),
        _ => status(&list, as_json),
    }
}

fn import(list: &CveList, paths: &[PathBuf], rebuild: bool, as_json: bool) -> Result<(), Stop> {
    let world = crate::world::real(None)?;
    let mut readings = Vec::new();
    for path in paths {
        readings.push(Reading::of(path).map_err(Stop::Unreadable)?);
    }
    let mut anew = rebuild;
    let mut session = match list.import(rebuild) {
        Err(Error::Broken { problem }) => {
            note(&format!(
                "the index is broken ({problem}); building it anew"
            ));
            anew = true;
            list.import(true).context("building the list anew")?
        }
        other => other.context("opening the list")?,
    };
    if anew && !rebuild {
        // What the broken index held besides comes from where it came before.
        let named: Vec<PathBuf> = readings
            .iter()
            .map(|reading| reading.path.clone())
            .collect();
        let others = remembered(list)?;
        for path in others.into_iter().filter(|path| !named.contains(path)) {
            match Reading::of(&path) {
                Ok(reading) => readings.push(reading),
                Err(error) => note(&format!("{error:#}; its records are left out")),
            }
        }
    }
    let (tally, sources) = read_all(&mut session, &readings, &world)?;
    let records = session.records();
    if tally.records() == 0 && tally.unreadable == 0 {
        let names: Vec<_> = paths
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect();
        return Err(Stop::Unreadable(anyhow::anyhow!(
            "{} holds no CVE Record: expected a clone or release of cvelistV5, a folder of \
             `.json` files, or a file with one record a line",
            names.join(", ")
        )));
    }
    if tally.records() > 0 {
        session.commit(sources).context("committing the import")?;
    }
    report(&tally, records, as_json)?;
    match tally.unreadable {
        0 => Ok(()),
        _ => Err(Stop::Said),
    }
}

/// Reads every source into the session.
fn read_all(
    session: &mut store::cve_list::ListImport,
    readings: &[Reading],
    world: &World,
) -> anyhow::Result<(Tally, Vec<ListSource>)> {
    let mut tally = Tally::default();
    let mut sources = Vec::new();
    let read = Arc::default();
    let bytes = readings.iter().map(Reading::bytes).sum();
    let mut progress = Progress::new(true, bytes, Arc::clone(&read));
    for reading in readings {
        let before = tally.records();
        reading.read(session, &mut tally, &mut progress, &read, world)?;
        sources.push(ListSource {
            path: reading.path.clone(),
            imported: world.now(),
            records: tally.records() - before,
        });
    }
    progress.finish();
    Ok((tally, sources))
}

fn report(tally: &Tally, records: usize, as_json: bool) -> anyhow::Result<()> {
    for (place, reason) in &tally.problems {
        problem("unreadable", &plain(&format!("{place}: {reason}")));
    }
    let unsaid = tally.unreadable - tally.problems.len() as u64;
    if unsaid > 0 {
        problem("unreadable", &format!("{unsaid} more"));
    }
    if as_json {
        let problems: Vec<Value> = tally
            .problems
            .iter()
            .map(|(place, reason)| json!({"place": place, "problem": reason}))
            .collect();
        return line(
            &json!({
                "new": tally.new,
                "changed": tally.changed,
                "unchanged": tally.unchanged,
                "older": tally.older,
                "unreadable": tally.unreadable,
                "problems": problems,
                "records": records,
            })
            .to_string(),
        );
    }
    let older = match tally.older {
        0 => String::new(),
        older => format!(", {older} older than what is there"),
    };
    line(&format!(
        "{} new, {} changed, {} unchanged{older}, {} unreadable. The list has {records} records.",
        tally.new, tally.changed, tally.unchanged, tally.unreadable
    ))
}

/// Where the list came from.
fn remembered(list: &CveList) -> anyhow::Result<Vec<PathBuf>> {
    let sources = list
        .sources()
        .context("finding out where the list came from")?;
    Ok(sources.into_iter().map(|source| source.path).collect())
}

/// Asks the list; a broken one is built anew from where it came, and asked
/// again.
fn asked<T>(list: &CveList, ask: impl Fn(&CveList) -> Result<T, Error>) -> anyhow::Result<T> {
    let problem = match ask(list) {
        Err(Error::Broken { problem }) => problem,
        other => return Ok(other?),
    };
    let sources = remembered(list)?;
    if sources.is_empty() {
        bail!(
            "the index of the CVE List is broken ({problem}), and where it came from is not \
             known: build it anew with `cna list import --rebuild PATH`"
        );
    }
    note(&format!(
        "the index of the CVE List is broken ({problem}); building it anew"
    ));
    let mut readings = Vec::new();
    for path in &sources {
        let reading = Reading::of(path).context(
            "the broken index cannot be built anew from where it came; name another place with \
             `cna list import --rebuild PATH`",
        )?;
        readings.push(reading);
    }
    let world = crate::world::real(None)?;
    let mut session = list.import(true)?;
    let (_, sources) = read_all(&mut session, &readings, &world)?;
    session.commit(sources)?;
    Ok(ask(list)?)
}

fn query(matches: &ArgMatches) -> Result<ListQuery, Stop> {
    let words: Vec<&str> = matches
        .get_many::<String>("text")
        .unwrap_or_default()
        .map(String::as_str)
        .collect();
    let mut query = ListQuery::typed(&words.join(" "));
    query.limit = usize::from(*required::<u16>(matches, "limit")?);
    query.year = matches.get_one::<Year>("year").copied();
    if let Some(product) = matches.get_one::<String>("product") {
        query.product.clone_from(product);
    }
    if let Some(url) = matches.get_one::<String>("reference") {
        let normal = cve::reference::normal(url)
            .or_else(|| cve::reference::normal(&format!("https://{url}")));
        let normal = normal.with_context(|| {
            format!("--reference is `{url}`, expected an address such as https://example.org/a")
        });
        query.reference = Some(normal?);
    }
    if let Some(commit) = matches.get_one::<String>("commit") {
        let is_commit =
            (7..=40).contains(&commit.len()) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_commit {
            return Err(anyhow::anyhow!(
                "--commit is `{commit}`, expected 7 to 40 hexadecimal digits"
            )
            .into());
        }
        query.commit = Some(commit.to_ascii_lowercase());
    }
    if query.is_empty() {
        return Err(anyhow::anyhow!(
            "there is nothing to search for: give words, --product, --reference, --commit or \
             --year"
        )
        .into());
    }
    Ok(query)
}

fn search(list: &CveList, query: &ListQuery, as_json: bool) -> anyhow::Result<()> {
    let mut hits = asked(list, |list| list.search(query))?;
    let wider = ListQuery {
        any_word: true,
        ..query.clone()
    };
    // Where no record has all the words, those with most of them help more
    // than nothing.
    let is_wider = hits.is_empty() && query.text.split_whitespace().nth(1).is_some();
    if is_wider {
        hits = asked(list, |list| list.search(&wider))?;
    }
    if as_json {
        let all_words = !is_wider;
        return line(&json!({"all_words": all_words, "hits": hits}).to_string());
    }
    if hits.is_empty() {
        return line("Nothing found. Try fewer words, or `cna list status` to see what is there.");
    }
    if is_wider {
        note("no record has all the words; these have the most telling of them");
    }
    print_hits(&hits)
}

fn print_hits(hits: &[ListHit]) -> anyhow::Result<()> {
    let rows: Vec<[String; 4]> = hits
        .iter()
        .map(|hit| {
            let entry = &hit.entry;
            let product = entry.products.first().map(named).unwrap_or_default();
            let title = match entry.title.is_empty() {
                true => &entry.description,
                false => &entry.title,
            };
            let day = entry.published.get(..10).unwrap_or_default().to_owned();
            let day = match entry.state.as_str() {
                "REJECTED" => "rejected".to_owned(),
                _ => day,
            };
            [
                entry.cve_id.to_string(),
                plain(&day),
                shortened(&plain(&product), 30),
                shortened(&plain(title), 90),
            ]
        })
        .collect();
    super::case::table(["CVE ID", "PUBLISHED", "PRODUCT", "TITLE"], &rows)
}

fn named(product: &ListProduct) -> String {
    let name = match product.product.is_empty() {
        true => &product.package,
        false => &product.product,
    };
    match product.vendor.is_empty() || product.vendor == *name {
        true => name.clone(),
        false => format!("{} {name}", product.vendor),
    }
}

fn shortened(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

fn show(list: &CveList, id: CveId, as_json: bool) -> anyhow::Result<()> {
    let Some(entry) = asked(list, |list| list.entry(id))? else {
        bail!(
            "{id} is not in the imported list: `cna list status` says what was imported and when"
        );
    };
    if as_json {
        return line(&json!(entry).to_string());
    }
    print_entry(&entry)
}

fn print_entry(entry: &ListEntry) -> anyhow::Result<()> {
    let style = Style::stdout();
    let title = plain(&entry.title);
    line(&style.bold(format!("{}  {title}", entry.cve_id).trim_end()))?;
    line(&format!("  State      {}", plain(&entry.state)))?;
    for (name, value) in [
        ("Assigner", &entry.assigner),
        ("Reserved", &entry.reserved),
        ("Published", &entry.published),
        ("Updated", &entry.updated),
    ] {
        if !value.is_empty() {
            line(&format!("  {name:<9}  {}", plain(value)))?;
        }
    }
    for product in &entry.products {
        let purl = match product.purl.is_empty() {
            true => String::new(),
            false => format!("  {}", product.purl),
        };
        line(&format!(
            "  Product    {}",
            plain(&format!("{}{purl}", named(product)))
        ))?;
    }
    for weakness in &entry.weaknesses {
        line(&format!("  Weakness   {}", plain(weakness)))?;
    }
    for url in &entry.references {
        line(&format!("  Reference  {}", plain(url)))?;
    }
    line(&plain(&entry.description))
}

fn status(list: &CveList, as_json: bool) -> Result<(), Stop> {
    let status = match list.status() {
        Ok(status) => status,
        Err(Error::Missing) if as_json => {
            return Ok(line(
                &json!({"records": 0, "bytes": 0, "sources": []}).to_string(),
            )?);
        }
        Err(Error::Missing) => {
            return Ok(line(
                "No CVE List yet. Read one with `cna list import PATH`: a clone or a release of \
                 cvelistV5.",
            )?);
        }
        Err(Error::Broken { problem }) => {
            let error = anyhow::anyhow!(
                "the index of the CVE List is broken ({problem}): the next search or import \
                 builds it anew"
            );
            return Err(error.into());
        }
        Err(error) => return Err(anyhow::Error::from(error).into()),
    };
    if as_json {
        return Ok(line(&json!(status).to_string())?);
    }
    let megabytes = status.bytes.div_ceil(1_000_000);
    line(&format!(
        "{} records, {megabytes} MB, whole.",
        status.records
    ))?;
    for source in &status.sources {
        let at = source.imported.to_string();
        let at = at.get(..16).unwrap_or_default().replace('T', " ");
        line(&format!(
            "  {at} UTC  {} records from {}",
            source.records,
            source.path.display()
        ))?;
    }
    Ok(())
}
