//! What a product is called where packages are kept: its ecosystem, its name
//! there, its package URL and its CPE name.

use std::borrow::Cow;

use super::publisher::{ProductFacts, Publisher};
use super::record::Product;
use crate::cpe::Cpe;
use crate::purl::Purl;

/// A product as a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// The ecosystem as OSV names it, such as `crates.io`.
    pub(crate) ecosystem: Option<Cow<'static, str>>,
    /// The name in the ecosystem.
    pub(crate) name: String,
    /// The package URL without a version, in its canonical form.
    pub(crate) purl: Option<Purl>,
}

/// Ecosystems: OSV's name, the purl type, the label a collection's host goes
/// by, and whether its versions are semantic.
///
/// Source: OSV schema "Defined ecosystems"; purl types; formats section 4.
#[rustfmt::skip]
const ECOSYSTEMS: &[(&str, &str, &str, bool)] = &[
    ("npm", "npm", "npmjs", true),
    ("PyPI", "pypi", "pypi", false),
    ("crates.io", "cargo", "crates", true),
    ("RubyGems", "gem", "rubygems", false),
    ("Packagist", "composer", "packagist", false),
    ("Maven", "maven", "maven", false),
    ("NuGet", "nuget", "nuget", false),
    ("Go", "golang", "golang", true),
    ("Hex", "hex", "hex", true),
    ("Pub", "pub", "pub", true),
    ("Hackage", "hackage", "hackage", false),
    ("CRAN", "cran", "cran", false),
    ("GitHub Actions", "", "", true),
    ("SwiftURL", "swift", "", true),
    ("ConanCenter", "conan", "conan", false),
    ("Bitnami", "bitnami", "bitnami", true),
    ("Julia", "julia", "", true),
    ("opam", "opam", "opam", false),
    ("VSCode", "vscode-extension", "visualstudio", true),
];

/// Ecosystems that have releases after a colon, or no packages of a type.
const OTHER_ECOSYSTEMS: &[&str] = &[
    "AlmaLinux",
    "Alpaquita",
    "Alpine",
    "Android",
    "BellSoft Hardened Containers",
    "Bioconductor",
    "Chainguard",
    "CleanStart",
    "Debian",
    "Docker Hardened Images",
    "Echo",
    "FreeBSD",
    "GHC",
    "GSD",
    "Kubernetes",
    "Linux",
    "Mageia",
    "MinimOS",
    "OSS-Fuzz",
    "Photon OS",
    "Red Hat",
    "Rocky Linux",
    "SUSE",
    "Ubuntu",
    "Wolfi",
    "openEuler",
    "openSUSE",
    "Azure Linux",
    "Root",
];

/// Says whether OSV's list has the ecosystem.
pub(crate) fn is_ecosystem(name: &str) -> bool {
    let base = name.split(':').next().unwrap_or(name);
    ECOSYSTEMS.iter().any(|row| row.0 == base) || OTHER_ECOSYSTEMS.contains(&base)
}

/// Says whether an ecosystem's versions are semantic, so that a range of type
/// SEMVER is right for it.
pub(crate) fn is_semantic(ecosystem: &str) -> bool {
    ECOSYSTEMS.iter().any(|row| row.0 == ecosystem && row.3)
}

impl Package {
    /// Finds out what package a product is, from the settings, its package
    /// URL, or its collection.
    ///
    /// Gives: `None` when nothing says so.
    pub(crate) fn of(product: &Product, publisher: &Publisher) -> Option<Package> {
        let named = product
            .product
            .as_deref()
            .or(product.package_name.as_deref());
        let facts = named.and_then(|name| publisher.facts(product.vendor.as_deref(), name));
        let stated = facts.and_then(|facts| Package::stated(product, facts));
        stated
            .or_else(|| Package::of_purl(product.package_url.as_deref()?))
            .or_else(|| Package::of_collection(product, publisher))
            .or_else(|| Package::of_kernel(product))
    }

    fn stated(product: &Product, facts: &ProductFacts) -> Option<Package> {
        let purl = facts.purl.as_deref().or(product.package_url.as_deref());
        let purl = purl
            .and_then(|text| text.parse::<Purl>().ok())
            .map(Purl::without_version);
        let ecosystem = facts.ecosystem.as_deref().filter(|name| is_ecosystem(name));
        let Some(ecosystem) = ecosystem else {
            return purl.and_then(|purl| Package::of_purl(&purl.to_string()));
        };
        let from_purl = purl.as_ref().map(|purl| name_of(purl, ecosystem));
        let name = facts
            .package
            .clone()
            .or(from_purl)
            .unwrap_or_else(|| facts.product.clone());
        Some(Package {
            name: normalised(ecosystem, &name),
            ecosystem: Some(Cow::Owned(ecosystem.to_owned())),
            purl,
        })
    }

    fn of_purl(text: &str) -> Option<Package> {
        let purl = text.parse::<Purl>().ok()?.without_version();
        let ecosystem = ECOSYSTEMS
            .iter()
            .find(|row| row.1 == purl.kind() && !row.1.is_empty());
        let ecosystem = ecosystem.map(|row| row.0);
        Some(Package {
            name: normalised(
                ecosystem.unwrap_or_default(),
                &name_of(&purl, ecosystem.unwrap_or_default()),
            ),
            ecosystem: ecosystem.map(Cow::Borrowed),
            purl: Some(purl),
        })
    }

