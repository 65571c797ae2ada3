//! The quick answer: whether a text is valid, in one pass over its bytes.
//!
//! Nothing is built from the text. Each value is checked against its table as
//! it is read, and the pass ends at the first thing that is wrong. Of each
//! item of a list of distinct items a fingerprint is kept; only when two are
//! equal are the items themselves compared. Both shapes of a record are
//! checked at once: a set of shapes that are still possible shrinks as keys
//! and the state are met.
//!
//! What is rare and would slow this down (a key that occurs twice, bytes that
//! are not UTF-8) ends the pass with `Stop::Unsure`, and `explain.rs` decides.
//! It is also asked when a value is wrong and some key occurs twice, because
//! the wrong value may be one that `JSON.parse` drops.

use super::form::{Form, is_english, is_extension_key, is_extension_tag};
use super::number::{is_serial, tenths, value_of};
use super::outline::{Key, Recorder};
use super::reader::{Broken, Piece, Reader, Start};
use super::schema::{ListTable, Node, ObjectTable, Schema, TextNode};
use super::shape::{Also, EITHER, Extra, PUBLISHED, REJECTED, Role, Score, Shapes};
use super::tape::Sort;
use super::text::{code_points, fingerprint, mix, unescape};
use super::unique::has_equal_items;

/// Memory that is used again for the next text.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// A string without its escapes.
    text: Vec<u8>,
    /// Fingerprints of the items of the lists that are open.
    prints: Vec<u64>,
    /// Where the keys stand that the schema does not name, of the objects that
    /// are open.
    extras: Vec<(usize, usize)>,
    /// The brackets that are open in a value without rules.
    open: Vec<bool>,
    /// Where the values without rules stand that may hold keys or numbers.
    pub(super) free: Vec<(usize, usize)>,
    /// Where values without rules stand in items of lists: what the server
    /// trims there may make two items equal.
    pub(super) listed: Vec<(usize, usize)>,
    /// The last text was found valid in one pass, so `free` is all of it.
    pub(super) is_sure: bool,
    /// There was also neither space between its values, nor an escape, nor a
    /// value without rules.
    pub(super) is_spare: bool,
}

/// Why the pass ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// The text is not JSON.
    Broken,
    /// Something in it is not as it must be.
    Invalid,
    /// This pass cannot tell.
    Unsure,
}

impl From<Broken> for Stop {
    fn from(_: Broken) -> Stop {
        Stop::Broken
    }
}

/// What the pass found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quick {
    Valid,
    /// Not JSON, whatever else.
    Broken,
    /// Something is wrong, unless it stands behind a key that occurs again.
    Suspect,
    /// Decided by nobody yet: a key occurs twice, or there is no UTF-8.
    Unsure,
}

/// An object with more keys that the schema does not name is left to the slow
/// way, which sorts them.
const MANY: usize = 16;

/// Checks `bytes` as far as one pass can.
///
/// `recorder` is told of the values on the way; what it heard is of use only
/// when the verdict is `Valid`.
pub(super) fn quick_verdict<R: Recorder>(
    schema: &'static Schema,
    bytes: &[u8],
    scratch: &mut Scratch,
    recorder: &mut R,
) -> Quick {
    scratch.prints.clear();
    scratch.extras.clear();
    scratch.free.clear();
    scratch.listed.clear();
    scratch.is_spare = true;
    let mut pass = Pass {
        reader: Reader::new(bytes),
        schema,
        scratch,
        recorder,
        shapes: EITHER,
        english: false,
        score: None,
        severity: 0,
        lists: 0,
    };
    let read = pass.document(schema.root());
    let spaced = pass.reader.spaced;
    scratch.is_sure = read.is_ok();
    scratch.is_spare &= scratch.is_sure && !spaced;
    match read {
        Ok(()) => Quick::Valid,
        Err(Stop::Broken) => Quick::Broken,
        Err(Stop::Invalid) => Quick::Suspect,
        Err(Stop::Unsure) => Quick::Unsure,
    }
}

