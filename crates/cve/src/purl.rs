//! Package URLs: read as the specification tells parsers to, and printed in
//! their canonical form.
//!
//! ```
//! use cve::purl::{InvalidPurl, Purl};
//!
//! let purl: Purl = "pkg:NPM/@Babel/core@7.0.0?vcs_url=git://host/x".parse()?;
//! assert_eq!(purl.to_string(), "pkg:npm/%40Babel/core@7.0.0?vcs_url=git:%2F%2Fhost%2Fx");
//! assert_eq!(purl.version(), Some("7.0.0"));
//!
//! // A record's `packageURL` names a package, not one of its versions.
//! let refused = Purl::for_record("pkg:cargo/serde@1.0.0");
//! assert!(matches!(refused, Err(InvalidPurl::Version { position: 15, .. })));
//! # Ok::<(), InvalidPurl>(())
//! ```

use std::fmt;
use std::str::FromStr;

mod percent;
mod read;
mod types;

/// A package URL.
///
/// Always true: the type is lower case, no segment of namespace and subpath
/// is empty, keys of qualifiers are lower case, sorted and unique, and the
/// rules of the type hold. Texts are held decoded; printing encodes them.
///
/// Source: Package-URL specification (ECMA-427), rules for each component;
/// the type definitions beside it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Purl {
    kind: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: Vec<(String, String)>,
    subpath: Option<String>,
}

impl Purl {
    /// Reads the `packageURL` of a product, which may not carry a version.
    ///
    /// Refuses: [`InvalidPurl::Version`] beside what parsing refuses.
    /// Source: CVE Record Format 5.2.0 `packageURL`.
    pub fn for_record(text: &str) -> Result<Purl, InvalidPurl> {
        let purl: Purl = text.parse()?;
        match purl.version {
            None => Ok(purl),
            Some(version) => Err(InvalidPurl::Version {
                position: read::version_position(text),
                version,
            }),
        }
    }

    /// The type, lower case, such as `npm`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The namespace, its segments separated by `/`.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The qualifiers, by key.
    pub fn qualifiers(&self) -> &[(String, String)] {
        &self.qualifiers
    }

    /// The value of one qualifier.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        let found = self.qualifiers.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// The path inside the package, its segments separated by `/`.
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// The same package without a version.
    #[must_use]
    pub fn without_version(self) -> Purl {
        Purl {
            version: None,
            ..self
        }
    }

    /// The same package in one version.
    ///
    /// Gives: `None` when the type refuses the version.
    #[must_use]
    pub fn with_version(self, version: &str) -> Option<Purl> {
        let version = version.to_owned();
        let one = Purl {
            version: Some(version).filter(|version| !version.is_empty()),
            ..self
        };
        types::normalised(one).ok()
    }

    /// Says whether the specification registers the type. An unregistered
    /// one is allowed and may mean anything.
    pub fn has_registered_type(&self) -> bool {
        types::is_registered(&self.kind)
    }

    /// Says whether `text` is a package URL in its canonical form.
    pub fn is_canonical(text: &str) -> bool {
        text.parse::<Purl>()
            .is_ok_and(|purl| purl.to_string() == text)
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("pkg:{}/", self.kind);
        let segments = |text: &mut String, path: &str| {
            for (place, segment) in path.split('/').enumerate() {
                if place > 0 {
                    text.push('/');
                }
                percent::encode(segment, text);
            }
        };
        if let Some(namespace) = &self.namespace {
            segments(&mut text, namespace);
            text.push('/');
        }
        percent::encode(&self.name, &mut text);
        if let Some(version) = &self.version {
            text.push('@');
            percent::encode(version, &mut text);
        }
        for (place, (key, value)) in self.qualifiers.iter().enumerate() {
            text.push(if place == 0 { '?' } else { '&' });
            text.push_str(key);
            text.push('=');
            percent::encode(value, &mut text);
        }
        if let Some(subpath) = &self.subpath {
            text.push('#');
            segments(&mut text, subpath);
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Purl {
    type Err = InvalidPurl;

    /// Reads a package URL as kindly as the specification asks: slashes after
    /// the scheme, letter case of the type, empty segments, and characters
    /// that should be encoded are accepted. An `@` before a later slash
    /// belongs to the namespace, as in `pkg:npm/@babel/core`.
    fn from_str(text: &str) -> Result<Purl, InvalidPurl> {
        types::normalised(read::parts(text)?)
    }
}

/// Why a text is not a package URL, and where. Positions count bytes from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPurl {
    /// It does not begin with `pkg:`.
    #[error("a package URL begins with `pkg:`")]
    Scheme,
    /// The type is missing, or has a character no type has.
    #[error(
        "`{found}` at position {position} is no type; write one such as `npm/` before the name"
    )]
    Type {
        /// Where it begins.
        position: usize,
        /// What stands there.
        found: String,
    },
    /// The name is missing.
    #[error("the name is missing at position {position}")]
    NoName {
        /// Where it should stand.
        position: usize,
    },
    /// A percent sign is not followed by two hexadecimal digits.
    #[error("the percent sign at position {position} needs two hexadecimal digits; write `%25`")]
    Percent {
        /// Where it stands.
        position: usize,
    },
    /// Decoded, the bytes are not UTF-8.
    #[error("the percent codes from position {position} on are not UTF-8")]
    Utf8 {
        /// Where the component begins.
        position: usize,
    },
    /// A segment of the namespace or the subpath has an encoded slash in it.
    #[error("the segment at position {position} holds an encoded slash; write it bare")]
    Slash {
        /// Where the segment begins.
        position: usize,
    },
    /// The key of a qualifier is empty or has a character no key has.
    #[error("`{found}` at position {position} is no key of a qualifier")]
    Key {
        /// Where it begins.
        position: usize,
        /// What stands there.
        found: String,
    },
    /// Two qualifiers have the same key.
    #[error("the qualifier `{key}` is given a second time at position {position}")]
    DuplicateKey {
        /// Where it stands the second time.
        position: usize,
        /// The key.
        key: String,
    },
    /// The type asks for a namespace.
    #[error("type `{kind}` needs {what} before the name")]
    NoNamespace {
        /// The type.
        kind: String,
        /// What the namespace is for this type.
        what: &'static str,
    },
    /// The type allows no namespace.
    #[error("type `{kind}` has no namespace, found `{namespace}`; write `/` in a name as `%2F`")]
    Namespace {
        /// The type.
        kind: String,
        /// The namespace.
        namespace: String,
    },
    /// The type asks for a qualifier.
    #[error("type `{kind}` needs the qualifier `{key}`")]
    NoQualifier {
        /// The type.
        kind: String,
        /// The key.
        key: &'static str,
    },
    /// The name is none the type can have.
    #[error("`{name}` is no name for type `{kind}`; expected {expected}")]
    Name {
        /// The type.
        kind: String,
        /// The name.
        name: String,
        /// What a name of the type is.
        expected: &'static str,
    },
    /// The version is none the type can have.
    #[error("`{version}` is no version for type `{kind}`; expected {expected}")]
    TypeVersion {
        /// The type.
        kind: String,
        /// The version.
        version: String,
        /// What a version of the type is.
        expected: &'static str,
    },
    /// A `packageURL` carries a version.
    #[error("the package URL carries the version `{version}` at position {position}; remove it")]
    Version {
        /// Where its `@` stands.
        position: usize,
        /// The version.
        version: String,
    },
}
