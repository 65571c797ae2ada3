//! The public issue of an ID: a look at it, what is amiss, and for how long
//! the look is evidence.
//!
//! Nothing of a case leaves the house with a look: the request names the
//! repository and the number of the issue.
//!
//! Source: process section 6, K-01 to K-04.

use client::{IssueSeen, Issues};
use cve::id::CveId;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::{DraftRow, IssueLookRow, LedgerRow, Reader, Tx};

use crate::case::{self, CaseId, Verb};
use crate::checklist::{self, CheckItem};
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::lifecycle::issue::{self, Issue, LABELS, PLACEHOLDER};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::review;
use crate::revision::document_of;

/// The items of the checklist that a look is evidence for.
pub(crate) const ITEMS: [&str; 4] = ["K-01", "K-02", "K-03", "K-04"];

/// Labels of an issue before disclosure.
///
/// Source: process section 6, K-01: what the commands of the template set.
pub(crate) const PLACEHOLDER_LABELS: [&str; 5] = [
    "triage/accepted",
    "lifecycle/frozen",
    "area/security",
    "kind/bug",
    "committee/security-response",
];

/// How long a look is evidence.
///
/// Source: our choice: as long as the record may take (D-06).
const FRESH_MS: i64 = 24 * 60 * 60 * 1_000;

/// Characters of a title, and of a label, that are kept.
const LONGEST: usize = 256;

/// Labels that are kept.
const MOST_LABELS: usize = 100;

/// A look at the public issue of an ID, and how its items stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueCheck {
    /// The ID.
    pub cve_id: CveId,
    /// Address of the issue.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// `open` or `closed`; empty where there is no such issue.
    pub state: String,
    /// Why it was closed or opened again; may be empty.
    pub reason: String,
    /// What the feed makes of it.
    pub feed: FeedReading,
    /// Why there is no such issue; empty where there is.
    pub problem: String,
    /// Whether the advisory was public then.
    pub is_public: bool,
    /// The newest revision of the draft then.
    pub revision: i64,
    /// Name of whoever had it looked at.
    pub seen_by: String,
    /// When.
    pub seen_at: Timestamp,
    /// What was amiss: item and words.
    pub faults: Vec<(String, String)>,
    /// K-01 to K-04 as they stand now.
    pub items: Vec<CheckItem>,
}

/// What the feed makes of an issue.
///
/// Source: process section 6, K-03 and K-04.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedReading {
    /// The IDs it takes from the title.
    pub ids: Vec<String>,
    /// `open`, `fixed`, `unfixed` or `unknown`; nothing where it says nothing.
    pub status: Option<&'static str>,
}

/// What a look says of an item.
pub(crate) struct Evidence {
    /// Whether the item is done by it.
    pub(crate) ok: bool,
    /// Whether it is still worth something.
    pub(crate) is_fresh: bool,
    /// What was seen, and when.
    pub(crate) words: String,
    /// What to do; empty when nothing is.
    pub(crate) todo: String,
    /// When it was seen.
    pub(crate) at: Timestamp,
}