    fn of_collection(product: &Product, publisher: &Publisher) -> Option<Package> {
        let name = product
            .package_name
            .as_deref()
            .filter(|name| !name.is_empty())?;
        let host = host(product.collection_url.as_deref()?)?;
        let stated = publisher
            .collections
            .get(host)
            .filter(|name| is_ecosystem(name));
        let ecosystem: Cow<'static, str> = match stated {
            Some(stated) => Cow::Owned(stated.clone()),
            None => Cow::Borrowed(by_label(host)?),
        };
        let row = ECOSYSTEMS.iter().find(|row| row.0 == ecosystem);
        let purl = row.and_then(|row| purl_for(row.1, name));
        Some(Package {
            name: normalised(&ecosystem, name),
            ecosystem: Some(ecosystem),
            purl,
        })
    }

    /// The kernel is its own ecosystem with one package.
    fn of_kernel(product: &Product) -> Option<Package> {
        let is = |text: Option<&str>| text.is_some_and(|text| text == "Linux");
        (is(product.vendor.as_deref()) && is(product.product.as_deref())).then(|| Package {
            ecosystem: Some(Cow::Borrowed("Linux")),
            name: "Kernel".to_owned(),
            purl: None,
        })
    }
}

/// The ecosystem whose label is a part of the host, so that mirrors count.
fn by_label(host: &str) -> Option<&'static str> {
    let labels = || host.split('.');
    let row = ECOSYSTEMS
        .iter()
        .find(|row| !row.2.is_empty() && labels().any(|label| label.eq_ignore_ascii_case(row.2)));
    row.map(|row| row.0)
}

/// The host of an address.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    (!host.is_empty()).then_some(host)
}

/// The package URL of a name in a collection.
fn purl_for(kind: &str, name: &str) -> Option<Purl> {
    if kind.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let path = match kind {
        "maven" => name.replacen(':', "/", 1),
        _ => name.to_owned(),
    };
    let path = path
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23")
        .replace('@', "%40");
    format!("pkg:{kind}/{path}").parse().ok()
}

/// The name a package has in its ecosystem, read from its package URL.
fn name_of(purl: &Purl, ecosystem: &str) -> String {
    let joint = if ecosystem == "Maven" { ":" } else { "/" };
    match purl.namespace() {
        Some(namespace) => format!("{namespace}{joint}{}", purl.name()),
        None => purl.name().to_owned(),
    }
}

/// A name as its ecosystem spells it.
///
/// Source: PEP 503 "Normalized Names"; OSV schema, `package.name`.
fn normalised(ecosystem: &str, name: &str) -> String {
    match ecosystem {
        "PyPI" => {
            let mut text = String::with_capacity(name.len());
            for character in name.chars() {
                match character {
                    '-' | '_' | '.' if text.ends_with('-') => {}
                    '-' | '_' | '.' => text.push('-'),
                    other => text.extend(other.to_lowercase()),
                }
            }
            text
        }
        "Maven" if !name.contains(':') => name.replacen('/', ":", 1),
        _ => name.to_owned(),
    }
}

/// The package URL of a package, from its ecosystem by OSV's name.
pub(crate) fn purl_in(ecosystem: &str, name: &str) -> Option<Purl> {
    let row = ECOSYSTEMS.iter().find(|row| row.0 == ecosystem)?;
    purl_for(row.1, name)
}

/// The one CPE name of a product.
///
/// Gives: `None` when it has none, or several, of which none is the product's
/// own.
pub(crate) fn cpe_of(product: &Product) -> Option<Cpe> {
    let mut names = product
        .cpes
        .iter()
        .filter_map(|text| text.parse::<Cpe>().ok());
    let first = names.next()?;
    names.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(product: &str) -> Option<String> {
        let product: Product = serde_json::from_str(product).unwrap();
        let package = Package::of(&product, &Publisher::unnamed())?;
        let purl = package.purl.map(|purl| purl.to_string());
        Some(format!(
            "{} {} {}",
            package.ecosystem.unwrap_or_default(),
            package.name,
            purl.unwrap_or_default()
        ))
    }

    #[test]
    fn a_collection_is_known_by_the_label_of_its_host() {
        let said = |host: &str, name: &str| {
            package(&format!(
                r#"{{"collectionURL": "https://{host}/", "packageName": "{name}"}}"#
            ))
        };
        assert_eq!(
            said("mirror.npmjs.example", "@a/b").as_deref(),
            Some("npm @a/b pkg:npm/%40a/b")
        );
        assert_eq!(
            said("pypi.example", "Foo_.Bar").as_deref(),
            Some("PyPI foo-bar pkg:pypi/foo-.bar")
        );
        assert_eq!(
            said("maven.example", "org.x:y").as_deref(),
            Some("Maven org.x:y pkg:maven/org.x/y")
        );
        assert_eq!(said("packages.example", "x"), None);
    }

    #[test]
    fn a_package_url_names_ecosystem_and_package() {
        assert_eq!(
            package(r#"{"packageURL": "pkg:cargo/serde"}"#).as_deref(),
            Some("crates.io serde pkg:cargo/serde")
        );
        assert_eq!(
            package(r#"{"packageURL": "pkg:generic/thing"}"#).as_deref(),
            Some(" thing pkg:generic/thing")
        );
    }

    #[test]
    fn the_kernel_is_an_ecosystem() {
        assert_eq!(
            package(r#"{"vendor": "Linux", "product": "Linux"}"#).as_deref(),
            Some("Linux Kernel ")
        );
    }
}
