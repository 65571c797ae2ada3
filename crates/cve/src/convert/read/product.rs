//! Products: entries of `affected`, from packages and from texts of versions.

use serde_json::{Map, Value, json};

use super::draft::Draft;
use crate::convert::finding;
use crate::convert::package;
use crate::convert::publisher::Publisher;
use crate::convert::version_text::{self, Reading, VersionText};
use crate::versions::Status;

/// An entry of `affected` being filled.
#[derive(Default)]
pub(super) struct Product {
    map: Map<String, Value>,
    versions: Vec<Value>,
}

impl Product {
    /// Sets a key.
    pub(super) fn set(&mut self, key: &str, value: Value) {
        self.map.insert(key.to_owned(), value);
    }

    /// Sets a key that nothing set before.
    pub(super) fn set_if_missing(&mut self, key: &str, value: Value) {
        self.map.entry(key.to_owned()).or_insert(value);
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.map.get(key)?.as_str()
    }

    /// Says whether a key is set.
    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// Adds an entry of `versions`, unless it is there.
    pub(super) fn version(&mut self, entry: Value) {
        if !self.versions.contains(&entry) {
            self.versions.push(entry);
        }
    }

    /// Says whether no version is named.
    pub(super) fn has_no_versions(&self) -> bool {
        self.versions.is_empty()
    }

    /// The entries of `versions`.
    pub(super) fn versions(&self) -> &[Value] {
        &self.versions
    }

    /// Says whether a range ends before `version`.
    pub(super) fn ends_before(&self, version: &str) -> bool {
        self.versions
            .iter()
            .any(|entry| entry["lessThan"] == version)
    }

    /// Joins ranges of one series that differ in status: what begins inside
    /// another becomes a change of it.
    ///
    /// Takes: entries as CVE JSON 4.0 gives them; a range whose upper end is
    /// `NAME*` belongs to the range that begins at `NAME`.
    pub(super) fn merge_changes(&mut self) {
        let mut merged: Vec<Value> = Vec::with_capacity(self.versions.len());
        for entry in std::mem::take(&mut self.versions) {
            let series = entry["lessThan"]
                .as_str()
                .and_then(|to| to.strip_suffix('*'));
            let first = series
                .filter(|series| !series.is_empty())
                .and_then(|series| {
                    merged.iter_mut().find(|known| {
                        known["version"] == series
                            && known["lessThan"].is_string()
                            && known["status"] != entry["status"]
                    })
                });
            match first {
                Some(first) if first["lessThan"] == entry["version"] => {
                    let change = json!({"at": entry["version"], "status": entry["status"]});
                    first["lessThan"] = entry["lessThan"].clone();
                    first["changes"] = json!([change]);
                }
                _ => merged.push(entry),
            }
        }
        self.versions = merged;
    }

    /// Adds the product to the draft.
    ///
    /// What stays unsaid about its versions is `unknown`.
    pub(super) fn push(mut self, draft: &mut Draft, origin: &str) {
        self.order_guards();
        if !self.versions.is_empty() {
            let versions = std::mem::take(&mut self.versions);
            self.set("versions", Value::Array(versions));
        } else if !self.has("defaultStatus") {
            self.set("defaultStatus", json!("unknown"));
        }
        draft.push("affected", Value::Object(self.map), origin);
    }

    /// Puts entries that keep a lower end out of its range where they keep it
    /// out of nothing else: behind every other entry, those of the lowest
    /// range first. Statements of the sources are about versions apart, so
    /// that their order does not matter otherwise.
    fn order_guards(&mut self) {
        let is_range = |entry: &Value| {
            entry.get("lessThan").is_some() || entry.get("lessThanOrEqual").is_some()
        };
        let (mut singles, mut ranges, mut guarded) = (Vec::new(), Vec::new(), Vec::new());
        let mut entries = std::mem::take(&mut self.versions).into_iter().peekable();
        let mut before = Vec::new();
        while let Some(entry) = entries.next() {
            before.push(entry.clone());
            let next = entries.next_if(|next| {
                is_range(next) && !is_range(&entry) && next["version"] == entry["version"]
            });
            match next {
                Some(range) => {
                    before.push(range.clone());
                    guarded.push((entry, range));
                }
                None if is_range(&entry) => ranges.push(entry),
                None => singles.push(entry),
            }
        }
        if guarded.is_empty() {
            self.versions = before;
            return;
        }
        guarded.sort_by(|(_, a), (_, b)| {
            let text = |entry: &Value| entry["version"].as_str().unwrap_or_default().to_owned();
            let kind = a["versionType"].as_str().unwrap_or_default();
            crate::versions::compare(kind, &text(a), &text(b)).unwrap_or(std::cmp::Ordering::Equal)
        });
        self.versions = singles;
        self.versions.extend(ranges);
        for (guard, range) in guarded {
            self.versions.extend([guard, range]);
        }
    }

