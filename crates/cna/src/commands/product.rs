//! `cna product`: the catalogue.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::commands::case::table;
use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

const PATH: &str = "/desk/v1/catalogue";

/// The flags that are fields of a product as they stand.
const FIELDS: [(&str, &str, &str); 6] = [
    ("vendor", "TEXT", "Vendor, as records write it"),
    ("product", "TEXT", "Product, as records write it"),
    (
        "version-type",
        "WORD",
        "How its versions are ordered: semver, git, …",
    ),
    ("repository", "URL", "Address of its source repository"),
    ("purl", "PURL", "Its package URL, without a version"),
    ("cpe", "CPE", "Its CPE name"),
];

/// The command line of `cna product`.
pub(crate) fn command() -> Command {
    let name = || {
        Arg::new("name")
            .value_name("NAME")
            .required(true)
            .help("The name reports use")
    };
    Command::new("product")
        .about("Keep the catalogue: products, their lines, who answers for them")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(fields(
            Command::new("add").about("Add a product").arg(name()),
        )))
        .subcommand(transport_arguments(
            Command::new("list").about("List the catalogue"),
        ))
        .subcommand(transport_arguments(
            Command::new("show").about("Show a product").arg(name()),
        ))
        .subcommand(transport_arguments(fields(
            Command::new("edit")
                .about("Change what is named, and leave the rest of a product as it is")
                .arg(name()),
        )))
        .subcommand(transport_arguments(
            Command::new("remove")
                .about("Take a product out of the catalogue")
                .arg(name()),
        ))
        .subcommand(transport_arguments(
            Command::new("import")
                .about("Add or replace the products of a file, all or none")
                .long_about(
                    "Adds the products of a file, or replaces those of their names: all of them, \
                     or none. JSON, YAML and TOML hold a list, or `products` with one; a row of \
                     CSV is a product, with `contacts` separated by spaces and no lines.",
                )
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .help("A file that ends in .json, .yaml, .yml, .toml or .csv"),
                )
                .arg(
                    Arg::new("dry-run")
                        .long("dry-run")
                        .action(ArgAction::SetTrue)
                        .help("Say what would be done, and do nothing"),
                ),
        ))
}

fn fields(command: Command) -> Command {
    let mut command = command;
    for (name, value, help) in FIELDS {
        command = command.arg(Arg::new(name).long(name).value_name(value).help(help));
    }
    command
        .arg(
            Arg::new("delivery")
                .long("delivery")
                .value_parser(["installed", "hosted", "both"])
                .help("How customers get it"),
        )
        .arg(
            Arg::new("line")
                .long("line")
                .value_name("NAME,RELEASED,SUPPORT,LIFE")
                .action(ArgAction::Append)
                .help(
                    "A line of releases and its days: release, end of support, end of life; days \
                     may be left out, as in `1.29,2026-04-01,,2027-04-01`",
                ),
        )
        .arg(
            Arg::new("contact")
                .long("contact")
                .value_name("TEXT")
                .action(ArgAction::Append)
                .help("Who answers for its security"),
        )
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    match word {
        "list" => list(&transport),
        "show" => show(&transport, required::<String>(matches, "name")?),
        "remove" => remove(&transport, required::<String>(matches, "name")?),
        "import" => import(&transport, matches),
        word => put(&transport, matches, word == "add"),
    }
}

fn all(link: &Link) -> anyhow::Result<Vec<Value>> {
    let answer = link.get(PATH)?;
    Ok(answer["products"].as_array().cloned().unwrap_or_default())
}

fn named(link: &Link, name: &str) -> anyhow::Result<Option<Value>> {
    Ok(all(link)?
        .into_iter()
        .find(|product| product["name"] == name))
}

fn unknown(name: &str) -> anyhow::Error {
    anyhow::anyhow!("product `{name}` was not found: `cna product list` lists the catalogue")
}

fn list(transport: &Transport) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let products = all(&link)?;
    if transport.json {
        line(&json!({"products": products}).to_string())?;
        return link.finish();
    }
    if products.is_empty() {
        line(
            "No products yet. Add one with `cna product add NAME --vendor V --product P --version-type semver`.",
        )?;
        return link.finish();
    }
    let rows: Vec<[String; 5]> = products
        .iter()
        .map(|product| {
            let text = |key: &str| product[key].as_str().unwrap_or_default().to_owned();
            let lines = product["lines"].as_array().into_iter().flatten();
            let lines: Vec<_> = lines.filter_map(|line| line["name"].as_str()).collect();
            [
                text("name"),
                text("vendor"),
                text("product"),
                text("delivery"),
                lines.join(" "),
            ]
        })
        .collect();
    table(["NAME", "VENDOR", "PRODUCT", "DELIVERY", "LINES"], &rows)?;
    link.finish()
}

