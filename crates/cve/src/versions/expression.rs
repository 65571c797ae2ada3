//! Ranges written as text where a single version belongs.

use std::cmp::Ordering;

use super::Scheme;

/// A range that somebody wrote into `version`, such as `>= 1.3, < 1.3.19` or
/// `2.0 and earlier`: bounds that all hold at once.
///
/// Source: formats section 2.3, after what records hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The bounds, at least one; none at all means every version.
    pub bounds: Vec<Bound>,
    /// Whether it was written in words rather than with operators.
    pub in_words: bool,
}

/// One bound of an [`Expression`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// How a version must compare with `version`.
    pub operator: Operator,
    /// The version at the bound.
    pub version: String,
}

/// How a version must compare with a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=` or `==`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

impl Operator {
    /// The sign, such as `<=`.
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Equal => "=",
            Operator::GreaterOrEqual => ">=",
            Operator::Greater => ">",
        }
    }

    fn allows(self, order: Ordering) -> bool {
        match self {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Equal => order.is_eq(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Greater => order.is_gt(),
        }
    }
}

/// Operators as they are written, longer ones first.
const SIGNS: [(&str, Operator); 8] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("≤", Operator::LessOrEqual),
    ("≥", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

/// Words that only introduce a range or a version.
const LABELS: [&str; 7] = [
    "all ",
    "versions ",
    "version ",
    "firmware ",
    "ver. ",
    "ver.",
    "from ",
];

/// Words before a version, longer ones first.
const BEFORE: [(&str, Operator); 9] = [
    ("prior to and including ", Operator::LessOrEqual),
    ("up to and including ", Operator::LessOrEqual),
    ("earlier than ", Operator::Less),
    ("lower than ", Operator::Less),
    ("prior to ", Operator::Less),
    ("before ", Operator::Less),
    ("up to ", Operator::LessOrEqual),
    ("through ", Operator::LessOrEqual),
    ("below ", Operator::Less),
];

/// Words after a version.
const AFTER: [(&str, Operator); 14] = [
    (" and earlier", Operator::LessOrEqual),
    (" and earlier versions", Operator::LessOrEqual),
    (" and prior", Operator::LessOrEqual),
    (" and prior versions", Operator::LessOrEqual),
    (" and below", Operator::LessOrEqual),
    (" and lower", Operator::LessOrEqual),
    (" and older", Operator::LessOrEqual),
    (" or earlier", Operator::LessOrEqual),
    (" or below", Operator::LessOrEqual),
    (" and later", Operator::GreaterOrEqual),
    (" and above", Operator::GreaterOrEqual),
    (" and newer", Operator::GreaterOrEqual),
    (" or later", Operator::GreaterOrEqual),
    (" or above", Operator::GreaterOrEqual),
];

/// Words between two versions, and the operator of the second.
const BETWEEN: [(&str, Operator); 7] = [
    (" up to and including ", Operator::LessOrEqual),
    (" and prior to ", Operator::Less),
    (" through ", Operator::LessOrEqual),
    (" before ", Operator::Less),
    (" prior to ", Operator::Less),
    (" to ", Operator::LessOrEqual),
    (" - ", Operator::LessOrEqual),
];

impl Expression {
    /// Reads a range from the text of a `version`.
    ///
    /// Gives: `None` when the text is not such a range, which a plain version
    /// never is.
    pub fn read(text: &str) -> Option<Expression> {
        let text = text.trim();
        let every = ["all", "all versions"]
            .iter()
            .any(|all| all.eq_ignore_ascii_case(text));
        if every {
            return Some(Expression {
                bounds: Vec::new(),
                in_words: true,
            });
        }
        let text = without_labels(text);
        signs(text).or_else(|| words(text))
    }

    /// Says whether `version` lies in the range.
    ///
    /// Gives: `None` when that cannot be told under `scheme`; a type without
    /// an order is tried as semantic versions too, because that is what the
    /// writers of such ranges number by.
    pub fn contains(&self, scheme: Scheme, version: &str) -> Option<bool> {
        let mut certain = true;
        for bound in &self.bounds {
            let order = scheme.compare(version, &bound.version).or_else(|| {
                let guess = scheme.guesses().then_some(Scheme::Semver);
                guess.and_then(|guess| guess.compare(version, &bound.version))
            });
            match order {
                Some(order) if !bound.operator.allows(order) => return Some(false),
                Some(_) => {}
                None => certain = false,
            }
        }
        certain.then_some(true)
    }
}

/// Reads `op version` separated by commas.
fn signs(text: &str) -> Option<Expression> {
    let mut bounds = Vec::new();
    for part in text.split(',') {
        let part = part.trim();
        let (sign, operator) = SIGNS.iter().find(|(sign, _)| part.starts_with(sign))?;
        bounds.push(bound(*operator, &part[sign.len()..])?);
    }
    Some(Expression {
        bounds,
        in_words: false,
    })
}

/// Reads the phrases of the tables above, in any letter case.
fn words(text: &str) -> Option<Expression> {
    // Only ASCII letters change, so places in the two texts are the same.
    let lower = text.to_ascii_lowercase();
    let bounds = if let Some((words, operator)) = BEFORE.iter().find(|(w, _)| lower.starts_with(w))
    {
        vec![bound(*operator, &text[words.len()..])?]
    } else if let Some((words, operator)) = AFTER.iter().find(|(w, _)| lower.ends_with(w)) {
        vec![bound(*operator, &text[..text.len() - words.len()])?]
    } else {
        between(text, &lower)?
    };
    Some(Expression {
        bounds,
        in_words: true,
    })
}

fn between(text: &str, lower: &str) -> Option<Vec<Bound>> {
    let (at, words, operator) = BETWEEN
        .iter()
        .find_map(|(words, operator)| lower.find(words).map(|at| (at, words, operator)))?;
    let first = bound(Operator::GreaterOrEqual, &text[..at])?;
    let second = bound(*operator, &text[at + words.len()..])?;
    Some(vec![first, second])
}

/// A bound at one version: one word that has a digit in it.
fn bound(operator: Operator, version: &str) -> Option<Bound> {
    let version = without_labels(version.trim());
    let plain = !version.contains(char::is_whitespace)
        && !version.contains(['<', '>', '=', ','])
        && version.contains(|c: char| c.is_ascii_digit());
    plain.then(|| Bound {
        operator,
        version: version.to_owned(),
    })
}

/// `text` without the labels it begins with.
fn without_labels(mut text: &str) -> &str {
    let begins = |text: &str, label: &&&str| {
        let head = text.get(..label.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(label))
    };
    while let Some(label) = LABELS.iter().find(|label| begins(text, label)) {
        text = text[label.len()..].trim_start();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        let expression = Expression::read(text)?;
        let bounds = expression.bounds.iter();
        let parts: Vec<_> = bounds
            .map(|bound| format!("{} {}", bound.operator.as_str(), bound.version))
            .collect();
        Some(parts.join(", "))
    }

    #[test]
    fn ranges_in_signs_and_in_words_are_read() {
        for (text, bounds) in [
            ("< 2.3.1", "< 2.3.1"),
            (">= 1.3.0, < 1.3.19", ">= 1.3.0, < 1.3.19"),
            ("<=5.0", "<= 5.0"),
            ("= 1.0", "= 1.0"),
            ("1.0 - 2.5", ">= 1.0, <= 2.5"),
            ("from 1.0 through 2.5", ">= 1.0, <= 2.5"),
            ("4.1 before 4.1.7", ">= 4.1, < 4.1.7"),
            ("before 3.2", "< 3.2"),
            ("Prior to version 3.2", "< 3.2"),
            ("2.0 and earlier", "<= 2.0"),
            ("2.0 and Later", ">= 2.0"),
            ("up to 7", "<= 7"),
            ("All versions", ""),
            ("All versions < V4.7", "< V4.7"),
            ("versions 4.30 through 5.37", ">= 4.30, <= 5.37"),
            ("firmware Ver. 1.32 and earlier", "<= 1.32"),
        ] {
            assert_eq!(read(text).as_deref(), Some(bounds), "{text}");
        }
    }

    #[test]
    fn plain_versions_and_names_are_not_ranges() {
        for text in [
            "1.0",
            "1.0-2",
            "v2.3.1-rc.1",
            "Windows 10 Version 1809",
            "12.2 SP1",
            "n/a",
            "*",
            "-",
            "",
            "<",
            "before",
            "1.0, 1.1",
            "before the flood",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_version_is_in_a_range_when_every_bound_allows_it() {
        let range = Expression::read(">= 1.3.0, < 1.3.19").unwrap();
        assert_eq!(range.contains(Scheme::Custom, "1.3.18"), Some(true));
        assert_eq!(range.contains(Scheme::Custom, "1.3.19"), Some(false));
        assert_eq!(range.contains(Scheme::Custom, "1.3.19-rc1"), Some(true));
        assert_eq!(range.contains(Scheme::Custom, "trunk"), None);
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(text in "([<>=] ?|before |and |from |- |\\PC){0,6}") {
            let _ = Expression::read(&text);
        }
    }
}
