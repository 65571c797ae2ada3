//! What the profile `kubernetes` adds to the checklist: K-01 to K-10.
//!
//! Source: process section 6.

use store::Reader;

use super::{CheckItem, Facts, Known, approved, said, shown};
use crate::case::Names;
use crate::error::Error;
use crate::issues;

/// What the profile `kubernetes` adds.
const KUBERNETES: [(&str, &str, &str); 10] = [
    (
        "K-01",
        "a placeholder issue was filed before",
        "file one titled `PLACEHOLDER ISSUE`",
    ),
    (
        "K-02",
        "the issue has its title, text and labels",
        "give it the title and the labels",
    ),
    (
        "K-03",
        "the feed takes the IDs from the issue's title",
        "let the title begin with the IDs",
    ),
    (
        "K-04",
        "the issue was closed for the right reason",
        "close it as completed or not planned",
    ),
    (
        "K-05",
        "the lists, oss-security and the forum have their mails",
        "send the announcements",
    ),
    (
        "K-06",
        "the announcement is in the chat and the forum",
        "send the announcements",
    ),
    (
        "K-07",
        "the release team has the data map",
        "write it with `cna publish datamap`",
    ),
    (
        "K-08",
        "the patch release notes have the fix",
        "have them linked",
    ),
    (
        "K-09",
        "a second, trained person reviewed the record",
        "have it approved",
    ),
    (
        "K-10",
        "on the low track the order was kept",
        "announce after the release",
    ),
];

/// The items, as a look at the issue, an approval or a person says.
///
/// The newest word counts: a fresh look after a person ticked, a person who
/// ticked after the look. A waiver stands.
pub(super) fn items(
    reader: &mut Reader<'_>,
    facts: &Facts<'_>,
    names: &Names,
) -> Result<Vec<CheckItem>, Error> {
    let looks = reader.issue_looks(facts.line.id)?;
    let mut items = Vec::new();
    for (id, what, todo) in KUBERNETES {
        let tick = format!("`cna publish tick {} {id} --note TEXT`", facts.line.id);
        let evidence = issues::evidence(id, &looks, facts.line, facts.newest, facts.now);
        let mut said = said(facts, id, names);
        let known = match (id, evidence) {
            ("K-09", _) => approved(facts),
            (_, Some(found)) => {
                let is_newer = said
                    .as_ref()
                    .is_some_and(|said| said.kind != "waived" && found.at > said.at);
                if found.is_fresh && is_newer {
                    said = None;
                }
                Known {
                    ok: found.ok,
                    evidence: found.words,
                    todo: found.todo,
                }
            }
            _ if issues::ITEMS.contains(&id) => Known {
                ok: false,
                evidence: "nobody looked at the issue".to_owned(),
                todo: format!(
                    "{todo}, then `cna publish issue {} --url URL`, or {tick}",
                    facts.line.id
                ),
            },
            _ => Known {
                ok: false,
                evidence: "nobody said".to_owned(),
                todo: format!("{todo}, then {tick}"),
            },
        };
        let ok = said.as_ref().map_or(known.ok, |said| said.kind != "open");
        items.push(shown(id, what, "warn", false, ok, known, said));
    }
    Ok(items)
}