fn show(transport: &Transport, name: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let product = named(&link, name)?.ok_or_else(|| unknown(name))?;
    if transport.json {
        line(&product.to_string())?;
        return link.finish();
    }
    let text = |key: &str| product[key].as_str().unwrap_or_default();
    for (head, key) in [
        ("Name", "name"),
        ("Vendor", "vendor"),
        ("Product", "product"),
        ("Versions", "version_type"),
        ("Delivery", "delivery"),
        ("Repository", "repository"),
        ("purl", "purl"),
        ("CPE", "cpe"),
    ] {
        if !text(key).is_empty() {
            line(&format!("{head:<11} {}", text(key)))?;
        }
    }
    for contact in product["contacts"].as_array().into_iter().flatten() {
        line(&format!(
            "{:<11} {}",
            "Contact",
            contact.as_str().unwrap_or_default()
        ))?;
    }
    for support in product["lines"].as_array().into_iter().flatten() {
        let day = |key: &str| match support[key].as_str().unwrap_or_default() {
            "" => "?".to_owned(),
            day => day.to_owned(),
        };
        line(&format!(
            "{:<11} {} released {}, supported until {}, end of life {}",
            "Line",
            support["name"].as_str().unwrap_or_default(),
            day("released"),
            day("end_of_support"),
            day("end_of_life")
        ))?;
    }
    link.finish()
}

fn put(transport: &Transport, matches: &ArgMatches, is_new: bool) -> anyhow::Result<()> {
    let name: &String = required(matches, "name")?;
    let lines = lines(matches)?;
    let link = Link::find(transport)?;
    let mut product = match (named(&link, name)?, is_new) {
        (None, true) => json!({"name": name, "vendor": "", "product": "", "version_type": ""}),
        (Some(product), false) => product,
        (Some(_), true) => {
            bail!("product `{name}` is there already: change it with `cna product edit`")
        }
        (None, false) => return Err(unknown(name)),
    };
    for (flag, ..) in FIELDS {
        if let Some(text) = matches.get_one::<String>(flag) {
            product[flag.replace('-', "_")] = json!(text);
        }
    }
    if let Some(delivery) = matches.get_one::<String>("delivery") {
        product["delivery"] = json!(delivery);
    }
    if let Some(lines) = lines {
        product["lines"] = json!(lines);
    }
    if let Some(contacts) = matches.get_many::<String>("contact") {
        product["contacts"] = json!(contacts.collect::<Vec<_>>());
    }
    link.post(PATH, &json!({"products": [product]}))?;
    if transport.json {
        let kept = named(&link, name)?.unwrap_or_default();
        line(&kept.to_string())?;
    } else {
        let verb = if is_new { "Added" } else { "Changed" };
        line(&format!("{verb} {name}."))?;
    }
    link.finish()
}

/// The lines of `--line`; nothing without one.
fn lines(matches: &ArgMatches) -> anyhow::Result<Option<Vec<Value>>> {
    let Some(given) = matches.get_many::<String>("line") else {
        return Ok(None);
    };
    let mut lines = Vec::new();
    for text in given {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if parts.len() > 4 {
            bail!(
                "--line `{text}` has {} parts: expected NAME,RELEASED,SUPPORT,LIFE",
                parts.len()
            );
        }
        let part = |index: usize| parts.get(index).copied().unwrap_or_default();
        lines.push(json!({
            "name": part(0),
            "released": part(1),
            "end_of_support": part(2),
            "end_of_life": part(3),
        }));
    }
    Ok(Some(lines))
}

fn remove(transport: &Transport, name: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    link.post(&format!("{PATH}/remove"), &json!({"name": name}))?;
    if transport.json {
        line(&json!({"removed": name}).to_string())?;
    } else {
        line(&format!("Removed {name}."))?;
    }
    link.finish()
}

fn import(transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let file: &String = required(matches, "file")?;
    let products = read(file).with_context(|| format!("products in `{file}`"))?;
    let body = json!({"products": products, "dry_run": matches.get_flag("dry-run")});
    let link = Link::find(transport)?;
    let answer = link.post(PATH, &body)?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let names = |key: &str| {
        let names = answer[key].as_array().into_iter().flatten();
        names
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for (head, key) in [
        ("Added", "added"),
        ("Changed", "changed"),
        ("Unchanged", "unchanged"),
    ] {
        let names = names(key);
        if !names.is_empty() {
            line(&format!("{head}: {}", names.join(", ")))?;
        }
    }
    if matches.get_flag("dry-run") {
        line("Nothing was written: this was a dry run.")?;
    }
    link.finish()
}

fn read(file: &str) -> anyhow::Result<Vec<Value>> {
    let ending = file
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if ending == "csv" {
        return rows(file);
    }
    let text = std::fs::read_to_string(file).context("reading the file")?;
    let value: Value = match ending.as_str() {
        "json" => serde_json::from_str(&text)?,
        "yaml" | "yml" => serde_saphyr::from_str(&text)?,
        "toml" => toml::from_str(&text)?,
        _ => bail!("its name ends in `{ending}`: expected .json, .yaml, .yml, .toml or .csv"),
    };
    let list = if value.is_array() {
        &value
    } else {
        &value["products"]
    };
    let list = list.as_array().cloned();
    list.context("it holds neither a list nor `products` with one")
}

/// A row of CSV is a product; its head names the fields.
fn rows(file: &str) -> anyhow::Result<Vec<Value>> {
    let mut reader = csv::Reader::from_path(file).context("reading the file")?;
    let mut products = Vec::new();
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let mut product = json!({});
        for (key, value) in row? {
            if key == "contacts" {
                let contacts: Vec<_> = value.split_whitespace().collect();
                product[key] = json!(contacts);
            } else if !value.is_empty() {
                product[key] = json!(value);
            }
        }
        products.push(product);
    }
    Ok(products)
}
