//! Lines and columns of byte offsets.

use crate::check::finding::Position;
use crate::check::text::code_points;

/// The positions of `offsets`, which rise.
pub(crate) fn positions(bytes: &[u8], offsets: impl Iterator<Item = usize>) -> Vec<Position> {
    let mut position = Position { line: 1, column: 1 };
    let mut at = 0;
    let mut positions = Vec::with_capacity(offsets.size_hint().0);
    for offset in offsets {
        let offset = offset.clamp(at, bytes.len());
        let passed = &bytes[at..offset];
        match memchr::memrchr(b'\n', passed) {
            Some(last) => {
                position.line += memchr::memchr_iter(b'\n', passed).count();
                position.column = 1 + code_points(&passed[last + 1..]);
            }
            None => position.column += code_points(passed),
        }
        at = offset;
        positions.push(position);
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_begin_again_on_each_line() {
        let text = "aä\nb\r\n😀c";
        let at = |needle: &str| text.find(needle).unwrap();
        let found = positions(text.as_bytes(), ["a", "ä", "b", "c"].map(at).into_iter());
        let found: Vec<_> = found
            .iter()
            .map(|place| (place.line, place.column))
            .collect();
        assert_eq!(found, [(1, 1), (1, 2), (2, 1), (3, 2)]);
    }
}
