//! CPE names: read from a 2.2 URI or a 2.3 formatted string, bound to each
//! other, and compared.
//!
//! ```
//! use cve::cpe::{Attribute, Cpe, Field, Relation};
//!
//! let cpe: Cpe = r"cpe:2.3:a:example:c\+\+_tool:1.0:*:*:*:*:*:*:*".parse()?;
//! assert_eq!(cpe.uri(), "cpe:/a:example:c%2b%2b_tool:1.0");
//! assert_eq!(cpe.uri().parse::<Cpe>()?, cpe);
//! assert_eq!(cpe.get(Field::Product).plain().as_deref(), Some("c++_tool"));
//!
//! let any_version = cpe.clone().with(Field::Version, Attribute::Any);
//! let relation = any_version.map(|any_version| any_version.compare(&cpe));
//! assert_eq!(relation, Some(Relation::Superset));
//! # Ok::<(), cve::cpe::InvalidCpe>(())
//! ```

use std::fmt;
use std::str::FromStr;

mod attribute;
mod formatted;
mod matching;
mod uri;

pub use attribute::{Attribute, Value};
pub use matching::Relation;

/// A CPE name: eleven attributes of a product.
///
/// Always true: every attribute is well formed, the part is one of `a`, `h`,
/// `o` or open, and the language is a tag or open. Letter case is kept as it
/// was read, and does not count when names are compared.
///
/// Source: NISTIR 7695 sections 5 and 6.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cpe {
    attributes: [Attribute; 11],
}

/// The attributes of a CPE name, in the order of a formatted string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `a` application, `o` operating system, `h` hardware.
    Part,
    /// Who made it.
    Vendor,
    /// What it is called.
    Product,
    /// Its version.
    Version,
    /// Its update, service pack or pre-release.
    Update,
    /// Its edition, kept for names of CPE 2.2.
    Edition,
    /// The language of its user interface (RFC 5646).
    Language,
    /// The market or class of users it is made for.
    SwEdition,
    /// The software it runs in.
    TargetSw,
    /// The instruction set it runs on.
    TargetHw,
    /// Anything else.
    Other,
}

impl Field {
    /// Every attribute, in the order of a formatted string.
    pub const ALL: [Field; 11] = [
        Field::Part,
        Field::Vendor,
        Field::Product,
        Field::Version,
        Field::Update,
        Field::Edition,
        Field::Language,
        Field::SwEdition,
        Field::TargetSw,
        Field::TargetHw,
        Field::Other,
    ];

    /// The name in a well-formed name, such as `target_sw`.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Part => "part",
            Field::Vendor => "vendor",
            Field::Product => "product",
            Field::Version => "version",
            Field::Update => "update",
            Field::Edition => "edition",
            Field::Language => "language",
            Field::SwEdition => "sw_edition",
            Field::TargetSw => "target_sw",
            Field::TargetHw => "target_hw",
            Field::Other => "other",
        }
    }
}

impl Cpe {
    /// The value of one attribute.
    pub fn get(&self, field: Field) -> &Attribute {
        &self.attributes[field as usize]
    }

    /// The same name with another value for one attribute.
    ///
    /// Gives: `None` when the attribute may not have that value; the part and
    /// the language are limited.
    #[must_use]
    pub fn with(mut self, field: Field, value: Attribute) -> Option<Cpe> {
        attribute::fits(field, &value).then(|| {
            self.attributes[field as usize] = value;
            self
        })
    }

    /// The name as a formatted string, `cpe:2.3:…`.
    ///
    /// Source: NISTIR 7695 section 6.2.
    pub fn formatted(&self) -> String {
        self.to_string()
    }

    /// The name as a URI, `cpe:/…`, lower case.
    ///
    /// Source: NISTIR 7695 section 6.1.
    pub fn uri(&self) -> String {
        uri::write(self)
    }

    /// The name as a well-formed name, `wfn:[…]`.
    ///
    /// Source: NISTIR 7695 section 5.5.
    pub fn wfn(&self) -> String {
        let parts: Vec<String> = Field::ALL
            .into_iter()
            .map(|field| format!("{}={}", field.as_str(), self.get(field).wfn()))
            .collect();
        format!("wfn:[{}]", parts.join(","))
    }

