//! What a case has to do with other cases, and with issues and pages.

use std::fmt;
use std::str::FromStr;

use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{LinkRow, Reader};

use crate::case::{self, CaseId, Names, Verb, is_visible, not_found};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::tasks::short;

/// How two things are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It is the same vulnerability.
    DuplicateOf,
    /// It was part of the other.
    SplitFrom,
    /// The fix of the other left this open.
    IncompleteFixOf,
    /// The fix of the other brought it back, or in.
    RegressionOf,
    /// The private issue it is tracked in.
    Tracker,
    /// Anything else.
    Related,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Relation; 6] = [
        Relation::DuplicateOf,
        Relation::SplitFrom,
        Relation::IncompleteFixOf,
        Relation::RegressionOf,
        Relation::Tracker,
        Relation::Related,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Relation::DuplicateOf => "duplicate_of",
            Relation::SplitFrom => "split_from",
            Relation::IncompleteFixOf => "incomplete_fix_of",
            Relation::RegressionOf => "regression_of",
            Relation::Tracker => "tracker",
            Relation::Related => "related",
        }
    }

    /// The same seen from the other side.
    fn seen_from_there(self) -> &'static str {
        match self {
            Relation::DuplicateOf => "has_duplicate",
            Relation::SplitFrom => "split_into",
            Relation::IncompleteFixOf => "fix_was_incomplete",
            Relation::RegressionOf => "has_regression",
            // A tracker is an address, which has no other side.
            Relation::Tracker => "tracker",
            Relation::Related => "related",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Relation {
    type Err = String;

    fn from_str(text: &str) -> Result<Relation, String> {
        let found = Relation::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| {
            let known: Vec<_> = Relation::ALL.iter().map(|kind| kind.as_str()).collect();
            format!(
                "`{text}` is not a relation: expected one of {}",
                known.join(", ")
            )
        })
    }
}

/// A link as somebody on the case sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseLink {
    /// The case it was made in, and where it is removed.
    pub made_in: CaseId,
    /// Its number there, from 1.
    pub number: i64,
    /// How the case asked about is related to the target, by word.
    pub relation: String,
    /// The other case; nothing for an address.
    pub case: Option<CaseId>,
    /// Its title; empty for an address.
    pub title: String,
    /// The address; empty for a case.
    pub url: String,
    /// In words; may be empty.
    pub note: String,
    /// Name of whoever made it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// Another case.
    Case(CaseId),
    /// An issue, a page.
    Url(String),
}

impl FromStr for LinkTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<LinkTarget, String> {
        if let Ok(case) = text.parse() {
            return Ok(LinkTarget::Case(case));
        }
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let valid = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
            && text.len() <= 2_048
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if valid {
            return Ok(LinkTarget::Url(text.to_owned()));
        }
        let shown: String = text.chars().take(64).collect();
        Err(format!(
            "`{shown}` is neither a case nor an address: expected a number such as `42`, or one \
             that begins with `https://`"
        ))
    }
}

impl Desk {
    /// Links a case with another one, or with an address.
    ///
    /// Refuses: the case itself; a case the actor may not see, as one that is
    /// not there; a link that is there already.
    pub fn relate(
        &self,
        actor: &Actor,
        id: CaseId,
        relation: Relation,
        target: &LinkTarget,
        note: &str,
    ) -> Result<i64, Error> {
        check(actor, Action::Plan)?;
        let note = short("note", note.trim())?;
        if *target == LinkTarget::Case(id) {
            let problem = format!("case {id} cannot be linked with itself: name another");
            return Err(Refusal::invalid("target", problem).into());
        }
        if relation == Relation::Tracker && matches!(target, LinkTarget::Case(_)) {
            let problem = "a tracker is an issue: expected an address that begins with `https://`";
            return Err(Refusal::invalid("target", problem).into());
        }
        let (actor, target) = (actor.clone(), target.clone());
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let (target_case, url) = match &target {
                LinkTarget::Case(other) => {
                    if !is_visible(tx, &actor, other.number())? {
                        return Err(not_found(*other).into());
                    }
                    (other.number(), String::new())
                }
                LinkTarget::Url(url) => (0, url.clone()),
            };
            let links = tx.links_of(id.number())?;
            if links.iter().any(|link| {
                link.case_id == id.number()
                    && link.kind == relation.as_str()
                    && link.target_case == target_case
                    && link.target == url
            }) {
                let problem = format!("case {id} is `{relation}` of it already");
                return Err(Refusal::invalid("target", problem).into());
            }
            let number = tx.insert_link(&LinkRow {
                case_id: id.number(),
                number: 0,
                kind: relation.to_string(),
                target_case,
                target: url,
                note: note.clone(),
                author: actor.id().to_owned(),
                at: tx.now(),
            })?;
            // Which case the other is, only its own members may read.
            let detail = json!({"link": number, "relation": relation});
            case::record(tx, &actor, id, "linked", "link", detail);
            Ok(number)
        })
    }

    /// Removes a link that was made in this case.
    pub fn unrelate(&self, actor: &Actor, id: CaseId, number: i64) -> Result<(), Error> {
        check(actor, Action::Plan)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let unknown = || Refusal::not_found(format!("link {number} of case {id}"));
            let links = tx.links_of(id.number())?;
            let link = links
                .iter()
                .find(|link| link.case_id == id.number() && link.number == number)
                .ok_or_else(unknown)?;
            // One the actor does not see cannot be removed by counting numbers.
            if link.target_case != 0 && !is_visible(tx, &actor, link.target_case)? {
                return Err(unknown().into());
            }
            tx.delete_link(id.number(), number)?;
            case::record(
                tx,
                &actor,
                id,
                "unlinked",
                "unlink",
                json!({"link": number}),
            );
            Ok(())
        })
    }

    /// The links of a case, made in it or in the other one, oldest first. Of a
    /// case the actor may not see, nothing is said, not even that it is there.
    pub fn links(&self, actor: &Actor, id: CaseId) -> Result<Vec<CaseLink>, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| {
            if !is_visible(reader, actor, id.number())? {
                return Err(not_found(id).into());
            }
            let names = Names::load(reader)?;
            let mut seen = Vec::new();
            for link in reader.links_of(id.number())? {
                let relation: Relation = link.kind.parse().map_err(Error::Broken)?;
                let is_mine = link.case_id == id.number();
                let other = if is_mine {
                    link.target_case
                } else {
                    link.case_id
                };
                let mut title = String::new();
                if other != 0 {
                    if !is_visible(reader, actor, other)? {
                        continue;
                    }
                    title = reader
                        .case(other)?
                        .map(|case| case.title)
                        .unwrap_or_default();
                }
                seen.push(CaseLink {
                    made_in: CaseId::new(link.case_id),
                    number: link.number,
                    relation: if is_mine {
                        relation.as_str().to_owned()
                    } else {
                        relation.seen_from_there().to_owned()
                    },
                    case: (other != 0).then(|| CaseId::new(other)),
                    title,
                    url: link.target,
                    note: link.note,
                    author: names.of(&link.author),
                    at: link.at,
                });
            }
            Ok(seen)
        })
    }
}

/// The addresses of the private issues a case is tracked in, oldest first.
///
/// Source: process sections 2.4 and 13.
pub(crate) fn trackers(reader: &mut Reader<'_>, id: CaseId) -> Result<Vec<String>, Error> {
    let links = reader.links_of(id.number())?.into_iter();
    let trackers = links.filter(|link| link.kind == Relation::Tracker.as_str());
    Ok(trackers.map(|link| link.target).collect())
}
