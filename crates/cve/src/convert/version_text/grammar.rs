//! Phrases of operators and of English words.
//!
//! A text is a list of items; an item is a chain of signs with versions
//! (`>= 1.0, < 2.0`), a phrase (`prior to 2.4`, `4.0 to 4.34.1`, `1.2.3 and
//! earlier`), a series (`2.x`) or a version. Whatever is left over makes the
//! whole text unread.

use super::phrases::{BEFORE, BETWEEN, EARLIER, FROM, LABELS, LATER, UNCLEAR};
use super::token::{Token, series};
use super::words::{
    is_bare_number, is_commit, is_letter_led_version, is_odd_item, is_short_commit, is_version,
    qualifier, without_glued_label,
};
use super::{End, Reading, Unread, VersionRange};
use crate::versions::Operator;

/// Reads the tokens of a text.
///
/// Takes: whether two digits somewhere have only a comma between them, as
/// decimal commas would.
pub(super) fn read(
    tokens: &[Token<'_>],
    tight_comma: bool,
    names: &[&str],
) -> Result<Reading, Unread> {
    let mut reader = Reader {
        tokens: without_name(tokens, names),
        assumptions: Vec::new(),
        commits: false,
        versions: false,
        tight_comma,
    };
    let ranges = reader.list()?;
    // A commit among versions would be ordered as one of them.
    if reader.commits && reader.versions {
        return Err(Unread::Mixed);
    }
    Ok(Reading {
        ranges,
        assumptions: reader.assumptions,
        commits: reader.commits,
    })
}

/// The tokens after the name that they begin with, if they do.
fn without_name<'t, 'a>(tokens: &'t [Token<'a>], names: &[&str]) -> &'t [Token<'a>] {
    let mut best = 0;
    for name in names {
        let words: Vec<_> = name.split_whitespace().collect();
        let begins = !words.is_empty()
            && words.len() < tokens.len()
            && words.iter().zip(tokens).all(|(word, token)| {
                let last = token.text().strip_suffix(':').unwrap_or(token.text());
                token.is(word) || last.eq_ignore_ascii_case(word)
            });
        // A name that itself looks like a version could be part of the range.
        let is_name = name.starts_with(|c: char| c.is_alphabetic())
            && words.iter().all(|word| !is_version(word));
        if begins && is_name {
            best = best.max(words.len());
        }
    }
    &tokens[best..]
}

/// What is left of the tokens, and what was noticed on the way.
struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    assumptions: Vec<&'static str>,
    commits: bool,
    versions: bool,
    /// Two digits somewhere have only a comma between them.
    tight_comma: bool,
}

/// A version of an item, as far as it matters for its range.
struct Place {
    text: String,
    /// It is a series such as `2.x`, and `text` is `2`.
    series: bool,
}

