//! Filing the placeholder of a public issue: approved, once, and with nothing
//! of the case in it.
//!
//! Its text is an announcement made from the template `placeholder`, which
//! knows no word of a case. A random mark stands in the follow-up before
//! anything is sent, and goes along as a comment nobody sees; whoever has to
//! try again looks for it first.
//!
//! Source: process section 6, K-01.

use std::collections::BTreeMap;

use client::IssueSeen;
use cve::id::CveId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AnnouncementRow, Followup, Reader, Tx};

use crate::announce::template::{self, Filled, TemplateFault};
use crate::case::{self, CaseId, CaseState, Verb};
use crate::desk::{Desk, Organisation};
use crate::dispatch;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::issues::{self, PLACEHOLDER_LABELS, short};
use crate::lifecycle::issue::PLACEHOLDER;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::review;

/// The template of the text.
pub(crate) const TEMPLATE: &str = "placeholder";

/// The kind of follow-up that files an issue.
pub(crate) const FILE: &str = "issue.file";

/// What a follow-up needs to know to file an issue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileOrder {
    /// The ID it will be the issue of; no word of it is sent.
    pub(crate) cve_id: CveId,
    /// The repository it is filed in.
    pub(crate) repository: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) labels: Vec<String>,
    /// What it is found by; random, and says nothing.
    pub(crate) mark: String,
    /// Id of whoever had it filed.
    pub(crate) by: String,
}

/// An issue on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueFiling {
    /// The ID it will be the issue of.
    pub cve_id: CveId,
    /// Where it is filed.
    pub repository: String,
    /// The follow-up that files it.
    pub followup: String,
}

impl Desk {
    /// Leaves the placeholder issue of `id` to be filed, once. Its text is the
    /// announcement made from the template `placeholder`; where filing it
    /// failed or was given up, the same follow-up is due again.
    ///
    /// Refuses: a text that is not approved; one that names the case; an ID
    /// whose advisory is public, or whose issue is known; a tracker without a
    /// token.
    pub fn file_issue(&self, actor: &Actor, id: CveId) -> Result<IssueFiling, Error> {
        check(actor, Action::Send)?;
        check(actor, Action::Announce)?;
        // What is there is said before what the tracker lacks.
        self.of_record(actor, id, |_, _| Ok(()))?;
        let (tracker, token) = self.open_tracker()?;
        if token.is_none() {
            let problem = "the tracker has no token, and nobody files without one: set it with \
                           `cna organisation tracker --api-token-file`";
            return Err(Refusal::invalid("tracker", problem).into());
        }
        let (actor, mark) = (actor.clone(), self.world.uuid());
        self.store.write(move |tx| {
            let (row, line) = draft::take(tx, &actor, id, Verb::Comment)?;
            let state: CaseState = row.state.parse().map_err(Error::Broken)?;
            if state.is_public() || line.disclosed_at.is_some() {
                let problem = format!(
                    "the advisory of {id} is public, and a placeholder is for before: fill in its \
                     issue with the text of `cna publish announce {id} --template issue`"
                );
                return Err(Error::from(Refusal::invalid("issue", problem)));
            }
            refuse_known(tx, id)?;
            let text = approved_text(tx, id)?;
            refuse_telling(tx, row.id, &text)?;
            let order = FileOrder {
                cve_id: id,
                repository: tracker.repository.clone(),
                title: text.subject.clone(),
                body: text.body.clone(),
                labels: PLACEHOLDER_LABELS.map(str::to_owned).to_vec(),
                mark: mark.clone(),
                by: actor.id().to_owned(),
            };
            let case = CaseId::new(row.id);
            // One that failed goes under the same mark again.
            if !tx.renew_followup(&text.id)? {
                tx.insert_followup(&Followup {
                    id: text.id.clone(),
                    kind: FILE.to_owned(),
                    subject: case.object(),
                    lane: String::new(),
                    payload: json!(order),
                })?;
            }
            tx.note_announcement_sent(&text.id, actor.id())?;
            let detail = json!({"cve_id": id, "announcement": text.id,
                                "repository": order.repository});
            case::record(tx, &actor, case, "announced", "file-issue", detail);
            Ok(IssueFiling {
                cve_id: id,
                repository: order.repository,
                followup: text.id,
            })
        })
    }
}

