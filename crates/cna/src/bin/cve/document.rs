//! The document a command is given, and the container that is sent of it.

use std::io::Read;

use cve::check::Kind;
use serde_json::{Map, Value, json};

use crate::console::Console;
use crate::findings;
use crate::globals::variable;
use crate::session::{Service, Session};
use crate::stop::{self, Stop};

/// The names under which one command takes its document.
pub(crate) struct Source {
    /// The option for text, such as `cve-json`.
    pub(crate) text: &'static str,
    /// The option for a file, such as `cve-json-file`.
    pub(crate) file: &'static str,
    /// What the document is called in messages, such as `CNA data`.
    pub(crate) noun: &'static str,
    /// What follows "to provide" when both are given.
    pub(crate) both: &'static str,
    /// What follows "must provide" when none is.
    pub(crate) none: &'static str,
}

impl Source {
    /// Reads the document, if one is given.
    ///
    /// The Program's client ends with 0 after JSON it cannot read; a script
    /// could not notice, so we end with 1.
    pub(crate) fn read(
        &self,
        session: &Session<'_>,
        console: &mut Console,
    ) -> Result<Option<Given>, Stop> {
        let file = match session.value(self.file) {
            Some(name) => Some(self.read_file(session, name)?),
            None => None,
        };
        let text = match (session.value(self.text), file) {
            (Some(_), Some(_)) => {
                return Err(session.usage(format!(
                    "Invalid value: cannot use both `-f/--{}` and `-j/--{}` to provide {}.",
                    self.file, self.text, self.both
                )));
            }
            (Some(text), None) => text.as_bytes().to_vec(),
            (None, Some(file)) => file,
            (None, None) => return Ok(None),
        };
        parse(console, self.noun, text).map(Some)
    }

    /// Reads the document, which must be given.
    pub(crate) fn required(
        &self,
        session: &Session<'_>,
        console: &mut Console,
    ) -> Result<Given, Stop> {
        self.read(session, console)?.ok_or_else(|| {
            session.usage(format!(
                "Invalid value: must provide {} using one of: `-f/--{}` or `-j/--{}`.",
                self.none, self.file, self.text
            ))
        })
    }

    fn read_file(&self, session: &Session<'_>, name: &str) -> Result<Vec<u8>, Stop> {
        let mut bytes = Vec::new();
        let read = if name == "-" {
            std::io::stdin().lock().read_to_end(&mut bytes)
        } else {
            std::fs::File::open(name).and_then(|mut file| file.read_to_end(&mut bytes))
        };
        match read {
            Ok(_) => Ok(bytes),
            Err(error) => Err(session.usage(format!(
                "Invalid value for '-f' / '--{}': '{name}': {error}",
                self.file
            ))),
        }
    }
}

/// A document as it was given, and as it was read.
pub(crate) struct Given {
    pub(crate) text: Vec<u8>,
    pub(crate) value: Value,
}

/// Reads a document; `noun` is what it is called in messages.
pub(crate) fn parse(console: &mut Console, noun: &str, text: Vec<u8>) -> Result<Given, Stop> {
    match serde_json::from_slice(&text) {
        Ok(value) => Ok(Given { text, value }),
        Err(error) => {
            stop::error(
                console,
                &format!("{noun} is not valid JSON"),
                &error.to_string(),
            );
            Err(Stop::Said)
        }
    }
}

/// The CNA container of a document: itself, or a full record's.
pub(crate) fn cna_container(document: Value) -> Result<Value, Stop> {
    let container = match containers(document) {
        Document::Container(container) => Some(container),
        Document::Record(mut containers) => containers.remove("cna"),
    };
    match container {
        Some(container @ Value::Object(_)) => Ok(container),
        _ => Err(Stop::failed("the document holds no CNA container")),
    }
}

/// The ADP container of a document: itself, or the only one of a full record.
pub(crate) fn adp_container(document: Value) -> Result<Value, Stop> {
    let container = match containers(document) {
        Document::Container(container) => Some(container),
        Document::Record(mut containers) => match containers.remove("adp") {
            Some(Value::Array(mut list)) if list.len() == 1 => list.pop(),
            _ => None,
        },
    };
    match container {
        Some(container @ Value::Object(_)) => Ok(container),
        _ => Err(Stop::failed(
            "the document does not hold exactly one ADP container",
        )),
    }
}

/// What a document can be.
enum Document {
    /// A container by itself.
    Container(Value),
    /// The containers of a full record.
    Record(Map<String, Value>),
}

fn containers(mut document: Value) -> Document {
    if document.get("dataType").and_then(Value::as_str) != Some("CVE_RECORD") {
        return Document::Container(document);
    }
    match document.get_mut("containers").map(Value::take) {
        Some(Value::Object(containers)) => Document::Record(containers),
        _ => Document::Record(Map::new()),
    }
}

/// An org that is none, in the place of ours until we know it.
const SOME_ORG: &str = "00000000-0000-4000-8000-000000000000";

/// Checks a container, and adds what the service wants to know and the
/// document does not say: what made it, and whose it is.
///
/// The Program's client asks for the org first; we check first, so that
/// nothing at all is sent of what is wrong.
///
/// Takes: a container, which is an object.
pub(crate) fn completed(
    mut container: Value,
    kind: Kind,
    session: &Session<'_>,
    service: &Service,
    console: &mut Console,
) -> Result<Value, Stop> {
    let format = findings::format(session)?;
    let has_provider = container.get("providerMetadata").is_some();
    if !has_provider {
        container["providerMetadata"] = json!({ "orgId": SOME_ORG });
    }
    if container.get("x_generator").is_none() {
        let engine = variable("CVE_GENERATOR").unwrap_or_else(|| "cvelib 1.8.0".to_owned());
        if engine != "-" {
            container["x_generator"] = json!({ "engine": engine });
        }
    }
    let verdict = findings::judge(kind, container.to_string().as_bytes(), format);
    findings::stop_at_errors(session, console, &verdict)?;
    if !has_provider {
        let uuid = service.org_uuid(console, session.org()?)?;
        container["providerMetadata"] = json!({ "orgId": uuid });
        // Once more, as what the service named may be no UUID; its warnings
        // are said already.
        let mut verdict = findings::judge(kind, container.to_string().as_bytes(), format);
        verdict.warnings.clear();
        findings::stop_at_errors(session, console, &verdict)?;
    }
    Ok(container)
}
