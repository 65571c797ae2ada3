//! What can be wrong with the versions of a product.

use super::{Expression, Status};

/// One thing that is wrong with the `versions` of an entry of `affected`.
///
/// Pointers are JSON pointers from that entry, such as `/versions/0/lessThan`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionFault {
    /// A range ends where it begins and does not include its end.
    #[error("the range from `{lower}` to `{upper}` holds no version")]
    EmptyRange {
        /// The upper end.
        pointer: String,
        /// The lower end.
        lower: String,
        /// The upper end.
        upper: String,
        /// Whether the order that shows it is only a guess.
        guessed: bool,
    },
    /// A range ends before it begins.
    #[error("the range begins at `{lower}` and ends before it, at `{upper}`")]
    ReversedRange {
        /// The upper end.
        pointer: String,
        /// The lower end.
        lower: String,
        /// The upper end.
        upper: String,
        /// Whether the order that shows it is only a guess.
        guessed: bool,
    },
    /// Two ranges share versions and differ in status.
    #[error("the range is {status} and overlaps one that is {other_status}, at `{other}`")]
    Overlap {
        /// The later item of `versions`.
        pointer: String,
        /// The earlier item, or one of its changes.
        other: String,
        /// The status of the later item.
        status: Status,
        /// The status of the earlier item.
        other_status: Status,
        /// Whether the order that shows it is only a guess.
        guessed: bool,
    },
    /// One version has two statuses: it is named twice, or named beside a
    /// range that holds it.
    #[error("`{version}` is {status}, and {other_status} at `{other}`")]
    Contradiction {
        /// The later item, or the later of two changes.
        pointer: String,
        /// The earlier one.
        other: String,
        /// The version.
        version: String,
        /// The status of the later item.
        status: Status,
        /// The status of the earlier item.
        other_status: Status,
        /// Whether the order that shows it is only a guess.
        guessed: bool,
    },
    /// A change comes at a version its range does not hold.
    #[error("the change at `{at}` lies outside its range, {range}")]
    ChangeOutsideRange {
        /// The `at` of the change.
        pointer: String,
        /// The version.
        at: String,
        /// The range in words.
        range: String,
        /// Whether it comes at the upper end or behind it, where it changes
        /// nothing and only says what comes after.
        at_end: bool,
        /// Whether the order that shows it is only a guess.
        guessed: bool,
    },
    /// An item has changes and no upper end.
    #[error("`changes` needs a range; give `lessThan` or `lessThanOrEqual`")]
    ChangesWithoutRange {
        /// The item of `versions`.
        pointer: String,
    },
    /// An item has both upper ends.
    #[error("`lessThan` and `lessThanOrEqual` stand together; keep one")]
    BothUpperEnds {
        /// The item of `versions`.
        pointer: String,
    },
    /// A range without `versionType` has no order.
    #[error("the range has no `versionType`, so its versions have no order")]
    MissingVersionType {
        /// The item of `versions`.
        pointer: String,
    },
    /// A `versionType` is not registered, or not spelt as it is.
    #[error("the version type `{found}` is not known")]
    UnknownVersionType {
        /// The `versionType`.
        pointer: String,
        /// What it says.
        found: String,
        /// The registered type it resembles.
        resembled: Option<&'static str>,
    },
    /// A version cannot be read under the `versionType` of its item.
    #[error("`{found}` is not a version of type `{version_type}`")]
    NotOfItsType {
        /// The version.
        pointer: String,
        /// What it says.
        found: String,
        /// The `versionType`.
        version_type: String,
    },
    /// A range is written as text where one version belongs.
    #[error("`{found}` is a range written as text; use `lessThan` or `lessThanOrEqual`")]
    RangeAsText {
        /// The version.
        pointer: String,
        /// What it says.
        found: String,
        /// What it means, as far as it can be read.
        meaning: Option<Expression>,
        /// Whether it uses operators such as `<` rather than words.
        operators: bool,
    },
    /// Several versions stand where one belongs.
    #[error("`{found}` is a list; give each version an item of its own")]
    ListAsText {
        /// The version.
        pointer: String,
        /// What it says.
        found: String,
    },
    /// A word that says nothing stands where a version belongs.
    #[error("`{found}` names no version")]
    Placeholder {
        /// The version.
        pointer: String,
        /// What it says.
        found: String,
    },
    /// A wildcard stands where none has a meaning: only an upper end may be
    /// `*` or end in `.*`.
    #[error("the wildcard in `{found}` has no meaning here; only an upper end may end in `.*`")]
    Wildcard {
        /// The version.
        pointer: String,
        /// What it says.
        found: String,
    },
}

impl VersionFault {
    /// Where the fault lies: a JSON pointer from the entry of `affected`.
    pub fn pointer(&self) -> &str {
        match self {
            VersionFault::EmptyRange { pointer, .. }
            | VersionFault::ReversedRange { pointer, .. }
            | VersionFault::Overlap { pointer, .. }
            | VersionFault::Contradiction { pointer, .. }
            | VersionFault::ChangeOutsideRange { pointer, .. }
            | VersionFault::ChangesWithoutRange { pointer }
            | VersionFault::BothUpperEnds { pointer }
            | VersionFault::MissingVersionType { pointer }
            | VersionFault::UnknownVersionType { pointer, .. }
            | VersionFault::NotOfItsType { pointer, .. }
            | VersionFault::RangeAsText { pointer, .. }
            | VersionFault::ListAsText { pointer, .. }
            | VersionFault::Placeholder { pointer, .. }
            | VersionFault::Wildcard { pointer, .. } => pointer,
        }
    }
}
