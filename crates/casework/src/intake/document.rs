//! Documents of others as reports: GHSA, OSV, CSAF, CVE JSON, what Vulnogram
//! saves.

use cve::convert::Read;
use cve::cvss::Cvss;
use cve::cwe;
use serde_json::Value;

use super::mailed::NO_PRODUCT;
use super::{Arrival, Channel, Filed, catalogued};
use crate::attachments::{self, File};
use crate::case::{self, unknown_product};
use crate::desk::{Desk, Product};
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::report::{AffectedRange, PublicText, Report, Reporter};

/// Characters of a title, as reports have them.
const TITLE: usize = 256;

/// What the first message lists of what has no place, at most.
const MOST_LEFT: usize = 100;

impl Desk {
    /// Files a document of others as a report under embargo, and keeps it as
    /// an attachment.
    ///
    /// Takes: `file`, UTF-8 JSON of a form [`cve::convert::read`] reads;
    /// `product`, of the catalogue; without one, a product of the document
    /// that the catalogue has, or else the document's own words.
    /// Gives: the case, as [`Desk::file`] does.
    /// Refuses: a document of no known form, which names the forms; a product
    /// that is not in the catalogue.
    pub fn file_document(
        &self,
        actor: &Actor,
        file: File,
        product: Option<&str>,
    ) -> Result<Filed, Error> {
        check(actor, Action::Receive)?;
        let products = self.products()?;
        if let Some(name) = product
            && !products.iter().any(|product| product.name == name)
        {
            return Err(unknown_product(name, &products).into());
        }
        let read = self.read_document(&file.bytes, None)?;
        let file = attachments::checked(file)?;
        let report = report_of(&read, file.name(), &products, product);
        report.check().map_err(Refusal::from)?;
        let mut arrival = Arrival::new(Channel::Desk, &report);
        // That a document names somebody is no word of theirs.
        arrival.consent = "";
        let by = actor.clone();
        let id = self.store.write(move |tx| {
            let (id, _) = case::open(tx, Some(&by), &report, &arrival)?;
            attachments::keep(tx, id, by.id(), &file)?;
            Ok::<_, Error>(id)
        })?;
        self.filed(actor, id)
    }
}

/// The report a document makes.
fn report_of(read: &Read, name: &str, products: &[Product], product: Option<&str>) -> Report {
    let container = &read.container;
    let entries = list(container, "affected");
    let (product, entry) = about(entries, products, product);
    let description = texts(container, "descriptions").next().unwrap_or_default();
    let mut left = Vec::new();
    let affected = ranges(entry, &mut left);
    for other in entries.iter().filter(|other| !std::ptr::eq(*other, entry)) {
        left.push(format!("It affects {} too", product_words(other)));
    }
    let credits = list(container, "credits");
    let finder = credits
        .iter()
        .find(|credit| matches!(credit["type"].as_str(), Some("finder" | "reporter")));
    let finder = finder.or(credits.first());
    let credit = finder
        .map(|credit| line(text(credit, "value"), TITLE))
        .unwrap_or_default();
    for other in credits
        .iter()
        .filter(|other| finder.is_none_or(|one| one != *other))
    {
        left.push(format!("It credits {} too", text(other, "value")));
    }
    if let Some(id) = read.id {
        left.push(format!("It names {id}"));
    }
    if let Some(day) = container["datePublic"].as_str() {
        left.push(format!("It says that it is public since {day}"));
    }
    for loss in &read.unplaced {
        left.push(format!("At `{}`: {}", loss.pointer, loss.message));
    }
    Report {
        title: title(container, &description, read),
        product,
        reporter: Reporter {
            name: match credit.as_str() {
                "" => "not said".to_owned(),
                credit => credit.to_owned(),
            },
            contact: String::new(),
            credit,
        },
        received: None,
        embargoed: true,
        severity: String::new(),
        weakness: weakness(container),
        cvss: vector(container),
        affected,
        references: references(container),
        public: (!description.is_empty()).then(|| PublicText {
            description: description.clone(),
            solution: texts(container, "solutions")
                .collect::<Vec<_>>()
                .join("\n\n"),
            workaround: texts(container, "workarounds")
                .collect::<Vec<_>>()
                .join("\n\n"),
        }),
        answers: std::collections::BTreeMap::new(),
        body: body(name, &description, &left),
    }
}

fn list<'a>(container: &'a Value, key: &str) -> &'a [Value] {
    container[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The texts of a list, those in English, or all where none is.
fn texts<'a>(container: &'a Value, key: &str) -> impl Iterator<Item = String> + 'a {
    let entries = list(container, key);
    let is_english = |entry: &Value| text(entry, "lang").starts_with("en");
    let has_english = entries.iter().any(is_english);
    let entries = entries
        .iter()
        .filter(move |entry| !has_english || is_english(entry));
    entries.map(|entry| text(entry, "value").replace('\0', "").trim().to_owned())
}

