//! `cna versions`: whether a record says that a version is affected.

use anyhow::{Context as _, bail};
use cve::versions::{StatusAnswer, status};
use serde_json::{Value, json};

use crate::cli::Stop;
use crate::output::{Style, line};

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) file: String,
    pub(crate) product: String,
    pub(crate) version: String,
    pub(crate) as_json: bool,
}

/// One item of `affected`, where it stands, and what it is called.
struct Product<'a> {
    pointer: String,
    value: &'a Value,
}

/// Prints what the record says about the version.
pub(crate) fn run(options: &Options) -> Result<(), Stop> {
    let record = super::score::document(&options.file).map_err(Stop::Unreadable)?;
    let all = products(&record);
    let found = choose(&all, &options.product, &options.file).map_err(Stop::Unreadable)?;
    let answers: Vec<(&Product<'_>, StatusAnswer)> = found
        .into_iter()
        .map(|product| (product, status(product.value, &options.version)))
        .collect();
    if options.as_json {
        let answers: Vec<Value> = answers
            .iter()
            .map(|(product, answer)| page(product, answer, &options.version))
            .collect();
        // One entry is the ordinary case; its fields need no list around them.
        let page = match answers.as_slice() {
            [one] => one.clone(),
            _ => json!({"version": options.version, "entries": answers}),
        };
        line(&page.to_string())?;
        return Ok(());
    }
    let style = Style::stdout();
    let several = answers.len() > 1;
    for (product, answer) in &answers {
        let status = style.bold(answer.status.as_str());
        let doubt = if answer.certain { "" } else { " (not certain)" };
        let of = match several {
            true => format!("{}: ", name(product.value)),
            false => String::new(),
        };
        line(&format!("{of}{status}{doubt}: {}", answer.why))?;
        line(&format!("  by {}", place(product, answer)))?;
    }
    Ok(())
}

/// The products of a record or container, the CNA's before those of ADPs.
fn products(record: &Value) -> Vec<Product<'_>> {
    let mut holders = vec!["/containers/cna".to_owned()];
    let adps = record.pointer("/containers/adp").and_then(Value::as_array);
    let count = adps.map_or(0, Vec::len);
    holders.extend((0..count).map(|place| format!("/containers/adp/{place}")));
    holders.extend([
        "/cnaContainer".to_owned(),
        "/adpContainer".to_owned(),
        String::new(),
    ]);
    let mut products = Vec::new();
    for holder in holders {
        let at = format!("{holder}/affected");
        let items = record.pointer(&at).and_then(Value::as_array);
        for (place, value) in items.into_iter().flatten().enumerate() {
            let pointer = format!("{at}/{place}");
            products.push(Product { pointer, value });
        }
    }
    products
}

/// The entries a name means: those named exactly so, else those whose names
/// hold it, if they are of one product.
fn choose<'a, 'b>(
    all: &'b [Product<'a>],
    wanted: &str,
    file: &str,
) -> anyhow::Result<Vec<&'b Product<'a>>> {
    if all.is_empty() {
        bail!("`{file}` lists no products: there is nothing in `affected`");
    }
    let wanted_lower = wanted.trim().to_lowercase();
    let exact: Vec<_> = all
        .iter()
        .filter(|product| names(product.value).contains(&wanted_lower))
        .collect();
    let found = match exact.is_empty() {
        false => exact,
        true => all
            .iter()
            .filter(|product| {
                let names = names(product.value);
                names.iter().any(|name| name.contains(&wanted_lower))
            })
            .collect(),
    };
    let mut called: Vec<String> = found.iter().map(|product| name(product.value)).collect();
    called.sort();
    called.dedup();
    if found.is_empty() {
        let mut known: Vec<String> = all.iter().map(|product| name(product.value)).collect();
        known.sort();
        known.dedup();
        bail!(
            "`{file}` says nothing about `{wanted}`; its products are {}",
            listed(&known)
        );
    }
    if called.len() > 1 {
        bail!(
            "`{wanted}` means several products of `{file}`: name one of {}",
            listed(&called)
        );
    }
    Ok(found)
}

/// At most ten names.
fn listed(names: &[String]) -> String {
    let mut text: Vec<String> = names
        .iter()
        .take(10)
        .map(|name| format!("`{}`", super::check::shown(name)))
        .collect();
    if names.len() > 10 {
        text.push(format!("and {} more", names.len() - 10));
    }
    text.join(", ")
}

/// The names an entry answers to, lower case.
fn names(product: &Value) -> Vec<String> {
    let text = |key: &str| product[key].as_str().map(|text| text.trim().to_lowercase());
    let mut names: Vec<String> = ["product", "packageName", "packageURL"]
        .into_iter()
        .filter_map(text)
        .filter(|name| !name.is_empty())
        .collect();
    if let (Some(vendor), Some(name)) = (text("vendor"), text("product")) {
        names.push(format!("{vendor}/{name}"));
        names.push(format!("{vendor} {name}"));
    }
    names
}

/// What an entry is called in answers: `vendor/product`.
fn name(product: &Value) -> String {
    let text = |key: &str| {
        product[key]
            .as_str()
            .map(str::trim)
            .filter(|t| !t.is_empty())
    };
    let name = text("product")
        .or(text("packageName"))
        .or(text("packageURL"));
    match (text("vendor"), name) {
        (Some(vendor), Some(name)) => format!("{vendor}/{name}"),
        (_, Some(name)) => name.to_owned(),
        _ => "(unnamed)".to_owned(),
    }
}

fn place(product: &Product<'_>, answer: &StatusAnswer) -> String {
    let pointer = format!("{}{}", product.pointer, answer.by.pointer());
    match product.value.pointer(&answer.by.pointer()) {
        Some(value) if !answer.by.pointer().is_empty() => {
            let text: String = value.to_string().chars().take(200).collect();
            format!("{pointer}: {}", super::check::shown(&text))
        }
        _ => pointer,
    }
}

fn page(product: &Product<'_>, answer: &StatusAnswer, version: &str) -> Value {
    let by = answer.by.pointer();
    let entry = match by.is_empty() {
        true => Value::Null,
        false => product.value.pointer(&by).cloned().unwrap_or(Value::Null),
    };
    json!({
        "vendor": product.value["vendor"],
        "product": product.value["product"],
        "version": version,
        "status": answer.status.as_str(),
        "certain": answer.certain,
        "by": format!("{}{by}", product.pointer),
        "entry": entry,
        "why": answer.why,
    })
}

/// Reads what was typed.
pub(crate) fn options(matches: &clap::ArgMatches) -> anyhow::Result<Options> {
    let text = |name: &str| -> anyhow::Result<String> {
        crate::cli::required::<String>(matches, name).cloned()
    };
    Ok(Options {
        file: text("file").context("FILE")?,
        product: text("product")?,
        version: text("version")?,
        as_json: matches.get_flag("json"),
    })
}