impl Desk {
    /// Looks at the public issue of `id`, and keeps what was seen as evidence
    /// for K-01 to K-04.
    ///
    /// Takes: `url`, the address of the issue, `owner/name#5` or a number; as
    /// at the last look without it, or the one the draft refers to.
    /// Refuses: an issue of another repository; a tracker that does not
    /// answer, which leaves what was seen before as it is.
    pub fn look_at_issue(
        &self,
        actor: &Actor,
        id: CveId,
        url: Option<&str>,
    ) -> Result<IssueCheck, Error> {
        check(actor, Action::Tick)?;
        let (last, references) = self.of_record(actor, id, |reader, _| {
            let newest = reader.draft(id)?;
            let newest = newest.ok_or_else(|| Refusal::not_found(format!("a draft of {id}")))?;
            let last = reader.issue_looks(id)?.pop().map(|look| look.url);
            Ok((last, references(&document_of(&newest)?)))
        })?;
        let (tracker, token) = self.open_tracker()?;
        let repository = tracker.repository.as_str();
        let referred = || {
            let numbers = references.iter();
            numbers
                .filter(|url| number_of(url, repository).is_ok())
                .max()
                .cloned()
        };
        let wanted = url
            .map(|url| url.trim().to_owned())
            .or(last)
            .or_else(referred);
        let wanted = wanted.ok_or_else(|| {
            let problem = format!("no issue of {id} is known: give its address");
            Error::from(Refusal::invalid("url", problem))
        })?;
        let number = number_of(&wanted, repository)?;
        let issues = Issues::new(&self.settings.request, &tracker.api, token.as_ref());
        let seen = match issues.read(repository, number) {
            Ok(seen) => {
                refuse_elsewhere(&wanted, &seen, repository)?;
                Ok(seen)
            }
            Err(failure) if failure.is_final() => Err(failure.to_string()),
            Err(failure) => return Err(Refusal::invalid("issue", failure.to_string()).into()),
        };
        let (who, repository) = (actor.clone(), tracker.repository.clone());
        self.store.write(move |tx| {
            let (row, _) = draft::take(tx, &who, id, Verb::Comment)?;
            let newest = review::newest(tx, id)?;
            let about = about(tx, row.id, id, &newest)?;
            let seen = seen.as_ref().map_err(String::as_str);
            let mut look = look_row(tx, id, &newest, &about, seen, who.id())?;
            if !look.problem.is_empty() {
                look.url = format!("{repository}#{number}");
            }
            tx.insert_issue_look(id, &look)?;
            let items: Vec<&String> = look.faults.iter().map(|(item, _)| item).collect();
            let detail = json!({"cve_id": id, "url": look.url, "faults": items,
                                "problem": look.problem});
            let case = CaseId::new(row.id);
            case::record(tx, &who, case, "ticked", "look-at-issue", detail);
            Ok::<_, Error>(())
        })?;
        let seen = self.issue_check(actor, id)?;
        seen.ok_or_else(|| Error::Broken(format!("the look at the issue of {id} is gone")))
    }

    /// The last look at the public issue of `id`, and how its items stand now;
    /// nothing before the first.
    pub fn issue_check(&self, actor: &Actor, id: CveId) -> Result<Option<IssueCheck>, Error> {
        check(actor, Action::See)?;
        self.of_record(actor, id, |reader, names| {
            let Some(look) = reader.issue_looks(id)?.pop() else {
                return Ok(None);
            };
            let newest = reader.draft(id)?;
            let newest = newest.ok_or_else(|| Refusal::not_found(format!("a draft of {id}")))?;
            let line = reader.ledger_line(id)?;
            let line = line.ok_or_else(|| Refusal::not_found(id.to_string()))?;
            let now = self.world.now();
            let items = checklist::issue_items(reader, &line, &newest, now, names)?;
            let reading = issue::read(&read_as(&look));
            Ok(Some(IssueCheck {
                cve_id: id,
                feed: FeedReading {
                    ids: reading.ids,
                    status: reading.status,
                },
                url: look.url,
                title: look.title,
                labels: look.labels,
                state: look.state,
                reason: look.reason,
                problem: look.problem,
                is_public: look.is_public,
                revision: look.revision,
                seen_by: names.of(&look.seen_by),
                seen_at: look.at,
                faults: look.faults,
                items,
            }))
        })
    }
}

/// What an issue of this ID is compared with now.
pub(crate) fn about(
    reader: &mut Reader<'_>,
    case: i64,
    id: CveId,
    newest: &DraftRow,
) -> Result<About, Error> {
    let of_case = reader.ledger_of(case)?;
    let line = of_case.iter().find(|line| line.id == id);
    let advisory = draft::read_document(&document_of(newest)?, id)?;
    Ok(About {
        id: id.to_string(),
        is_public: line.is_some_and(|line| line.disclosed_at.is_some()),
        has_fix: advisory.affected.iter().any(|line| !line.fixed.is_empty()),
        of_case: of_case.iter().map(|line| line.id.to_string()).collect(),
    })
}

