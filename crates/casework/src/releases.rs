//! Which releases of a repository contain a flaw, from its history; pure.
//!
//! A release has the flaw when a commit that introduces it is among the
//! release's ancestors and no commit that fixes it is. Cherry-picks count as
//! what they were picked from; a revert takes back every such commit that came
//! before it, and a revert of the revert gives it back.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

/// A commit of a history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its full hash.
    pub hash: String,
    /// Places of its parents in the history.
    pub parents: Vec<usize>,
    /// Hashes its message says it was picked from, maybe abbreviated.
    pub picked_from: Vec<String>,
    /// Hashes its message says it reverts, maybe abbreviated.
    pub reverts: Vec<String>,
}

/// Commits and the tags on them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Every commit once, in any order.
    pub commits: Vec<Commit>,
    /// Names of tags, and the place of the commit each is on.
    pub tags: Vec<(String, usize)>,
}

/// A release and whether it has the flaw.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Release {
    /// Its tag.
    pub tag: String,
    /// The version the tag names.
    pub version: String,
    /// Whether it has the flaw.
    pub affected: bool,
}

/// What a history says of a flaw.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// The releases, lowest version first.
    pub releases: Vec<Release>,
    /// Tags that name no version.
    pub other_tags: Vec<String>,
    /// Entries for `versions` of the Record Format: releases by version, then
    /// commits.
    pub versions: Vec<Value>,
}

/// Finds which releases have a flaw.
///
/// Takes: `introduced` and `fixed`, places of commits; no introducing commit
/// means that the flaw was always there.
/// Gives: ranges that hold for every release found, which are ordered as
/// semver orders versions.
/// Source: formats (git ranges); process section 5.3 for words. What counts as
/// a backport is our choice: git's own trailer of `cherry-pick -x`.
pub fn find(history: &History, introduced: &[usize], fixed: &[usize]) -> Found {
    let marks = Marks::of(history, introduced, fixed);
    let mut releases = Vec::new();
    let mut other_tags = Vec::new();
    for (tag, place) in &history.tags {
        match version_of(tag) {
            Some(version) => releases.push(Release {
                tag: tag.clone(),
                version,
                affected: marks.is_affected(*place),
            }),
            None => other_tags.push(tag.clone()),
        }
    }
    releases.sort_by(|a, b| by_version(&a.version, &b.version));
    other_tags.sort();
    let mut versions = release_ranges(&releases, introduced.is_empty());
    versions.extend(marks.commit_ranges(history));
    Found {
        releases,
        other_tags,
        versions,
    }
}

/// The version a tag names: `v1.2.3`, `1.2.3` or `name-1.2.3`.
pub fn version_of(tag: &str) -> Option<String> {
    let start = tag
        .char_indices()
        .find(|(at, c)| {
            let before = tag.get(..*at).and_then(|before| before.chars().next_back());
            c.is_ascii_digit() && before.is_none_or(|c| matches!(c, 'v' | 'V' | '-' | '_' | '/'))
        })
        .map(|(at, _)| at)?;
    let version = tag.get(start..)?;
    let core = version.split(['-', '+']).next()?;
    let parts: Vec<&str> = core.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let fits = (2..=4).contains(&parts.len()) && parts.iter().all(is_number);
    let rest_fits = version
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'));
    (fits && rest_fits).then(|| version.to_owned())
}

