//! `cve show`: one CVE ID, and its record.

use serde_json::Value;

use super::Entry;
use crate::arguments::{self, cve_id, flag};
use crate::blocks;
use crate::console::Console;
use crate::json::{self, python_text};
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "show",
    about: "Show a CVE ID, its record or a part of it",
    takes: "[OPTIONS] CVE_ID",
    options: |command| {
        let adp = flag(
            "show-adp",
            Some('a'),
            "Show ADP containers, of all orgs or of ORG; put \
                       the CVE ID before this option",
        );
        command
            .arg(cve_id())
            .arg(flag("show-record", Some('r'), "Show the whole record"))
            .arg(flag("show-cna", Some('c'), "Show the CNA container"))
            .arg(
                adp.action(clap::ArgAction::Append)
                    .num_args(0..=1)
                    .value_name("ORG")
                    .default_missing_value(""),
            )
            .arg(arguments::raw())
    },
    run,
    children: &[],
};

/// Which part of the record is wanted.
enum Part {
    None,
    Record,
    Cna,
    /// ADP containers of these orgs; of all when the list is empty.
    Adp(Vec<String>),
}

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let id = session.id()?;
    let part = part(session)?;
    let service = session.service()?;
    let id_object = service.read(console, |services| services.id(id))?.raw;
    let record = match part {
        Part::None => None,
        _ => service
            .read(console, |services| services.record(id))?
            .map(|reply| reply.raw),
    };
    if session.flag("raw") {
        console.say(&json::dumps(&raw(id_object, record, &part)));
        return Ok(());
    }
    blocks::id(console, &id_object)?;
    match part {
        Part::None => Ok(()),
        Part::Record => {
            show(console, record.as_ref());
            Ok(())
        }
        Part::Cna => {
            show(console, record.as_ref().map(cna).transpose()?);
            Ok(())
        }
        Part::Adp(orgs) => show_adp(console, record.as_ref(), orgs),
    }
}

fn part(session: &Session<'_>) -> Result<Part, Stop> {
    let adp = session.matches.contains_id("show-adp");
    match (session.flag("show-record"), session.flag("show-cna"), adp) {
        (false, false, false) => Ok(Part::None),
        (true, false, false) => Ok(Part::Record),
        (false, true, false) => Ok(Part::Cna),
        (false, false, true) => {
            let mut orgs = session.values("show-adp");
            orgs.retain(|org| !org.is_empty());
            Ok(Part::Adp(orgs))
        }
        _ => Err(session.usage(
            "Invalid value: use one of: `-r/--show-record` OR `-c/--show-cna` OR \
             `-a/--show-adp`.",
        )),
    }
}

/// The document of `--raw`: the wanted part alone.
fn raw(id_object: Value, record: Option<Value>, part: &Part) -> Value {
    let nothing = || Value::Object(serde_json::Map::new());
    match part {
        Part::None => id_object,
        Part::Record => record.unwrap_or_else(nothing),
        Part::Cna => record
            .and_then(|mut record| record.pointer_mut("/containers/cna").map(Value::take))
            .unwrap_or_else(nothing),
        Part::Adp(orgs) => adp(record.as_ref(), orgs).into_iter().cloned().collect(),
    }
}

fn cna(record: &Value) -> Result<&Value, Stop> {
    blocks::at(record, "/containers/cna")
}

fn rule(console: &mut Console) {
    let line = console.bold("-----");
    console.say(&line);
}

fn show(console: &mut Console, part: Option<&Value>) {
    rule(console);
    match part {
        Some(part) => console.say(&json::dumps(part)),
        None => console.say("CVE record does not exist."),
    }
}

fn show_adp(
    console: &mut Console,
    record: Option<&Value>,
    mut orgs: Vec<String>,
) -> Result<(), Stop> {
    rule(console);
    let containers = adp(record, &orgs);
    if containers.is_empty() && orgs.is_empty() {
        console.say("CVE record does not contain any ADP data.");
    } else if containers.is_empty() {
        orgs.sort();
        orgs.dedup();
        let orgs = orgs.join(", ");
        console.say(&format!(
            "CVE record does not contain ADP data from org(s): {orgs}."
        ));
    }
    for (index, container) in containers.into_iter().enumerate() {
        if index > 0 {
            console.say("");
        }
        let head = console.bold(&format!("{} ADP data:", org_of(container)));
        console.say(&format!("{head}\n{}", json::dumps(container)));
    }
    Ok(())
}

/// The ADP containers of `orgs`, or all, as the record orders them.
fn adp<'a>(record: Option<&'a Value>, orgs: &[String]) -> Vec<&'a Value> {
    let all = record.and_then(|record| record.pointer("/containers/adp"));
    let all = all.and_then(Value::as_array).into_iter().flatten();
    all.filter(|container| orgs.is_empty() || orgs.contains(&org_of(container)))
        .collect()
}

fn org_of(container: &Value) -> String {
    let name = container.pointer("/providerMetadata/shortName");
    name.map(python_text).unwrap_or_default()
}
