//! Numbers of any length, as version texts write them.

use std::cmp::Ordering;

/// The order of two runs of digits as numbers; leading zeros do not count,
/// and an empty run is zero.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let a = a.trim_start_matches('0');
    let b = b.trim_start_matches('0');
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Says whether `text` is one or more digits and nothing else.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `text` without one leading `v` or `V`.
pub(super) fn without_v(text: &str) -> &str {
    text.strip_prefix(['v', 'V']).unwrap_or(text)
}

/// Splits `text` after its leading bytes that `belongs` accepts; these must
/// be ASCII, so that the cut falls between characters.
pub(super) fn leading(text: &str, belongs: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|byte| !belongs(byte))
        .unwrap_or(text.len());
    text.split_at(end)
}

/// The order of two dotted lists of numbers; what is missing at the end of
/// the shorter one is zero.
///
/// Takes: texts for which [`is_dotted`] holds.
pub(super) fn compare_dotted(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => compare(a.unwrap_or("0"), b.unwrap_or("0")),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Says whether `text` is one or more numbers with single dots between them.
pub(super) fn is_dotted(text: &str) -> bool {
    text.split('.').all(is_number)
}