/// Orders versions as semver does; numbers may be of any length.
fn by_version(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| -> (Vec<String>, Option<String>) {
        let text = text.split('+').next().unwrap_or(text);
        let (core, pre) = text
            .split_once('-')
            .map_or((text, None), |(c, p)| (c, Some(p)));
        let mut core: Vec<String> = core.split('.').map(str::to_owned).collect();
        core.resize(4.max(core.len()), "0".into());
        (core, pre.map(str::to_owned))
    };
    let number = |a: &str, b: &str| {
        let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
        a.len().cmp(&b.len()).then_with(|| a.cmp(b))
    };
    let ((core_a, pre_a), (core_b, pre_b)) = (parts(a), parts(b));
    let core = core_a.iter().zip(&core_b).map(|(a, b)| number(a, b));
    let core = core.fold(Ordering::Equal, Ordering::then);
    core.then_with(|| match (pre_a, pre_b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => {
            let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
            let pairs =
                a.split('.')
                    .zip(b.split('.'))
                    .map(|(a, b)| match (is_number(a), is_number(b)) {
                        (true, true) => number(a, b),
                        (true, false) => Ordering::Less,
                        (false, true) => Ordering::Greater,
                        (false, false) => a.cmp(b),
                    });
            pairs
                .fold(Ordering::Equal, Ordering::then)
                .then_with(|| a.split('.').count().cmp(&b.split('.').count()))
        }
    })
}

/// Every run of affected releases as a range up to the next release that is not.
fn release_ranges(releases: &[Release], was_always: bool) -> Vec<Value> {
    let mut ranges = Vec::new();
    let mut from: Option<&str> = None;
    let mut add = |from: &str, to: &str| {
        ranges.push(json!({
            "version": from,
            "lessThan": to,
            "status": "affected",
            "versionType": "semver",
        }));
    };
    for (index, release) in releases.iter().enumerate() {
        match (from, release.affected) {
            (None, true) if index == 0 && was_always => from = Some("0"),
            (None, true) => from = Some(&release.version),
            (Some(begin), false) => {
                add(begin, &release.version);
                from = None;
            }
            _ => {}
        }
    }
    if let Some(begin) = from {
        add(begin, "*");
    }
    ranges
}

/// What a change does to the flaw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Brings it.
    Introduces,
    /// Takes it away.
    Fixes,
    /// Takes back the change with this number.
    Reverts(usize),
}

/// The commits that matter, and which of them each commit has behind it.
struct Marks {
    /// What each change does; a change is a commit and all picked from it.
    changes: Vec<Deed>,
    /// Places of commits, each with the number of its change.
    marked: Vec<(usize, usize)>,
    /// Whether the flaw was always there.
    always: bool,
    /// `words` of bits for each commit: which of `marked` it has behind it,
    /// itself included.
    behind: Vec<u64>,
    words: usize,
}

impl Marks {
    fn of(history: &History, introduced: &[usize], fixed: &[usize]) -> Marks {
        let kin = Kin::of(history);
        let mut changes: Vec<Deed> = Vec::new();
        let mut waiting: Vec<(usize, usize)> = Vec::new();
        let brought = introduced.iter().map(|place| (*place, Deed::Introduces));
        let taken = fixed.iter().map(|place| (*place, Deed::Fixes));
        for (place, deed) in brought.chain(taken) {
            waiting.push((place, changes.len()));
            changes.push(deed);
        }
        let mut marked: Vec<(usize, usize)> = Vec::new();
        let mut known: HashSet<usize> = HashSet::new();
        // The last first, so that a fix that is a revert counts as a fix.
        while let Some((place, change)) = waiting.pop() {
            if !known.insert(place) {
                continue;
            }
            marked.push((place, change));
            let reverts = kin.reverts.get(&place).into_iter().flatten();
            for revert in reverts.filter(|revert| !known.contains(*revert)) {
                waiting.insert(0, (*revert, changes.len()));
                changes.push(Deed::Reverts(change));
            }
            let picks = kin.picks.get(&place).into_iter().flatten();
            waiting.extend(picks.map(|pick| (*pick, change)));
        }
        let words = marked.len().div_ceil(64).max(1);
        Marks {
            behind: behind(history, &marked, words),
            changes,
            marked,
            always: introduced.is_empty(),
            words,
        }
    }

    fn has_behind(&self, place: usize, mark: usize) -> bool {
        let word = self.behind.get(place * self.words + mark / 64);
        word.is_some_and(|word| word & (1 << (mark % 64)) != 0)
    }

