//! The rules as a book in Markdown.

use std::fmt::Write as _;

use super::rule::{Needs, Rule};
use super::settings::Profile;
use super::table::rules;

/// The page of one rule, in Markdown.
///
/// Gives: a heading of the code, and everything the table knows.
pub fn page(rule: &Rule) -> String {
    let mut text = format!("### {}\n\n**{}.**\n\n", rule.code, rule.title);
    if !rule.explanation.is_empty() {
        let _ = writeln!(text, "{}\n", rule.explanation);
    }
    let _ = writeln!(text, "- severity: {}", rule.severity.as_str());
    let _ = writeln!(text, "- source: {}", rule.source);
    let _ = writeln!(text, "- decided from: {}", in_words(rule.needs));
    if !rule.aliases.is_empty() {
        let _ = writeln!(text, "- in cvelint: {}", rule.aliases.join(", "));
    }
    let _ = writeln!(text, "- mend: {}", rule.mend);
    if super::mendable().any(|mended| mended.code == rule.code) {
        let _ = writeln!(text, "- `--fix` mends it where it is safe");
    }
    if rule.bad.is_empty() {
        return text;
    }
    text.push_str("\nBad:\n\n");
    example(&mut text, rule.bad);
    text.push_str("\nGood:\n\n");
    match rule.good {
        "{}" => text.push_str("the [example](#the-example) as it is\n"),
        good => example(&mut text, good),
    }
    text
}

/// All pages behind an introduction, in Markdown: `docs/rules.md`.
pub fn book() -> String {
    let mut text = String::from(INTRODUCTION);
    text.push_str("\n## The example\n\nThe examples below replace keys of this container; `null` removes one.\n\n");
    example(&mut text, super::rule::PUBLISHED);
    text.push_str("\nThose of rejected records replace keys of this one.\n\n");
    example(&mut text, super::rule::REJECTED);
    for (profile, heading) in [
        (Profile::Default, "Profile `default`"),
        (Profile::Cvelint, "Profile `cvelint`"),
    ] {
        let _ = write!(
            text,
            "\n## {heading}\n\n| code | rule | severity | decided from |\n|---|---|---|---|\n"
        );
        let of_profile = || rules().iter().filter(|rule| rule.profile() == profile);
        for rule in of_profile() {
            let anchor = rule.code.to_ascii_lowercase();
            let _ = writeln!(
                text,
                "| [{}](#{anchor}) | {} | {} | {} |",
                rule.code,
                rule.title,
                rule.severity.as_str(),
                rule.needs.as_str()
            );
        }
        for rule in of_profile() {
            text.push('\n');
            text.push_str(&page(rule));
        }
    }
    text
}

const INTRODUCTION: &str = "# Content rules

This page is made from the table in `crates/cve/src/lint/table/`; a test compares them, and
`CNA_BLESS=1` writes it.

A code is the number of the process specification's list of content rules, `REC` for published and
`REJ` for rejected records. Where one number has several conditions, the plain number is the chief
one and each other has a word behind it. Rules that list does not have begin with `TEXT`, `CPE` or
`PURL`. Everywhere a rule is asked for, a prefix of whole parts names all its rules: `REC-014` is
every rule about versions. cvelint's codes name the rules that took their place; with profile
`cvelint` they are its own rules, condition for condition, its mistakes included.

| severity | when |
|---|---|
| error | CVE Services refuses the document |
| violation | the list says *error*, and the condition can be decided from the text alone |
| warning | the list says *warning*, or *error* of what only a reader can be sure of |
| advice | the list says *info* |

Two rules depart from the list. `REC-030-SPACE` is a warning, because CVE Services trims texts
before it stores them. Duplicate references that are only equal after normalisation are the warning
`REC-040-SAME`.

A rule that needs more than the document (the ledger, the registry of products, the case, the pages
behind the references) is checked when that is known, and passed over otherwise. What only a person
can attest is listed and never checked.
";

fn in_words(needs: Needs) -> &'static str {
    match needs {
        Needs::Document => "the document",
        Needs::Schema => "the document, by the schema check under codes `SCHEMA-…` and `JSON-…`",
        Needs::Server => "the document and the time, by the server check under codes `SERVER-…`",
        Needs::Ledger => "the CNA's ledger",
        Needs::Registry => "the CNA's registry of products",
        Needs::Case => "the case, the advisory, or the CNA's other records",
        Needs::Network => "the pages behind the references",
        Needs::Person => "somebody's word; it is never checked",
    }
}

fn example(text: &mut String, keys: &str) {
    let value: Option<serde_json::Value> = serde_json::from_str(keys).ok();
    // The table's examples are JSON; a test reads them all.
    let value = value.map_or(keys.to_owned(), |value| format!("{value:#}"));
    let _ = writeln!(text, "```json\n{value}\n```");
}
