//! Phrases in a description that say something to a rule, found in one pass.

mod phrases;

use std::sync::LazyLock;

use phrases::PHRASES;

/// What a phrase is a sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Clue {
    /// The type, cause or impact of a vulnerability.
    Weakness,
    /// A part of a product.
    Component,
    /// A sentence that says what can be done.
    Template,
    /// A version follows.
    Version,
    /// A name follows that is thanked.
    Credit,
    /// The ID of another catalogue.
    Foreign,
    /// Advertising, or worse.
    Advert,
    /// Another vulnerability it is not.
    Different,
    /// The record is void.
    Void,
    /// The record is a duplicate.
    Duplicate,
    /// The product was out of support.
    Unsupported,
    /// Somebody disputes.
    Disputed,
    /// Markup.
    Html,
    /// The text of a template.
    Placeholder,
}

const CLUES: usize = 14;

impl Clue {
    fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A phrase as it is looked for.
struct Phrase {
    clue: Clue,
    text: &'static str,
    begins_word: bool,
    ends_word: bool,
}

/// Phrases by their first three bytes.
///
/// A common kind is met near the beginning of nearly every description, a
/// rare one seldom at all. So what is asked at each byte is whether a phrase
/// of a kind not yet seen may begin there, which needs one look at a small
/// table; an automaton of all phrases would be too large for the nearest
/// cache, and stops at every common word.
struct Finder {
    /// The kinds of phrases of each slot.
    kinds: Box<[u16; SLOTS]>,
    /// Where the phrases of each slot begin among `order`.
    begins: Vec<u16>,
    /// Places in `phrases`, slot by slot.
    order: Vec<u16>,
    phrases: Vec<Phrase>,
}

const SLOT_BITS: u32 = 13;
const SLOTS: usize = 1 << SLOT_BITS;

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

/// The last three bytes of a text that is gone through.
#[derive(Default)]
struct Window(u32);

impl Window {
    /// Takes the next byte; gives the slot of the last three.
    #[inline(always)]
    fn push(&mut self, byte: u8) -> usize {
        self.0 = (self.0 >> 8) | u32::from(byte) << 16;
        // Multiplicative hashing, after Knuth.
        (self.0.wrapping_mul(0x9e37_79b1) >> (32 - SLOT_BITS)) as usize
    }

    fn slot_of(bytes: [u8; 3]) -> usize {
        let mut window = Window::default();
        bytes.into_iter().fold(0, |_, byte| window.push(byte))
    }
}

impl Finder {
    fn new() -> Finder {
        let mut phrases = Vec::new();
        let mut places: Vec<(u16, u16)> = Vec::new();
        for (clue, list) in PHRASES {
            for text in *list {
                let phrase = Phrase {
                    clue: *clue,
                    text: text.trim_matches(['^', '$']),
                    begins_word: text.starts_with('^'),
                    ends_word: text.ends_with('$'),
                };
                let place = phrases.len() as u16;
                places.extend(phrase.slots().map(|slot| (slot as u16, place)));
                phrases.push(phrase);
            }
        }
        places.sort_unstable();
        places.dedup();
        let mut kinds = Box::new([0; SLOTS]);
        let mut begins = vec![0; SLOTS + 1];
        for (slot, place) in &places {
            kinds[usize::from(*slot)] |= phrases[usize::from(*place)].clue.bit();
            begins[usize::from(*slot) + 1] += 1;
        }
        for slot in 0..SLOTS {
            begins[slot + 1] += begins[slot];
        }
        Finder {
            kinds,
            begins,
            order: places.into_iter().map(|(_, place)| place).collect(),
            phrases,
        }
    }

    fn of_slot(&self, slot: usize) -> impl Iterator<Item = &Phrase> {
        let range = usize::from(self.begins[slot])..usize::from(self.begins[slot + 1]);
        self.order[range]
            .iter()
            .map(|place| &self.phrases[usize::from(*place)])
    }
}

impl Phrase {
    /// The slots of the three bytes it may begin with: of a phrase of two
    /// bytes, which ends a word, the third is anything but a letter.
    fn slots(&self) -> impl Iterator<Item = usize> + use<> {
        let (first, third) = match *self.text.as_bytes() {
            [a, b] => ([a, b], None),
            [a, b, c, ..] => ([a, b], Some(c)),
            // No phrase is shorter; a test sees to it.
            _ => ([0, 0], Some(0)),
        };
        let thirds = match third {
            Some(third) => third..=third,
            None => 0..=u8::MAX,
        };
        thirds
            .filter(move |byte| third.is_some() || !byte.is_ascii_alphanumeric())
            .map(move |byte| Window::slot_of([first[0], first[1], byte]))
    }
}

/// How many versions of a text are remembered.
const MOST_VERSIONS: usize = 8;

/// What one text holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Clues {
    seen: u16,
    /// The first place of each, as bytes.
    first: [(u32, u32); CLUES],
    versions: [(u32, u32); MOST_VERSIONS],
    version_count: usize,
}