struct Pass<'a, R> {
    reader: Reader<'a>,
    schema: &'static Schema,
    scratch: &'a mut Scratch,
    recorder: &'a mut R,
    /// The shapes of a record that are still possible.
    shapes: Shapes,
    /// The language read last is English.
    english: bool,
    /// The base score read last, in tenths.
    score: Option<u8>,
    /// Place of the base severity read last, `NONE` first.
    severity: usize,
    /// How many lists are open.
    lists: usize,
}

impl<'a, R: Recorder> Pass<'a, R> {
    fn document(&mut self, root: Node) -> Result<(), Stop> {
        self.reader.opening()?;
        self.value(root)?;
        self.reader.finish()?;
        if self.shapes == 0 {
            return Err(Stop::Invalid);
        }
        Ok(())
    }

    /// Checks the next value; gives a number that is equal for equal values.
    #[inline(always)]
    fn value(&mut self, node: Node) -> Result<u64, Stop> {
        match node {
            Node::Text(text) => self.text(text),
            Node::Word(table) => self.word(table),
            Node::Object(table) => self.object(table),
            Node::List(table) => self.list(table),
            other => self.rare(other),
        }
    }

    #[inline(never)]
    fn rare(&mut self, node: Node) -> Result<u64, Stop> {
        match node {
            Node::Tag(table) => self.tag(table),
            Node::Score(score) => self.score(score),
            Node::Flag => self.flag(),
            Node::Serial => {
                let text = self.number()?;
                is_serial(text).then_some(0).ok_or(Stop::Invalid)
            }
            Node::Filled => self.filled(),
            // The kinds that `value` handles never come here.
            _ => self.free(),
        }
    }

    fn free(&mut self) -> Result<u64, Stop> {
        let sort = match self.reader.peek() {
            b'{' => Sort::Object,
            b'[' => Sort::List,
            b'"' => Sort::String,
            _ => Sort::Null,
        };
        let start = self.reader.at;
        self.skip()?;
        // Also a string is no text here: it has not been looked into.
        let sort = if sort == Sort::String {
            Sort::Null
        } else {
            sort
        };
        self.recorder.other(sort, start, self.reader.at);
        Ok(0)
    }

    fn filled(&mut self) -> Result<u64, Stop> {
        if self.reader.peek() != b'{' {
            return Err(Stop::Invalid);
        }
        let mut ahead = self.reader.clone();
        ahead.at += 1;
        if ahead.peek() == b'}' {
            return Err(Stop::Invalid);
        }
        self.free()
    }

    fn flag(&mut self) -> Result<u64, Stop> {
        let read = match self.reader.start()? {
            Start::True => self.reader.literal("true").map(|()| 1),
            Start::False => self.reader.literal("false").map(|()| 2),
            _ => return Err(Stop::Invalid),
        };
        let end = self.reader.at;
        self.recorder.other(Sort::Flag, end, end);
        read.map_err(Stop::from)
    }

