//! A reader of JSON text that looks at each byte once and keeps nothing.
//!
//! It accepts exactly what `JSON.parse` accepts (RFC 8259 with lone surrogate
//! escapes and numbers of any size), because that is what CVE Services reads
//! a body with. Strings are found eight bytes at a time.

/// A place in JSON text.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// Index of the next byte; after an error, of the byte it is about.
    pub(super) at: usize,
    /// White space was passed between values.
    pub(super) spaced: bool,
}

/// A string as it stands between its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    /// It holds at least one backslash.
    pub(super) escaped: bool,
    /// It holds no byte above 0x7f.
    pub(super) ascii: bool,
}

/// Why a text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The text ends inside a value.
    End,
    /// A value was expected.
    NoValue,
    /// A key in double quotes was expected.
    NoKey,
    /// A `:` was expected.
    NoColon,
    /// A `,` or the end of the list or object was expected.
    NoComma,
    /// A comma stands before the end of the list or object.
    TrailingComma,
    /// Something follows the document.
    Trailing,
    /// A control character stands in a string.
    Control,
    /// A backslash is followed by nothing known.
    Escape,
    /// A number is not written as JSON writes one.
    Number,
    /// The text begins with a byte-order mark.
    Mark,
    /// The text is in UTF-16 or UTF-32.
    Wide,
}

/// The kind of value that starts at a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Object,
    List,
    String,
    Number,
    True,
    False,
    Null,
}

const ONES: u64 = 0x0101_0101_0101_0101;
/// The top bit of each of eight bytes.
pub(super) const HIGH: u64 = 0x8080_8080_8080_8080;

/// The eight bytes at `at`, the first lowest; `None` near the end.
#[inline(always)]
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}

/// How many of the 32 bytes from `at` are spaces before another byte comes;
/// without a branch, because the next line is seldom as deep as this one.
///
/// Gives: `None` when there are fewer bytes.
fn spaces(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk::<32>()?;
    let mut spaces = 0;
    for place in 0..4 {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[place * 8..place * 8 + 8]);
        let other = u64::from_le_bytes(word) ^ (ONES * b' ' as u64);
        let more = (other.trailing_zeros() / 8) as usize;
        spaces += more * usize::from(spaces == place * 8);
    }
    Some(spaces)
}

/// The bytes from `at`, at most eight, with zeros behind the end.
#[cold]
pub(super) fn padded_word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(bytes.get(at..).unwrap_or_default()) {
        *to = *from;
    }
    u64::from_le_bytes(word)
}

