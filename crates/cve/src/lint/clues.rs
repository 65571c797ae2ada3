//! Phrases in a description that say something to a rule, found in one pass.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

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

/// Phrases in lower case. A `^` or `$` stands for the end of a word.
const PHRASES: &[(Clue, &[&str])] = &[
    (
        Clue::Weakness,
        &[
            "inject",
            "overflow",
            "underflow",
            "overrun",
            "overread",
            "over-read",
            "out-of-bound",
            "out of bound",
            "scripting",
            "^xss",
            "^csrf",
            "forgery",
            "travers",
            "use after free",
            "use-after-free",
            "^uaf$",
            "dereferenc",
            "race condition",
            "toctou",
            "time-of-check",
            "deseriali",
            "improper",
            "incorrect",
            "missing",
            "insufficient",
            "inadequate",
            "lack of",
            "lacks",
            "hard-coded",
            "hardcoded",
            "hard coded",
            "cleartext",
            "clear text",
            "plaintext",
            "plain text",
            "bypass",
            "denial of service",
            "denial-of-service",
            "^dos$",
            "^ddos",
            "execut",
            "^rce$",
            "privilege",
            "escalat",
            "elevat",
            "disclos",
            "leak",
            "expos",
            "spoof",
            "^ssrf",
            "^xxe",
            "redirect",
            "authenticat",
            "authoriz",
            "authoris",
            "unauthor",
            "access control",
            "corrupt",
            "double free",
            "double-free",
            "uninitiali",
            "infinite loop",
            "endless loop",
            "recursion",
            "exhaust",
            "consum",
            "crash",
            "hang",
            "upload",
            "inclusion",
            "validat",
            "sanitiz",
            "sanitis",
            "neutrali",
            "escap",
            "permission",
            "misconfig",
            "hijack",
            "fixation",
            "weak",
            "predictab",
            "entropy",
            "random",
            "tamper",
            "smuggl",
            "pollution",
            "clickjack",
            "side channel",
            "side-channel",
            "timing",
            "fault",
            "panic",
            "assert",
            "null pointer",
            "type confusion",
            "confus",
            "^idor",
            "direct object",
            "arbitrary",
            "malicious",
            "sensitive",
            "unsafe",
            "insecure",
            "steal",
            "theft",
            "read ",
            "write",
            "obtain",
            "gain",
            "allow",
            "brute",
            "enumerat",
            "backdoor",
            "impersonat",
            "intercept",
            "man-in-the-middle",
            "^mitm",
            "^ldap",
            "format string",
            "integer",
            "divide",
            "reachable",
            "unquoted",
            "untrusted",
            "uncontrolled",
            "unrestricted",
            "unverified",
            "untrustworthy",
            "resource",
            "memory",
            "csv",
            "credential",
            "password",
            "information",
            "certificate",
            "signature",
            "crypto",
            "encrypt",
            "security feature",
            "symlink",
            "link following",
            "sandbox",
            "delet",
            "modif",
            "manipulat",
            "trigger",
            "fails to",
            "failure to",
            "does not",
            "doesn't",
            "did not",
            "not properly",
            "incomplete",
            "reset",
            "reboot",
            "terminate",
            "abuse",
            "attack",
        ],
    ),
    (
        Clue::Component,
        &[
            "function",
            "component",
            "module",
            "plugin",
            "plug-in",
            "endpoint",
            "parameter",
            "^file",
            "method",
            "^class",
            "driver",
            "library",
            "interface",
            "page",
            "script",
            "^api",
            "handler",
            "header",
            "servlet",
            "subsystem",
            ".php",
            ".c$",
            ".js$",
            ".asp",
            ".jsp",
            ".py$",
            ".cgi",
            ".do$",
            ".html",
            ".so$",
            ".dll",
            ".exe",
            ".sys$",
            "()",
            "engine",
            "parser",
            "protocol",
            "shortcode",
            "field",
            "feature",
            "console",
            "portal",
            "controller",
            "daemon",
            "form$",
            "extension",
            "kernel",
            "firmware",
            "module",
            "utility",
            "command",
            "query",
            "template",
            "widget",
            "config",
            "dialog",
            "menu",
            "setting",
            "import",
            "export",
            "variable",
            "argument",
            "filter",
            "package",
            "bootloader",
            "codec",
            "decoder",
            "sdk",
            "agent",
            "installer",
            "app$",
            "^url",
        ],
    ),
    (
        Clue::Template,
        &[
            "allow", "could", "^can$", "^may$", "might", "lead", "caus", "result", "^via$",
            "enabl", "permit", "^lets$", "allows", "able to", "possible", "exploit", "attack",
            "makes it", "affects", "provide", "due to", "trigger",
        ],
    ),
    (
        Clue::Version,
        &[
            "before$",
            "prior to$",
            "through$",
            "up to$",
            "up to, and including,$",
            "up to and including$",
            "earlier than$",
            "older than$",
        ],
    ),
    (
        Clue::Credit,
        &[
            "discovered by$",
            "reported by$",
            "found by$",
            "thanks to$",
            "credit to$",
            "credits to$",
            "credited to$",
            "would like to thank$",
            "disclosed by$",
            "identified by$",
            "thank$",
        ],
    ),
    (
        Clue::Foreign,
        &[
            "^ghsa-",
            "^vdb-",
            "^zdi-can-",
            "x-force id",
            "xforce id",
            "^snyk-",
            "^rustsec-",
            "^pysec-",
            "^edb-id",
            "^cnvd-",
            "^euvd-",
            "^osvdb-",
            "^cnnvd-",
        ],
    ),
    (
        Clue::Advert,
        &[
            "free trial",
            "contact sales",
            "contact our sales",
            "best-in-class",
            "industry-leading",
            "market-leading",
            "award-winning",
            "^fuck",
            "bullshit",
            "^asshole",
        ],
    ),
    (
        Clue::Different,
        &[
            "different vulnerability than$",
            "different issue than$",
            "different vulnerability from$",
            "different issue from$",
            "different than cve-",
            "different from cve-",
        ],
    ),
    (
        Clue::Void,
        &[
            "do not use this candidate",
            "do not use this cve",
            "rejected reason:",
            "** reject **",
            "cve id has been rejected",
            "candidate has been rejected",
            "cve id was rejected",
            "rejected or withdrawn by its cve numbering authority",
            "cve has been rejected",
            "candidate was withdrawn by its cna",
        ],
    ),
    (
        Clue::Duplicate,
        &[
            "is a duplicate of cve-",
            "duplicate of cve-",
            "should not have been assigned",
            "is a reservation duplicate",
        ],
    ),
    (
        Clue::Unsupported,
        &[
            "no longer supported by the maintainer",
            "no longer supported by the vendor",
            "unsupported when assigned",
            "not supported when assigned",
        ],
    ),
    (
        Clue::Disputed,
        &[
            "disput",
            "position is that",
            "vendor states that this is not",
            "does not consider this",
        ],
    ),
    (
        Clue::Html,
        &[
            "<p>",
            "</p>",
            "<br>",
            "<br/>",
            "<br />",
            "<div>",
            "</div>",
            "</span>",
            "<ul>",
            "<li>",
            "</li>",
            "<strong>",
            "</strong>",
            "&nbsp;",
            "&amp;",
            "&lt;",
            "&gt;",
            "&quot;",
            "&#39;",
            "&apos;",
            "<em>",
            "<code>",
        ],
    ),
    (
        Clue::Placeholder,
        &[
            "lorem ipsum",
            "[product]",
            "[products]",
            "[vulntype]",
            "[component]",
            "[vendor]",
            "[version]",
            "[versions]",
            "[attacker]",
            "[impact]",
            "[vector]",
            "[root cause]",
            "[problemtype]",
            "[problem type]",
            "description goes here",
            "[insert ",
            "<insert ",
            "enter description here",
            "[attack]",
        ],
    ),
];