/// The next look at the issue of an ID: what was seen, or why nothing was.
pub(crate) fn look_row(
    tx: &mut Tx<'_>,
    id: CveId,
    newest: &DraftRow,
    about: &About,
    seen: Result<&IssueSeen, &str>,
    by: &str,
) -> Result<IssueLookRow, Error> {
    let mut look = IssueLookRow {
        number: tx.issue_looks(id)?.len() as i64 + 1,
        url: String::new(),
        revision: newest.revision,
        is_public: about.is_public,
        title: String::new(),
        labels: Vec::new(),
        state: String::new(),
        reason: String::new(),
        faults: Vec::new(),
        problem: String::new(),
        seen_by: by.to_owned(),
        at: tx.now(),
    };
    match seen {
        Ok(seen) => {
            look.faults = faults(seen, about);
            look.url = short(&seen.html_url);
            look.title = short(&seen.title);
            look.labels = seen.labels.iter().map(|label| short(label)).collect();
            look.labels.truncate(MOST_LABELS);
            look.state = short(&seen.state);
            look.reason = short(&seen.reason);
        }
        Err(problem) => problem.clone_into(&mut look.problem),
    }
    Ok(look)
}

/// What an issue is compared with.
pub(crate) struct About {
    id: String,
    /// The IDs of the case.
    of_case: Vec<String>,
    is_public: bool,
    /// Whether the advisory names a fixed version.
    has_fix: bool,
}

/// What is amiss at an issue: the item, and the words with what to do.
fn faults(seen: &IssueSeen, about: &About) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    let mut say = |item: &str, words: String| faults.push((item.to_owned(), words));
    let has = |wanted: &str| seen.labels.iter().any(|label| label == wanted);
    let title = short(&seen.title);
    if !about.is_public {
        if title != PLACEHOLDER {
            say(
                "K-01",
                format!("the title is `{title}`, expected `{PLACEHOLDER}` before disclosure"),
            );
        }
        let told = about
            .of_case
            .iter()
            .find(|id| seen.title.contains(*id) || seen.body.contains(*id));
        if let Some(told) = told {
            say(
                "K-01",
                format!("it names {told} before disclosure: it may be a leak, see `cna case leak`"),
            );
        }
        for label in PLACEHOLDER_LABELS.iter().filter(|label| !has(label)) {
            say("K-01", format!("label `{label}` is missing: add it"));
        }
        if seen.state != "open" {
            say("K-01", "it is closed: open it again".to_owned());
        }
        return faults;
    }
    let reading = issue::read(&issue_of(seen));
    if title == PLACEHOLDER || title.contains("####") {
        say(
            "K-02",
            format!(
                "the title is still `{title}`: write `{}: SUMMARY`",
                about.id
            ),
        );
    } else if title
        .split_once(": ")
        .is_none_or(|(_, rest)| rest.trim().is_empty())
    {
        say(
            "K-02",
            format!(
                "the title says no more than `{title}`: write `{}: SUMMARY`",
                about.id
            ),
        );
    }
    if seen.body.trim().is_empty() {
        say(
            "K-02",
            "it has no text: fill in the template (`cna publish announce --template issue`)".into(),
        );
    }
    for label in LABELS.iter().filter(|label| !has(label)) {
        say("K-02", format!("label `{label}` is missing: add it"));
    }
    if !seen.labels.iter().any(|label| label.starts_with("sig/")) {
        say(
            "K-02",
            "no label names a group: add the relevant `sig/NAME`".into(),
        );
    }
    if !reading.ids.contains(&about.id) {
        say(
            "K-03",
            format!(
                "the feed takes {} from the title `{title}`: let it begin with {}",
                listed(&reading.ids),
                about.id
            ),
        );
    }
    let foreign = reading.ids.iter().find(|id| !about.of_case.contains(id));
    if let Some(foreign) = foreign {
        say(
            "K-03",
            format!("the feed makes an item of {foreign} too, which is not of this case"),
        );
    }
    if let Some(words) = wrongly_closed(seen, about.has_fix) {
        say("K-04", words);
    }
    faults
}

