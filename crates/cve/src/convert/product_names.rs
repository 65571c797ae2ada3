//! What a product and its versions are called, and the identity they keep
//! between revisions of a record.

use std::borrow::Cow;

use super::coverage::{By, Coverage, Piece, Span, Versions};
use super::record::Product;
use super::vers;
use crate::hash::Digest;

/// The names of an entry of `affected`.
pub(crate) struct ProductNames<'b> {
    /// The vendor, where the record names one.
    pub(crate) vendor: Option<&'b str>,
    /// The product, with platforms and modules in parentheses.
    pub(crate) product: Cow<'b, str>,
}

impl<'b> ProductNames<'b> {
    /// The names of an entry.
    pub(crate) fn of(product: &'b Product) -> ProductNames<'b> {
        let plain = product
            .name()
            .or(product.package_url.as_deref())
            .unwrap_or("n/a");
        let mut label = Cow::Borrowed(plain.trim());
        for list in [&product.platforms, &product.modules] {
            let named: Vec<&str> = list
                .iter()
                .map(|text| text.trim())
                .filter(|text| !text.is_empty())
                .collect();
            if !named.is_empty() {
                label.to_mut().push_str(&format!(" ({})", named.join(", ")));
            }
        }
        if label.is_empty() {
            label = Cow::Borrowed("n/a");
        }
        ProductNames {
            vendor: product
                .vendor
                .as_deref()
                .map(str::trim)
                .filter(|vendor| !vendor.is_empty()),
            product: label,
        }
    }

    /// Vendor and product as people say them.
    pub(crate) fn full(&self) -> String {
        match self.vendor.filter(|vendor| *vendor != "n/a") {
            Some(vendor) => format!("{vendor} {}", self.product),
            None => self.product.to_string(),
        }
    }
}

/// Some versions of a product that have one status.
pub(crate) struct Release<'b> {
    /// The version or range as a text that tools read.
    pub(crate) name: Cow<'b, str>,
    /// The same for people.
    pub(crate) in_words: String,
    /// Whether it is exactly one version.
    pub(crate) is_single: bool,
    /// Whether the record names no version.
    pub(crate) is_unstated: bool,
}

impl<'b> Release<'b> {
    /// The releases of a piece: one for each single version that stands
    /// alone, else one.
    pub(crate) fn of(product: &'b Product, coverage: &Coverage, piece: &Piece) -> Release<'b> {
        let kind = vers::kind(coverage.scheme, coverage.version_type);
        match &piece.versions {
            Versions::Unstated => {
                let text = match piece.by {
                    By::Entry(place) => product
                        .versions
                        .get(place)
                        .map(|entry| entry.version.trim()),
                    _ => None,
                };
                let text = text.filter(|text| !text.is_empty()).unwrap_or("n/a");
                Release {
                    name: Cow::Borrowed(text),
                    in_words: "(versions not stated)".to_owned(),
                    is_single: false,
                    is_unstated: true,
                }
            }
            Versions::Spans(spans) if spans.len() == 1 && spans[0].single().is_some() => {
                let version = spans[0].single().unwrap_or_default().trim().to_owned();
                let version = if version.is_empty() {
                    "n/a".to_owned()
                } else {
                    version
                };
                Release {
                    in_words: version.clone(),
                    name: Cow::Owned(version),
                    is_single: true,
                    is_unstated: false,
                }
            }
            versions => Release {
                name: Cow::Owned(vers::specifier(kind, versions).unwrap_or_default()),
                in_words: in_words(versions),
                is_single: false,
                is_unstated: false,
            },
        }
    }
}

fn in_words(versions: &Versions) -> String {
    match versions {
        Versions::Unstated => String::new(),
        Versions::AllBut(named) if named.is_empty() => "every version".to_owned(),
        Versions::AllBut(named) if named.len() > 5 => {
            format!(
                "every version but {} and {} others",
                named[..4].join(", "),
                named.len() - 4
            )
        }
        Versions::AllBut(named) => format!("every version but {}", named.join(", ")),
        Versions::Spans(spans) => {
            let words: Vec<String> = spans
                .iter()
                .map(|span: &Span| vers::in_words(span))
                .collect();
            words.join("; ")
        }
    }
}

/// An id that stays the same while vendor, product and versions do, wherever
/// the entry stands in the record.
pub(crate) fn stable_id(product: &Product, release: &str) -> String {
    let text = |text: &Option<super::record::Text>| {
        text.as_deref().unwrap_or_default().as_bytes().to_vec()
    };
    let mut parts: Vec<Vec<u8>> = vec![
        text(&product.vendor),
        text(&product.product),
        text(&product.collection_url),
        text(&product.package_name),
        text(&product.package_url),
    ];
    for list in [&product.platforms, &product.modules] {
        parts.push(list.len().to_string().into_bytes());
        parts.extend(list.iter().map(|text| text.as_bytes().to_vec()));
    }
    parts.push(release.as_bytes().to_vec());
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let mut text = Digest::of_parts(&parts).to_string();
    text.truncate(12);
    text
}