    fn number(&mut self) -> Result<&'a [u8], Stop> {
        if self.reader.start()? != Start::Number {
            return Err(Stop::Invalid);
        }
        let (start, end) = self.reader.number()?;
        self.recorder.other(Sort::Number, start, end);
        Ok(&self.reader.bytes()[start..end])
    }

    fn score(&mut self, score: Score) -> Result<u64, Stop> {
        let text = self.number()?;
        if score == Score::Range {
            let number = value_of(text);
            let in_range = (0.0..=10.0).contains(&number);
            // 0 and -0 are one number and have two bit patterns.
            return in_range
                .then_some((number + 0.0).to_bits())
                .ok_or(Stop::Invalid);
        }
        let tenths = tenths(text).ok_or(Stop::Invalid)?;
        if score == Score::Base {
            self.score = Some(tenths);
        }
        Ok(u64::from(tenths))
    }

    /// The next string, which must be one, and be UTF-8.
    #[inline(always)]
    fn string(&mut self) -> Result<Piece, Stop> {
        if self.reader.peek() != b'"' {
            return Err(Stop::Invalid);
        }
        let piece = self.reader.string()?;
        if !piece.ascii {
            self.utf_8(&piece)?;
        }
        self.recorder.string(&piece);
        Ok(piece)
    }

    #[inline(never)]
    fn utf_8(&self, piece: &Piece) -> Result<(), Stop> {
        let raw = &self.reader.bytes()[piece.start..piece.end];
        simdutf8::basic::from_utf8(raw)
            .map(|_| ())
            .map_err(|_| Stop::Unsure)
    }

    #[inline(always)]
    fn text(&mut self, node: TextNode) -> Result<u64, Stop> {
        let piece = self.string()?;
        if piece.escaped {
            self.unescaped(&piece);
            let text = std::mem::take(&mut self.scratch.text);
            let print = self.text_is(node, &text);
            self.scratch.text = text;
            return print;
        }
        let raw = &self.reader.bytes()[piece.start..piece.end];
        self.text_is(node, raw)
    }

    #[inline(always)]
    fn text_is(&mut self, node: TextNode, text: &[u8]) -> Result<u64, Stop> {
        // A text has at most as many code points as bytes, and at least a
        // quarter of that; between the bounds they need no counting.
        let length = text.len();
        let (min, max) = (node.min as usize, node.max as usize);
        if length > max || length < min * 4 {
            let points = code_points(text);
            if points > max || points < min {
                return Err(Stop::Invalid);
            }
        }
        if node.form != Form::Plain {
            if !node.form.accepts(text) {
                return Err(Stop::Invalid);
            }
            if node.form == Form::Language {
                self.english = is_english(text);
            }
        }
        Ok(if node.hashed { fingerprint(text) } else { 0 })
    }

    #[inline(always)]
    fn word(&mut self, table: u16) -> Result<u64, Stop> {
        let table = &self.schema.words[usize::from(table)];
        let piece = self.string()?;
        let place = if piece.escaped {
            self.unescaped(&piece);
            table.names.place_of(&self.scratch.text)
        } else {
            table
                .names
                .find(self.reader.bytes(), piece.start, piece.end)
        };
        let place = place.ok_or(Stop::Invalid)?;
        match table.role {
            Role::None => {}
            Role::BaseSeverity => self.severity = place,
            Role::State => self.shapes &= if place == 0 { PUBLISHED } else { REJECTED },
        }
        Ok(place as u64)
    }

    fn tag(&mut self, table: u16) -> Result<u64, Stop> {
        let table = &self.schema.words[usize::from(table)];
        let piece = self.string()?;
        let text = if piece.escaped {
            self.unescaped(&piece);
            &self.scratch.text
        } else {
            &self.reader.bytes()[piece.start..piece.end]
        };
        let known = table.names.place_of(text).is_some();
        if known || (is_extension_tag(text) && code_points(text) <= 128) {
            Ok(fingerprint(text))
        } else {
            Err(Stop::Invalid)
        }
    }

    /// Writes a string without its escapes to the scratch.
    #[inline(never)]
    fn unescaped(&mut self, piece: &Piece) {
        let raw = &self.reader.bytes()[piece.start..piece.end];
        unescape(raw, &mut self.scratch.text);
        self.scratch.is_spare = false;
    }

    fn list(&mut self, table: u16) -> Result<u64, Stop> {
        let list = &self.schema.lists[usize::from(table)];
        if self.reader.peek() != b'[' {
            return Err(Stop::Invalid);
        }
        let start = self.reader.at;
        let mark = self.recorder.open(Sort::List, start);
        self.reader.at += 1;
        let base = self.scratch.prints.len();
        let mut count = 0;
        let mut all = 0;
        let mut english = false;
        // An item may hold lists of its own, such as the media of a text.
        let around = self.english;
        if !self.reader.empty(b']') {
            loop {
                self.english = false;
                self.recorder.key(Key::Item);
                self.lists += 1;
                let print = self.value(list.item)?;
                self.lists -= 1;
                count += 1;
                all = mix(all, print);
                english |= self.english;
                if list.unique {
                    self.scratch.prints.push(print);
                }
                if !self.reader.more(b']')? {
                    break;
                }
            }
        }
        self.recorder.close(mark, self.reader.at);
        self.english = around;
        if count < list.min || count > list.max || (list.english && !english) {
            return Err(Stop::Invalid);
        }
        if list.unique {
            if count > 1 && has_equal(&mut self.scratch.prints[base..]) {
                self.compare_items(list, start)?;
            }
            self.scratch.prints.truncate(base);
        }
        Ok(all)
    }

    /// Compares the items of a list in which two have one fingerprint.
    #[inline(never)]
    fn compare_items(&self, list: &ListTable, start: usize) -> Result<(), Stop> {
        let text = &self.reader.bytes()[start..self.reader.at];
        if has_equal_items(text, list.by_key) {
            Err(Stop::Invalid)
        } else {
            Ok(())
        }
    }

    fn object(&mut self, table: u16) -> Result<u64, Stop> {
        let object = &self.schema.objects[usize::from(table)];
        if self.reader.peek() != b'{' {
            return if object.untyped {
                self.free()
            } else {
                Err(Stop::Invalid)
            };
        }
        let mark = self.recorder.open(Sort::Object, self.reader.at);
        self.reader.at += 1;
        let mut seen = 0;
        let base = self.scratch.extras.len();
        let mut all = 0_u64;
        self.score = None;
        if !self.reader.empty(b'}') {
            loop {
                let piece = self.reader.key()?;
                match self.place_of(object, &piece) {
                    Some(place) => {
                        let bit = 1 << place;
                        if seen & bit != 0 {
                            return Err(Stop::Unsure);
                        }
                        seen |= bit;
                        let key = &object.keys[place];
                        self.shapes &= key.shapes;
                        self.recorder.key(key.key);
                        let print = self.value(key.node)?;
                        // Sums do not depend on the order of the keys.
                        all = all.wrapping_add(mix(print, place as u64));
                    }
                    None => {
                        self.extra(object, &piece, base)?;
                    }
                }
                if !self.reader.more(b'}')? {
                    break;
                }
            }
        }
        self.recorder.close(mark, self.reader.at);
        let extras = self.scratch.extras.len() > base;
        self.scratch.extras.truncate(base);
        self.complete(object, seen, extras)?;
        Ok(all)
    }

    /// The place of a key in its object; `None` when the schema has no such key.
    #[inline(always)]
    fn place_of(&mut self, object: &ObjectTable, key: &Piece) -> Option<usize> {
        if key.escaped {
            self.unescaped(key);
            return object.names.place_of(&self.scratch.text);
        }
        object.names.find(self.reader.bytes(), key.start, key.end)
    }

    /// Checks a key that the schema does not name, and its value.
    ///
    /// Takes: `base`, where the places of such keys of this object begin.
    #[inline(never)]
    fn extra(&mut self, object: &ObjectTable, key: &Piece, base: usize) -> Result<(), Stop> {
        let allowed = match object.extra {
            Extra::Refused => false,
            Extra::Any => true,
            Extra::Extension => {
                if key.escaped {
                    // `place_of` left the key there.
                    is_extension_key(&self.scratch.text)
                } else {
                    is_extension_key(&self.reader.bytes()[key.start..key.end])
                }
            }
        };
        if !allowed {
            return Err(Stop::Invalid);
        }
        let bytes = self.reader.bytes();
        let others = &self.scratch.extras[base..];
        let name = &bytes[key.start..key.end];
        let occurs = |(start, end): &(usize, usize)| &bytes[*start..*end] == name;
        // Two spellings of one key are found out by whoever is slower.
        if key.escaped && !others.is_empty() || others.len() >= MANY || others.iter().any(occurs) {
            return Err(Stop::Unsure);
        }
        self.scratch.extras.push((key.start, key.end));
        // Behind one with escapes every other may be the same.
        if key.escaped {
            self.scratch.extras.resize(base + MANY, (0, 0));
        }
        self.skip()
    }

    /// Passes over a value without rules.
    fn skip(&mut self) -> Result<(), Stop> {
        self.scratch.is_spare = false;
        let holds = !matches!(self.reader.peek(), b'"' | b't' | b'f' | b'n');
        let start = self.reader.at;
        self.reader.skip(&mut self.scratch.open)?;
        if holds {
            self.scratch.free.push((start, self.reader.at));
        }
        if self.lists > 0 {
            self.scratch.listed.push((start, self.reader.at));
        }
        Ok(())
    }

    /// Checks what can be said of an object when all its keys are known.
    #[inline(always)]
    fn complete(&mut self, object: &ObjectTable, seen: u64, extras: bool) -> Result<(), Stop> {
        if object.required[0] & !seen != 0 {
            self.shapes &= !PUBLISHED;
        }
        if object.required[1] & !seen != 0 {
            self.shapes &= !REJECTED;
        }
        let any_of = object
            .any_of
            .iter()
            .all(|group| group.sets.iter().any(|set| set & !seen == 0));
        let also = match object.also {
            Also::Nothing => true,
            Also::MoreThanProvider => extras || seen & !object.bits.provider != 0,
            Also::Version => is_version_entry(object, seen),
            Also::Version50 => is_version_entry_50(object, seen, extras),
            Also::Band => self.score.is_some_and(|score| band(score) == self.severity),
        };
        if self.shapes != 0 && any_of && also {
            Ok(())
        } else {
            Err(Stop::Invalid)
        }
    }
}