impl Clues {
    /// Reads a text in lower case.
    pub(super) fn read(lower: &[u8]) -> Clues {
        let mut clues = Clues::default();
        let finder = &*FINDER;
        // All are wanted until they are seen, versions to the end.
        let mut wanted = u16::MAX;
        let mut window = Window::default();
        for (place, byte) in lower.iter().enumerate() {
            let slot = window.push(*byte);
            if finder.kinds[slot] & wanted != 0 && place >= 2 {
                clues.look(finder, slot, lower, place - 2, &mut wanted);
            }
        }
        // The last two bytes have no third: nothing can follow them.
        for place in lower.len().saturating_sub(2)..lower.len() {
            let mut last = Window::default();
            let behind = |at: usize| lower.get(place + at).copied().unwrap_or(0);
            last.push(behind(0));
            last.push(behind(1));
            let slot = last.push(behind(2));
            clues.look(finder, slot, lower, place, &mut wanted);
        }
        clues
    }

    /// Sees the phrases that stand at `start`, among those of a slot.
    fn look(
        &mut self,
        finder: &'static Finder,
        slot: usize,
        lower: &[u8],
        start: usize,
        wanted: &mut u16,
    ) {
        for phrase in finder.of_slot(slot) {
            let bit = phrase.clue.bit();
            if *wanted & bit == 0 || !phrase.stands_at(lower, start) {
                continue;
            }
            let end = start + phrase.text.len();
            if phrase.clue == Clue::Version {
                self.version_behind(lower, end);
            } else {
                *wanted &= !bit;
            }
            self.see(phrase.clue, start, end);
        }
    }

    fn see(&mut self, clue: Clue, start: usize, end: usize) {
        if !self.has(clue) {
            self.seen |= clue.bit();
            self.first[clue as usize] = (start as u32, end as u32);
        }
    }

    pub(super) fn has(&self, clue: Clue) -> bool {
        self.seen & clue.bit() != 0
    }

    /// The first phrase of this kind, and where it ends.
    pub(super) fn first<'a>(&self, clue: Clue, text: &'a str) -> (&'a str, usize) {
        let (start, end) = self.first[clue as usize];
        let phrase = text.get(start as usize..end as usize);
        (phrase.unwrap_or_default(), end as usize)
    }

    /// The versions that a word such as `before` comes before.
    pub(super) fn versions<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let places = self.versions.into_iter().take(self.version_count);
        places.filter_map(move |(start, end)| text.get(start as usize..end as usize))
    }

    fn version_behind(&mut self, text: &[u8], mut at: usize) {
        if self.version_count == MOST_VERSIONS {
            return;
        }
        let rest = |at: usize| text.get(at..).unwrap_or_default();
        while rest(at).first() == Some(&b' ') {
            at += 1;
        }
        for labels in [["versions ", "version "], ["v. ", "v"]] {
            let label = labels
                .iter()
                .find(|label| rest(at).starts_with(label.as_bytes()));
            at += label.map_or(0, |label| label.len());
        }
        let is_version =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let length = rest(at).iter().take_while(is_version).count();
        let found = &rest(at)[..length];
        let found = found.strip_suffix(b".").unwrap_or(found);
        let dotted = found.contains(&b'.') && found.first().is_some_and(u8::is_ascii_digit);
        if dotted {
            self.versions[self.version_count] = (at as u32, (at + found.len()) as u32);
            self.version_count += 1;
        }
    }
}

impl Phrase {
    fn stands_at(&self, text: &[u8], start: usize) -> bool {
        let letter = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        let end = start + self.text.len();
        text[start..].starts_with(self.text.as_bytes())
            && (!self.begins_word || !letter(before))
            && (!self.ends_word || !letter(text.get(end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_where_it_is_a_word() {
        assert!(Clues::read(b"an xss in it").has(Clue::Weakness));
        assert!(!Clues::read(b"a maxss of it").has(Clue::Weakness));
        let text = "this was reported by jo";
        let clues = Clues::read(text.as_bytes());
        assert_eq!(clues.first(Clue::Credit, text), ("reported by", 20));
    }

    #[test]
    fn the_versions_behind_a_word_are_read() {
        let text = "kettle before 3.2.1, 2.x prior to version v2.0.5. through use, up to 12";
        let clues = Clues::read(text.as_bytes());
        assert_eq!(clues.versions(text).collect::<Vec<_>>(), ["3.2.1", "2.0.5"]);
    }

    #[test]
    fn a_phrase_of_two_bytes_ends_a_word_and_none_is_shorter() {
        for (clue, list) in PHRASES {
            for text in *list {
                let bare = text.trim_matches(['^', '$']);
                assert!(
                    bare.len() > 2 || (bare.len() == 2 && text.ends_with('$')),
                    "{text}"
                );
                assert_eq!(bare, bare.to_ascii_lowercase());
                // Each is found, at the very end of a text too.
                assert!(Clues::read(bare.as_bytes()).has(*clue), "{text}");
                let inside = format!("zz {bare} zz");
                assert!(Clues::read(inside.as_bytes()).has(*clue), "{text}");
            }
        }
    }
}
