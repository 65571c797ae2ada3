//! Where in a text the value of a JSON pointer stands.

use super::explain::positions;
use super::finding::Finding;
use super::tape::{Sort, Tape};

/// Gives each finding without a position that of the value its pointer names.
///
/// Takes: the text the findings are about. A pointer that leads nowhere gets
/// the position of the last value it led to; a text that is not JSON gives
/// none.
/// Source: RFC 6901.
pub fn locate(bytes: &[u8], findings: &mut [Finding]) {
    if findings.iter().all(|finding| finding.position.is_some()) {
        return;
    }
    if let Ok(tape) = Tape::read(bytes) {
        locate_in(&tape, findings);
    }
}

pub(super) fn locate_in(tape: &Tape<'_>, findings: &mut [Finding]) {
    let mut places: Vec<(usize, usize)> = findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.position.is_none())
        .map(|(index, finding)| (offset_of(tape, &finding.pointer), index))
        .collect();
    places.sort_unstable();
    let found = positions(tape.bytes, places.iter().map(|(offset, _)| *offset));
    for ((_, index), position) in places.into_iter().zip(found) {
        findings[index].position = Some(position);
    }
}

fn offset_of(tape: &Tape<'_>, pointer: &str) -> usize {
    let mut at = 0;
    for step in pointer.split('/').skip(1) {
        let next = match tape.spots.get(at).map(|spot| spot.kind) {
            Some(Sort::Object) => tape.get(at, &step.replace("~1", "/").replace("~0", "~")),
            Some(Sort::List) => step
                .parse()
                .ok()
                .and_then(|place| tape.items(at).nth(place)),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    tape.spots.get(at).map_or(0, |spot| spot.offset())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Position, Severity};

    fn place(text: &str, pointer: &str) -> Option<(usize, usize)> {
        let mut findings = [Finding {
            code: "X".into(),
            severity: Severity::Advice,
            pointer: pointer.into(),
            message: String::new(),
            rule: String::new().into(),
            fix: String::new().into(),
            position: None,
        }];
        locate(text.as_bytes(), &mut findings);
        findings[0]
            .position
            .map(|Position { line, column }| (line, column))
    }

    #[test]
    fn a_pointer_leads_to_the_first_byte_of_its_value() {
        let text = "{\n \"a/b\": [1, {\"~\": \"ä\"}],\n \"c\": 2}";
        assert_eq!(place(text, ""), Some((1, 1)));
        assert_eq!(place(text, "/a~1b"), Some((2, 9)));
        assert_eq!(place(text, "/a~1b/1/~0"), Some((2, 19)));
        assert_eq!(place(text, "/c"), Some((3, 7)));
    }

    #[test]
    fn a_pointer_to_nothing_ends_where_it_led_to() {
        assert_eq!(place("{\"a\": [1]}", "/a/7/b"), Some((1, 7)));
        assert_eq!(place("{\"a\": [1]}", "/z"), Some((1, 1)));
        assert_eq!(place("{", "/z"), None);
    }
}
