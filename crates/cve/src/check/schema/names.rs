//! A fixed set of words in which a word is found with one comparison.

use crate::check::reader::{padded_word, word};

/// A set of words; each is found through a table without collisions.
#[derive(Debug)]
pub(in super::super) struct Names {
    names: Vec<Name>,
    slots: Vec<u8>,
    seed: u64,
    shift: u32,
}

#[derive(Debug)]
struct Name {
    ends: Ends,
    text: &'static str,
}

/// First and last eight bytes of a word, which may overlap, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    first: u64,
    last: u64,
    length: usize,
}

const NONE: u8 = u8::MAX;

impl Ends {
    #[inline(always)]
    fn of(bytes: &[u8], start: usize, end: usize) -> Ends {
        let length = end - start;
        let first = word(bytes, start).unwrap_or_else(|| padded_word(bytes, start));
        if length < 8 {
            let first = first & ((1 << (8 * length)) - 1);
            return Ends { first, last: first, length };
        }
        // Eight bytes end at `end`, for the word is at least that long.
        let last = word(bytes, end - 8).unwrap_or(0);
        Ends { first, last, length }
    }

    #[inline(always)]
    fn slot(self, seed: u64, shift: u32) -> usize {
        let mixed = self.first ^ self.last.rotate_left(29) ^ self.length as u64;
        (mixed.wrapping_mul(seed) >> shift) as usize
    }
}

impl Names {
    /// Takes: distinct words, fewer than 255.
    pub(super) fn new(words: impl IntoIterator<Item = &'static str>) -> Names {
        let names: Vec<Name> = words
            .into_iter()
            .map(|text| Name {
                ends: Ends::of(text.as_bytes(), 0, text.len()),
                text,
            })
            .collect();
        let mut size = (names.len() * 2).next_power_of_two().max(2);
        let mut seed: u64 = 0x9e37_79b9_7f4a_7c15;
        loop {
            for _ in 0..200 {
                let shift = 64 - size.trailing_zeros();
                if let Some(slots) = place(&names, size, seed, shift) {
                    return Names { names, slots, seed, shift };
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
        let slot = *self.slots.get(ends.slot(self.seed, self.shift))?;
        let name = self.names.get(usize::from(slot))?;
        if name.ends != ends {
            return None;
        }
        let same = ends.length <= 16 || &bytes[start..end] == name.text.as_bytes();
        same.then_some(usize::from(slot))
    }

    /// The place of the word that `text` is.
    pub(in super::super) fn place_of(&self, text: &[u8]) -> Option<usize> {
        self.find(text, 0, text.len())
    }

    /// The word at a place.
    pub(in super::super) fn name(&self, place: usize) -> &'static str {
        self.names[place].text
    }

    /// All words, in the order they were given.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().map(|name| name.text)
    }
}

/// The table for a seed, when no two words meet in it.
fn place(names: &[Name], size: usize, seed: u64, shift: u32) -> Option<Vec<u8>> {
    let mut slots = vec![NONE; size];
    for (place, name) in names.iter().enumerate() {
        let slot = &mut slots[name.ends.slot(seed, shift)];
        if *slot != NONE {
            return None;
        }
        *slot = place as u8;
    }
    Some(slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_and_no_other() {
        let words = ["a", "", "state", "affected", "vulnConfidentialityImpact", "providerMetadata"];
        let names = Names::new(words);
        for (place, word) in words.iter().enumerate() {
            assert_eq!(names.place_of(word.as_bytes()), Some(place));
            assert_eq!(names.name(place), *word);
        }
        for other in ["b", "stat", "statf", "vulnConfidentiaLityImpact", "affecteda"] {
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
