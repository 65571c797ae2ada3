//! A document as a flat list of the values a content rule may look at.
//!
//! The quick pass over the bytes fills it by the way: it knows the key of
//! each value already, so that nobody compares a key a second time. The list
//! and the texts without their escapes are used again for the next document.

use std::fmt::Write as _;

use super::number::is_spare_number;
use super::reader::Piece;
use super::tape::{Sort, Tape};
use super::text::{decoded, unescape};

/// Values this deep are not looked at; no rule asks for any beyond eight.
const MOST_DEPTH: usize = 24;

macro_rules! keys {
    ($($variant:ident = $name:literal,)*) => {
        /// A key that some content rule asks for.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Key {
            /// The document itself.
            #[default]
            Root,
            /// The value is an item of a list.
            Item,
            /// No rule asks for this key.
            Other,
            $(#[doc = concat!("`", $name, "`.")] $variant,)*
        }

        impl Key {
            /// The key a text names.
            pub(super) fn of(name: &[u8]) -> Key {
                match std::str::from_utf8(name) {
                    $(Ok($name) => Key::$variant,)*
                    _ => Key::Other,
                }
            }

            /// The key as a record spells it; empty for what has no name.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Key::$variant => $name,)*
                    _ => "",
                }
            }
        }
    };
}

keys! {
    CveMetadata = "cveMetadata",
    Containers = "containers",
    Cna = "cna",
    CnaContainer = "cnaContainer",
    AdpContainer = "adpContainer",
    CveId = "cveId",
    State = "state",
    AssignerShortName = "assignerShortName",
    DatePublished = "datePublished",
    DateReserved = "dateReserved",
    DateRejected = "dateRejected",
    Title = "title",
    DatePublic = "datePublic",
    DateAssigned = "dateAssigned",
    Descriptions = "descriptions",
    Lang = "lang",
    Value = "value",
    SupportingMedia = "supportingMedia",
    Affected = "affected",
    Vendor = "vendor",
    Product = "product",
    CollectionUrl = "collectionURL",
    PackageName = "packageName",
    PackageUrl = "packageURL",
    Cpes = "cpes",
    Modules = "modules",
    ProgramFiles = "programFiles",
    ProgramRoutines = "programRoutines",
    Platforms = "platforms",
    Repo = "repo",
    DefaultStatus = "defaultStatus",
    Versions = "versions",
    Version = "version",
    Status = "status",
    VersionType = "versionType",
    LessThan = "lessThan",
    LessThanOrEqual = "lessThanOrEqual",
    Changes = "changes",
    At = "at",
    ProblemTypes = "problemTypes",
    Description = "description",
    CweId = "cweId",
    References = "references",
    Url = "url",
    Name = "name",
    Tags = "tags",
    Impacts = "impacts",
    CapecId = "capecId",
    Metrics = "metrics",
    Format = "format",
    Scenarios = "scenarios",
    CvssV4 = "cvssV4_0",
    CvssV31 = "cvssV3_1",
    CvssV30 = "cvssV3_0",
    CvssV2 = "cvssV2_0",
    VectorString = "vectorString",
    BaseScore = "baseScore",
    BaseSeverity = "baseSeverity",
    AttackVector = "attackVector",
    AttackComplexity = "attackComplexity",
    PrivilegesRequired = "privilegesRequired",
    UserInteraction = "userInteraction",
    Scope = "scope",
    ConfidentialityImpact = "confidentialityImpact",
    IntegrityImpact = "integrityImpact",
    AvailabilityImpact = "availabilityImpact",
    AttackRequirements = "attackRequirements",
    VulnConfidentialityImpact = "vulnConfidentialityImpact",
    VulnIntegrityImpact = "vulnIntegrityImpact",
    VulnAvailabilityImpact = "vulnAvailabilityImpact",
    SubConfidentialityImpact = "subConfidentialityImpact",
    SubIntegrityImpact = "subIntegrityImpact",
    SubAvailabilityImpact = "subAvailabilityImpact",
    AccessVector = "accessVector",
    AccessComplexity = "accessComplexity",
    Authentication = "authentication",
    Configurations = "configurations",
    Workarounds = "workarounds",
    Solutions = "solutions",
    Exploits = "exploits",
    Timeline = "timeline",
    Credits = "credits",
    Source = "source",
    CpeApplicability = "cpeApplicability",
    Nodes = "nodes",
    CpeMatch = "cpeMatch",
    Criteria = "criteria",
    RejectedReasons = "rejectedReasons",
    ReplacedBy = "replacedBy",
    Type = "type",
    Components = "components",
    Purl = "purl",
    Namespace = "namespace",
    Event = "event",
    EventDate = "eventDate",
    Time = "time",
}

