//! A fixed set of words in which a word is found with one comparison.

use crate::check::reader::{padded_word, word};

/// A set of words; each is found through a table without collisions.
#[derive(Debug)]
pub(in super::super) struct Names {
    words: Vec<&'static str>,
    slots: Vec<Slot>,
    seed: u64,
    shift: u32,
}

/// A word's ends and its place among the words, or an empty slot.
#[derive(Clone, Copy, Debug)]
struct Slot {
    ends: Ends,
    place: u32,
}

/// First and last eight bytes of a word, which may overlap, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    first: u64,
    last: u64,
    length: u32,
}

/// No word has this length, so an empty slot equals none.
const EMPTY: Slot = Slot {
    ends: Ends {
        first: 0,
        last: 0,
        length: u32::MAX,
    },
    place: 0,
};

impl Ends {
    #[inline(always)]
    fn of(bytes: &[u8], start: usize, end: usize) -> Ends {
        let length = (end - start) as u32;
        let first = word(bytes, start).unwrap_or_else(|| padded_word(bytes, start));
        if length < 8 {
            let first = first & ((1 << (8 * length)) - 1);
            let last = first;
            return Ends {
                first,
                last,
                length,
            };
        }
        // Eight bytes end at `end`, for the word is at least that long.
        let last = word(bytes, end - 8).unwrap_or(0);
        Ends {
            first,
            last,
            length,
        }
    }

    #[inline(always)]
    fn mixed(self) -> u64 {
        self.first ^ self.last.rotate_left(29) ^ u64::from(self.length)
    }

    #[inline(always)]
    fn slot(self, seed: u64, shift: u32) -> usize {
        slot_of(self.mixed(), seed, shift)
    }
}

impl Names {
    /// Takes: distinct words.
    pub(in super::super) fn new(words: impl IntoIterator<Item = &'static str>) -> Names {
        let words: Vec<&'static str> = words.into_iter().collect();
        let ends = |word: &&str| Ends::of(word.as_bytes(), 0, word.len());
        let mixed: Vec<u64> = words.iter().map(|word| ends(word).mixed()).collect();
        let mut taken = Vec::new();
        let mut size = (words.len() * 2).next_power_of_two().max(2);
        let mut seed: u64 = 0x9e37_79b9_7f4a_7c15;
        loop {
            for _ in 0..200 {
                let shift = 64 - size.trailing_zeros();
                if are_apart(&mixed, seed, shift, size, &mut taken) {
                    let mut slots = vec![EMPTY; size];
                    for (place, word) in words.iter().enumerate() {
                        let (ends, place) = (ends(word), place as u32);
                        slots[ends.slot(seed, shift)] = Slot { ends, place };
                    }
                    return Names {
                        words,
                        slots,
                        seed,
                        shift,
                    };
                }
                // The step of a linear congruential generator; odd stays odd.
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(2);
            }
            size *= 2;
        }
    }

    /// The place of the word that stands in `bytes` from `start` to `end`.
    #[inline(always)]
    pub(in super::super) fn find(&self, bytes: &[u8], start: usize, end: usize) -> Option<usize> {
        let ends = Ends::of(bytes, start, end);
        let slot = self.slots.get(ends.slot(self.seed, self.shift))?;
        if slot.ends != ends {
            return None;
        }
        let place = slot.place as usize;
        let same = ends.length <= 16 || &bytes[start..end] == self.words[place].as_bytes();
        same.then_some(place)
    }

    /// The place of the word that `text` is.
    pub(in super::super) fn place_of(&self, text: &[u8]) -> Option<usize> {
        self.find(text, 0, text.len())
    }

    /// All words, in the order they were given.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().copied()
    }
}

/// Says whether no two words meet in a table of this size. Tried some hundred
/// times for each table when a program starts, so it keeps only bits.
fn are_apart(mixed: &[u64], seed: u64, shift: u32, size: usize, taken: &mut Vec<u64>) -> bool {
    taken.clear();
    taken.resize(size.div_ceil(64), 0);
    mixed.iter().all(|mixed| {
        let slot = slot_of(*mixed, seed, shift);
        let bit = 1 << (slot % 64);
        let is_free = taken[slot / 64] & bit == 0;
        taken[slot / 64] |= bit;
        is_free
    })
}

#[inline(always)]
fn slot_of(mixed: u64, seed: u64, shift: u32) -> usize {
    (mixed.wrapping_mul(seed) >> shift) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_and_no_other() {
        let words = [
            "a",
            "",
            "state",
            "affected",
            "vulnConfidentialityImpact",
            "providerMetadata",
        ];
        let names = Names::new(words);
        for (place, word) in words.iter().enumerate() {
            assert_eq!(names.place_of(word.as_bytes()), Some(place));
            assert_eq!(names.iter().nth(place), Some(*word));
        }
        for other in [
            "b",
            "stat",
            "statf",
            "vulnConfidentiaLityImpact",
            "affecteda",
        ] {
            assert_eq!(names.place_of(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_word_is_found_inside_a_longer_text() {
        let names = Names::new(["lang", "value"]);
        assert_eq!(names.find(b"\"value\"", 1, 6), Some(1));
        assert_eq!(names.find(b"\"value\"", 1, 5), None);
    }
}
