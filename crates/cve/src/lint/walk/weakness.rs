//! Problem types and their CWE IDs.

use super::{Parts, Walk, is_english, is_placeholder, quoted};
use crate::check::Key;
use crate::cwe::{self, Cwe, Usage};
use crate::lint::sink::Said;
use crate::lint::table::Id;

impl<'a> Walk<'a, '_> {
    pub(super) fn weaknesses(&mut self, parts: &Parts, is_cna: bool) {
        let doc = self.document;
        let (mut has_type, mut has_id) = (false, false);
        let types = parts
            .problem_types
            .into_iter()
            .flat_map(|list| doc.items(list));
        let descriptions = types
            .filter_map(|item| doc.get(item, Key::Descriptions))
            .flat_map(|list| doc.items(list));
        for item in descriptions {
            let id = doc
                .get(item, Key::CweId)
                .and_then(|at| Some((at, doc.text(at)?)));
            let text = doc
                .get(item, Key::Description)
                .and_then(|at| Some((at, doc.text(at)?)));
            has_type |= id.is_some() || text.is_some_and(|(_, text)| says_type(text));
            has_id |= id.is_some();
            match (id, text) {
                (Some((at, id)), text) => {
                    let lang = doc.text_at(item, Key::Lang).unwrap_or("en");
                    self.weakness(at, id, text.filter(|_| is_english(lang)));
                }
                (None, Some((at, text))) => {
                    if let Some((number, _)) = split_id(text) {
                        has_id = true;
                        self.sink.hit(Id::CweField, at, || {
                            Said::from(format!("the text names CWE-{number}, `cweId` is missing"))
                                .fix(format!("add `\"cweId\": \"CWE-{number}\"`"))
                        });
                    }
                }
                (None, None) => {}
            }
        }
        if !is_cna {
            return;
        }
        let at = parts.problem_types.unwrap_or(parts.container);
        if !has_type {
            let (id, message) = match self.context.case {
                Some(case) if case.has_type_task => return,
                Some(_) => (
                    Id::TypeTask,
                    "the type is not known, and no task is open to supply it",
                ),
                None if parts.problem_types.is_none() => (
                    Id::TypeMissing,
                    "`problemTypes` is missing, expected the type or cause",
                ),
                None => (
                    Id::TypeMissing,
                    "no problem type says anything, expected the type or cause",
                ),
            };
            self.sink.hit(id, at, || message);
        } else if !has_id {
            self.sink
                .hit(Id::CweMissing, at, || "no problem type has a `cweId`");
        }
    }

    /// Says whether some problem type names the type or the cause.
    pub(super) fn names_type(&self, parts: &Parts) -> bool {
        let doc = self.document;
        let types = parts
            .problem_types
            .into_iter()
            .flat_map(|list| doc.items(list));
        let mut descriptions = types
            .filter_map(|item| doc.get(item, Key::Descriptions))
            .flat_map(|list| doc.items(list));
        descriptions.any(|item| {
            doc.text_at(item, Key::CweId).is_some()
                || doc.text_at(item, Key::Description).is_some_and(says_type)
        })
    }

    fn weakness(&mut self, at: usize, id: &str, text: Option<(usize, &str)>) {
        // The schema reports what is no ID at all.
        let Some(number) = cwe::number(id) else {
            return;
        };
        let Some(weakness) = cwe::entry(number) else {
            self.sink
                .hit(Id::CweUnknown, at, || format!("there is no {id}"));
            return;
        };
        match weakness.usage {
            Some(Usage::Prohibited) => self.sink.hit(Id::CweProhibited, at, || {
                let message = format!(
                    "{id} `{}` is {}, which no record may be mapped to",
                    weakness.name,
                    kind_of(weakness)
                );
                better(message, number, "name a weakness")
            }),
            Some(Usage::Discouraged) => self.sink.hit(Id::CweDiscouraged, at, || {
                let message = format!(
                    "{id} `{}` is discouraged as the type of a vulnerability",
                    weakness.name
                );
                better(message, number, "name a weakness that says more")
            }),
            _ => {}
        }
        if let Some((text_at, text)) = text {
            self.weakness_name(text_at, number, weakness, text);
        }
    }

    fn weakness_name(&mut self, at: usize, number: u32, weakness: &Cwe, text: &str) {
        let rest = match split_id(text) {
            Some((other, _)) if other != number => {
                self.sink.hit(Id::CweOther, at, || {
                    format!("the text names CWE-{other}, `cweId` CWE-{number}")
                });
                return;
            }
            Some((_, rest)) => rest,
            None => text,
        };
        let name = without_trailing_id(rest)
            .trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')' | '\''));
        if name.is_empty() || !self.sink.wants(Id::CweName) || weakness.is_called(name) {
            return;
        }
        let bare = name.rfind(" (").map_or(name, |start| &name[..start]);
        if !weakness.is_called(bare) {
            self.sink.hit(Id::CweName, at, || {
                Said::from(format!(
                    "the text is {}, CWE-{number} is called `{}`",
                    quoted(text),
                    weakness.name
                ))
                .fix(format!("write `CWE-{number} {}`", weakness.name))
            });
        }
    }
}

/// Says whether the text of a problem type names one.
fn says_type(text: &str) -> bool {
    const NOTHING: [&str; 5] = [
        "nvd-cwe-noinfo",
        "nvd-cwe-other",
        "noinfo",
        "no cwe",
        "insufficient information",
    ];
    let text = text.trim();
    !is_placeholder(text) && !NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// The number of the CWE ID a text begins with.
pub(in crate::lint) fn leading_id(text: &str) -> Option<u32> {
    split_id(text).map(|(number, _)| number)
}

/// The number of the CWE ID a text begins with, and what follows it.
fn split_id(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start();
    let start = text.get(..4)?;
    if !start.eq_ignore_ascii_case("CWE-") {
        return None;
    }
    let rest = &text[4..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest[..digits].parse().ok()?;
    Some((number, &rest[digits..]))
}

/// A name without the CWE ID behind it, in parentheses or not.
fn without_trailing_id(text: &str) -> &str {
    let text = text.trim_end();
    let bare = text.strip_suffix(')').unwrap_or(text);
    let bare = bare.trim_end_matches(|c: char| c.is_ascii_digit());
    bare.strip_suffix("CWE-")
        .map_or(text, |name| name.trim_end_matches(['(', ' ', '-', ':']))
}

fn kind_of(weakness: &Cwe) -> &'static str {
    use cwe::{Abstraction, Status};
    match (weakness.abstraction, weakness.status) {
        (_, Some(Status::Deprecated)) => "withdrawn",
        (_, Some(Status::Obsolete)) => "obsolete",
        (Some(Abstraction::Category), _) => "a category",
        (Some(Abstraction::View), _) => "a view",
        _ => "prohibited",
    }
}

/// Adds the weaknesses to name instead.
fn better(message: String, number: u32, otherwise: &'static str) -> Said {
    let said = Said::from(message);
    let children: Vec<String> = cwe::better_children(number)
        .take(4)
        .map(|child| format!("CWE-{} {}", child.id, child.name))
        .collect();
    match children.as_slice() {
        [] => said.fix(otherwise),
        [child] => said.fix(format!("name {child}")),
        _ => said.fix(format!(
            "name a child that fits, such as {}",
            children.join(", ")
        )),
    }
}
