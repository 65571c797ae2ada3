//! Versions of a product.

use super::{Parts, Prose, Walk};
use crate::check::Key;
use crate::lint::sink::Said;
use crate::lint::table::Id;
use crate::versions::{
    Change, Entry, Scheme, Status, VersionFault, analyse_one, analyse_together, is_strict_semver,
};

/// What the versions of one entry say together.
#[derive(Default)]
pub(super) struct VersionsSaid {
    pub(super) affected: bool,
    pub(super) fix: bool,
    pub(super) number: bool,
}

impl<'a> Walk<'a, '_> {
    /// The `versions` of `item`, an entry of `affected`.
    pub(super) fn versions(
        &mut self,
        item: usize,
        list: usize,
        default: Option<&str>,
    ) -> VersionsSaid {
        let doc = self.document;
        let mut said = VersionsSaid::default();
        let mut faults = Vec::new();
        let mut first_status = None;
        let mut mixed = false;
        for (index, at) in doc.items(list).enumerate() {
            let Some(entry) = self.version_entry(index, at) else {
                continue;
            };
            mixed |= *first_status.get_or_insert(entry.status) != entry.status
                || !entry.changes.is_empty();
            said.see(&entry);
            analyse_one(&entry, &mut faults);
            self.needless_custom(&entry, at);
        }
        said.fix |= said.affected && default == Some("unaffected") && mixed;
        if mixed {
            let items = doc.items(list).enumerate();
            let entries: Vec<Entry<'_>> = items
                .filter_map(|(index, at)| self.version_entry(index, at))
                .collect();
            analyse_together(&entries, &mut faults);
        }
        for fault in &faults {
            self.version_fault(item, fault);
        }
        said
    }

    fn version_entry(&self, index: usize, at: usize) -> Option<Entry<'a>> {
        let doc = self.document;
        if !doc.is_object(at) {
            return None;
        }
        let mut entry = Entry {
            index,
            version: "",
            status: Status::Unknown,
            version_type: None,
            less_than: None,
            less_than_or_equal: None,
            changes: Vec::new(),
        };
        let (mut has_version, mut has_status) = (false, false);
        for member in doc.inside(at) {
            let text = doc.text(member);
            match (doc.key(member), text) {
                (Key::Version, Some(text)) => (entry.version, has_version) = (text, true),
                (Key::Status, Some(text)) => {
                    (entry.status, has_status) = (Status::of(text)?, true);
                }
                (Key::VersionType, _) => entry.version_type = text,
                (Key::LessThan, _) => entry.less_than = text,
                (Key::LessThanOrEqual, _) => entry.less_than_or_equal = text,
                (Key::Changes, _) => {
                    let changes = doc.items(member).enumerate();
                    entry.changes.extend(changes.filter_map(|(index, change)| {
                        Some(Change {
                            index,
                            at: doc.text_at(change, Key::At)?,
                            status: Status::of(doc.text_at(change, Key::Status)?)?,
                        })
                    }));
                }
                _ => {}
            }
        }
        (has_version && has_status).then_some(entry)
    }

    /// A range of semantic versions whose type is `custom`.
    fn needless_custom(&mut self, entry: &Entry<'_>, at: usize) {
        if entry.version_type != Some("custom") || !self.sink.wants(Id::TypeCustom) {
            return;
        }
        let ends = [entry.less_than, entry.less_than_or_equal];
        let mut named = 0;
        let mut strict = |text: &str| {
            named += usize::from(!matches!(text, "0" | "*"));
            matches!(text, "0" | "*") || is_strict_semver(text)
        };
        let all = strict(entry.version)
            && ends.into_iter().flatten().all(&mut strict)
            && entry.changes.iter().all(|change| strict(change.at));
        // Where the order says otherwise, `REC-014-GUESS` speaks.
        let rising = ends.into_iter().flatten().all(|end| {
            end == "*"
                || Scheme::Custom
                    .compare(entry.version, end)
                    .is_none_or(|order| order.is_lt())
        });
        if all && named > 0 && rising && entry.is_range() && self.changes_inside(entry) {
            let value = self.document.get(at, Key::VersionType).unwrap_or(at);
            self.sink.hit(
                Id::TypeCustom,
                value,
                || "the type is `custom` and every version is a semantic one, expected `semver`",
            );
        }
    }

    fn changes_inside(&self, entry: &Entry<'_>) -> bool {
        let mut faults = Vec::new();
        if !entry.changes.is_empty() {
            analyse_one(entry, &mut faults);
        }
        faults.is_empty()
    }

    fn version_fault(&mut self, item: usize, fault: &VersionFault) {
        let id = rule_of(fault);
        if !self.sink.wants(id) || self.sink.is_full() {
            return;
        }
        let at = self.at(item, fault.pointer());
        self.sink.hit(id, at, || {
            let said = Said::from(match (id, fault) {
                (Id::AllVersions, VersionFault::Placeholder { found, .. })
                | (Id::AllVersions, VersionFault::RangeAsText { found, .. }) => {
                    format!("`{}` stands for all versions, expected `0`", found.trim())
                }
                _ => fault.to_string(),
            });
            match mend_of(fault) {
                Some(mend) => said.fix(mend),
                None => said,
            }
        });
    }

    /// The value a pointer from `item` leads to, as far as it leads.
    fn at(&self, item: usize, pointer: &str) -> usize {
        let doc = self.document;
        let mut at = item;
        for step in pointer.split('/').skip(1) {
            let next = match step.parse::<usize>() {
                Ok(place) => doc.items(at).nth(place),
                Err(_) => doc
                    .is_object(at)
                    .then(|| {
                        doc.inside(at)
                            .find(|member| doc.key(*member).as_str() == step)
                    })
                    .flatten(),
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// Versions of the text that `affected` does not have.
    pub(super) fn versions_differ(&mut self, parts: &Parts, list: usize, prose: &Prose<'_>) {
        let Some(first) = prose.clues.versions(prose.text).next() else {
            return;
        };
        let doc = self.document;
        let mut has_number = false;
        for item in doc.items(list) {
            let versions = doc.get(item, Key::Versions);
            for at in versions.into_iter().flat_map(|list| doc.items(list)) {
                let Some(entry) = self.version_entry(0, at) else {
                    continue;
                };
                if entry.version_type == Some("git") {
                    continue;
                }
                let ends = [
                    Some(entry.version),
                    entry.less_than,
                    entry.less_than_or_equal,
                ];
                let changes = entry.changes.iter().map(|change| change.at);
                for own in ends.into_iter().flatten().chain(changes) {
                    has_number |= own != "0" && own.bytes().any(|byte| byte.is_ascii_digit());
                    let mut named = prose.clues.versions(prose.text);
                    if named.any(|named| {
                        has_version(own, named) || has_version(named, own) || is_next(own, named)
                    }) {
                        return;
                    }
                }
            }
        }
        let at = parts.descriptions.unwrap_or(list);
        if has_number {
            self.sink.hit(Id::VersionsDiffer, at, || {
                format!("the text names version `{first}`, `affected` does not")
            });
        }
    }
}

/// Says whether a version stands in a text, with neither digit nor dot and
/// digit around it; letter case does not count.
fn has_version(text: &str, version: &str) -> bool {
    let (text, version) = (text.as_bytes(), version.as_bytes());
    if version.is_empty() || version == b"0" || text.len() < version.len() {
        return false;
    }
    (0..=text.len() - version.len()).any(|start| {
        let end = start + version.len();
        let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
        text[start..end].eq_ignore_ascii_case(version)
            && !(start > 0 && digit(start - 1))
            && !digit(end)
    })
}

/// Says whether the last versions of two texts differ by one in their last
/// number: before 8.0.2 is up to 8.0.1.
fn is_next(text: &str, version: &str) -> bool {
    // Series and last number of the last version of a text.
    fn last(text: &str) -> Option<(&str, u64)> {
        let text = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let version = text
            .rsplit(|c: char| !c.is_ascii_digit() && c != '.')
            .next()?;
        let (series, number) = version.rsplit_once('.')?;
        Some((series, number.parse().ok()?))
    }
    match (last(text), last(version)) {
        (Some((own, a)), Some((named, b))) => own == named && a.abs_diff(b) == 1,
        _ => false,
    }
}

impl VersionsSaid {
    fn see(&mut self, entry: &Entry<'_>) {
        let changed = |status| entry.changes.iter().any(|change| change.status == status);
        self.affected |= entry.status != Status::Unaffected
            || changed(Status::Affected)
            || changed(Status::Unknown);
        self.fix |= entry.status == Status::Unaffected
            || changed(Status::Unaffected)
            || entry.less_than.is_some_and(|end| end != "*")
            || entry.version_type == Some("git")
            || entry.version.contains('<');
        let number = |text: &str| text != "0" && text.bytes().any(|byte| byte.is_ascii_digit());
        let ends = [entry.less_than, entry.less_than_or_equal];
        self.number |= number(entry.version)
            || entry.version == "0"
            || ends
                .into_iter()
                .flatten()
                .any(|end| end == "*" || number(end));
    }
}

fn rule_of(fault: &VersionFault) -> Id {
    match fault {
        VersionFault::EmptyRange { guessed: true, .. }
        | VersionFault::ReversedRange { guessed: true, .. }
        | VersionFault::Overlap { guessed: true, .. }
        | VersionFault::Contradiction { guessed: true, .. }
        | VersionFault::ChangeOutsideRange {
            guessed: true,
            at_end: false,
            ..
        } => Id::RangeGuess,
        VersionFault::EmptyRange { .. } => Id::RangeEmpty,
        VersionFault::ReversedRange { .. } => Id::RangeReversed,
        VersionFault::Overlap { .. } => Id::RangeOverlap,
        VersionFault::Contradiction { .. } => Id::VersionContradiction,
        VersionFault::ChangeOutsideRange { at_end: true, .. } => Id::ChangeAtEnd,
        VersionFault::ChangeOutsideRange { .. } => Id::ChangeOutside,
        VersionFault::ChangesWithoutRange { .. } => Id::ChangesUnranged,
        VersionFault::BothUpperEnds { .. } => Id::RangeEnds,
        VersionFault::MissingVersionType { .. } => Id::RangeUntyped,
        VersionFault::UnknownVersionType { .. } => Id::TypeUnknown,
        VersionFault::NotOfItsType { .. } => Id::VersionForm,
        VersionFault::RangeAsText { meaning, .. }
            if meaning.as_ref().is_some_and(|all| all.bounds.is_empty()) =>
        {
            Id::AllVersions
        }
        VersionFault::RangeAsText { .. } => Id::VersionProse,
        VersionFault::ListAsText { .. } => Id::VersionList,
        VersionFault::Placeholder { found, .. } if found.trim() == "*" => Id::AllVersions,
        VersionFault::Placeholder { .. } => Id::VersionPlaceholder,
        VersionFault::Wildcard { .. } => Id::VersionWildcard,
    }
}

/// A mend that says more than that of the rule.
fn mend_of(fault: &VersionFault) -> Option<String> {
    match fault {
        VersionFault::UnknownVersionType {
            resembled: Some(resembled),
            ..
        } => Some(format!("write `{resembled}`")),
        VersionFault::RangeAsText {
            meaning: Some(meaning),
            ..
        } => {
            let parts: Vec<String> = meaning
                .bounds
                .iter()
                .map(|bound| format!("{} `{}`", bound.operator.as_str(), bound.version))
                .collect();
            (!parts.is_empty()).then(|| {
                format!(
                    "write the range with `version`, `lessThan` or `lessThanOrEqual`: {}",
                    parts.join(" and ")
                )
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_next_when_its_last_number_is_one_off() {
        assert!(is_next("<= 8.0.1", "8.0.2"));
        assert!(is_next(">= 2024.04.1, < 2024.07.2", "2024.07.1"));
        for (own, named) in [("4.0.17", "4.10.17"), ("8.0.1", "8.0.1"), ("é", "1.2")] {
            assert!(!is_next(own, named), "{own} {named}");
        }
    }
}