    /// How the set of products this name describes lies to that of `target`.
    ///
    /// Source: NISTIR 7696 section 6.3.
    pub fn compare(&self, target: &Cpe) -> Relation {
        matching::compare(self, target)
    }
}

impl fmt::Display for Cpe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cpe:2.3")?;
        for attribute in &self.attributes {
            f.write_str(":")?;
            f.write_str(attribute.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Cpe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Cpe {
    type Err = InvalidCpe;

    /// Reads a formatted string or a URI, told apart by how they begin.
    fn from_str(text: &str) -> Result<Cpe, InvalidCpe> {
        let is_uri = text
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case("cpe:/"));
        if text.starts_with("cpe:2.3:") {
            formatted::read(text)
        } else if is_uri {
            uri::read(text)
        } else {
            Err(InvalidCpe::Prefix {
                found: text.chars().take(8).collect(),
            })
        }
    }
}

/// Why a text is not a CPE name, and where. Positions count bytes from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCpe {
    /// It begins neither as a formatted string nor as a URI.
    #[error("a CPE name begins with `cpe:2.3:` or `cpe:/`, not with `{found}`")]
    Prefix {
        /// What it begins with.
        found: String,
    },
    /// There are too few or too many parts between colons.
    #[error("found {found} attributes, expected {expected}; write a colon in a value as `\\:`")]
    Count {
        /// How many there are.
        found: usize,
        /// How many there must, or at most may, be.
        expected: usize,
    },
    /// An attribute of a formatted string is empty.
    #[error("attribute `{}` at position {position} is empty; write `*` for any", field.as_str())]
    Empty {
        /// Where it would begin.
        position: usize,
        /// The attribute.
        field: Field,
    },
    /// The part is none of `a`, `h`, `o`, `*` and `-`.
    #[error("the part at position {position} is `{found}`; expected `a`, `h` or `o`")]
    Part {
        /// Where it begins.
        position: usize,
        /// What it is.
        found: String,
    },
    /// The language is no language tag.
    #[error("the language at position {position} is `{found}`; expected a tag such as `en-us`")]
    Language {
        /// Where it begins.
        position: usize,
        /// What it is.
        found: String,
    },
    /// A character needs a backslash, or in a URI a percent code, or is not
    /// allowed at all.
    #[error("`{found}` at position {position} may not stand bare in `{}`; escape it", field.as_str())]
    Character {
        /// Where it stands.
        position: usize,
        /// The attribute.
        field: Field,
        /// The character.
        found: char,
    },
    /// A backslash stands before something that needs none, or before nothing.
    #[error("the backslash at position {position} in `{}` has nothing to escape; remove it", field.as_str())]
    Escape {
        /// Where the backslash stands.
        position: usize,
        /// The attribute.
        field: Field,
    },
    /// A percent sign is not followed by one of the codes of the standard.
    #[error("`{found}` at position {position} in `{}` is no percent code", field.as_str())]
    PercentCode {
        /// Where the percent sign stands.
        position: usize,
        /// The attribute.
        field: Field,
        /// The code.
        found: String,
    },
    /// A wildcard stands elsewhere than at the beginning or the end.
    #[error("the wildcard at position {position} in `{}` may only begin or end it", field.as_str())]
    Wildcard {
        /// Where it stands.
        position: usize,
        /// The attribute.
        field: Field,
    },
}

impl InvalidCpe {
    /// Where in the text the fault lies, in bytes from 0.
    pub fn position(&self) -> usize {
        match self {
            InvalidCpe::Prefix { .. } | InvalidCpe::Count { .. } => 0,
            InvalidCpe::Empty { position, .. }
            | InvalidCpe::Part { position, .. }
            | InvalidCpe::Language { position, .. }
            | InvalidCpe::Character { position, .. }
            | InvalidCpe::Escape { position, .. }
            | InvalidCpe::PercentCode { position, .. }
            | InvalidCpe::Wildcard { position, .. } => *position,
        }
    }
}