    /// Says whether a marked commit is behind `place`, and no revert after it
    /// that is itself in force takes it back.
    fn is_in_force(&self, place: usize, mark: usize) -> bool {
        if !self.has_behind(place, mark) {
            return false;
        }
        let Some((_, change)) = self.marked.get(mark) else {
            return false;
        };
        let reverts = self.marked.iter().enumerate();
        !reverts.into_iter().any(|(other, (at, by))| {
            other != mark
                && self.changes.get(*by) == Some(&Deed::Reverts(*change))
                && self.has_behind(*at, mark)
                && self.is_in_force(place, other)
        })
    }

    fn in_force(&self, place: usize, deed: Deed) -> bool {
        self.with(deed).any(|mark| self.is_in_force(place, mark))
    }

    fn with(&self, deed: Deed) -> impl Iterator<Item = usize> {
        let marked = self.marked.iter().enumerate();
        marked
            .filter(move |(_, (_, change))| self.changes.get(*change) == Some(&deed))
            .map(|(mark, _)| mark)
    }

    fn is_affected(&self, place: usize) -> bool {
        (self.always || self.in_force(place, Deed::Introduces))
            && !self.in_force(place, Deed::Fixes)
    }

    /// From each commit that brings the flaw to each that takes it away after
    /// it, leaving out what is in force on no tip.
    fn commit_ranges(&self, history: &History) -> Vec<Value> {
        let mut has_child = vec![false; history.commits.len()];
        for parent in history.commits.iter().flat_map(|commit| &commit.parents) {
            if let Some(slot) = has_child.get_mut(*parent) {
                *slot = true;
            }
        }
        let tips = has_child.iter().enumerate().filter(|(_, has)| !**has);
        let mut tips: Vec<usize> = tips.map(|(place, _)| place).collect();
        tips.extend(history.tags.iter().map(|(_, place)| *place));
        let lasts = |mark: &usize| tips.iter().any(|tip| self.is_in_force(*tip, *mark));
        let hash = |mark: usize| {
            let place = self.marked.get(mark).map(|(place, _)| *place);
            let commit = place.and_then(|place| history.commits.get(place));
            commit.map_or("", |commit| commit.hash.as_str())
        };
        let range = |from: &str, to: &str| json!({"version": from, "lessThan": to, "status": "affected", "versionType": "git"});
        let mut fixes: Vec<usize> = self.with(Deed::Fixes).filter(lasts).collect();
        // The order they lie in the history's list, so that it is always the same.
        fixes.sort_by_key(|mark| hash(*mark).to_owned());
        let mut brought: Vec<usize> = self.with(Deed::Introduces).filter(lasts).collect();
        brought.sort_by_key(|mark| hash(*mark).to_owned());
        let mut ranges = Vec::new();
        let mut add = |from: &str, to: Vec<&str>| {
            if to.is_empty() {
                ranges.push(range(from, "*"));
            }
            ranges.extend(to.into_iter().map(|to| range(from, to)));
        };
        if self.always {
            add("0", fixes.iter().map(|fix| hash(*fix)).collect());
        }
        for mark in brought {
            let after = fixes.iter().filter(|fix| {
                let place = self.marked.get(**fix).map(|(place, _)| *place);
                place.is_some_and(|place| self.has_behind(place, mark))
            });
            add(hash(mark), after.map(|fix| hash(*fix)).collect());
        }
        ranges
    }
}

/// Which commits were picked from which, and revert which.
struct Kin {
    picks: HashMap<usize, Vec<usize>>,
    reverts: HashMap<usize, Vec<usize>>,
}