impl<'a> Reader<'_, 'a> {
    fn list(&mut self) -> Result<Vec<VersionRange>, Unread> {
        if self.everything() {
            return Ok(vec![VersionRange::everything()]);
        }
        let (mut ranges, mut dotless) = (Vec::new(), true);
        loop {
            let range = self.item()?;
            dotless &= matches!(&range, VersionRange::Single(version) if is_bare_number(version));
            // `0` is no version; a list that has it means something else.
            if matches!(&range, VersionRange::Single(version) if version == "0") {
                return Err(Unread::ListOrVersion);
            }
            // The schema wants entries that differ.
            if !ranges.contains(&range) {
                ranges.push(range);
            }
            if self.tokens.is_empty() {
                break;
            }
            self.separator()?;
        }
        let odd = |range: &VersionRange| matches!(range, VersionRange::Single(version) if is_odd_item(version));
        if ranges.len() > 1 && ranges.iter().any(odd) {
            return Err(Unread::ListOrVersion);
        }
        if ranges.len() > 1 && !ranges.iter().all(VersionRange::is_closed) {
            return Err(Unread::SeveralEnds);
        }
        if ranges.len() > 1 && dotless && self.tight_comma {
            return Err(Unread::ListOrVersion);
        }
        Ok(ranges)
    }

    /// `all`, `all versions`, `firmware all versions` and the like.
    fn everything(&mut self) -> bool {
        let words: Vec<_> = self
            .tokens
            .iter()
            .map(|token| token.text().to_ascii_lowercase())
            .collect();
        let known = |word: &String| LABELS.contains(&word.as_str()) || word == "all";
        let all = words.iter().filter(|word| *word == "all").count() == 1;
        let labels_only = words.iter().all(known) && words.len() <= 3;
        if all && labels_only {
            self.tokens = &[];
        }
        all && labels_only
    }

    fn separator(&mut self) -> Result<(), Unread> {
        let mark = matches!(
            self.tokens[0],
            Token::Comma | Token::Semicolon | Token::Either | Token::Both
        );
        if mark {
            self.tokens = &self.tokens[1..];
        }
        let word = self
            .tokens
            .first()
            .is_some_and(|token| token.is("and") || token.is("or"));
        if word {
            self.tokens = &self.tokens[1..];
        }
        match self.tokens.first() {
            Some(next) if !mark && !word => Err(unexpected(next)),
            Some(_) => Ok(()),
            // A mark at the very end closes the list, as it opened an item.
            None => Err(Unread::NoVersion {
                after: ",".to_owned(),
            }),
        }
    }

    fn item(&mut self) -> Result<VersionRange, Unread> {
        let all = self.take("all");
        let labelled = self.labels();
        if let Some(Token::Sign(..)) = self.tokens.first() {
            return self.signs();
        }
        if all && self.take("of") {
            return self.whole_series();
        }
        if let Some(operator) = self.phrase(&BEFORE) {
            let end = self.end_after(operator)?;
            return Ok(between(None, Some(end)));
        }
        if self.up_to() {
            let end = self.up_to_end()?;
            return Ok(between(None, Some(end)));
        }
        if let Some(operator) = self.phrase(&FROM) {
            return self.from(operator);
        }
        let place = self.place(labelled)?;
        self.after_version(place, all)
    }

    /// `of 3.2 series`, after `all versions`.
    fn whole_series(&mut self) -> Result<VersionRange, Unread> {
        let place = self.place(true)?;
        match self.take("series") || self.take("branch") {
            true => Ok(VersionRange::series(&place.text)),
            false => Err(Unread::NoVersion {
                after: "of".to_owned(),
            }),
        }
    }

    /// What stands behind the first version of an item.
    fn after_version(&mut self, first: Place, all: bool) -> Result<VersionRange, Unread> {
        if let Some(Token::Sign(operator, sign)) = self.tokens.first() {
            return self.mirrored(first, *operator, sign);
        }
        let included = self.modifier();
        if let Some(range) = self.open_phrase(&first)? {
            return match included {
                Some(false) => Err(Unread::Unclear {
                    word: "excluding".to_owned(),
                }),
                _ => Ok(range),
            };
        }
        let lower = End {
            version: first.text.clone(),
            included: included != Some(false),
        };
        if let Some(upper) = self.upper()? {
            return Ok(between(Some(lower), Some(upper)));
        }
        match (included, first.series) {
            (Some(_), _) => Err(Unread::NoVersion {
                after: "including".to_owned(),
            }),
            (None, true) => Ok(VersionRange::series(&first.text)),
            (None, false) if all => Err(Unread::Word {
                word: "all".to_owned(),
            }),
            (None, false) => Ok(VersionRange::Single(first.text)),
        }
    }

    /// `and earlier`, `or later`, `and all previous versions` behind a version.
    fn open_phrase(&mut self, first: &Place) -> Result<Option<VersionRange>, Unread> {
        let mut ahead = self.tokens;
        let skip = |ahead: &mut &[Token<'_>], word: &str| {
            let found = ahead.first().is_some_and(|token| token.is(word));
            if found {
                *ahead = &ahead[1..];
            }
            found
        };
        let joined = skip(&mut ahead, "and") || skip(&mut ahead, "or");
        let joined = joined && {
            skip(&mut ahead, "the");
            skip(&mut ahead, "all");
            let plural = skip(&mut ahead, "versions");
            // `and the versions prior to it`
            if plural
                && skip(&mut ahead, "prior")
                && skip(&mut ahead, "to")
                && skip(&mut ahead, "it")
            {
                self.tokens = ahead;
                return Ok(Some(between(None, Some(self.last_of(first)))));
            }
            !plural
        };
        let Some(word) = ahead.first().map(Token::text) else {
            return Ok(None);
        };
        let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        let alone = word.eq_ignore_ascii_case("onward") || word.eq_ignore_ascii_case("onwards");
        let (down, up) = (joined && is(&EARLIER), (joined || alone) && is(&LATER));
        if !down && !up {
            return Ok(None);
        }
        ahead = &ahead[1..];
        if !(skip(&mut ahead, "versions")
            || skip(&mut ahead, "releases")
            || skip(&mut ahead, "version"))
        {
            skip(&mut ahead, "builds");
        }
        // `9.x and before 9.2` is another phrase, and not certain.
        if ahead
            .first()
            .is_some_and(|token| matches!(token, Token::Word(word) if is_version(word)))
        {
            return Err(Unread::SeveralEnds);
        }
        self.tokens = ahead;
        Ok(Some(match down {
            true => between(None, Some(self.last_of(first))),
            false => between(Some(End::included(first.text.clone())), None),
        }))
    }

    /// The upper end that includes a version, or the end of its series.
    fn last_of(&self, place: &Place) -> End {
        End::included(match place.series {
            true => format!("{}.*", place.text),
            false => place.text.clone(),
        })
    }

    /// What follows `from`, `after` and the like.
    fn from(&mut self, operator: Operator) -> Result<VersionRange, Unread> {
        let labelled = self.labels();
        let place = self.place(labelled)?;
        let included = self
            .modifier()
            .unwrap_or(operator == Operator::GreaterOrEqual);
        if place.series && !included {
            return Err(Unread::Series { series: place.text });
        }
        let lower = End {
            version: place.text.clone(),
            included,
        };
        if included && let Some(range) = self.open_phrase(&place)? {
            // `from 2.0 and later`; `from 2.0 and earlier` contradicts itself.
            return match &range {
                VersionRange::Between { upper: None, .. } => Ok(range),
                _ => Err(Unread::SeveralEnds),
            };
        }
        let before = self.tokens;
        while matches!(self.tokens.first(), Some(Token::Comma)) || self.next_is("and") {
            self.tokens = &self.tokens[1..];
            self.take("versions");
        }
        match self.upper()? {
            Some(upper) => Ok(between(Some(lower), Some(upper))),
            None => {
                self.tokens = before;
                Ok(between(Some(lower), None))
            }
        }
    }

    /// The upper end that words between two versions lead to.
    fn upper(&mut self) -> Result<Option<End>, Unread> {
        let before = self.tokens;
        if let Some(token) = self.tokens.first()
            && UNCLEAR.iter().any(|word| token.is(word))
        {
            return Err(Unread::Unclear {
                word: token.text().to_owned(),
            });
        }
        if matches!(self.tokens.first(), Some(Token::Dash)) {
            self.tokens = &self.tokens[1..];
            return self.end_after(Operator::LessOrEqual).map(Some);
        }
        // `9.16.14 through versions before 9.16.33`
        if self.take("through") && self.take("versions") && self.take("before") {
            return self.end_after(Operator::Less).map(Some);
        }
        self.tokens = before;
        self.take("and");
        let operator = self.phrase(&BEFORE).or_else(|| self.phrase(&BETWEEN));
        if let Some(operator) = operator {
            return self.end_after(operator).map(Some);
        }
        if self.up_to() {
            return self.up_to_end().map(Some);
        }
        self.tokens = before;
        Ok(None)
    }

    /// `up to`, alone.
    fn up_to(&mut self) -> bool {
        let [first, second, ..] = self.tokens else {
            return false;
        };
        let found = first.is("up") && second.is("to");
        if found {
            self.tokens = &self.tokens[2..];
        }
        found
    }

    /// The end that `up to` names, said to be read as included when nothing
    /// says whether it is.
    fn up_to_end(&mut self) -> Result<End, Unread> {
        let labelled = self.labels();
        let place = self.place(labelled)?;
        let said = self.modifier();
        if said.is_none() {
            self.assume("`up to` is read as including the version it names");
        }
        self.upper_end(place, said.unwrap_or(true))
    }

    /// The version after words or a sign that lead to an upper end.
    fn end_after(&mut self, operator: Operator) -> Result<End, Unread> {
        let labelled = self.labels();
        let place = self.place(labelled)?;
        let said = self.modifier();
        self.upper_end(place, said.unwrap_or(operator == Operator::LessOrEqual))
    }

    fn upper_end(&self, place: Place, included: bool) -> Result<End, Unread> {
        match (place.series, included) {
            (true, true) => Ok(End::included(format!("{}.*", place.text))),
            (true, false) => Err(Unread::Series {
                series: format!("{}.x", place.text),
            }),
            (false, true) => Ok(End::included(place.text)),
            (false, false) => Ok(End::excluded(place.text)),
        }
    }

    /// `(including)`, `(exclusive)`, `inclusive` and so on behind a version.
    fn modifier(&mut self) -> Option<bool> {
        let word = self.tokens.first()?.text().to_ascii_lowercase();
        let bare = word
            .strip_prefix('(')
            .and_then(|word| word.strip_suffix(')'));
        let included = match (bare, word.as_str()) {
            (Some("including" | "inclusive" | "included"), _) | (None, "inclusive") => true,
            (Some("excluding" | "exclusive" | "excluded"), _) | (None, "exclusive") => false,
            _ => return None,
        };
        self.tokens = &self.tokens[1..];
        Some(included)
    }

    /// A chain of signs, each with its version, that hold at once.
    fn signs(&mut self) -> Result<VersionRange, Unread> {
        let (mut lower, mut upper, mut equal) = (None, None, None);
        while let Some(Token::Sign(operator, sign)) = self.tokens.first() {
            self.tokens = &self.tokens[1..];
            self.labels();
            let place = match self.tokens.first() {
                None | Some(Token::Sign(..) | Token::Comma) => {
                    return Err(Unread::NoVersion {
                        after: (*sign).to_owned(),
                    });
                }
                Some(_) => self.place(true)?,
            };
            let slot = match operator {
                Operator::Less | Operator::LessOrEqual => {
                    let end = self.upper_end(place, *operator == Operator::LessOrEqual)?;
                    upper.replace(end).is_some()
                }
                Operator::Equal => equal.replace(place).is_some(),
                Operator::GreaterOrEqual => lower.replace(End::included(place.text)).is_some(),
                Operator::Greater if place.series => {
                    return Err(Unread::Series { series: place.text });
                }
                Operator::Greater => lower.replace(End::excluded(place.text)).is_some(),
            };
            if slot {
                return Err(Unread::SeveralEnds);
            }
            let joined = match self.tokens {
                [Token::Comma | Token::Both, Token::Sign(operator, _), ..] => {
                    *operator != Operator::Equal
                }
                [and, Token::Sign(..), ..] => and.is("and"),
                _ => false,
            };
            if joined {
                self.tokens = &self.tokens[1..];
            }
        }
        match equal {
            None => Ok(between(lower, upper)),
            Some(_) if lower.is_some() || upper.is_some() => Err(Unread::SeveralEnds),
            Some(place) if place.series => Ok(VersionRange::series(&place.text)),
            Some(place) => Ok(VersionRange::Single(place.text)),
        }
    }

    /// `1.0 <= version < 2.0`.
    fn mirrored(
        &mut self,
        first: Place,
        operator: Operator,
        sign: &str,
    ) -> Result<VersionRange, Unread> {
        let variable = self.tokens.get(1).is_some_and(|token| {
            token.is("version") || token.is("versions") || token.is("v") || token.is("x")
        });
        if !variable || first.series {
            return Err(Unread::SignBehind {
                sign: sign.to_owned(),
            });
        }
        let lower = match operator {
            Operator::LessOrEqual => End::included(first.text),
            Operator::Less => End::excluded(first.text),
            _ => {
                return Err(Unread::SignBehind {
                    sign: sign.to_owned(),
                });
            }
        };
        self.tokens = &self.tokens[2..];
        match self.tokens.first() {
            None => Ok(between(Some(lower), None)),
            Some(Token::Sign(operator @ (Operator::Less | Operator::LessOrEqual), _)) => {
                self.tokens = &self.tokens[1..];
                let end = self.end_after(*operator)?;
                Ok(between(Some(lower), Some(end)))
            }
            Some(next) => Err(unexpected(next)),
        }
    }

    /// A version, of one word or with a qualifier such as `SP1` after it.
    ///
    /// Takes: whether a sign or a label says that it is a version, so that it
    /// may begin with any letter.
    fn place(&mut self, labelled: bool) -> Result<Place, Unread> {
        let commit = self.take("commit") || self.take("commits");
        let Some(token) = self.tokens.first() else {
            return Err(Unread::NoVersion {
                after: "the text".to_owned(),
            });
        };
        let Token::Word(word) = token else {
            return Err(unexpected(token));
        };
        let (word, glued) = without_glued_label(word);
        self.tokens = &self.tokens[1..];
        if commit || is_commit(word) {
            self.commits = true;
            let is_hash = word.len() >= 4 && word.bytes().all(|c| c.is_ascii_hexdigit());
            return match is_hash {
                true => Ok(Place {
                    text: word.to_owned(),
                    series: false,
                }),
                false => Err(Unread::Word {
                    word: word.to_owned(),
                }),
            };
        }
        self.versions = true;
        if let Some(series) = series(word) {
            return Ok(Place {
                text: series.to_owned(),
                series: true,
            });
        }
        if is_short_commit(word) {
            return Err(Unread::CommitOrVersion {
                word: word.to_owned(),
            });
        }
        if word.ends_with('+') {
            return Err(Unread::Unclear {
                word: word.to_owned(),
            });
        }
        if !is_version(word) {
            let named = is_letter_led_version(word);
            match named && (labelled || glued) {
                true => {}
                false if named => {
                    return Err(Unread::NameOrVersion {
                        word: word.to_owned(),
                    });
                }
                false => return Err(unexpected(token)),
            }
        }
        let mut text = word.to_owned();
        while let Some(words) = qualifier(self.tokens) {
            for token in &self.tokens[..words] {
                text.push(' ');
                text.push_str(token.text());
            }
            self.tokens = &self.tokens[words..];
        }
        Ok(Place {
            text,
            series: false,
        })
    }

    /// Skips labels; gives whether one was there.
    fn labels(&mut self) -> bool {
        let before = self.tokens.len();
        while let Some(Token::Word(word)) = self.tokens.first()
            && LABELS.iter().any(|label| label.eq_ignore_ascii_case(word))
        {
            self.tokens = &self.tokens[1..];
        }
        self.tokens.len() < before
    }

    fn phrase(&mut self, phrases: &[(&[&str], Operator)]) -> Option<Operator> {
        for (words, operator) in phrases {
            // Commas inside a phrase, `up to, but not including,`, say nothing.
            let mut rest = self.tokens;
            let found = words.iter().all(|word| {
                if word != &words[0] && matches!(rest.first(), Some(Token::Comma)) {
                    rest = &rest[1..];
                }
                let same = rest.first().is_some_and(|token| token.is(word));
                rest = rest.get(1..).unwrap_or_default();
                same
            });
            if found {
                if words.len() > 2 && matches!(rest.first(), Some(Token::Comma)) {
                    rest = &rest[1..];
                }
                self.tokens = rest;
                return Some(*operator);
            }
        }
        None
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.next_is(word);
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn next_is(&self, word: &str) -> bool {
        self.tokens.first().is_some_and(|token| token.is(word))
    }

    fn assume(&mut self, assumption: &'static str) {
        if !self.assumptions.contains(&assumption) {
            self.assumptions.push(assumption);
        }
    }
}

fn between(lower: Option<End>, upper: Option<End>) -> VersionRange {
    VersionRange::Between { lower, upper }
}

fn unexpected(token: &Token<'_>) -> Unread {
    match token {
        Token::Sign(_, sign) => Unread::SignBehind {
            sign: (*sign).to_owned(),
        },
        Token::Foreign(operator) => Unread::Operator {
            operator: (*operator).to_owned(),
        },
        Token::Word(word) if UNCLEAR.iter().any(|known| known.eq_ignore_ascii_case(word)) => {
            Unread::Unclear {
                word: (*word).to_owned(),
            }
        }
        other => Unread::Word {
            word: other.text().to_owned(),
        },
    }
}
