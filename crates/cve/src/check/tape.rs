//! A JSON text as a flat list of its values, for the slow path.
//!
//! Built without recursion, so that depth is bounded by the text alone, and
//! with sixteen bytes a value.

use super::reader::{Broken, Piece, Reader, Start};

/// A JSON text and where each of its values stands.
#[derive(Debug)]
pub(crate) struct Tape<'a> {
    pub(super) bytes: &'a [u8],
    /// The values in the order of their first bytes. An object's keys and
    /// values alternate behind it.
    pub(super) spots: Vec<Spot>,
}

/// One value or key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// First byte; of a string, the one behind the quote.
    start: u32,
    /// Behind the last byte; of a string, the closing quote.
    end: u32,
    /// Index behind everything that belongs to this value.
    next: u32,
    pub(super) kind: Sort,
    escaped: bool,
    ascii: bool,
}

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Object,
    List,
    String,
    Number,
    Flag,
    Null,
}

/// A key of an object and its value, as indices of the tape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) key: usize,
    pub(super) value: usize,
}

impl Spot {
    pub(super) fn start(&self) -> usize {
        self.start as usize
    }

    /// The byte the value begins with, a string's quote included.
    pub(super) fn offset(&self) -> usize {
        self.start() - usize::from(self.kind == Sort::String)
    }

    pub(super) fn end(&self) -> usize {
        self.end as usize
    }

    pub(super) fn piece(&self) -> Piece {
        Piece {
            start: self.start(),
            end: self.end as usize,
            escaped: self.escaped,
            ascii: self.ascii,
        }
    }
}

impl<'a> Tape<'a> {
    /// Reads a whole text.
    ///
    /// Takes: at most 4 GiB.
    /// Refuses: what is not JSON, with the byte where that shows.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Tape<'a>, (Broken, usize)> {
        let mut reader = Reader::new(bytes);
        let mut tape = Tape {
            bytes,
            // Most values take a few dozen bytes a spot; the bound keeps a
            // large text from taking much before it is known to be JSON.
            spots: Vec::with_capacity((bytes.len() / 16).clamp(4, 4096)),
        };
        let read = reader
            .opening()
            .and_then(|()| tape.fill(&mut reader))
            .and_then(|()| reader.finish());
        match read {
            Ok(()) => Ok(tape),
            Err(broken) => Err((broken, reader.at)),
        }
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Broken> {
        let mut open: Vec<usize> = Vec::new();
        loop {
            let kind = reader.start()?;
            let start = reader.at;
            let sort = match kind {
                Start::Object => Sort::Object,
                Start::List => Sort::List,
                Start::String => Sort::String,
                Start::Number => Sort::Number,
                Start::True | Start::False => Sort::Flag,
                Start::Null => Sort::Null,
            };
            let index = self.spots.len();
            match kind {
                Start::Object | Start::List => {
                    reader.at += 1;
                    self.push(sort, start, start + 1);
                    let close = if kind == Start::Object { b'}' } else { b']' };
                    if !reader.empty(close) {
                        open.push(index);
                        if kind == Start::Object {
                            self.key(reader)?;
                        }
                        continue;
                    }
                    self.close(index, reader.at);
                }
                Start::String => {
                    let piece = reader.string()?;
                    self.push_string(&piece);
                }
                Start::Number => {
                    let (start, end) = reader.number()?;
                    self.push(sort, start, end);
                }
                Start::True => self.literal(reader, sort, "true")?,
                Start::False => self.literal(reader, sort, "false")?,
                Start::Null => self.literal(reader, sort, "null")?,
            }
            loop {
                let Some(&around) = open.last() else {
                    return Ok(());
                };
                let object = self.spots[around].kind == Sort::Object;
                if reader.more(if object { b'}' } else { b']' })? {
                    if object {
                        self.key(reader)?;
                    }
                    break;
                }
                self.close(around, reader.at);
                open.pop();
            }
        }
    }

    fn literal(&mut self, reader: &mut Reader<'_>, sort: Sort, text: &str) -> Result<(), Broken> {
        let start = reader.at;
        reader.literal(text)?;
        self.push(sort, start, reader.at);
        Ok(())
    }

    fn key(&mut self, reader: &mut Reader<'_>) -> Result<(), Broken> {
        let piece = reader.key()?;
        self.push_string(&piece);
        Ok(())
    }

    fn push(&mut self, kind: Sort, start: usize, end: usize) {
        let next = self.spots.len() + 1;
        self.spots.push(Spot {
            start: start as u32,
            end: end as u32,
            next: next as u32,
            kind,
            escaped: false,
            ascii: true,
        });
    }

    fn push_string(&mut self, piece: &Piece) {
        self.push(Sort::String, piece.start, piece.end);
        if let Some(spot) = self.spots.last_mut() {
            spot.escaped = piece.escaped;
            spot.ascii = piece.ascii;
        }
    }

    fn close(&mut self, index: usize, end: usize) {
        let next = self.spots.len() as u32;
        let spot = &mut self.spots[index];
        spot.end = end as u32;
        spot.next = next;
    }

