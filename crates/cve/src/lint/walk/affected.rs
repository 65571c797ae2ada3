//! Products, CPE names and package URLs.

use std::str::FromStr;

use super::{Parts, Prose, Walk, is_placeholder, quoted};
use crate::check::Key;
use crate::cpe::{Cpe, Field};
use crate::lint::clues::Clue;
use crate::lint::table::Id;
use crate::purl::{InvalidPurl, Purl};

/// What the entries of `affected` say together.
#[derive(Default)]
struct Together {
    names_product: bool,
    says_affected: bool,
    leaves_out: bool,
    has_component: bool,
    has_fix: bool,
    names_version: bool,
}

/// One entry of `affected`.
#[derive(Default)]
struct Entry<'a> {
    vendor: Option<(usize, &'a str)>,
    product: Option<(usize, &'a str)>,
    package: Option<&'a str>,
    default: Option<&'a str>,
    versions: Option<usize>,
    cpes: Option<usize>,
    purl: Option<usize>,
    has_component: bool,
}

impl<'a> Walk<'a, '_> {
    pub(super) fn affected(&mut self, parts: &Parts, prose: &Prose<'_>, is_cna: bool) {
        let doc = self.document;
        let Some(list) = parts.affected.filter(|list| doc.is_list(*list)) else {
            return;
        };
        let mut together = Together::default();
        for item in doc.items(list) {
            self.entry(item, &mut together);
        }
        self.applicability(parts);
        if !is_cna || doc.items(list).next().is_none() {
            return;
        }
        self.names(list, &together);
        if !together.says_affected {
            let (id, message) = match together.leaves_out {
                true => (
                    Id::NoneSaidAffected,
                    "every version that is named is unaffected, expected one that is affected or unknown",
                ),
                false => (
                    Id::OnlyUnaffected,
                    "everything is unaffected, expected a version or a default that is affected or unknown",
                ),
            };
            self.sink.hit(id, list, || message);
        }
        if !together.has_fix && together.says_affected {
            self.fixed_version(parts, list);
        }
        if !together.has_component && !prose.clues.has(Clue::Component) {
            self.sink.hit(
                Id::NoComponent,
                list,
                || "no module, file or routine is named, expected the part that is at fault",
            );
        }
        let says_number = || prose.text.bytes().any(|byte| byte.is_ascii_digit());
        if !together.names_version && !says_number() && !prose.text.is_empty() {
            self.sink.hit(
                Id::NamesNoVersion,
                list,
                || "neither `affected` nor the description names a version",
            );
        }
        if self.sink.wants(Id::VersionsDiffer) {
            self.versions_differ(parts, list, prose);
        }
    }

    /// One entry of `affected`, by itself.
    fn entry(&mut self, item: usize, together: &mut Together) {
        let doc = self.document;
        if !doc.is_object(item) {
            return;
        }
        let mut entry = Entry::default();
        for at in doc.inside(item) {
            let text = doc.text(at);
            match doc.key(at) {
                Key::Vendor => entry.vendor = text.map(|text| (at, text)),
                Key::Product => entry.product = text.map(|text| (at, text)),
                Key::PackageName => entry.package = text,
                Key::DefaultStatus => entry.default = text,
                Key::Versions => entry.versions = Some(at),
                Key::Cpes => entry.cpes = Some(at),
                Key::PackageUrl => entry.purl = Some(at),
                Key::Modules | Key::ProgramFiles | Key::ProgramRoutines => {
                    entry.has_component |= doc.items(at).next().is_some();
                }
                _ => {}
            }
        }
        let named = |name: Option<&str>| name.is_some_and(|name| !is_placeholder(name));
        together.names_product |=
            named(entry.product.map(|(_, name)| name)) || named(entry.package);
        together.has_component |= entry.has_component;
        match entry.default {
            Some("affected" | "unknown") => together.says_affected = true,
            Some(_) => {}
            None => together.leaves_out = true,
        }
        if let Some(versions) = entry.versions {
            let said = self.versions(item, versions, entry.default);
            together.says_affected |= said.affected;
            together.has_fix |= said.fix;
            together.names_version |= said.number;
        }
        for cpe in entry.cpes.into_iter().flat_map(|list| doc.items(list)) {
            self.cpe(cpe, Some(&entry));
        }
        if let Some(at) = entry.purl {
            self.purl(at, &entry);
        }
    }

    /// Vendors and products that name nothing.
    fn names(&mut self, list: usize, together: &Together) {
        let doc = self.document;
        if !together.names_product {
            self.sink.hit(Id::NoProduct, list, || {
                "no entry names a product, expected a vendor and a product, or a collection and a package"
            });
            return;
        }
        for item in doc.items(list) {
            if !doc.is_object(item) {
                continue;
            }
            let vendor = doc.get(item, Key::Vendor);
            if let Some((at, name)) = vendor.and_then(|at| Some((at, doc.text(at)?))) {
                let address = name.starts_with("http://") || name.starts_with("https://");
                if is_placeholder(name) || address {
                    self.sink.hit(Id::VendorPlaceholder, at, || {
                        format!("the vendor is {}, expected a name", quoted(name))
                    });
                }
            }
            let product = doc.get(item, Key::Product);
            if let Some((at, name)) = product.and_then(|at| Some((at, doc.text(at)?))) {
                let address = name.starts_with("http://") || name.starts_with("https://");
                let package = || doc.text_at(item, Key::PackageName);
                if (is_placeholder(name) || address) && package().is_none_or(is_placeholder) {
                    self.sink.hit(Id::ProductPlaceholder, at, || {
                        format!("the product is {}, expected a name", quoted(name))
                    });
                }
            }
        }
    }

    /// No version is said to be fixed; a reference may say that there is one.
    fn fixed_version(&mut self, parts: &Parts, list: usize) {
        let doc = self.document;
        let references = parts
            .references
            .into_iter()
            .flat_map(|list| doc.items(list));
        let mut tags = references.filter_map(|item| doc.get(item, Key::Tags));
        // A page that is also an exploit was tagged in passing.
        let is_patch = |tags: usize| {
            let has = |word| doc.items(tags).any(|tag| doc.text(tag) == Some(word));
            has("patch") && !has("exploit")
        };
        if tags.any(is_patch) {
            self.sink.hit(Id::NoFixedVersion, list, || {
                "a reference is a patch, and no version is fixed; expected a range that ends with `lessThan`, or a version that is unaffected"
            });
        }
    }

    fn cpe(&mut self, at: usize, entry: Option<&Entry<'_>>) {
        let Some(text) = self.document.text(at) else {
            return;
        };
        match Cpe::from_str(text) {
            Err(fault) => self.sink.hit(Id::CpeSyntax, at, || {
                format!("{} is no CPE name: {fault}", quoted(text))
            }),
            Ok(cpe) => {
                let Some(entry) = entry else { return };
                let plain = |field| cpe.get(field).plain().unwrap_or_default();
                let names = [plain(Field::Vendor), plain(Field::Product)];
                let own = [
                    entry.vendor.map(|(_, name)| name),
                    entry.product.map(|(_, name)| name),
                    entry.package,
                ];
                let resembles = names.iter().any(|name| {
                    name.is_empty() || own.into_iter().flatten().any(|own| resemble(name, own))
                });
                if !resembles {
                    self.sink.hit(Id::CpeProduct, at, || {
                        format!(
                            "the name speaks of `{} {}`, the entry of {}",
                            names[0],
                            names[1],
                            quoted(own.into_iter().flatten().next().unwrap_or_default())
                        )
                    });
                }
            }
        }
    }

    /// CPE names in `cpeApplicability`.
    fn applicability(&mut self, parts: &Parts) {
        let doc = self.document;
        let elements = parts
            .cpe_applicability
            .into_iter()
            .flat_map(|list| doc.items(list));
        let nodes = elements
            .filter_map(|element| doc.get(element, Key::Nodes))
            .flat_map(|nodes| doc.items(nodes));
        let matches = nodes
            .filter_map(|node| doc.get(node, Key::CpeMatch))
            .flat_map(|list| doc.items(list));
        for criteria in matches.filter_map(|item| doc.get(item, Key::Criteria)) {
            self.cpe(criteria, None);
        }
    }

    fn purl(&mut self, at: usize, entry: &Entry<'_>) {
        let Some(text) = self.document.text(at) else {
            return;
        };
        match Purl::for_record(text) {
            Err(InvalidPurl::Version { version, .. }) => {
                self.sink.hit(Id::PurlVersion, at, || {
                    format!(
                        "{} has the version `{version}`, expected none",
                        quoted(text)
                    )
                });
            }
            Err(fault) => self.sink.hit(Id::PurlSyntax, at, || {
                format!("{} is no package URL: {fault}", quoted(text))
            }),
            Ok(purl) => {
                let own = [
                    entry.package,
                    entry.product.map(|(_, name)| name),
                    entry.vendor.map(|(_, name)| name),
                ];
                let name = purl.name();
                let parts = [Some(name), purl.namespace()];
                let mut pairs = own
                    .into_iter()
                    .flatten()
                    .flat_map(|own| parts.into_iter().flatten().map(move |part| (own, part)));
                if !pairs.any(|(own, part)| resemble(own, part)) {
                    self.sink.hit(Id::PurlProduct, at, || {
                        format!(
                            "the package is `{name}`, the entry speaks of {}",
                            quoted(own.into_iter().flatten().next().unwrap_or_default())
                        )
                    });
                }
            }
        }
    }
}

