//! How many IDs: findings fall into groups, and each group has a count.
//!
//! Source: process section 2.3, stage D and the counting algorithm.

use std::collections::BTreeSet;

use serde::Serialize;

/// What two findings are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// Each can be fixed without the other.
    Separate,
    /// One fix, a chain, or both needed together; or nobody can tell.
    Together,
}

/// How the products of a group hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spread {
    /// One product.
    One,
    /// The same vulnerable code in all.
    SharedCode,
    /// Code that is not the same in all, or nobody can tell.
    OwnCode,
    /// The use of a function or specification that has no secure way.
    NoSecureWay,
    /// The use of one that has, or nobody can tell.
    SecureWay,
}

/// A product as the count sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Part {
    /// Its name.
    pub product: String,
    /// The codebases it is known to share with others.
    pub codebases: Vec<String>,
}

/// Findings that are one vulnerability, with their count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The findings, by place.
    pub members: Vec<usize>,
    /// How many IDs it takes.
    pub count: u32,
}

/// Puts findings into groups: two are together when a chain of ties leads
/// from one to the other.
///
/// Takes: how many findings there are; the tie of two of them by place.
/// Gives: every finding in exactly one group, in the order of their first.
pub fn groups(findings: usize, tie: impl Fn(usize, usize) -> Tie) -> Vec<Vec<usize>> {
    let mut root: Vec<usize> = (0..findings).collect();
    for one in 0..findings {
        for other in one + 1..findings {
            if tie(one, other) == Tie::Together {
                let (from, to) = (root[other], root[one]);
                for place in &mut root {
                    if *place == from {
                        *place = to;
                    }
                }
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for place in 0..findings {
        match groups
            .iter_mut()
            .find(|group| root[group[0]] == root[place])
        {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// How many IDs a vulnerability in these products takes.
///
/// Takes: the known affected products; `implementations` as the number of
/// known vulnerable implementations, where the use of a function is at fault.
/// Gives: at least 1.
/// Source: process D3 to D5; CNA Rules 4.2.13, 4.2.14.
pub fn ids(spread: &Spread, products: &[Part], implementations: usize) -> u32 {
    let count = match spread {
        Spread::One | Spread::SharedCode | Spread::NoSecureWay => 1,
        Spread::OwnCode => codebases(products),
        Spread::SecureWay if implementations > 0 => implementations,
        // Several products of one codebase are one implementation (trap T-12).
        Spread::SecureWay => codebases(products),
    };
    u32::try_from(count.max(1)).unwrap_or(u32::MAX)
}

/// Products with confirmed shared code fall into one part; every other is a
/// part of its own.
fn codebases(products: &[Part]) -> usize {
    let shares = |one: &Part, other: &Part| {
        let own: BTreeSet<_> = one.codebases.iter().collect();
        other.codebases.iter().any(|name| own.contains(name))
    };
    let tie = |one: usize, other: usize| {
        let (one, other) = (&products[one], &products[other]);
        if one.product == other.product || shares(one, other) {
            Tie::Together
        } else {
            Tie::Separate
        }
    };
    groups(products.len(), tie).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(product: &str, codebases: &[&str]) -> Part {
        Part {
            product: product.into(),
            codebases: codebases.iter().map(ToString::to_string).collect(),
        }
    }

    /// The three examples of the Program's training on counting: one check in
    /// front of one copy, one copy a branch, six copies.
    #[test]
    fn the_copies_count_and_not_the_commands() {
        for (copy_of, expected) in [
            ([0, 0, 0, 0, 0, 0], 1),
            ([0, 0, 0, 0, 1, 1], 2),
            ([0, 1, 2, 3, 4, 5], 6),
        ] {
            let tie = |one: usize, other: usize| {
                if copy_of[one] == copy_of[other] {
                    Tie::Together
                } else {
                    Tie::Separate
                }
            };
            assert_eq!(groups(6, tie).len(), expected);
        }
    }

    #[test]
    fn shared_code_is_one_however_many_products() {
        let products = [
            part("api", &["lib"]),
            part("cli", &["lib"]),
            part("box", &[]),
        ];
        assert_eq!(ids(&Spread::SharedCode, &products, 0), 1);
        assert_eq!(ids(&Spread::OwnCode, &products, 0), 2);
    }

    #[test]
    fn implementations_of_one_codebase_count_once() {
        let products = [part("a", &["x"]), part("b", &["x"]), part("c", &[])];
        assert_eq!(ids(&Spread::SecureWay, &products, 0), 2);
        assert_eq!(ids(&Spread::SecureWay, &products, 5), 5);
        assert_eq!(ids(&Spread::NoSecureWay, &products, 5), 1);
    }

    proptest! {
        #[test]
        fn every_finding_is_in_one_group(size in 0usize..12, ties in proptest::collection::vec(any::<bool>(), 144)) {
            let tie = |one: usize, other: usize| {
                if ties[one * 12 + other] { Tie::Together } else { Tie::Separate }
            };
            let mut seen: Vec<usize> = groups(size, tie).concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..size).collect::<Vec<_>>());
        }
    }
}