/// The place of the severity that suits a score in tenths, `NONE` first.
///
/// Source: CVE Record Format, `noneScoreType` to `criticalScoreType`.
pub(super) fn band(score: u8) -> usize {
    match score {
        0 => 0,
        1..=39 => 1,
        40..=69 => 2,
        70..=89 => 3,
        _ => 4,
    }
}

/// Says whether exactly one form of an entry of `versions` fits: a version
/// and its status, the same with a type, or a range with one upper end.
///
/// Source: CVE Record Format `definitions/product/properties/versions`.
pub(super) fn is_version_entry(object: &ObjectTable, seen: u64) -> bool {
    let bits = &object.bits;
    let single = bits.version | bits.status;
    let typed = single | bits.version_type;
    let ends = bits.less_than | bits.less_than_or_equal;
    match seen & ends {
        0 => seen == single || seen == typed,
        both if both == ends => false,
        _ => seen & typed == typed,
    }
}

/// The same for 5.0, which has no single version with a type and counts
/// unknown keys as keys.
pub(super) fn is_version_entry_50(object: &ObjectTable, seen: u64, extras: bool) -> bool {
    let bits = &object.bits;
    let single = bits.version | bits.status;
    let typed = single | bits.version_type;
    let ends = bits.less_than | bits.less_than_or_equal;
    match seen & ends {
        0 => seen == single && !extras,
        both if both == ends => false,
        _ => seen & typed == typed,
    }
}

/// Says whether two of the numbers are equal; may change their order.
#[inline(always)]
fn has_equal(prints: &mut [u64]) -> bool {
    if let [a, b] = prints {
        return a == b;
    }
    if prints.len() <= 12 {
        return prints
            .iter()
            .enumerate()
            .any(|(at, print)| prints[..at].contains(print));
    }
    prints.sort_unstable();
    prints.windows(2).any(|two| two[0] == two[1])
}
