//! Refusals only the administration has.

use crate::error::{Error, Refusal};

/// Why something was not administered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// The caller is neither of the Secretariat nor of a Root.
    NotAdministrator,
    /// The caller is of a Root and does not administer it.
    NotRootAdmin,
    /// A Root tried what only the Secretariat may; says what.
    BeyondRoot(&'static str),
    /// The organisation named as Root does not exist, or is none.
    NotARoot(String),
    /// The Root would be under itself.
    RootUnderItself,
    /// The last Secretariat would be gone, or could not sign in any more.
    LastSecretariat,
    /// The year is not open.
    YearNotOpen(String),
    /// The last number would be below one that was given.
    RangeTooShort(String),
    /// These IDs do not exist or belong to nobody the caller administers.
    UnknownIds(Vec<String>),
}

impl Denied {
    /// Status, code and message.
    ///
    /// Source: our choice.
    pub fn wire(&self) -> (u16, &'static str, String) {
        match self {
            Denied::NotAdministrator => (
                403,
                "ADMINISTRATORS_ONLY",
                "Only the Secretariat and Roots administer.".into(),
            ),
            Denied::NotRootAdmin => (
                403,
                "NOT_ROOT_ADMIN",
                "Only administrators of the Root change its sub-CNAs.".into(),
            ),
            Denied::BeyondRoot(what) => (
                403,
                "BEYOND_ROOT",
                format!("A Root cannot {what}; ask the Secretariat."),
            ),
            Denied::NotARoot(org) => (
                400,
                "NOT_A_ROOT",
                format!("The organization '{org}' is not a Root: it needs the role ROOT_CNA."),
            ),
            Denied::RootUnderItself => (
                400,
                "ROOT_UNDER_ITSELF",
                "An organization cannot be under itself or under one that is under it.".into(),
            ),
            Denied::LastSecretariat => (
                409,
                "LAST_SECRETARIAT",
                "No Secretariat would be left that can sign in.".into(),
            ),
            Denied::YearNotOpen(year) => (
                404,
                "YEAR_NOT_OPEN",
                format!("The year {year} is not open."),
            ),
            Denied::RangeTooShort(year) => (
                409,
                "RANGE_TOO_SHORT",
                format!("Numbers of {year} above that end were given already."),
            ),
            Denied::UnknownIds(ids) => (
                404,
                "CVE_IDS_NOT_FOUND",
                format!("Not found: {}.", ids.join(", ")),
            ),
        }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Refusal {
        Refusal::Denied(denied)
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Error {
        Error::Refused(denied.into())
    }
}