/// What is wrong with how an issue was closed; nothing while it is open.
fn wrongly_closed(seen: &IssueSeen, has_fix: bool) -> Option<String> {
    let (right, why) = match has_fix {
        true => ("completed", "the advisory names a fixed version"),
        false => ("not planned", "the advisory names no fixed version"),
    };
    match (seen.state.as_str(), seen.reason.as_str()) {
        ("open", "reopened") => Some(format!(
            "it was opened again, so the feed says `unknown`: close it as {right} when it is over"
        )),
        ("open", _) => None,
        ("closed", "completed") if has_fix => None,
        ("closed", "not_planned") if !has_fix => None,
        ("closed", reason @ ("completed" | "not_planned")) => {
            let reason = reason.replace('_', " ");
            Some(format!(
                "it is closed as {reason}, but {why}: close it as {right}"
            ))
        }
        (state, reason) => Some(format!(
            "it is {state} ({}), of which the feed says nothing: close it as {right}",
            if reason.is_empty() {
                "no reason"
            } else {
                reason
            }
        )),
    }
}

/// What the last look that counts says of an item; nothing before the first.
pub(crate) fn evidence(
    item: &str,
    looks: &[IssueLookRow],
    line: &LedgerRow,
    newest: &DraftRow,
    now: Timestamp,
) -> Option<Evidence> {
    if !ITEMS.contains(&item) {
        return None;
    }
    let of_placeholder = item == "K-01";
    // What was filed before disclosure is known by looks of that time only.
    let look = match (of_placeholder, line.disclosed_at) {
        (true, Some(_)) => looks.iter().rev().find(|look| !look.is_public)?,
        _ => looks.last()?,
    };
    let again = format!("look again: `cna publish issue {}`", line.id);
    let seen = format!("`{}` seen at {}", look.title, look.at);
    let open = |is_fresh: bool, words: String, todo: String| Evidence {
        ok: false,
        is_fresh,
        words,
        todo,
        at: look.at,
    };
    if !of_placeholder && line.disclosed_at.is_none() {
        let words = "the advisory is not public yet".to_owned();
        return Some(open(false, words, format!("once it is, {again}")));
    }
    if !of_placeholder && !look.is_public {
        let words = format!("{seen}, before the advisory was public");
        return Some(open(false, words, again));
    }
    if let Some(stale) = stale(look, line, newest, now, of_placeholder) {
        return Some(open(false, format!("{seen}, {stale}"), again));
    }
    if !look.problem.is_empty() {
        let words = format!("{} (asked at {})", look.problem, look.at);
        return Some(open(true, words, again));
    }
    let amiss: Vec<&str> = look
        .faults
        .iter()
        .filter(|(of, _)| of == item)
        .map(|(_, words)| words.as_str())
        .collect();
    if !amiss.is_empty() {
        return Some(open(true, format!("{seen}: {}", amiss.join("; ")), again));
    }
    let reading = issue::read(&read_as(look));
    if item == "K-04" && look.state == "open" {
        let words = format!("{seen} is open, and so says the feed");
        let todo = format!("close it once the fixes are out and everybody is told, then {again}");
        return Some(open(true, words, todo));
    }
    let words = match item {
        "K-03" => format!("{seen}: the feed takes {}", listed(&reading.ids)),
        "K-04" => format!(
            "{seen}: the feed says `{}`",
            reading.status.unwrap_or("nothing")
        ),
        _ => format!("{seen} with {} labels", look.labels.len()),
    };
    Some(Evidence {
        ok: true,
        is_fresh: true,
        words,
        todo: String::new(),
        at: look.at,
    })
}

/// Why a look is no evidence any more.
fn stale(
    look: &IssueLookRow,
    line: &LedgerRow,
    newest: &DraftRow,
    now: Timestamp,
    of_placeholder: bool,
) -> Option<String> {
    if let (true, Some(disclosed)) = (of_placeholder, line.disclosed_at) {
        let is_old = disclosed.ms_since(look.at) > FRESH_MS;
        return is_old.then(|| "more than 24 hours before the disclosure".to_owned());
    }
    if now.ms_since(look.at) > FRESH_MS {
        return Some("more than 24 hours ago".to_owned());
    }
    (look.revision != newest.revision).then(|| {
        format!(
            "for revision {}, and it is revision {} now",
            look.revision, newest.revision
        )
    })
}