impl Kin {
    fn of(history: &History) -> Kin {
        let mut hashes: Vec<(&str, usize)> = Vec::new();
        let commits = || history.commits.iter().enumerate();
        let says = |(_, commit): &(usize, &Commit)| {
            !commit.picked_from.is_empty() || !commit.reverts.is_empty()
        };
        if commits().any(|entry| says(&entry)) {
            hashes.extend(commits().map(|(place, commit)| (commit.hash.as_str(), place)));
            hashes.sort_unstable();
        }
        // The one commit whose hash begins so.
        let place_of = |hash: &str| {
            let from = hashes.partition_point(|(known, _)| *known < hash);
            let mut begins = hashes
                .iter()
                .skip(from)
                .take_while(|(known, _)| known.starts_with(hash));
            let first = begins.next()?;
            begins.next().is_none().then_some(first.1)
        };
        let mut kin = Kin {
            picks: HashMap::new(),
            reverts: HashMap::new(),
        };
        for (place, commit) in commits().filter(says) {
            for origin in commit.picked_from.iter().filter_map(|hash| place_of(hash)) {
                kin.picks.entry(origin).or_default().push(place);
            }
            for origin in commit.reverts.iter().filter_map(|hash| place_of(hash)) {
                kin.reverts.entry(origin).or_default().push(place);
            }
        }
        kin
    }
}

