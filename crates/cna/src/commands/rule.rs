//! `cna rule`: a rule's page, or the list of all.

use cve::check::{Code, codes};
use cve::lint::{self, Rule};
use serde_json::{Value, json};

use super::check::selection::near;
use crate::cli::Stop;
use crate::output::{Style, line};

/// Prints the page of the rule with this code, or the list.
pub(crate) fn run(name: Option<&str>, as_json: bool) -> Result<(), Stop> {
    let Some(name) = name else {
        return Ok(list(
            codes().iter().collect(),
            lint::rules().iter().collect(),
            as_json,
        )?);
    };
    if let Some(code) = codes()
        .iter()
        .find(|code| code.code.eq_ignore_ascii_case(name))
    {
        match as_json {
            true => line(&code_page(code).to_string())?,
            false => print_code(code)?,
        }
        return Ok(());
    }
    let is_called = |rule: &&Rule| rule.code.eq_ignore_ascii_case(name);
    let alias = |rule: &&Rule| {
        rule.aliases
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    // The rules of cvelint have their codes, which are aliases of ours.
    let exact = lint::rules().iter().find(is_called);
    let exact = exact.or_else(|| lint::rules().iter().find(alias));
    let named: Vec<&Rule> = lint::rules_of(name).collect();
    let of_check: Vec<&Code> = codes()
        .iter()
        .filter(|code| super::check::selection::names_code(name, code.code))
        .collect();
    let only = match named.as_slice() {
        [rule] if of_check.is_empty() => Some(*rule),
        _ => None,
    };
    match (exact.or(only), named.as_slice()) {
        (Some(rule), _) => {
            match as_json {
                true => line(&rule_page(rule).to_string())?,
                false => print_rule(rule)?,
            }
            Ok(())
        }
        (_, several) if !several.is_empty() || !of_check.is_empty() => {
            Ok(list(of_check, named, as_json)?)
        }
        _ => Err(Stop::Unreadable(unknown(name))),
    }
}

fn unknown(name: &str) -> anyhow::Error {
    let name = super::check::shown(name);
    let near = near(&name);
    match near.is_empty() {
        true => anyhow::anyhow!("no rule is called `{name}`; `cna rule` lists them all"),
        false => anyhow::anyhow!(
            "no rule is called `{name}`; near it are {}; `cna rule` lists them all",
            near.join(", ")
        ),
    }
}

/// Prints codes and titles.
fn list(codes: Vec<&Code>, rules: Vec<&Rule>, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let pages = codes.into_iter().map(code_page);
        let pages: Vec<Value> = pages.chain(rules.into_iter().map(rule_page)).collect();
        return line(&Value::Array(pages).to_string());
    }
    let style = Style::stdout();
    let of_codes = codes
        .iter()
        .map(|code| (code.code, code.severity, code.title));
    let of_rules = rules
        .iter()
        .map(|rule| (rule.code, rule.severity, rule.title));
    let all: Vec<_> = of_codes.chain(of_rules).collect();
    let width = all.iter().map(|(code, ..)| code.len()).max().unwrap_or(0);
    for (code, severity, title) in all {
        let padded = format!("{code:<width$}");
        line(&format!(
            "{}  {:<9}  {title}",
            style.bold(&padded),
            severity.as_str()
        ))?;
    }
    Ok(())
}

fn print_code(code: &Code) -> anyhow::Result<()> {
    let style = Style::stdout();
    line(&style.bold(&format!("{} ({})", code.code, code.severity.as_str())))?;
    line(code.title)?;
    line("")?;
    line(&wrapped("Why", code.explanation))?;
    line(&wrapped("Mend", code.mend))
}

fn print_rule(rule: &Rule) -> anyhow::Result<()> {
    let style = Style::stdout();
    line(&style.bold(&format!("{} ({})", rule.code, rule.severity.as_str())))?;
    line(rule.title)?;
    line("")?;
    line(&wrapped("Why", rule.explanation))?;
    line(&wrapped("Mend", rule.mend))?;
    line(&wrapped("Source", rule.source))?;
    if !rule.aliases.is_empty() {
        line(&wrapped("Alias", &rule.aliases.join(", ")))?;
    }
    line(&wrapped("Needs", rule.needs.as_str()))?;
    if !rule.bad.is_empty() {
        line("")?;
        line(&style.bold("Breaks it"))?;
        line(&indented(rule.bad))?;
        line(&style.bold("Keeps it"))?;
        line(&indented(rule.good))?;
    }
    Ok(())
}

/// An example as JSON with a line a value.
fn indented(example: &str) -> String {
    let text = serde_json::from_str::<Value>(example)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok());
    let text = text.unwrap_or_else(|| example.to_owned());
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// A text behind its name, in lines of at most 78 characters.
fn wrapped(name: &str, text: &str) -> String {
    let mut lines = format!("{name:<8}");
    let mut column = lines.len();
    for (at, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if at > 0 && column + 1 + length > 78 {
            lines.push_str("\n        ");
            column = 8;
        } else if at > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

fn code_page(code: &Code) -> Value {
    json!({
        "code": code.code,
        "severity": code.severity.as_str(),
        "title": code.title,
        "why": code.explanation,
        "mend": code.mend,
    })
}

fn rule_page(rule: &Rule) -> Value {
    let example = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    json!({
        "code": rule.code,
        "aliases": rule.aliases,
        "severity": rule.severity.as_str(),
        "title": rule.title,
        "source": rule.source,
        "why": rule.explanation,
        "mend": rule.mend,
        "needs": rule.needs.as_str(),
        "good": example(rule.good),
        "bad": example(rule.bad),
    })
}