/// One value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The byte it begins with, a string's quote included.
    offset: u32,
    /// First byte behind the quote of a string, or where its text stands
    /// among the texts without escapes.
    start: u32,
    end: u32,
    /// Index behind everything that belongs to this value.
    next: u32,
    pub(super) sort: Sort,
    pub(crate) key: Key,
    /// Its text stands among the texts without escapes.
    moved: bool,
}

/// The values of a document in the order of the text, the document first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    pub(crate) entries: Vec<Entry>,
    /// Strings that hold escapes; their texts are made when all is read.
    escaped: Vec<u32>,
    /// Texts without escapes, one behind the other.
    texts: String,
    /// Scratch for one of them.
    text: Vec<u8>,
    /// Key of the value that comes next.
    key: Key,
}

/// What the quick pass tells of the values it reads.
pub(super) trait Recorder {
    /// The next value has this key.
    fn key(&mut self, _: Key) {}
    /// An object or a list begins; gives what `close` needs.
    fn open(&mut self, _: Sort, _offset: usize) -> usize {
        0
    }
    /// An object or a list ends.
    fn close(&mut self, _mark: usize, _end: usize) {}
    fn string(&mut self, _: &Piece) {}
    /// A value without parts: a number, a word, or one that no rule reads.
    fn other(&mut self, _: Sort, _start: usize, _end: usize) {}
}

/// For those who want the verdict alone.
impl Recorder for () {}

impl Recorder for Outline {
    #[inline(always)]
    fn key(&mut self, key: Key) {
        self.key = key;
    }

    #[inline(always)]
    fn open(&mut self, sort: Sort, offset: usize) -> usize {
        let mark = self.entries.len();
        self.push(sort, offset, offset, offset);
        mark
    }

    #[inline(always)]
    fn close(&mut self, mark: usize, end: usize) {
        let next = self.entries.len() as u32;
        if let Some(entry) = self.entries.get_mut(mark) {
            entry.end = end as u32;
            entry.next = next;
        }
    }

    #[inline(always)]
    fn string(&mut self, piece: &Piece) {
        if piece.escaped {
            self.escaped.push(self.entries.len() as u32);
        }
        self.push(Sort::String, piece.start - 1, piece.start, piece.end);
    }

    #[inline(always)]
    fn other(&mut self, sort: Sort, start: usize, end: usize) {
        self.push(sort, start, start, end);
    }
}

