//! The phrases that texts are written in.

use crate::versions::Operator;

/// Words that only introduce a version.
pub(super) const LABELS: [&str; 9] = [
    "version", "versions", "ver", "ver.", "v.", "release", "releases", "firmware", "software",
];

/// Words that make a phrase with a version after them: the operator.
pub(super) const BEFORE: [(&[&str], Operator); 19] = [
    (&["prior", "to", "and", "including"], Operator::LessOrEqual),
    (&["before", "and", "including"], Operator::LessOrEqual),
    (&["up", "to", "and", "including"], Operator::LessOrEqual),
    (&["up", "to", "but", "not", "including"], Operator::Less),
    (&["up", "to", "but", "excluding"], Operator::Less),
    (&["up", "to", "excluding"], Operator::Less),
    (&["up", "to", "including"], Operator::LessOrEqual),
    (&["up", "to", "(excluding)"], Operator::Less),
    (&["up", "to", "(including)"], Operator::LessOrEqual),
    (&["up", "through"], Operator::LessOrEqual),
    (&["earlier", "than"], Operator::Less),
    (&["older", "than"], Operator::Less),
    (&["lower", "than"], Operator::Less),
    (&["less", "than"], Operator::Less),
    (&["previous", "to"], Operator::Less),
    (&["prior", "to"], Operator::Less),
    (&["before"], Operator::Less),
    (&["below"], Operator::Less),
    (&["through"], Operator::LessOrEqual),
];

/// Words between two versions: the operator of the second.
pub(super) const BETWEEN: [(&[&str], Operator); 2] = [
    (&["to"], Operator::LessOrEqual),
    (&["thru"], Operator::LessOrEqual),
];

/// Words that begin a range at a version: the operator of it.
pub(super) const FROM: [(&[&str], Operator); 11] = [
    (&["from", "(including)"], Operator::GreaterOrEqual),
    (&["from", "(excluding)"], Operator::Greater),
    (&["starting", "from"], Operator::GreaterOrEqual),
    (&["starting", "with"], Operator::GreaterOrEqual),
    (&["starting", "at"], Operator::GreaterOrEqual),
    (&["from"], Operator::GreaterOrEqual),
    (&["since"], Operator::GreaterOrEqual),
    (&["later", "than"], Operator::Greater),
    (&["newer", "than"], Operator::Greater),
    (&["greater", "than"], Operator::Greater),
    (&["after"], Operator::Greater),
];

/// Words after `and` or `or` behind a version that open it downwards.
pub(super) const EARLIER: [&str; 7] = [
    "earlier", "prior", "below", "lower", "older", "previous", "before",
];

/// Words after `and` or `or` behind a version that open it upwards.
pub(super) const LATER: [&str; 8] = [
    "later", "above", "newer", "higher", "after", "up", "onward", "onwards",
];

/// Words whose end is anybody's guess.
pub(super) const UNCLEAR: [&str; 3] = ["until", "between", "till"];
