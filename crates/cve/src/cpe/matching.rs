//! How the products two names describe lie to each other.

use super::attribute::{split_wildcards, unescaped};
use super::{Attribute, Cpe, Field};

/// How the set a source describes lies to the set a target describes.
///
/// Source: NISTIR 7696 section 6.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Both describe the same.
    Equal,
    /// The source describes all the target does, and more.
    Superset,
    /// The target describes all the source does, and more.
    Subset,
    /// They have nothing in common.
    Disjoint,
    /// None of the others, or not defined: the target has a wildcard.
    Undefined,
}

/// Source: NISTIR 7696 section 6.3, table 6-4.
pub(super) fn compare(source: &Cpe, target: &Cpe) -> Relation {
    let relations = Field::ALL.map(|field| source.get(field).compare(target.get(field)));
    let all = |allowed: &[Relation]| relations.iter().all(|relation| allowed.contains(relation));
    if relations.contains(&Relation::Disjoint) {
        Relation::Disjoint
    } else if all(&[Relation::Equal]) {
        Relation::Equal
    } else if all(&[Relation::Superset, Relation::Equal]) {
        Relation::Superset
    } else if all(&[Relation::Subset, Relation::Equal]) {
        Relation::Subset
    } else {
        Relation::Undefined
    }
}

impl Attribute {
    /// How this value lies to that of the same attribute in another name;
    /// letter case does not count.
    ///
    /// Source: NISTIR 7696 section 6.2, table 6-2.
    pub fn compare(&self, target: &Attribute) -> Relation {
        use Attribute::{Any, NotApplicable, Value};
        match (self, target) {
            (_, Value(_)) if target.has_wildcard() => Relation::Undefined,
            (Any, Any) | (NotApplicable, NotApplicable) => Relation::Equal,
            (Any, _) => Relation::Superset,
            (_, Any) => Relation::Subset,
            (NotApplicable, Value(_)) | (Value(_), NotApplicable) => Relation::Disjoint,
            (Value(_), Value(_)) if self.has_wildcard() => {
                match matches(self.as_str(), target.as_str()) {
                    true => Relation::Superset,
                    false => Relation::Disjoint,
                }
            }
            (Value(_), Value(_)) => match plain(self.as_str()) == plain(target.as_str()) {
                true => Relation::Equal,
                false => Relation::Disjoint,
            },
        }
    }
}

fn plain(text: &str) -> String {
    unescaped(text).to_ascii_lowercase()
}

/// Says whether `target` is what stands between the wildcards of `pattern`,
/// with no more around it than they allow: a `?` up to one character, a `*`
/// any number.
fn matches(pattern: &str, target: &str) -> bool {
    let (before, body, after) = split_wildcards(pattern);
    let (body, target) = (plain(body), plain(target));
    let most = |wildcards: &str| match wildcards {
        "*" => usize::MAX,
        marks => marks.len(),
    };
    // All characters of a name are ASCII, so bytes are characters.
    let Some(spare) = target.len().checked_sub(body.len()) else {
        return false;
    };
    (0..=spare).any(|start| {
        start <= most(before)
            && spare - start <= most(after)
            && target.as_bytes()[start..].starts_with(body.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Relation::{Disjoint, Equal, Subset, Superset, Undefined};

    fn attribute(text: &str) -> Attribute {
        Attribute::read(text, Field::Version, 0).unwrap()
    }

    #[test]
    fn attributes_lie_to_each_other_as_the_table_of_the_standard_says() {
        for (source, target, relation) in [
            ("*", "*", Equal),
            ("*", "-", Superset),
            ("*", "1", Superset),
            ("*", "1*", Undefined),
            ("-", "*", Subset),
            ("-", "-", Equal),
            ("-", "1", Disjoint),
            ("-", "1*", Undefined),
            ("1", "1", Equal),
            ("1", "2", Disjoint),
            ("1", "1*", Undefined),
            ("1", "-", Disjoint),
            ("1", "*", Subset),
            ("1*", "1.2", Superset),
            ("1*", "2", Disjoint),
            ("1*", "*", Subset),
            ("1*", "-", Disjoint),
            ("1*", "1*", Undefined),
        ] {
            assert_eq!(
                attribute(source).compare(&attribute(target)),
                relation,
                "{source} {target}"
            );
        }
    }

    #[test]
    fn a_wildcard_matches_as_much_as_it_may() {
        for (pattern, target, found) in [
            ("8.*", "8.0.6001", true),
            ("8.*", "8.", true),
            ("*1", "11", true),
            ("*ab*", "xabx", true),
            ("*ab*", "ba", false),
            ("sp?", "sp2", true),
            ("sp?", "sp", true),
            ("sp?", "sp10", false),
            ("sp??", "sp10", true),
            ("??b", "ab", true),
            ("?a?", "aaa", true),
            (r"c\+*", r"c\+\+", true),
            ("BETA*", "beta2", true),
        ] {
            let relation = attribute(pattern).compare(&attribute(target));
            assert_eq!(relation == Superset, found, "{pattern} {target}");
        }
    }

    #[test]
    fn names_lie_to_each_other_by_all_their_attributes() {
        let name = |text: &str| {
            format!("cpe:2.3:a:{text}:*:*:*:*:*:*:*")
                .parse::<Cpe>()
                .unwrap()
        };
        for (source, target, relation) in [
            ("v:p:*", "v:p:1", Superset),
            ("v:p:1", "v:p:*", Subset),
            ("V:p:1", "v:P:1", Equal),
            ("v:p:*", "v:q:1", Disjoint),
            ("v:*:1", "v:p:*", Undefined),
        ] {
            assert_eq!(
                name(source).compare(&name(target)),
                relation,
                "{source} {target}"
            );
        }
    }
}