impl Outline {
    /// Forgets the last document.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.escaped.clear();
        self.texts.clear();
        self.key = Key::Root;
    }

    #[inline(always)]
    fn push(&mut self, sort: Sort, offset: usize, start: usize, end: usize) {
        let next = self.entries.len() + 1;
        self.entries.push(Entry {
            offset: offset as u32,
            start: start as u32,
            end: end as u32,
            next: next as u32,
            sort,
            key: self.key,
            moved: false,
        });
    }

    /// Makes the texts of the strings that hold escapes.
    pub(super) fn finish(&mut self, bytes: &[u8]) {
        for at in 0..self.escaped.len() {
            let index = self.escaped[at] as usize;
            let entry = self.entries[index];
            let raw = &bytes[entry.start as usize..entry.end as usize];
            unescape(raw, &mut self.text);
            let start = self.texts.len();
            // Half a surrogate pair becomes U+FFFD, as it would be stored.
            match std::str::from_utf8(&self.text) {
                Ok(text) => self.texts.push_str(text),
                Err(_) => self.texts.push_str(&String::from_utf8_lossy(&self.text)),
            }
            self.moved(index, start);
        }
    }

    /// Says whether each value is surely written in the one way a server that
    /// trims texts and dates writes it, where no text holds an escape.
    pub(super) fn is_spare(&self, bytes: &[u8]) -> bool {
        self.entries.iter().all(|entry| {
            let source = &bytes[entry.start as usize..entry.end as usize];
            let is_date = matches!(entry.key, Key::DatePublic | Key::DateAssigned | Key::Time);
            !is_date
                && match entry.sort {
                    Sort::String => is_trimmed(source),
                    Sort::Number => is_spare_number(source),
                    _ => true,
                }
        })
    }

    fn moved(&mut self, index: usize, start: usize) {
        let end = self.texts.len();
        let entry = &mut self.entries[index];
        (entry.start, entry.end) = (start as u32, end as u32);
        entry.moved = true;
    }

    /// Fills the list the slow way, from a text of any form: of a repeated
    /// key the last value counts, and bytes that are not UTF-8 are replaced.
    pub(super) fn read(&mut self, tape: &Tape<'_>) {
        self.clear();
        if !tape.spots.is_empty() {
            self.read_value(tape, 0, MOST_DEPTH);
        }
    }

    fn read_value(&mut self, tape: &Tape<'_>, index: usize, depth: usize) {
        let spot = tape.spots[index];
        let offset = spot.offset();
        match spot.kind {
            Sort::String => {
                let piece = spot.piece();
                let at = self.entries.len();
                self.push(Sort::String, offset, piece.start, piece.end);
                let raw = &tape.bytes[piece.start..piece.end];
                if piece.escaped || std::str::from_utf8(raw).is_err() {
                    let start = self.texts.len();
                    let text = decoded(tape.bytes, &piece);
                    self.texts.push_str(&String::from_utf8_lossy(&text));
                    self.moved(at, start);
                }
            }
            Sort::Object if depth > 0 => {
                let mark = self.open(Sort::Object, offset);
                let (kept, _) = tape.kept_members(index);
                for member in kept {
                    let key = Key::of(&tape.text(member.key));
                    if key != Key::Other {
                        self.key = key;
                        self.read_value(tape, member.value, depth - 1);
                    }
                }
                self.close(mark, spot.end());
            }
            Sort::List if depth > 0 => {
                let mark = self.open(Sort::List, offset);
                for item in tape.items(index) {
                    self.key = Key::Item;
                    self.read_value(tape, item, depth - 1);
                }
                self.close(mark, spot.end());
            }
            other => self.push(other, offset, offset, spot.end()),
        }
    }
}

/// Says whether a text surely neither begins nor ends with space of any kind.
fn is_trimmed(text: &[u8]) -> bool {
    let ends = text.first().zip(text.last());
    ends.is_none_or(|(first, last)| first.is_ascii_graphic() && last.is_ascii_graphic())
}

/// A document with its outline.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a> {
    bytes: &'a [u8],
    /// The same bytes as a text, so that its parts need not be looked at
    /// again; empty when they are no UTF-8.
    whole: &'a str,
    outline: &'a Outline,
}