/// Says whether two names may be of one thing: the letters and digits of one
/// hold those of the other, or they share a word of three letters.
fn resemble(a: &str, b: &str) -> bool {
    if a.eq_ignore_ascii_case(b) {
        return true;
    }
    let (a_plain, b_plain) = (Plain::of(a), Plain::of(b));
    let (a_plain, b_plain) = (a_plain.as_bytes(), b_plain.as_bytes());
    if a_plain.is_empty() || b_plain.is_empty() {
        return true;
    }
    let holds = |text: &[u8], part: &[u8]| {
        text.len() >= part.len() && memchr::memmem::find(text, part).is_some()
    };
    if holds(a_plain, b_plain) || holds(b_plain, a_plain) {
        return true;
    }
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() >= 3)
            .map(str::to_lowercase)
            .collect()
    };
    let of_b = words(b);
    words(a).iter().any(|word| of_b.contains(word))
}

/// The letters and digits of a name in lower case.
enum Plain {
    /// Of a short name in ASCII, as nearly all are, without an allocation.
    Short([u8; 48], usize),
    Long(String),
}

impl Plain {
    fn of(name: &str) -> Plain {
        let mut short = [0; 48];
        if name.len() > short.len() || !name.is_ascii() {
            let letters = name.chars().filter(|c| c.is_alphanumeric());
            return Plain::Long(letters.flat_map(char::to_lowercase).collect());
        }
        let mut length = 0;
        for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
            short[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        Plain::Short(short, length)
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Plain::Short(bytes, length) => &bytes[..*length],
            Plain::Long(text) => text.as_bytes(),
        }
    }
}