/// Fills the template, which knows nothing of the case.
///
/// Refuses: every name that is the case's; a title that is not the placeholder's.
pub(crate) fn fill(
    name: &str,
    text: &str,
    organisation: &Organisation,
) -> Result<Filled, TemplateFault> {
    let values = BTreeMap::from([("ORGANISATION".to_owned(), organisation.name.clone())]);
    let filled = template::fill(name, text, &values)?;
    if filled.subject != PLACEHOLDER {
        return Err(TemplateFault {
            template: name.to_owned(),
            line: 2,
            problem: format!("the title is public at once: expected `{PLACEHOLDER}`"),
        });
    }
    Ok(filled)
}

/// Refuses a second issue where one is known.
fn refuse_known(reader: &mut Reader<'_>, id: CveId) -> Result<(), Error> {
    let last = reader.issue_looks(id)?.pop();
    let Some(last) = last.filter(|look| look.problem.is_empty()) else {
        return Ok(());
    };
    let problem = format!("{id} has the issue {} already", last.url);
    Err(Refusal::invalid("issue", problem).into())
}

/// The text of the newest set, which is approved; it is on no way yet, or
/// failed.
fn approved_text(tx: &mut Tx<'_>, id: CveId) -> Result<AnnouncementRow, Error> {
    let refuse = |problem: String| Err(Refusal::invalid("issue", problem).into());
    let newest = tx.announcement_set(id)?;
    let last = newest.as_ref().map_or(0, |set| set.number);
    let mut found = None;
    for number in 1..=last {
        for text in tx.announcements(id, number)? {
            if text.template != TEMPLATE {
                continue;
            }
            let dispatch = dispatch::of(tx, &text.id, text.sent_at.is_some())?;
            if !dispatch.may_leave() {
                return refuse(format!(
                    "the placeholder issue of {id} was filed, or is on its way: see `cna publish \
                     messages list {id}` and `cna publish issue {id}`"
                ));
            }
            // One that was tried is the one to go on with: its mark is known.
            if text.sent_at.is_some() {
                return Ok(text);
            }
            found = Some(text);
        }
    }
    match (found, newest) {
        (Some(text), Some(set)) if text.set_number == set.number => {
            if set.approved_by.is_empty() {
                return refuse(format!(
                    "its text is not approved: somebody else does with `cna publish messages \
                     approve {id}`"
                ));
            }
            Ok(text)
        }
        _ => refuse(format!(
            "the newest announcements of {id} have no placeholder: write it with `cna publish \
             announce {id} --template {TEMPLATE}`"
        )),
    }
}

/// Refuses a text with a word of the case, whoever wrote its template.
fn refuse_telling(tx: &mut Tx<'_>, case: i64, text: &AnnouncementRow) -> Result<(), Error> {
    let public = format!("{}\n{}", text.subject, text.body).to_lowercase();
    let mut secret = Vec::new();
    for line in tx.ledger_of(case)? {
        secret.push(line.id.to_string());
        secret.push(line.title);
    }
    let row = tx.case(case)?;
    secret.extend(row.map(|row| row.title));
    secret.retain(|word| !word.trim().is_empty());
    if secret
        .iter()
        .any(|word| public.contains(&word.to_lowercase()))
    {
        let problem = "its text names the ID or the title of the case: a placeholder tells nothing";
        return Err(Refusal::invalid("issue", problem).into());
    }
    Ok(())
}

/// Keeps an issue that was filed, as it was seen: a look at it, which is
/// evidence for K-01.
pub(crate) fn keep_filed(
    tx: &mut Tx<'_>,
    order: &FileOrder,
    seen: &IssueSeen,
) -> Result<(), Error> {
    let id = order.cve_id;
    let Some(case) = tx.ledger_line(id)?.and_then(|line| line.case_id) else {
        return Err(Error::Broken(format!("{id} is of no case any more")));
    };
    let newest = review::newest(tx, id)?;
    let about = issues::about(tx, case, id, &newest)?;
    let look = issues::look_row(tx, id, &newest, &about, Ok(seen), &order.by)?;
    tx.insert_issue_look(id, &look)?;
    let detail = json!({"cve_id": id, "url": short(&seen.html_url)});
    let case = CaseId::new(case);
    case::record_by(tx, "runner", case, "ticked", "issue-filed", detail);
    Ok(())
}