fn listed(ids: &[String]) -> String {
    match ids {
        [] => "no ID".to_owned(),
        ids => ids.join(", "),
    }
}

fn issue_of(seen: &IssueSeen) -> Issue {
    as_issue(&seen.title, &seen.labels, &seen.state, &seen.reason)
}

fn read_as(look: &IssueLookRow) -> Issue {
    as_issue(&look.title, &look.labels, &look.state, &look.reason)
}

/// The issue in the words of the rules, for which `reopened` is a state.
fn as_issue(title: &str, labels: &[String], state: &str, reason: &str) -> Issue {
    let is_reopened = state == "open" && reason == "reopened";
    Issue {
        title: title.to_owned(),
        labels: labels.to_vec(),
        state: if is_reopened { reason } else { state }.to_owned(),
        reason: (!reason.is_empty() && !is_reopened).then(|| reason.to_owned()),
    }
}

pub(crate) fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// The addresses the draft refers to.
fn references(document: &Value) -> Vec<String> {
    let references = document["cna"]["references"].as_array();
    let urls = references.into_iter().flatten();
    urls.filter_map(|one| one["url"].as_str().map(str::to_owned))
        .collect()
}

/// The number of the issue at an address of the repository.
fn number_of(text: &str, repository: &str) -> Result<u64, Refusal> {
    let invalid = |problem: String| Refusal::invalid("url", problem);
    let shown: String = text.chars().take(128).collect();
    let unreadable = || {
        invalid(format!(
            "`{shown}` is no issue, expected an address such as \
             `https://github.com/{repository}/issues/5`, or its number"
        ))
    };
    let bare = bare(text);
    let (found, number) = match (bare.split_once("://"), text.split_once('#')) {
        (Some((_, rest)), _) => {
            let (_, path) = rest.split_once('/').ok_or_else(unreadable)?;
            let (found, number) = path.split_once("/issues/").ok_or_else(unreadable)?;
            (found, number)
        }
        (None, Some((found, number))) if !found.is_empty() => (found, number),
        (None, Some((_, number))) => (repository, number),
        (None, None) => (repository, bare),
    };
    if !found.eq_ignore_ascii_case(repository) {
        return Err(invalid(format!(
            "`{shown}` is an issue of `{found}`, expected one of `{repository}`, where the \
             organisation's public issues are (`cna organisation tracker`)"
        )));
    }
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match number.parse() {
        Ok(number) if is_number && number > 0 => Ok(number),
        _ => Err(unreadable()),
    }
}

/// The address without query, fragment and slash at the end.
fn bare(url: &str) -> &str {
    let is_url = url.contains("://");
    let cut = if is_url {
        url.split(['?', '#']).next()
    } else {
        None
    };
    cut.unwrap_or(url).trim_end_matches('/')
}

