//! Mends that cannot be wrong, as edits of the author's own text.

mod edit;
mod parts;

use super::context::Context;
use super::linter::Linter;
use super::rule::Rule;
use super::settings::{Settings, UnknownRule};
use crate::check::{Kind, Severity};
use parts::Mender;

/// A document after its safe mends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text, byte for byte the author's but for the mends.
    pub bytes: Vec<u8>,
    /// What was mended, in the order of the text; empty when nothing was.
    pub mends: Vec<Mend>,
}

/// One safe mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// The code of the rule that was broken.
    pub code: &'static str,
    /// JSON pointer to the value, in the text before the mends.
    pub pointer: String,
    /// What was done, one sentence without a full stop.
    pub message: String,
}

/// The rules that [`fix`] has a mend for.
///
/// | rule | mend |
/// |---|---|
/// | `REC-030-SPACE` | the space around the text is removed |
/// | `REC-023-SEVERITY` | the word for the score is written, where the score is that of the vector or only the letter case is wrong |
/// | `REC-040-DUPLICATE` | the later reference is removed and its tags go to the earlier, unless their names differ |
/// | `REC-041-SELF` | the reference to the record itself is removed |
/// | `REC-064` | the prefix is removed, where the tag or the state says the same |
/// | `REC-014-TYPE` | the type is spelt as it is registered, where only the letter case is wrong |
/// | `REC-015` | `*` at the lower end becomes `0` |
/// | `REC-021-FIELD` | the CWE ID of the text is written into `cweId`, if records may name it |
/// | `TEXT-LANGUAGE-FORM` | `_` in a language tag becomes `-` |
/// | `PURL-VERSION` | the version is removed, where `versions` names it |
pub fn mendable() -> impl Iterator<Item = &'static Rule> {
    parts::MENDED.iter().map(|id| super::table::of(*id))
}

/// Makes the mends that cannot be wrong.
///
/// Takes: any bytes; a text that is not JSON, or not UTF-8, is given back as
/// it is. Profile `cvelint` has no mends.
/// Gives: a document without what was mended. Mending it again changes
/// nothing. It is valid if it was, and it has no error, violation or warning
/// that it did not have; where mends would do that, none is made.
/// Refuses: a name in `select` or `ignore` that no rule of the profile has.
pub fn fix(kind: Kind, bytes: &[u8], settings: &Settings) -> Result<Fixed, UnknownRule> {
    let enabled = settings.enabled()?;
    let unchanged = || Fixed {
        bytes: bytes.to_vec(),
        mends: Vec::new(),
    };
    let Some(mut mended) = Mender::run(kind, bytes, &enabled) else {
        return Ok(unchanged());
    };
    // One mend may open the way to another; texts shrink or settle, so two
    // or three rounds are the most that was ever seen.
    for _ in 0..8 {
        match Mender::run(kind, &mended.bytes, &enabled) {
            Some(next) => {
                mended.bytes = next.bytes;
                mended.mends.extend(next.mends);
            }
            None => break,
        }
    }
    let is_settled = Mender::run(kind, &mended.bytes, &enabled).is_none();
    match is_settled && is_no_worse(kind, bytes, &mended.bytes)? {
        true => Ok(mended),
        false => Ok(unchanged()),
    }
}

/// Says whether no rule that matters is broken more often than before.
fn is_no_worse(kind: Kind, before: &[u8], after: &[u8]) -> Result<bool, UnknownRule> {
    let mut linter = Linter::new(&Settings::default())?;
    let mut count = |bytes: &[u8]| {
        let judgement = linter.judge(kind, bytes, &Context::default());
        let mut codes: Vec<&str> = judgement
            .hits
            .iter()
            .map(|hit| hit.rule())
            .filter(|rule| rule.severity != Severity::Advice)
            .map(|rule| rule.code)
            .collect();
        codes.sort_unstable();
        (judgement.is_valid, codes)
    };
    let (was_valid, old) = count(before);
    let (is_valid, new) = count(after);
    let occurs = |list: &[&str], code: &str| list.iter().filter(|other| **other == code).count();
    let gains = new
        .iter()
        .any(|code| occurs(&new, code) > occurs(&old, code));
    Ok((is_valid || !was_valid) && !gains)
}