impl<'a> Document<'a> {
    pub(crate) fn new(bytes: &'a [u8], outline: &'a Outline) -> Document<'a> {
        Document {
            bytes,
            whole: simdutf8::basic::from_utf8(bytes).unwrap_or_default(),
            outline,
        }
    }

    /// Says whether the document is known to be UTF-8.
    pub(crate) fn is_text(&self) -> bool {
        !self.whole.is_empty()
    }

    /// For those who ask for a few texts: each is looked at when it is asked
    /// for, and not the whole document before.
    pub(crate) fn in_parts(bytes: &'a [u8], outline: &'a Outline) -> Document<'a> {
        Document {
            bytes,
            whole: "",
            outline,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.outline.entries.is_empty()
    }

    /// The byte a value begins with, a string's quote included.
    pub(crate) fn offset(&self, index: usize) -> usize {
        self.outline.entries[index].offset as usize
    }

    #[inline(always)]
    pub(crate) fn key(&self, index: usize) -> Key {
        self.outline.entries[index].key
    }

    /// The text of a string; `None` for any other value.
    #[inline(always)]
    pub(crate) fn text(&self, index: usize) -> Option<&'a str> {
        let entry = self.outline.entries[index];
        if entry.sort != Sort::String {
            return None;
        }
        let (start, end) = (entry.start as usize, entry.end as usize);
        if entry.moved {
            return self.outline.texts.get(start..end);
        }
        // Both ways of reading made sure that it is UTF-8, though what no rule
        // reads may not be.
        self.whole
            .get(start..end)
            .or_else(|| std::str::from_utf8(&self.bytes[start..end]).ok())
    }

    /// The source of a value that is no string.
    pub(crate) fn source(&self, index: usize) -> &'a [u8] {
        let entry = self.outline.entries[index];
        match entry.sort {
            Sort::String => &[],
            _ => &self.bytes[entry.offset as usize..entry.end as usize],
        }
    }

    /// The bytes of all texts that rules look into, each with its index, in
    /// the order of the text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (usize, &'a [u8])> + '_ {
        self.outline
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.sort == Sort::String)
            .map(|(index, entry)| {
                let text = match entry.moved {
                    true => self.outline.texts.as_bytes(),
                    false => self.bytes,
                };
                let text = text.get(entry.start as usize..entry.end as usize);
                (index, text.unwrap_or_default())
            })
    }

    pub(crate) fn is_list(&self, index: usize) -> bool {
        self.outline.entries[index].sort == Sort::List
    }

    pub(crate) fn is_object(&self, index: usize) -> bool {
        self.outline.entries[index].sort == Sort::Object
    }

    /// The values inside an object or a list, in the order of the text.
    #[inline(always)]
    pub(crate) fn inside(&self, index: usize) -> Inside<'a> {
        let entry = &self.outline.entries[index];
        Inside {
            entries: &self.outline.entries,
            at: index + 1,
            end: entry.next as usize,
        }
    }

    /// The items of a list; nothing for any other value.
    #[inline(always)]
    pub(crate) fn items(&self, index: usize) -> Inside<'a> {
        let mut inside = self.inside(index);
        if !self.is_list(index) {
            inside.end = inside.at;
        }
        inside
    }

    /// The value of a key of an object.
    #[inline(always)]
    pub(crate) fn get(&self, index: usize, key: Key) -> Option<usize> {
        if !self.is_object(index) {
            return None;
        }
        self.inside(index).find(|at| self.key(*at) == key)
    }

    /// The text at a key of an object.
    pub(crate) fn text_at(&self, index: usize, key: Key) -> Option<&'a str> {
        self.get(index, key).and_then(|at| self.text(at))
    }

    /// The JSON pointer to a value.
    pub(crate) fn pointer(&self, index: usize) -> String {
        let mut pointer = String::with_capacity(64);
        for (place, at) in self.path(index) {
            pointer.push('/');
            match self.key(at) {
                // A text takes whatever is written to it.
                Key::Item => drop(write!(pointer, "{place}")),
                key => pointer.push_str(key.as_str()),
            }
        }
        pointer
    }

    /// The way from the document down to a value, which ends it: each value
    /// with its place in the one above.
    pub(crate) fn path(&self, index: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            if at >= index {
                return None;
            }
            let next = |child: usize| self.outline.entries[child].next as usize;
            let step = self
                .inside(at)
                .enumerate()
                .take_while(|(_, child)| *child <= index)
                .find(|(_, child)| index < next(*child))?;
            at = step.1;
            Some(step)
        })
    }
}

/// The values inside another.
#[derive(Clone)]
pub(crate) struct Inside<'a> {
    entries: &'a [Entry],
    at: usize,
    end: usize,
}

impl Iterator for Inside<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let at = self.at;
        if at >= self.end {
            return None;
        }
        self.at = self.entries[at].next as usize;
        Some(at)
    }
}