/// Refuses an issue that says of itself that it is elsewhere.
fn refuse_elsewhere(wanted: &str, seen: &IssueSeen, repository: &str) -> Result<(), Refusal> {
    let number = number_of(&seen.html_url, repository);
    let is_url = wanted.contains("://");
    let is_same = !is_url || bare(&seen.html_url).eq_ignore_ascii_case(bare(wanted));
    if number == Ok(seen.number) && is_same {
        return Ok(());
    }
    let found = short(&seen.html_url);
    let problem = format!("the tracker says that it is at `{found}`: give that address");
    Err(Refusal::invalid("url", problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(title: &str, labels: &[&str]) -> IssueSeen {
        IssueSeen {
            number: 5,
            title: title.into(),
            state: "open".into(),
            reason: String::new(),
            labels: labels.iter().map(ToString::to_string).collect(),
            html_url: "https://github.com/example/agent/issues/5".into(),
            body: "text".into(),
        }
    }

    fn about(is_public: bool) -> About {
        About {
            id: "CVE-1900-10001".into(),
            of_case: vec!["CVE-1900-10001".into(), "CVE-1900-10002".into()],
            is_public,
            has_fix: true,
        }
    }

    fn said(seen: &IssueSeen, about: &About) -> Vec<String> {
        let faults = faults(seen, about);
        faults
            .iter()
            .map(|(item, words)| format!("{item} {words}"))
            .collect()
    }

    const PUBLIC: [&str; 5] = [LABELS[0], LABELS[1], LABELS[2], LABELS[3], "sig/node"];

    #[test]
    fn a_placeholder_tells_nothing_and_has_its_labels() {
        let good = seen(PLACEHOLDER, &PLACEHOLDER_LABELS);
        assert_eq!(said(&good, &about(false)), [""; 0]);
        let mut told = seen("CVE-1900-10002: a flaw", &PLACEHOLDER_LABELS[1..]);
        told.state = "closed".into();
        let found = said(&told, &about(false));
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].starts_with("K-01 the title is `CVE-1900-10002: a flaw`"));
        assert!(found[1].starts_with("K-01 it names CVE-1900-10002 before disclosure"));
        assert_eq!(found[2], "K-01 label `triage/accepted` is missing: add it");
        assert_eq!(found[3], "K-01 it is closed: open it again");
    }

    #[test]
    fn a_public_issue_has_title_text_labels_and_feeds_the_ids_of_its_case() {
        let good = seen("CVE-1900-10001, CVE-1900-10002: two flaws", &PUBLIC);
        assert_eq!(said(&good, &about(true)), [""; 0]);
        let still = seen(PLACEHOLDER, &PUBLIC);
        let found = said(&still, &about(true));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("K-02 the title is still `PLACEHOLDER ISSUE`"));
        assert!(found[1].starts_with("K-03 the feed takes no ID"));
        let mut foreign = seen("CVE-1900-10001, CVE-1900-77777: flaws", &PUBLIC[..4]);
        foreign.body.clear();
        let found = said(&foreign, &about(true));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("K-02 it has no text"));
        assert!(found[1].starts_with("K-02 no label names a group"));
        assert!(found[2].starts_with("K-03 the feed makes an item of CVE-1900-77777 too"));
    }

    #[test]
    fn the_reason_of_closing_agrees_with_the_advisory() {
        let mut issue = seen("CVE-1900-10001: a flaw", &PUBLIC);
        for (state, reason, has_fix, is_right) in [
            ("open", "", true, true),
            ("open", "reopened", true, false),
            ("closed", "completed", true, true),
            ("closed", "completed", false, false),
            ("closed", "not_planned", false, true),
            ("closed", "not_planned", true, false),
            ("closed", "duplicate", true, false),
            ("closed", "", false, false),
        ] {
            issue.state = state.into();
            issue.reason = reason.into();
            let about = About {
                has_fix,
                ..about(true)
            };
            let found = said(&issue, &about);
            assert_eq!(
                found.is_empty(),
                is_right,
                "{state} {reason} {has_fix}: {found:?}"
            );
            assert!(
                found.iter().all(|words| words.starts_with("K-04 ")),
                "{found:?}"
            );
        }
    }

    #[test]
    fn an_address_is_of_the_repository_or_refused() {
        for good in [
            "https://github.com/Example/agent/issues/5",
            "https://github.com/example/agent/issues/5/?x=1#issuecomment-3",
            "example/agent#5",
            "#5",
            "5",
        ] {
            assert_eq!(number_of(good, "example/agent"), Ok(5), "{good}");
        }
        for wrong in [
            "https://github.com/example/other/issues/5",
            "https://github.com/example/agent/pull/5",
            "https://github.com/example/agent/issues/5x",
            "https://github.com/example/agent/issues/0",
            "example/other#5",
            "+5",
            "",
        ] {
            assert!(number_of(wrong, "example/agent").is_err(), "{wrong}");
        }
    }
}
