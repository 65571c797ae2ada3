//! Why a text was not read.

use std::fmt;

/// Why a text that says more than one version was not read into ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Longer than any `version` may be.
    TooLong,
    /// A word that is neither a version nor part of a phrase that is known.
    Word {
        /// The word.
        word: String,
    },
    /// A sign or a word that needs a version has none.
    NoVersion {
        /// What needs one.
        after: String,
    },
    /// A sign stands behind its version, as in `1.2 <`.
    SignBehind {
        /// The sign.
        sign: String,
    },
    /// An operator of some package manager, such as `^` or `~>`.
    Operator {
        /// The operator.
        operator: String,
    },
    /// A word that may or may not include the version it names.
    Unclear {
        /// The word.
        word: String,
    },
    /// Several ends where one is possible; whether all hold or any is not
    /// said.
    SeveralEnds,
    /// The lower end comes after the upper one, or nothing lies between.
    Turned {
        /// The lower end.
        lower: String,
        /// The upper end.
        upper: String,
    },
    /// A series such as `2.x` where only one version can stand.
    Series {
        /// The series.
        series: String,
    },
    /// A letter-led word that may be a name as well as a version.
    NameOrVersion {
        /// The word.
        word: String,
    },
    /// A list of numbers that may as well be one version.
    ListOrVersion,
    /// A word that may be a shortened commit as well as a version.
    CommitOrVersion {
        /// The word.
        word: String,
    },
    /// Commits and versions stand in one list, and no type fits both.
    Mixed,
}

impl Unread {
    /// A stable word for the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Unread::TooLong => "too-long",
            Unread::Word { .. } => "unknown-word",
            Unread::NoVersion { .. } => "no-version",
            Unread::SignBehind { .. } => "sign-behind",
            Unread::Operator { .. } => "operator",
            Unread::Unclear { .. } => "unclear-end",
            Unread::SeveralEnds => "several-ends",
            Unread::Turned { .. } => "turned",
            Unread::Series { .. } => "series-as-end",
            Unread::NameOrVersion { .. } => "name-or-version",
            Unread::ListOrVersion => "list-or-version",
            Unread::CommitOrVersion { .. } => "commit-or-version",
            Unread::Mixed => "mixed",
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::TooLong => f.write_str("the text is longer than a version may be"),
            Unread::Word { word } => {
                write!(f, "`{word}` is no version and no known word of a range")
            }
            Unread::NoVersion { after } => write!(f, "`{after}` is not followed by a version"),
            Unread::SignBehind { sign } => {
                write!(
                    f,
                    "`{sign}` stands behind its version, so its direction is not certain"
                )
            }
            Unread::Operator { operator } => {
                write!(
                    f,
                    "`{operator}` is an operator of a package manager and has no one meaning"
                )
            }
            Unread::Unclear { word } => {
                write!(
                    f,
                    "`{word}` does not say whether the version it names is included"
                )
            }
            Unread::SeveralEnds => {
                f.write_str("there are several ends, and whether all hold or any is not said")
            }
            Unread::Turned { lower, upper } => {
                write!(
                    f,
                    "nothing lies between the lower end `{lower}` and the upper end `{upper}`"
                )
            }
            Unread::Series { series } => {
                write!(
                    f,
                    "`{series}` is a series, and only one version can stand in its place"
                )
            }
            Unread::NameOrVersion { word } => write!(f, "`{word}` may be a name or a version"),
            Unread::ListOrVersion => f.write_str("it may be a list of numbers or one version"),
            Unread::CommitOrVersion { word } => write!(f, "`{word}` may be a commit or a version"),
            Unread::Mixed => {
                f.write_str("commits and versions are mixed, and no version type fits both")
            }
        }
    }
}