/// Sets the top bit of the first byte that is a quote, a backslash or a
/// control character; bits above that one may be set without reason.
#[inline(always)]
fn marks(x: u64) -> u64 {
    let quote = x ^ (ONES * b'"' as u64);
    let slash = x ^ (ONES * b'\\' as u64);
    let control = x.wrapping_sub(ONES * 0x20) & !x;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let slash = slash.wrapping_sub(ONES) & !slash;
    (quote | slash | control) & HIGH
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader {
            bytes,
            at: 0,
            spaced: false,
        }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next byte that is not white space, not consumed; 0 at the end,
    /// which no value, comma or bracket is.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> u8 {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => byte,
            _ => self.peek_far(),
        }
    }

    #[inline(never)]
    fn peek_far(&mut self) -> u8 {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return byte;
            }
            self.at += 1;
            self.spaced = true;
            // Most of what is passed here is the indent of a line.
            while let Some(spaces) = spaces(self.bytes, self.at) {
                self.at += spaces;
                if spaces < 32 {
                    break;
                }
            }
        }
        0
    }

    /// What kind of value comes next.
    #[inline(always)]
    pub(super) fn start(&mut self) -> Result<Start, Broken> {
        match self.peek() {
            b'"' => Ok(Start::String),
            b'{' => Ok(Start::Object),
            b'[' => Ok(Start::List),
            b'-' | b'0'..=b'9' => Ok(Start::Number),
            b't' => Ok(Start::True),
            b'f' => Ok(Start::False),
            b'n' => Ok(Start::Null),
            _ => Err(self.no_value()),
        }
    }

    #[cold]
    fn no_value(&self) -> Broken {
        self.missing(Broken::NoValue)
    }

    /// Refuses the texts that are no UTF-8 JSON from their first bytes on.
    pub(super) fn opening(&self) -> Result<(), Broken> {
        match self.bytes {
            [0xef, 0xbb, 0xbf, ..] => Err(Broken::Mark),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] => Err(Broken::Wide),
            _ => Ok(()),
        }
    }

    /// Expects nothing but white space up to the end.
    pub(super) fn finish(&mut self) -> Result<(), Broken> {
        self.peek();
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Broken::Trailing)
        }
    }

    /// Reads a string whose opening quote is the next byte.
    #[inline(always)]
    pub(super) fn string(&mut self) -> Result<Piece, Broken> {
        let start = self.at + 1;
        let mut at = start;
        let mut high = 0;
        while let Some(x) = word(self.bytes, at) {
            let stop = marks(x);
            if stop == 0 {
                high |= x;
                at += 8;
                continue;
            }
            let skip = stop.trailing_zeros() / 8;
            // The bytes before the stop; a shift by 0 leaves none.
            high |= x & ((1 << (8 * skip)) - 1);
            at += skip as usize;
            if self.bytes[at] != b'"' {
                break;
            }
            self.at = at + 1;
            let (escaped, ascii) = (false, high & HIGH == 0);
            return Ok(Piece {
                start,
                end: at,
                escaped,
                ascii,
            });
        }
        // Gives little, so that it comes back in registers: a piece would go
        // through memory, also for all the strings that never get here.
        let (escaped, ascii) = self.string_from(at, high)?;
        let end = self.at - 1;
        Ok(Piece {
            start,
            end,
            escaped,
            ascii,
        })
    }

    /// Goes on with a string that has an escape or reaches the last bytes;
    /// says whether it has escapes and whether it is ASCII.
    #[inline(never)]
    fn string_from(&mut self, mut at: usize, mut high: u64) -> Result<(bool, bool), Broken> {
        let mut escaped = false;
        loop {
            let x = word(self.bytes, at).unwrap_or_else(|| padded_word(self.bytes, at));
            let stop = marks(x);
            if stop == 0 {
                high |= x;
                at += 8;
                continue;
            }
            let skip = stop.trailing_zeros() / 8;
            high |= x & ((1 << (8 * skip)) - 1);
            at += skip as usize;
            self.at = at;
            match self.bytes.get(at) {
                None => return Err(Broken::End),
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok((escaped, high & HIGH == 0));
                }
                Some(b'\\') => {
                    escaped = true;
                    at += self.escape(at)?;
                }
                Some(_) => return Err(Broken::Control),
            }
        }
    }

    /// Length of the escape at `at`.
    fn escape(&self, at: usize) -> Result<usize, Broken> {
        match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
            Some(b'u') => {
                for digit in at + 2..at + 6 {
                    match self.bytes.get(digit) {
                        Some(byte) if byte.is_ascii_hexdigit() => {}
                        Some(_) => return Err(Broken::Escape),
                        None => return Err(Broken::End),
                    }
                }
                Ok(6)
            }
            Some(_) => Err(Broken::Escape),
            None => Err(Broken::End),
        }
    }

    /// Reads a number; gives the span of its text.
    #[inline]
    pub(super) fn number(&mut self) -> Result<(usize, usize), Broken> {
        let start = self.at;
        if self.byte() == b'-' {
            self.at += 1;
        }
        match self.byte() {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits(),
            _ => return Err(self.no_digit()),
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.some_digits()?;
        }
        match self.byte() {
            // `01`, `0x10`, `1.2.3`: a number may only be followed by what ends it.
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'+' | b'-' => Err(Broken::Number),
            _ => Ok((start, self.at)),
        }
    }

    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn digits(&mut self) {
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), Broken> {
        if !self.byte().is_ascii_digit() {
            return Err(self.no_digit());
        }
        self.digits();
        Ok(())
    }

    fn no_digit(&self) -> Broken {
        if self.at >= self.bytes.len() {
            Broken::End
        } else {
            Broken::Number
        }
    }

    /// Reads `true`, `false` or `null`.
    pub(super) fn literal(&mut self, text: &str) -> Result<(), Broken> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(text.as_bytes()) {
            self.at += text.len();
            Ok(())
        } else if text.as_bytes().starts_with(rest) {
            self.at = self.bytes.len();
            Err(Broken::End)
        } else {
            Err(Broken::NoValue)
        }
    }

    /// Reads a key and its colon. The next byte is not known to be a quote.
    #[inline(always)]
    pub(super) fn key(&mut self) -> Result<Piece, Broken> {
        if self.peek() != b'"' {
            return Err(self.no_key());
        }
        let piece = self.string()?;
        if self.peek() != b':' {
            return Err(self.missing(Broken::NoColon));
        }
        self.at += 1;
        Ok(piece)
    }

    #[cold]
    fn no_key(&self) -> Broken {
        self.missing(Broken::NoKey)
    }

    #[cold]
    fn missing(&self, what: Broken) -> Broken {
        let before = self.bytes[..self.at.min(self.bytes.len())].trim_ascii_end();
        match self.bytes.get(self.at) {
            None => Broken::End,
            Some(b']' | b'}') if before.ends_with(b",") => Broken::TrailingComma,
            Some(_) => what,
        }
    }

    /// After an opening bracket: whether the list or object is empty, its
    /// closing bracket then consumed.
    #[inline(always)]
    pub(super) fn empty(&mut self, close: u8) -> bool {
        let empty = self.peek() == close;
        self.at += usize::from(empty);
        empty
    }

    /// After a member or item: whether another one must follow, the comma or
    /// the closing bracket then consumed.
    #[inline(always)]
    pub(super) fn more(&mut self, close: u8) -> Result<bool, Broken> {
        let byte = self.peek();
        if byte == b',' {
            self.at += 1;
            Ok(true)
        } else if byte == close {
            self.at += 1;
            Ok(false)
        } else {
            Err(self.missing(Broken::NoComma))
        }
    }

    /// Reads any value and keeps nothing of it. `open` is scratch: which of
    /// the open brackets are objects. Depth is bounded by the text alone.
    pub(super) fn skip(&mut self, open: &mut Vec<bool>) -> Result<(), Broken> {
        open.clear();
        loop {
            match self.start()? {
                Start::Object => {
                    self.at += 1;
                    if !self.empty(b'}') {
                        open.push(true);
                        self.key()?;
                        continue;
                    }
                }
                Start::List => {
                    self.at += 1;
                    if !self.empty(b']') {
                        open.push(false);
                        continue;
                    }
                }
                Start::String => {
                    self.string()?;
                }
                Start::Number => {
                    self.number()?;
                }
                Start::True => self.literal("true")?,
                Start::False => self.literal("false")?,
                Start::Null => self.literal("null")?,
            }
            loop {
                let Some(&object) = open.last() else {
                    return Ok(());
                };
                if self.more(if object { b'}' } else { b']' })? {
                    if object {
                        self.key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepts(text: &[u8]) -> bool {
        let mut reader = Reader::new(text);
        reader.opening().is_ok() && reader.skip(&mut Vec::new()).is_ok() && reader.finish().is_ok()
    }

    #[test]
    fn an_indent_of_any_depth_is_passed() {
        for depth in 0..100 {
            for tail in [0, 1, 40] {
                let (indent, tail) = (" ".repeat(depth), "\t".repeat(tail));
                let text = format!("[\n{indent}{tail}7\r\n{indent}]{tail}");
                assert!(accepts(text.as_bytes()), "{text:?}");
                let counted = spaces(format!("{indent}{:32}", "7").as_bytes(), 0);
                assert_eq!(counted, Some(depth.min(32)));
            }
        }
    }

    #[test]
    fn what_json_parse_reads_is_accepted() {
        for text in [
            "0",
            "-0",
            "1e400",
            "1E+2",
            "[ ]",
            "{ }",
            "\"\"",
            "null",
            " true\r\n",
            "[[],{}]",
            r#"{"a":[1,2,{"b":"\ud800"}],"":"\u0000\/"}"#,
            "\"\u{7f}\u{2028}\"",
        ] {
            assert!(accepts(text.as_bytes()), "{text:?} was refused");
        }
    }

    #[test]
    fn what_json_parse_refuses_is_refused() {
        for text in [
            "",
            "  ",
            "+1",
            "01",
            ".5",
            "5.",
            "1e",
            "-",
            "0x1",
            "nul",
            "True",
            "NaN",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "[1 2]",
            "{\"a\" 1}",
            "1 2",
            "'a'",
            "\"\t\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"",
            "[",
            "{",
            "[1",
            "{\"a\"",
            "{\"a\":",
            "\u{feff}1",
            "/**/1",
            "1\0",
        ] {
            assert!(!accepts(text.as_bytes()), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_hundred_thousand_levels_are_read() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(accepts(deep.as_bytes()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let _ = accepts(&bytes);
        }

        #[test]
        fn text_of_json_characters_is_judged_as_serde_json_does(
            text in "[\\[\\]{}\":,0-2.eE+\\-truefalsn \\\\]{0,16}",
        ) {
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(accepts(text.as_bytes()), theirs);
        }
    }
}