/// Hands the marks on from parents to children, each commit once.
fn behind(history: &History, marked: &[(usize, usize)], words: usize) -> Vec<u64> {
    let count = history.commits.len();
    let mut bits = vec![0_u64; count * words];
    for (mark, (place, _)) in marked.iter().enumerate() {
        if let Some(word) = bits.get_mut(place * words + mark / 64) {
            *word |= 1 << (mark % 64);
        }
    }
    let mut done = vec![false; count];
    for start in 0..count {
        let mut stack = vec![start];
        while let Some(place) = stack.last().copied() {
            let parents = history
                .commits
                .get(place)
                .map_or(&[][..], |c| c.parents.as_slice());
            let open = parents
                .iter()
                .find(|parent| done.get(**parent) == Some(&false));
            if done.get(place) == Some(&false)
                && let Some(parent) = open
            {
                stack.push(*parent);
                continue;
            }
            stack.pop();
            if done.get(place) != Some(&false) {
                continue;
            }
            for parent in parents {
                for word in 0..words {
                    let found = bits.get(parent * words + word).copied().unwrap_or(0);
                    if let Some(own) = bits.get_mut(place * words + word) {
                        *own |= found;
                    }
                }
            }
            if let Some(slot) = done.get_mut(place) {
                *slot = true;
            }
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history from `HASH PARENTS… [pick=HASH] [revert=HASH] [tag=NAME]` lines.
    fn history(text: &str) -> History {
        let mut history = History::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut commit = Commit::default();
            for (index, word) in line.split(' ').enumerate() {
                match word.split_once('=') {
                    Some(("pick", hash)) => commit.picked_from.push(hash.into()),
                    Some(("revert", hash)) => commit.reverts.push(hash.into()),
                    Some((_, tag)) => history.tags.push((tag.into(), history.commits.len())),
                    None if index == 0 => commit.hash = word.into(),
                    None => commit.parents.push(place(&history, word)),
                }
            }
            history.commits.push(commit);
        }
        history
    }

    fn place(history: &History, hash: &str) -> usize {
        let known = history
            .commits
            .iter()
            .position(|commit| commit.hash == hash);
        known.unwrap_or_else(|| panic!("no commit {hash}"))
    }

    fn affected(text: &str, introduced: &[&str], fixed: &[&str]) -> Vec<String> {
        let history = history(text);
        let places = |hashes: &[&str]| -> Vec<usize> {
            hashes.iter().map(|hash| place(&history, hash)).collect()
        };
        let found = find(&history, &places(introduced), &places(fixed));
        let affected = found
            .releases
            .into_iter()
            .filter(|release| release.affected);
        affected.map(|release| release.version).collect()
    }

    #[test]
    fn a_release_between_introduction_and_fix_is_affected() {
        let line = "a0 tag=v1.0.0\nb1 a0 tag=v1.1.0\nc2 b1 tag=v1.2.0\nd3 c2 tag=v1.3.0";
        assert_eq!(affected(line, &["b1"], &["d3"]), ["1.1.0", "1.2.0"]);
        assert_eq!(affected(line, &[], &["c2"]), ["1.0.0", "1.1.0"]);
        assert_eq!(affected(line, &["c2"], &[]), ["1.2.0", "1.3.0"]);
    }

    #[test]
    fn a_merge_brings_the_flaw_with_it() {
        let merged = "a0 tag=v1.0.0\nb1 a0\nc2 a0 tag=v1.1.0\nd3 c2 b1 tag=v1.2.0";
        assert_eq!(affected(merged, &["b1"], &[]), ["1.2.0"]);
    }

    const BACKPORTED: &str = "
        a0 tag=v1.0.0
        b1 a0 tag=v1.1.0
        c2 b1
        f3 c2 tag=v2.0.0
        e4 b1 tag=v1.1.1
        f5 e4 pick=f3 tag=v1.1.2";

    #[test]
    fn a_backport_fixes_its_own_line() {
        assert_eq!(affected(BACKPORTED, &["b1"], &["f3"]), ["1.1.0", "1.1.1"]);
    }

    #[test]
    fn ranges_of_commits_name_the_backport_too() {
        let history = history(BACKPORTED);
        let found = find(&history, &[1], &[3]);
        let range = |to: &str| json!({"version": "b1", "lessThan": to, "status": "affected", "versionType": "git"});
        assert_eq!(
            found.versions,
            [
                json!({"version": "1.1.0", "lessThan": "1.1.2", "status": "affected", "versionType": "semver"}),
                range("f3"),
                range("f5"),
            ]
        );
    }

    #[test]
    fn a_reverted_fix_fixes_nothing_until_the_revert_is_reverted() {
        let reverted = "
            b1 tag=v1.0.0
            f2 b1 tag=v1.1.0
            r3 f2 revert=f2 tag=v1.2.0
            r4 r3 revert=r3 tag=v1.3.0";
        assert_eq!(affected(reverted, &["b1"], &["f2"]), ["1.0.0", "1.2.0"]);
    }

    #[test]
    fn a_fix_that_landed_again_after_its_revert_fixes() {
        let again = "
            b1 tag=v1.0.0
            f2 b1 tag=v1.1.0
            r3 f2 revert=f2 tag=v1.2.0
            f4 r3 pick=f2 tag=v1.3.0";
        assert_eq!(affected(again, &["b1"], &["f2"]), ["1.0.0", "1.2.0"]);
    }

    #[test]
    fn a_reverted_introduction_affects_only_what_lies_between() {
        let reverted = "b1 tag=v1.0.0\nc2 b1 tag=v1.1.0\nr3 c2 revert=b1 tag=v1.2.0";
        assert_eq!(affected(reverted, &["b1"], &[]), ["1.0.0", "1.1.0"]);
    }

    #[test]
    fn each_of_several_introductions_and_fixes_counts() {
        let several = "
            a0 tag=v1.0.0
            b1 a0 tag=v1.1.0
            f2 b1 tag=v1.2.0
            c3 a0 tag=v2.0.0
            f4 c3 tag=v2.1.0";
        assert_eq!(
            affected(several, &["b1", "c3"], &["f2", "f4"]),
            ["1.1.0", "2.0.0"]
        );
    }

    #[test]
    fn releases_are_ordered_as_versions_and_other_tags_are_named() {
        let mixed = history("b1 tag=v1.9.0 tag=v1.10.0-rc.1 tag=v1.10.0 tag=nightly tag=cli-1.2.0");
        let found = find(&mixed, &[0], &[]);
        let versions: Vec<&str> = found.releases.iter().map(|r| r.version.as_str()).collect();
        assert_eq!(versions, ["1.2.0", "1.9.0", "1.10.0-rc.1", "1.10.0"]);
        assert_eq!(found.other_tags, ["nightly"]);
    }
}