    /// Names a package: as such, by its package URL, and as a product of its
    /// owner where nothing else names vendor and product.
    pub(super) fn package(&mut self, ecosystem: &str, name: &str, publisher: &Publisher) {
        self.set_if_missing("packageName", json!(name));
        if let Some(purl) = package::purl_in(ecosystem, name) {
            self.set_if_missing("packageURL", json!(purl.to_string()));
        }
        if let Some(url) = collection(publisher, ecosystem) {
            self.set_if_missing("collectionURL", json!(url));
        }
        // A collection and a package name are enough; without a collection
        // the format asks for vendor and product.
        if !self.has("collectionURL") {
            self.set_if_missing("vendor", json!(owner(name)));
            self.set_if_missing("product", json!(name));
        }
    }
}

/// The address of an ecosystem's collection, where the settings have one.
fn collection(publisher: &Publisher, ecosystem: &str) -> Option<String> {
    let mut collections = publisher.collections.iter();
    let (host, _) = collections.find(|(_, known)| known.as_str() == ecosystem)?;
    Some(format!("https://{host}"))
}

/// The owner in the name of a package, else the name.
///
/// Source: formats section 8: vendor is the owner or the name.
fn owner(name: &str) -> &str {
    let parts: Vec<&str> = name
        .split(['/', ':'])
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        // `github.com/owner/module`
        [host, owner, ..] if host.contains('.') && name.contains('/') && !name.contains(':') => {
            owner
        }
        [owner, _, ..] => owner.trim_start_matches('@'),
        _ => name,
    }
}

/// The version type of an ecosystem by OSV's name.
///
/// Source: formats sections 2.2 and 8.
pub(super) fn version_type(ecosystem: &str) -> &'static str {
    match ecosystem.split(':').next().unwrap_or_default() {
        "npm" | "crates.io" | "Go" | "Hex" | "Pub" | "GitHub Actions" | "SwiftURL" | "Bitnami"
        | "VSCode" | "Julia" => "semver",
        "PyPI" => "python",
        "Maven" => "maven",
        "RubyGems" => "gem",
        "NuGet" => "nuget",
        "Debian" | "Ubuntu" => "deb",
        "Red Hat" | "Rocky Linux" | "AlmaLinux" | "SUSE" | "openSUSE" | "openEuler" | "Mageia"
        | "Azure Linux" | "Photon OS" => "rpm",
        _ => "custom",
    }
}

/// Reads a text that stands where versions belong, and shows the reading. A
/// text that cannot be read with certainty is kept by the letter as one
/// version, with the reason.
///
/// Takes: `outside`, the status of a version that a lower end excludes.
pub(super) fn versions_of_text(
    text: &str,
    names: &[&str],
    version_type: Option<&str>,
    statuses: (Status, Status),
    origin: &str,
    draft: &mut Draft,
) -> Vec<Value> {
    let (status, outside) = statuses;
    match version_text::read(text, names) {
        VersionText::Read(reading) => {
            show(&reading, text, origin, draft);
            reading.entries(status, version_type, outside)
        }
        VersionText::Single => vec![json!({"version": text.trim(), "status": status.as_str()})],
        VersionText::Unread(reason) => {
            draft.warn(
                "CONV-UNREAD",
                origin,
                format!(
                    "`{text}` is kept as one version, because its range is not certain: {reason}"
                ),
                "write the range into `version`, `lessThan` or `lessThanOrEqual`",
            );
            vec![json!({"version": text.trim(), "status": status.as_str()})]
        }
    }
}

/// Shows how a text was read, unless it is a range in signs and by the letter.
pub(super) fn show(reading: &Reading, text: &str, origin: &str, draft: &mut Draft) {
    draft.found(finding::reading(origin, text, &reading.sentence()));
}