    /// The bytes of the value that begins at `offset`, with its quotes or
    /// brackets.
    pub(crate) fn span_at(&self, offset: usize) -> Option<std::ops::Range<usize>> {
        let spot = self.spots[self.index_at(offset)?];
        let quote = usize::from(spot.kind == Sort::String);
        Some(offset..spot.end() + quote)
    }

    /// How many members or items the value that begins at `offset` has.
    pub(crate) fn count_at(&self, offset: usize) -> Option<usize> {
        let index = self.index_at(offset)?;
        match self.spots[index].kind {
            Sort::Object => Some(self.members(index).count()),
            _ => Some(self.items(index).count()),
        }
    }

    fn index_at(&self, offset: usize) -> Option<usize> {
        self.spots.binary_search_by_key(&offset, Spot::offset).ok()
    }

    /// Index behind everything that belongs to a value.
    pub(super) fn next(&self, index: usize) -> usize {
        self.spots[index].next as usize
    }

    /// The text of a value as it stands in the source, without the quotes of
    /// a string.
    pub(super) fn source(&self, index: usize) -> &'a [u8] {
        let spot = self.spots[index];
        &self.bytes[spot.start as usize..spot.end as usize]
    }

    /// The text of a string or key.
    pub(super) fn text(&self, index: usize) -> std::borrow::Cow<'a, [u8]> {
        super::text::decoded(self.bytes, &self.spots[index].piece())
    }

    /// The items of a list.
    pub(super) fn items(&self, list: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.next(list);
        let mut at = list + 1;
        std::iter::from_fn(move || {
            let item = at;
            (item < end).then(|| {
                at = self.next(item);
                item
            })
        })
    }

    /// The members of an object as they stand, repeated keys included.
    pub(super) fn members(&self, object: usize) -> impl Iterator<Item = Member> + '_ {
        let end = self.next(object);
        let mut at = object + 1;
        std::iter::from_fn(move || {
            let key = at;
            (key < end).then(|| {
                at = self.next(key + 1);
                Member {
                    key,
                    value: key + 1,
                }
            })
        })
    }

    /// The members of an object as `JSON.parse` has them: of a repeated key
    /// only the last value. The second list has the members that are lost.
    pub(super) fn kept_members(&self, object: usize) -> (Vec<Member>, Vec<Member>) {
        if self.members(object).nth(1).is_none() {
            return (self.members(object).collect(), Vec::new());
        }
        // Only places are kept: an object may have hundreds of thousands.
        let mut sorted: Vec<Member> = self.members(object).collect();
        // Stable, so members of one key keep the order of the text.
        sorted.sort_by(|a, b| self.text(a.key).cmp(&self.text(b.key)));
        let (mut kept, mut lost) = (Vec::new(), Vec::new());
        for (place, member) in sorted.iter().enumerate() {
            let next = sorted.get(place + 1);
            let again = next.is_some_and(|next| self.text(next.key) == self.text(member.key));
            if again { &mut lost } else { &mut kept }.push(*member);
        }
        kept.sort_by_key(|member| member.key);
        lost.sort_by_key(|member| member.key);
        (kept, lost)
    }

    /// Says whether some object has a key twice.
    pub(super) fn has_repeated_keys(&self) -> bool {
        (0..self.spots.len()).any(|index| {
            self.spots[index].kind == Sort::Object && !self.kept_members(index).1.is_empty()
        })
    }

    /// The value of a key of an object, the last one if it is repeated.
    pub(super) fn get(&self, object: usize, key: &str) -> Option<usize> {
        if self.spots[object].kind != Sort::Object {
            return None;
        }
        self.members(object)
            .filter(|member| self.text(member.key) == key.as_bytes())
            .last()
            .map(|member| member.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_repeated_key_the_last_value_is_kept() {
        let tape = Tape::read(br#"{"a":1,"b":2,"\u0061":3}"#).unwrap();
        let (kept, lost) = tape.kept_members(0);
        let values = |members: Vec<Member>| -> Vec<&[u8]> {
            members
                .iter()
                .map(|member| tape.source(member.value))
                .collect()
        };
        assert_eq!(values(kept), [b"2", b"3"]);
        assert_eq!(values(lost), [b"1"]);
    }

    #[test]
    fn items_and_members_pass_over_what_is_inside_them() {
        let tape = Tape::read(br#" [[1,[2]],{"a":[3]},4] "#).unwrap();
        let items: Vec<&[u8]> = tape.items(0).map(|item| tape.source(item)).collect();
        assert_eq!(items, [&b"[1,[2]]"[..], b"{\"a\":[3]}", b"4"]);
    }

    #[test]
    fn the_place_of_an_error_is_the_byte_it_is_about() {
        assert_eq!(Tape::read(b"[1,]").unwrap_err(), (Broken::TrailingComma, 3));
        assert_eq!(Tape::read(b"{\"a\"").unwrap_err(), (Broken::End, 4));
        assert_eq!(
            Tape::read(b"\xef\xbb\xbf{}").unwrap_err(),
            (Broken::Mark, 0)
        );
    }
}
