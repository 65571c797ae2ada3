//! Templates: text with `$NAME` slots, filled or refused.
//!
//! The first lines are `To:` and `Subject:`, then an empty line, then the
//! text. `$NAME` has to be filled; a line with an empty `$NAME?` is left out,
//! as is a heading or label that nothing follows; `$$` is a dollar sign. A
//! line that begins with `_guidance_` is for whoever edits the template.
//!
//! Source: process section 12.3.

use std::collections::BTreeMap;

/// What stands in a template that cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template `{template}`, line {line}: {problem}")]
pub struct TemplateFault {
    /// The template.
    pub template: String,
    /// The line, from 1.
    pub line: usize,
    /// What was found, what was expected.
    pub problem: String,
}

/// A text made from a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// What a text must not hold once it is filled: somebody forgot it.
const LEFT_OVER: [&str; 4] = ["TODO", "FIXME", "XXXX", "CVE-####"];

/// What stands in no text that is for the public.
const EMBARGOED: &str = "[EMBARGOED]";

/// Names every template may use.
pub(crate) const NAMES: [&str; 20] = [
    "CVE",
    "SUMMARY",
    "DESCRIPTION",
    "SEVERITY",
    "VECTOR",
    "AFFECTED",
    "FIXED",
    "SOLUTION",
    "WORKAROUND",
    "DETECTION",
    "ADVISORY",
    "CREDIT",
    "PRODUCT",
    "PERSON",
    "ORGANISATION",
    "LIST",
    "TAG",
    "REPORTER",
    "REPORTER_NAME",
    "COORDINATORS",
];

/// Fills a template.
///
/// Takes: `text`, the template; `values` by name, without the dollar sign.
/// Refuses: an unknown name, an empty value that is not optional, a head
/// without `To:` and `Subject:`, what looks forgotten.
pub(crate) fn fill(
    template: &str,
    text: &str,
    values: &BTreeMap<String, String>,
) -> Result<Filled, TemplateFault> {
    if let Some(index) = text.lines().position(|line| line.contains(EMBARGOED)) {
        return Err(TemplateFault {
            template: template.to_owned(),
            line: index + 1,
            problem: format!("`{EMBARGOED}` is left over: write what belongs there"),
        });
    }
    fill_embargoed(template, text, values)
}

/// The same for what is read under embargo, and says so.
pub(crate) fn fill_embargoed(
    template: &str,
    text: &str,
    values: &BTreeMap<String, String>,
) -> Result<Filled, TemplateFault> {
    let fault = |line: usize, problem: String| TemplateFault {
        template: template.to_owned(),
        line,
        problem,
    };
    let lines: Vec<&str> = text.lines().collect();
    let head = |number: usize, key: &str| {
        let line = lines.get(number).copied().unwrap_or_default();
        let value = line.strip_prefix(key).map(str::trim);
        let value = value.ok_or_else(|| {
            let shown: String = line.chars().take(64).collect();
            fault(number + 1, format!("`{shown}`, expected `{key} …`"))
        })?;
        let filled = slots(value, values).map_err(|problem| fault(number + 1, problem))?;
        filled.ok_or_else(|| fault(number + 1, format!("`{key}` is empty")))
    };
    let (to, subject) = (head(0, "To:")?, head(1, "Subject:")?);
    let mut body: Vec<String> = Vec::new();
    for (index, line) in lines.iter().enumerate().skip(2) {
        if line.starts_with("_guidance_") {
            continue;
        }
        match slots(line, values).map_err(|problem| fault(index + 1, problem))? {
            Some(filled) => body.push(filled),
            None => drop_label(&mut body),
        }
    }
    let body = squeezed(&body);
    for (index, line) in lines.iter().enumerate() {
        if let Some(found) = LEFT_OVER.iter().find(|word| line.contains(**word)) {
            let problem = format!("`{found}` is left over: write what belongs there");
            return Err(fault(index + 1, problem));
        }
    }
    Ok(Filled { to, subject, body })
}

/// Takes a heading away that nothing follows.
fn drop_label(body: &mut Vec<String>) {
    while body.last().is_some_and(String::is_empty) {
        body.pop();
    }
    let is_label = |line: &String| {
        line.starts_with('#')
            || line.ends_with(':')
            || line.ends_with("have the fix")
            || line == "What to do"
    };
    if body.len() > 1 && body.last().is_some_and(is_label) {
        body.pop();
    }
    body.push(String::new());
}

/// The lines as a text, without two empty ones in a row.
fn squeezed(lines: &[String]) -> String {
    let mut text = String::new();
    let mut empty = true;
    for line in lines {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        text.push_str(line);
        text.push('\n');
    }
    format!("{}\n", text.trim_end())
}

/// A line with its slots filled; nothing where an optional one is empty.
fn slots(line: &str, values: &BTreeMap<String, String>) -> Result<Option<String>, String> {
    let mut filled = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(more) = after.strip_prefix('$') {
            filled.push('$');
            rest = more;
            continue;
        }
        let length = after
            .bytes()
            .take_while(|byte| byte.is_ascii_uppercase() || *byte == b'_')
            .count();
        let (name, more) = after.split_at(length);
        let (optional, more) = match more.strip_prefix('?') {
            Some(more) => (true, more),
            None => (false, more),
        };
        match values.get(name).map(|value| value.trim()) {
            Some("") if optional => return Ok(None),
            Some("") => return Err(format!("`${name}` is empty: set it with `--set {name}=…`")),
            Some(value) => filled.push_str(value),
            None if name.is_empty() => {
                return Err("`$` stands alone: write `$$` for a dollar sign".to_owned());
            }
            None => {
                let known: Vec<&str> = values.keys().map(String::as_str).collect();
                return Err(format!(
                    "`${name}` is unknown, expected one of {}",
                    known.join(", ")
                ));
            }
        }
        rest = more;
    }
    filled.push_str(rest);
    Ok(Some(filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn slots_are_filled_and_optional_lines_left_out() {
        let text = "To: all\nSubject: $CVE\n\n_guidance_ not this\nIt is $CVE for $$1.\n\
                    ## Credit\n\n$CREDIT?\n\nEnd\n";
        let filled = fill(
            "t",
            text,
            &values(&[("CVE", "CVE-1900-1000"), ("CREDIT", "")]),
        );
        assert_eq!(
            filled.unwrap(),
            Filled {
                to: "all".into(),
                subject: "CVE-1900-1000".into(),
                body: "It is CVE-1900-1000 for $1.\n\nEnd\n".into(),
            }
        );
    }

    #[test]
    fn an_unknown_name_is_told_with_template_and_line() {
        let text = "To: all\nSubject: x\n\nfine\n$NOPE\n";
        let fault = fill("mail", text, &values(&[("CVE", "x")])).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "template `mail`, line 5: `$NOPE` is unknown, expected one of CVE"
        );
    }

    #[test]
    fn an_empty_required_slot_and_a_left_over_are_refused() {
        let known = values(&[("CVE", "")]);
        let fault = fill("mail", "To: all\nSubject: $CVE\n", &known).unwrap_err();
        assert_eq!(fault.line, 2);
        let fault = fill("mail", "To: all\nSubject: x\n\nTODO: text\n", &known).unwrap_err();
        assert_eq!(fault.line, 4);
    }
}
