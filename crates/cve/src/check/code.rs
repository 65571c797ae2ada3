//! The codes of the findings that no content rule makes.

use super::finding::Severity;

/// A code of the schema check or of the server's own rules, as a page of the
/// book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The code; never given a new meaning.
    pub code: &'static str,
    /// How much a finding of it matters.
    pub severity: Severity,
    /// When it is found, a few words.
    pub title: &'static str,
    /// Why it matters.
    pub explanation: &'static str,
    /// What to do about it.
    pub mend: &'static str,
}

/// Every code of [`Checker`](super::Checker) and [`server`](super::server), in
/// the order of the alphabet.
///
/// Source: `docs/record-format.md`.
pub fn codes() -> &'static [Code] {
    CODES
}

const SCHEMA: &str = "CVE Services checks every record against the official JSON schema and \
    refuses what breaks it.";
const READ: &str = "CVE Services reads a body as JavaScript's `JSON.parse` does, and refuses what \
    that refuses.";
const LOSS: &str = "The schema lets it pass, but CVE Services or another reader of the record \
    silently makes something else of it.";
const SERVER: &str = "CVE Services checks this beyond the schema and refuses the record.";

const fn code(
    code: &'static str,
    severity: Severity,
    title: &'static str,
    explanation: &'static str,
    mend: &'static str,
) -> Code {
    Code {
        code,
        severity,
        title,
        explanation,
        mend,
    }
}

use Severity::{Error, Warning};

const CODES: &[Code] = &[
    code(
        "CHECK-MORE",
        Error,
        "More is wrong than is listed",
        "A list that nobody reads to its end helps nobody.",
        "Mend what is listed and check again.",
    ),
    code(
        "JSON-DEPTH",
        Warning,
        "Values are nested more than 128 deep",
        LOSS,
        "Nest less.",
    ),
    code(
        "JSON-DUPLICATE",
        Warning,
        "A key occurs twice in an object",
        LOSS,
        "Remove one of the two; the last value counts.",
    ),
    code(
        "JSON-ENCODING",
        Error,
        "The text begins with a byte-order mark or is in UTF-16 or UTF-32",
        READ,
        "Save the file as UTF-8 without a byte-order mark.",
    ),
    code(
        "JSON-NUMBER",
        Warning,
        "A number is too large for a double",
        LOSS,
        "Write it as a text.",
    ),
    code(
        "JSON-SIZE",
        Error,
        "The text is too large to be looked at",
        "CVE Services takes bodies up to 3984588 bytes; this program looks at 16777216.",
        "Send less.",
    ),
    code(
        "JSON-SURROGATE",
        Warning,
        "Half of a surrogate pair is escaped",
        LOSS,
        "Write the character itself, or both halves of its escape.",
    ),
    code(
        "JSON-SYNTAX",
        Error,
        "The text is not JSON",
        READ,
        "Correct the text at the place that is shown.",
    ),
    code(
        "JSON-UTF8",
        Warning,
        "The text has bytes that are not UTF-8",
        LOSS,
        "Save the file as UTF-8.",
    ),
    code(
        "SCHEMA-BAND",
        Error,
        "Base score and base severity do not go together",
        SCHEMA,
        "Take the severity that the score gives.",
    ),
    code(
        "SCHEMA-CONTAINS",
        Error,
        "No entry of the list is in English",
        SCHEMA,
        "Add an entry with `\"lang\": \"en\"`.",
    ),
    code(
        "SCHEMA-EMPTY",
        Error,
        "A list, an object or an ADP container is empty",
        SCHEMA,
        "Add what belongs there, or leave the key out.",
    ),
    code(
        "SCHEMA-ENUM",
        Error,
        "A word is not one of those the format knows",
        SCHEMA,
        "Write one of the words that are shown; letter case counts.",
    ),
    code(
        "SCHEMA-FORMAT",
        Error,
        "A text is no address",
        SCHEMA,
        "Write a whole URL, such as `https://example.org/advisory`.",
    ),
    code(
        "SCHEMA-ITEMS",
        Error,
        "A list has too many items",
        SCHEMA,
        "Drop some of them.",
    ),
    code(
        "SCHEMA-LENGTH",
        Error,
        "A text is too short or too long",
        SCHEMA,
        "Write a text within the bounds that are shown; they count code points.",
    ),
    code(
        "SCHEMA-OTHER",
        Error,
        "A rule of a schema given with `--schema` is broken",
        "The schema file that was named has a rule this program has no code for.",
        "Look the rule up in that file.",
    ),
    code(
        "SCHEMA-PATTERN",
        Error,
        "A text has not the form the format asks for",
        SCHEMA,
        "Write it in the form that is shown.",
    ),
    code(
        "SCHEMA-RANGE",
        Error,
        "A number is out of its range or steps",
        SCHEMA,
        "Write a number within the bounds that are shown.",
    ),
    code(
        "SCHEMA-REQUIRED",
        Error,
        "A key is missing",
        SCHEMA,
        "Add the key.",
    ),
    code(
        "SCHEMA-TYPE",
        Error,
        "A value is of another kind than expected",
        SCHEMA,
        "Write a value of the kind that is shown.",
    ),
    code(
        "SCHEMA-UNIQUE",
        Error,
        "Two items of a list are equal",
        SCHEMA,
        "Remove one of the two.",
    ),
    code(
        "SCHEMA-UNKNOWN",
        Error,
        "A key is not known here, or not in a record of this state",
        SCHEMA,
        "Correct its name, remove it, or begin it with `x_`.",
    ),
    code(
        "SCHEMA-VERSION",
        Error,
        "An entry of `versions` has none of its three forms",
        SCHEMA,
        "Write a version and a status; with a version type; or a range with one upper end and a \
         version type.",
    ),
    code(
        "SERVER-DATE",
        Error,
        "`datePublic` is more than 24 hours ahead",
        SERVER,
        "Give the day the vulnerability became public, or leave the key out.",
    ),
    code(
        "SERVER-KEY",
        Error,
        "A key holds the character NUL",
        SERVER,
        "Remove `\\u0000` from the key.",
    ),
    code(
        "SERVER-LANGUAGE",
        Error,
        "One kind of English occurs twice",
        SERVER,
        "Join the two entries, or mark one as another English such as `en-GB`.",
    ),
    code(
        "SERVER-OFFSET",
        Error,
        "A time has an offset that no clock has",
        SERVER,
        "Write the time in UTC, with `Z`.",
    ),
    code(
        "SERVER-PURL",
        Error,
        "A package URL has a version, no name, or is misspelt",
        SERVER,
        "Write `pkg:type/namespace/name` without a version; versions go to `versions`.",
    ),
    code(
        "SERVER-SIZE",
        Error,
        "The text is larger than a body may be",
        SERVER,
        "Send it without white space between its values, or send less.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_said_once() {
        assert!(CODES.windows(2).all(|two| two[0].code < two[1].code));
    }
}
