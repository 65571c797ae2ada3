//! Which codes are shown.

use cve::check::{Finding, codes};
use cve::lint::{self, Profile, Settings};

/// Which findings of the schema and the server are shown. The linter knows
/// itself which of its rules are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    select: Vec<String>,
    ignore: Vec<String>,
    /// Codes were selected, so that others are not shown.
    narrowed: bool,
    /// No content rule is selected.
    without_lint: bool,
}

impl Selection {
    /// Parts the names in those of content rules and all others.
    ///
    /// Refuses: a name that means nothing, with the ones that are near.
    pub(crate) fn read(
        profile: Profile,
        select: Vec<String>,
        ignore: Vec<String>,
    ) -> Result<(Selection, Settings), String> {
        let mut selection = Selection {
            narrowed: !select.is_empty(),
            ..Selection::default()
        };
        let mut settings = Settings {
            profile,
            ..Settings::default()
        };
        for name in select {
            match part(profile, &name)? {
                Part::Check => selection.select.push(name),
                Part::Lint => settings.select.push(name),
            }
        }
        for name in ignore {
            match part(profile, &name)? {
                Part::Check => selection.ignore.push(name),
                Part::Lint => settings.ignore.push(name),
            }
        }
        selection.without_lint = selection.narrowed && settings.select.is_empty();
        Ok((selection, settings))
    }

    /// Says whether any content rule may be shown.
    pub(crate) fn has_lint(&self) -> bool {
        !self.without_lint
    }

    /// Says whether a finding of the schema or the server is shown.
    ///
    /// A text that cannot be read is always said to be so, because a command
    /// that found nothing in it would seem to have looked.
    pub(crate) fn shows(&self, finding: &Finding) -> bool {
        let code = &*finding.code;
        if matches!(code, "JSON-SYNTAX" | "JSON-ENCODING" | "JSON-SIZE") {
            return true;
        }
        let named = |names: &[String]| names.iter().any(|name| names_code(name, code));
        (!self.narrowed || named(&self.select)) && !named(&self.ignore)
    }
}

enum Part {
    Check,
    Lint,
}

fn part(profile: Profile, name: &str) -> Result<Part, String> {
    if codes().iter().any(|code| names_code(name, code.code)) {
        return Ok(Part::Check);
    }
    let one = Settings {
        profile,
        select: vec![name.to_owned()],
        ..Settings::default()
    };
    match lint::Linter::new(&one) {
        Ok(_) => Ok(Part::Lint),
        Err(error) => {
            let near = near(name);
            let hint = match near.is_empty() {
                true => String::new(),
                false => format!("; near it are {}", near.join(", ")),
            };
            Err(format!("{error}{hint}"))
        }
    }
}

/// Says whether `name` is a code or its first whole parts, such as `SCHEMA`.
pub(crate) fn names_code(name: &str, code: &str) -> bool {
    let begins = code
        .get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name));
    !name.is_empty() && begins && matches!(code.as_bytes().get(name.len()), None | Some(b'-'))
}

/// Codes that look like `name`, at most three.
pub(crate) fn near(name: &str) -> Vec<String> {
    let name = name.to_ascii_uppercase();
    let ours = codes().iter().map(|code| code.code);
    let all = ours.chain(lint::rules().iter().map(|rule| rule.code));
    let mut found: Vec<(usize, &str)> = all
        .map(|code| (distance(&name, code), code))
        .filter(|(distance, code)| *distance <= 2.max(code.len() / 3))
        .collect();
    found.sort_unstable();
    found.truncate(3);
    found
        .into_iter()
        .map(|(_, code)| format!("`{code}`"))
        .collect()
}

/// How many characters must be changed, put in or left out (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_whole_parts_of_a_code() {
        assert!(names_code("schema", "SCHEMA-ENUM"));
        assert!(names_code("SCHEMA-ENUM", "SCHEMA-ENUM"));
        assert!(!names_code("SCHEMA-E", "SCHEMA-ENUM"));
        assert!(!names_code("", "SCHEMA-ENUM"));
        assert!(!names_code("SCHEMA-ENUM-X", "SCHEMA-ENUM"));
    }

    #[test]
    fn a_misspelt_code_has_near_ones() {
        assert_eq!(near("SCHEMA-ENUN")[0], "`SCHEMA-ENUM`");
        assert_eq!(near("nothing like it at all"), Vec::<String>::new());
    }

    #[test]
    fn a_text_that_cannot_be_read_is_always_said_to_be_so() {
        let (selection, _) =
            Selection::read(Profile::Default, vec!["SERVER".into()], vec!["JSON".into()]).unwrap();
        let finding = |code: &'static str| Finding {
            code: code.into(),
            severity: cve::check::Severity::Error,
            pointer: String::new(),
            message: String::new(),
            rule: "".into(),
            fix: "".into(),
            position: None,
        };
        assert!(selection.shows(&finding("JSON-SYNTAX")));
        assert!(selection.shows(&finding("SERVER-DATE")));
        assert!(!selection.shows(&finding("JSON-DUPLICATE")));
        assert!(!selection.shows(&finding("SCHEMA-ENUM")));
        assert!(!selection.has_lint());
    }
}
