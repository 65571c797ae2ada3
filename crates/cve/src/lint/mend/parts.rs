//! What is mended, part by part.

use std::ops::Range;

use super::edit::{Edit, apply, without_space};
use super::{Fixed, Mend};
use crate::check::{Checker, Document, Format, Key, Kind, Outline, Tape};
use crate::cvss::{Cvss, Score, Severity, Version};
use crate::cwe::{self, Usage};
use crate::lint::table::{Id, of};
use crate::lint::walk::{self, PREFIXES};
use crate::versions::Scheme;

/// The rules that have a mend.
pub(super) const MENDED: &[Id] = &[
    Id::TypeUnknown,
    Id::AllVersions,
    Id::PurlVersion,
    Id::CweField,
    Id::SeverityWrong,
    Id::DescriptionSpace,
    Id::LegacyPrefix,
    Id::LanguageForm,
    Id::ReferenceTwice,
    Id::SelfReference,
];

/// One round of mending.
pub(super) struct Mender<'a> {
    document: Document<'a>,
    bytes: &'a [u8],
    tape: Tape<'a>,
    enabled: &'a [bool],
    edits: Vec<Edit>,
    mends: Vec<Mend>,
}

impl<'a> Mender<'a> {
    /// Mends a text once.
    ///
    /// Gives: `None` when nothing is to be mended.
    pub(super) fn run(kind: Kind, bytes: &[u8], enabled: &[bool]) -> Option<Fixed> {
        std::str::from_utf8(bytes).ok()?;
        let mut outline = Outline::default();
        Checker::new(Format::default()).outlined(kind, bytes, &mut outline);
        let document = Document::new(bytes, &outline);
        if document.is_empty() {
            return None;
        }
        let mut mender = Mender {
            document,
            bytes,
            tape: Tape::read(bytes).ok()?,
            enabled,
            edits: Vec::new(),
            mends: Vec::new(),
        };
        let place = walk::Place::of(&document, kind);
        mender.container(place.container?, place.id, place.is_rejected);
        if mender.edits.is_empty() {
            return None;
        }
        let bytes = apply(bytes, mender.edits)?;
        let mends = mender.mends;
        Some(Fixed { bytes, mends })
    }

    fn container(&mut self, container: usize, id: Option<&str>, is_rejected: bool) {
        let doc = self.document;
        if !doc.is_object(container) {
            return;
        }
        let tags = doc.get(container, Key::Tags);
        for at in doc.inside(container) {
            match doc.key(at) {
                Key::Descriptions | Key::RejectedReasons => self.texts(at, tags, is_rejected),
                Key::Configurations | Key::Workarounds | Key::Solutions | Key::Exploits => {
                    self.languages(at);
                }
                Key::Affected => self.affected(at),
                Key::ProblemTypes => self.problem_types(at),
                Key::Metrics => self.metrics(at),
                Key::References => self.references(at, id),
                _ => {}
            }
        }
    }

    fn wants(&self, id: Id) -> bool {
        self.enabled[id as usize]
    }

    /// The bytes a value takes in the source, with its quotes or brackets.
    fn span(&self, index: usize) -> Option<Range<usize>> {
        self.tape.span_at(self.document.offset(index))
    }

    /// The source between the quotes of a string.
    fn raw(&self, index: usize) -> Option<(Range<usize>, &'a str)> {
        let span = self.span(index)?;
        let inner = span.start + 1..span.end.checked_sub(1)?;
        let raw = std::str::from_utf8(self.bytes.get(inner.clone())?).ok()?;
        self.document.text(index).map(|_| (inner, raw))
    }

    fn replace(&mut self, place: Range<usize>, text: impl Into<Vec<u8>>) {
        let text = text.into();
        self.edits.push(Edit { place, text });
    }

    fn note(&mut self, id: Id, index: usize, message: impl Into<String>) {
        let (code, pointer) = (of(id).code, self.document.pointer(index));
        let message = message.into();
        self.mends.push(Mend {
            code,
            pointer,
            message,
        });
    }