/// A text in one line.
fn line(text: &str, most: usize) -> String {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line: String = words.join(" ").chars().take(most).collect();
    line.trim().to_owned()
}

fn title(container: &Value, description: &str, read: &Read) -> String {
    let id = read.id.map(|id| id.to_string()).unwrap_or_default();
    let found = [text(container, "title"), description, &id]
        .into_iter()
        .map(|text| line(text, TITLE))
        .find(|title| !title.is_empty());
    found.unwrap_or_else(|| "(no title)".to_owned())
}

/// The product, and the entry of the document that is about it.
fn about<'a>(
    entries: &'a [Value],
    products: &[Product],
    named: Option<&str>,
) -> (String, &'a Value) {
    const NOTHING: &Value = &Value::Null;
    let known = |entry: &Value| {
        let full = format!("{} {}", text(entry, "vendor"), text(entry, "product"));
        let words = [
            full.as_str(),
            text(entry, "product"),
            text(entry, "packageName"),
        ];
        let names = words.map(|words| catalogued(words, products));
        let is_known = |name: &String| products.iter().any(|product| product.name == *name);
        names.into_iter().find(is_known)
    };
    let of_named = |entry: &&Value| named.is_none_or(|name| known(entry).as_deref() == Some(name));
    let found = entries
        .iter()
        .filter(of_named)
        .find_map(|entry| Some((known(entry)?, entry)));
    let first = entries.first().unwrap_or(NOTHING);
    match (found, named) {
        (Some(found), _) => found,
        (None, Some(name)) => (name.to_owned(), first),
        (None, None) => match line(&product_words(first), TITLE) {
            words if words.is_empty() => (NO_PRODUCT.to_owned(), first),
            words => (words, first),
        },
    }
}

fn product_words(entry: &Value) -> String {
    let first = |keys: [&str; 2]| {
        let found = keys.map(|key| text(entry, key)).into_iter();
        found
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    };
    let words = format!(
        "{} {}",
        text(entry, "vendor"),
        first(["product", "packageName"])
    );
    words.trim().to_owned()
}

/// The ranges a report can hold; what it cannot goes to `left`.
fn ranges(entry: &Value, left: &mut Vec<String>) -> Vec<AffectedRange> {
    let mut ranges = Vec::new();
    for version in list(entry, "versions") {
        let word = |key: &str| line(text(version, key), TITLE);
        let (from, before) = (word("version"), word("lessThan"));
        let is_range = word("status") == "affected" && !from.is_empty() && !before.is_empty();
        let has_changes = !list(version, "changes").is_empty();
        if !is_range || has_changes {
            left.push(format!("About versions it says `{version}`"));
            continue;
        }
        ranges.push(AffectedRange {
            from,
            // From there on, with no fix.
            before: if before == "*" { String::new() } else { before },
        });
    }
    ranges
}

fn weakness(container: &Value) -> String {
    let types = list(container, "problemTypes").iter();
    let ids = types
        .flat_map(|kind| list(kind, "descriptions"))
        .map(|description| text(description, "cweId"));
    let is_weakness = |id: &&str| {
        let entry = cwe::number(id).and_then(cwe::entry);
        entry.is_some_and(|entry| entry.is_weakness())
    };
    ids.into_iter()
        .find(is_weakness)
        .unwrap_or_default()
        .to_owned()
}

/// The vector of the newest version of CVSS.
fn vector(container: &Value) -> String {
    let metrics = list(container, "metrics");
    let mut vectors = ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"]
        .into_iter()
        .flat_map(|key| {
            metrics
                .iter()
                .map(move |metric| text(&metric[key], "vectorString"))
        });
    let found = vectors.find(|vector| vector.parse::<Cvss>().is_ok());
    found.unwrap_or_default().to_owned()
}

fn references(container: &Value) -> Vec<String> {
    let urls = list(container, "references").iter();
    urls.map(|reference| text(reference, "url").to_owned())
        .filter(|url| !url.is_empty())
        .collect()
}

fn body(name: &str, description: &str, left: &[String]) -> String {
    let mut body = format!("Filed from the document `{name}`, which is attached.");
    if !description.is_empty() {
        body.push_str(&format!("\n\n{description}"));
    }
    if !left.is_empty() {
        body.push_str("\n\nWhat the fields of the report do not hold:\n");
        for sentence in left.iter().take(MOST_LEFT) {
            body.push_str(&format!(
                "\n- {}.",
                sentence.replace('\0', "").trim_end_matches('.')
            ));
        }
        if let Some(more) = left.len().checked_sub(MOST_LEFT).filter(|more| *more > 0) {
            body.push_str(&format!("\n- {more} more: see the document."));
        }
    }
    body
}