/// A phrase as it is looked for.
struct Phrase {
    clue: Clue,
    begins_word: bool,
    ends_word: bool,
}

/// Phrases that are looked for together.
struct Shelf {
    finder: Option<AhoCorasick>,
    phrases: Vec<Phrase>,
}

/// Nearly every description has the common ones near its beginning, so each
/// kind is looked for alone and only up to the first; the rare ones, few and
/// seldom met, are looked for to the end.
struct Book {
    common: [Shelf; 3],
    rare: Shelf,
}

const COMMON: [Clue; 3] = [Clue::Weakness, Clue::Component, Clue::Template];

static BOOK: LazyLock<Book> = LazyLock::new(|| Book {
    common: COMMON.map(|clue| Shelf::of(|other| other == clue)),
    rare: Shelf::of(|clue| !COMMON.contains(&clue)),
});

impl Shelf {
    fn of(belongs: impl Fn(Clue) -> bool) -> Shelf {
        let mut phrases = Vec::new();
        let mut texts = Vec::new();
        for (clue, list) in PHRASES.iter().filter(|(clue, _)| belongs(*clue)) {
            for text in *list {
                phrases.push(Phrase {
                    clue: *clue,
                    begins_word: text.starts_with('^'),
                    ends_word: text.ends_with('$'),
                });
                texts.push(text.trim_matches(['^', '$']));
            }
        }
        let finder = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .build(texts);
        // It can only fail for millions of patterns.
        let finder = finder.ok();
        Shelf { finder, phrases }
    }

    /// The phrases that stand in a text, each with its place.
    fn found<'t>(
        &'static self,
        lower: &'t [u8],
    ) -> impl Iterator<Item = (&'static Phrase, usize, usize)> + 't {
        let finder = self.finder.iter();
        finder
            .flat_map(move |finder| finder.find_overlapping_iter(lower))
            .map(|found| {
                let phrase = &self.phrases[found.pattern().as_usize()];
                (phrase, found.start(), found.end())
            })
            .filter(move |(phrase, start, end)| phrase.stands_in(lower, *start, *end))
    }
}

/// How many versions of a text are remembered.
const MOST_VERSIONS: usize = 8;

/// What one text holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Clues {
    seen: u32,
    /// The first place of each, as bytes.
    first: [(u32, u32); CLUES],
    versions: [(u32, u32); MOST_VERSIONS],
    version_count: usize,
}

impl Clues {
    /// Reads a text in lower case.
    pub(super) fn read(lower: &[u8]) -> Clues {
        let mut clues = Clues::default();
        for shelf in &BOOK.common {
            if let Some((phrase, start, end)) = shelf.found(lower).next() {
                clues.see(phrase.clue, start, end);
            }
        }
        for (phrase, start, end) in BOOK.rare.found(lower) {
            if phrase.clue == Clue::Version {
                clues.version_behind(lower, end);
            }
            clues.see(phrase.clue, start, end);
        }
        clues
    }

    fn see(&mut self, clue: Clue, start: usize, end: usize) {
        if !self.has(clue) {
            self.seen |= 1 << clue as u32;
            self.first[clue as usize] = (start as u32, end as u32);
        }
    }

    pub(super) fn has(&self, clue: Clue) -> bool {
        self.seen & 1 << clue as u32 != 0
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
    fn stands_in(&self, text: &[u8], start: usize, end: usize) -> bool {
        let letter = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        (!self.begins_word || !letter(before)) && (!self.ends_word || !letter(text.get(end)))
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
}