    /// Descriptions and reasons: space, prefixes, languages.
    fn texts(&mut self, list: usize, tags: Option<usize>, is_rejected: bool) {
        let doc = self.document;
        self.languages(list);
        for at in doc.items(list).filter_map(|item| doc.get(item, Key::Value)) {
            let Some((place, raw)) = self.raw(at) else {
                continue;
            };
            let mut rest = raw;
            if self.wants(Id::DescriptionSpace)
                && doc.text(at).is_some_and(|text| text != text.trim())
            {
                rest = without_space(raw);
            }
            let spaced = rest.len() != raw.len();
            let prefix = self.needless_prefix(rest, tags, is_rejected);
            if let Some(prefix) = prefix {
                rest = without_space(&without_space(rest)[prefix.len()..]);
            }
            if rest.is_empty() || rest.len() == raw.len() {
                continue;
            }
            self.replace(place, rest);
            if spaced {
                self.note(
                    Id::DescriptionSpace,
                    at,
                    "removed the space around the text",
                );
            }
            if let Some(prefix) = prefix {
                self.note(Id::LegacyPrefix, at, format!("removed `{prefix}`"));
            }
        }
    }

    /// The prefix of a text, when a tag or the state says the same.
    fn needless_prefix(
        &self,
        raw: &str,
        tags: Option<usize>,
        is_rejected: bool,
    ) -> Option<&'static str> {
        let doc = self.document;
        if !self.wants(Id::LegacyPrefix) {
            return None;
        }
        let text = without_space(raw);
        let prefix = PREFIXES
            .into_iter()
            .find(|prefix| text.starts_with(prefix))?;
        let tagged = |word: &str| {
            let mut tags = tags.into_iter().flat_map(|list| doc.items(list));
            tags.any(|tag| doc.text(tag) == Some(word))
        };
        let is_said = match prefix {
            "** REJECT **" => is_rejected,
            "** DISPUTED **" => tagged("disputed"),
            "** UNSUPPORTED WHEN ASSIGNED **" | "** PRODUCT NOT SUPPORTED WHEN ASSIGNED **" => {
                tagged("unsupported-when-assigned")
            }
            _ => false,
        };
        is_said.then_some(prefix)
    }

    fn languages(&mut self, list: usize) {
        let doc = self.document;
        if !self.wants(Id::LanguageForm) {
            return;
        }
        for at in doc.items(list).filter_map(|item| doc.get(item, Key::Lang)) {
            let Some((place, raw)) = self.raw(at) else {
                continue;
            };
            let is_tag = raw
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            if raw.contains('_') && is_tag && walk::names_language(raw) {
                let tag = raw.replace('_', "-");
                self.note(Id::LanguageForm, at, format!("wrote `{tag}`"));
                self.replace(place, tag);
            }
        }
    }

    fn affected(&mut self, list: usize) {
        let doc = self.document;
        for item in doc.items(list) {
            let versions = doc.get(item, Key::Versions);
            for entry in versions.into_iter().flat_map(|list| doc.items(list)) {
                self.version(entry);
            }
            if let Some(purl) = doc.get(item, Key::PackageUrl) {
                self.package_url(purl, versions);
            }
        }
    }

    fn version(&mut self, entry: usize) {
        let doc = self.document;
        if let Some(at) = doc.get(entry, Key::VersionType)
            && self.wants(Id::TypeUnknown)
            && let Some((place, raw)) = self.raw(at)
            && !Scheme::is_registered(raw)
            && Scheme::is_registered(&raw.to_ascii_lowercase())
        {
            let right = raw.to_ascii_lowercase();
            self.note(Id::TypeUnknown, at, format!("wrote `{right}`"));
            self.replace(place, right);
        }
        let is_range = [Key::LessThan, Key::LessThanOrEqual]
            .into_iter()
            .any(|key| doc.get(entry, key).is_some());
        if let Some(at) = doc.get(entry, Key::Version)
            && is_range
            && self.wants(Id::AllVersions)
            && let Some((place, "*")) = self.raw(at)
        {
            self.note(Id::AllVersions, at, "wrote `0` for the first version");
            self.replace(place, "0");
        }
    }

    /// Source: CVE Record Format 5.2.0 `packageURL`.
    fn package_url(&mut self, at: usize, versions: Option<usize>) {
        let doc = self.document;
        if !self.wants(Id::PurlVersion) {
            return;
        }
        let Some((place, raw)) = self.raw(at) else {
            return;
        };
        let Ok(purl) = raw.parse::<crate::purl::Purl>() else {
            return;
        };
        let Some(version) = purl.version() else {
            return;
        };
        let end = raw.find(['?', '#']).unwrap_or(raw.len());
        let Some(start) = raw[..end].rfind('@') else {
            return;
        };
        let is_named = versions
            .into_iter()
            .flat_map(|list| doc.items(list))
            .any(|entry| doc.text_at(entry, Key::Version) == Some(version));
        let rest = format!("{}{}", &raw[..start], &raw[end..]);
        if is_named && crate::purl::Purl::for_record(&rest).is_ok() {
            self.note(
                Id::PurlVersion,
                at,
                format!("removed the version `{version}`, which `versions` names"),
            );
            self.replace(place, rest);
        }
    }

    /// Source: CVE Record Format `cweId`.
    fn problem_types(&mut self, list: usize) {
        let doc = self.document;
        if !self.wants(Id::CweField) {
            return;
        }
        let items = doc
            .items(list)
            .filter_map(|item| doc.get(item, Key::Descriptions));
        for item in items.flat_map(|list| doc.items(list)) {
            if doc.get(item, Key::CweId).is_some() {
                continue;
            }
            let Some(at) = doc.get(item, Key::Description) else {
                continue;
            };
            let number = doc.text(at).and_then(walk::leading_id);
            let weakness = number.and_then(cwe::entry);
            let may_be_named = |weakness: &cwe::Cwe| weakness.usage != Some(Usage::Prohibited);
            let Some(weakness) = weakness.filter(|weakness| may_be_named(weakness)) else {
                continue;
            };
            if let Some(span) = self.span(at) {
                let text = format!(", \"cweId\": \"CWE-{}\"", weakness.id);
                self.note(
                    Id::CweField,
                    at,
                    format!("added `cweId` CWE-{}, which the text names", weakness.id),
                );
                self.replace(span.end..span.end, text);
            }
        }
    }

    /// Source: CVE Record Format `baseSeverity`.
    fn metrics(&mut self, list: usize) {
        let doc = self.document;
        if !self.wants(Id::SeverityWrong) {
            return;
        }
        for metric in doc.items(list) {
            for (key, version) in [
                (Key::CvssV30, Version::V3_0),
                (Key::CvssV31, Version::V3_1),
                (Key::CvssV4, Version::V4_0),
            ] {
                if let Some(rating) = doc.get(metric, key) {
                    self.severity(rating, version);
                }
            }
        }
    }

    fn severity(&mut self, rating: usize, version: Version) {
        let doc = self.document;
        let score = doc.get(rating, Key::BaseScore).map(|at| doc.source(at));
        let score = score
            .and_then(|source| std::str::from_utf8(source).ok()?.parse().ok())
            .and_then(Score::from_number);
        let Some(at) = doc.get(rating, Key::BaseSeverity) else {
            return;
        };
        let (Some(score), Some((place, word))) = (score, self.raw(at)) else {
            return;
        };
        let right = Severity::of(score).as_str().to_ascii_uppercase();
        let vector = doc
            .text_at(rating, Key::VectorString)
            .and_then(|text| text.parse::<Cvss>().ok())
            .filter(|vector| vector.version() == version);
        let is_of_vector = vector.is_some_and(|vector| match version {
            Version::V4_0 => vector.score() == score,
            _ => vector.base_score() == score,
        });
        if word != right && (is_of_vector || word.eq_ignore_ascii_case(&right)) {
            self.note(
                Id::SeverityWrong,
                at,
                format!("wrote `{right}`, the word for {score}"),
            );
            self.replace(place, right);
        }
    }

    /// References that occur again, and that are the record itself.
    fn references(&mut self, list: usize, id: Option<&str>) {
        let doc = self.document;
        let items: Vec<usize> = doc.items(list).collect();
        // The schema allows 512; of more nothing is mended.
        if items.len() > 512 {
            return;
        }
        let url = |item: usize| doc.text_at(item, Key::Url);
        let is_self = |item: &usize| {
            let copy = |url: &str| id.is_some_and(|id| walk::is_copy(url, id));
            url(*item).is_some_and(|url| copy(url) && !url.contains("nvd.nist.gov"))
        };
        let is_copy = |item: &usize| {
            let copy = |url: &str| id.is_some_and(|id| walk::is_copy(url, id));
            url(*item).is_some_and(copy)
        };
        let has_own = items
            .iter()
            .any(|item| url(*item).is_some() && !is_copy(item));
        let mut removed = vec![false; items.len()];
        let mut gained: Vec<(usize, Vec<&'a str>)> = Vec::new();
        for place in 0..items.len() {
            let item = items[place];
            if has_own && self.wants(Id::SelfReference) && is_self(&item) {
                removed[place] = true;
                self.note(
                    Id::SelfReference,
                    item,
                    "removed the reference to the record itself",
                );
                continue;
            }
            if url(item).is_none() || !self.wants(Id::ReferenceTwice) {
                continue;
            }
            let earlier =
                (0..place).find(|other| !removed[*other] && url(items[*other]) == url(item));
            if let Some(first) = earlier.map(|other| items[other])
                && self.may_join(first, item)
            {
                removed[place] = true;
                let new: Vec<&str> = self.tags_of(item);
                match gained.iter_mut().find(|(at, _)| *at == first) {
                    Some((_, tags)) => tags.extend(new),
                    None => gained.push((first, new)),
                }
                self.note(
                    Id::ReferenceTwice,
                    item,
                    "removed the reference, which stands above already, and kept its tags",
                );
            }
        }
        self.add_tags(&gained);
        self.remove(&items, &removed);
    }

    fn tags_of(&self, item: usize) -> Vec<&'a str> {
        let doc = self.document;
        let tags = doc.get(item, Key::Tags).into_iter();
        tags.flat_map(|list| doc.items(list))
            .filter_map(|tag| doc.text(tag))
            .collect()
    }

    /// Two references to one page whose names do not differ, and whose tags
    /// can be written without escapes.
    fn may_join(&self, first: usize, item: usize) -> bool {
        let doc = self.document;
        let known = |at: usize| matches!(doc.key(at), Key::Url | Key::Name | Key::Tags);
        let plain = |tag: &&str| {
            tag.bytes()
                .all(|b| (b' '..0x7f).contains(&b) && b != b'"' && b != b'\\')
        };
        let name = doc.text_at(item, Key::Name);
        let same_name = name.is_none() || name == doc.text_at(first, Key::Name);
        let has_only_these = self.tape.count_at(doc.offset(item)) == Some(doc.inside(item).count());
        same_name
            && has_only_these
            && doc.inside(item).all(known)
            && self.tags_of(item).iter().all(plain)
    }

    /// Adds the tags that a reference does not have yet.
    fn add_tags(&mut self, gained: &[(usize, Vec<&'a str>)]) {
        let doc = self.document;
        for (item, tags) in gained {
            let own = self.tags_of(*item);
            let mut new: Vec<&str> = Vec::new();
            for tag in tags {
                if !own.contains(tag) && !new.contains(tag) {
                    new.push(tag);
                }
            }
            if new.is_empty() {
                continue;
            }
            let words = format!("\"{}\"", new.join("\", \""));
            let list = doc.get(*item, Key::Tags);
            let last = list.and_then(|list| doc.items(list).last());
            let (after, text) = match (list, last) {
                (_, Some(last)) => (last, format!(", {words}")),
                (None, None) => match doc.get(*item, Key::Url) {
                    Some(url) => (url, format!(", \"tags\": [{words}]")),
                    None => continue,
                },
                // An empty list is no list of tags; the schema says so.
                (Some(_), None) => continue,
            };
            if let Some(span) = self.span(after) {
                self.replace(span.end..span.end, text);
            }
        }
    }

    /// Removes items of a list, each with the comma that goes with it.
    fn remove(&mut self, items: &[usize], removed: &[bool]) {
        let spans: Option<Vec<Range<usize>>> = items.iter().map(|item| self.span(*item)).collect();
        let Some(spans) = spans else { return };
        let Some(first_kept) = removed.iter().position(|removed| !removed) else {
            return;
        };
        if first_kept > 0 {
            self.replace(spans[0].start..spans[first_kept].start, "");
        }
        for place in first_kept + 1..items.len() {
            if removed[place] {
                self.replace(spans[place - 1].end..spans[place].end, "");
            }
        }
    }
}
