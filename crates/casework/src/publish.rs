//! Publishing: the advisory first, the record at once.

use cve::hash::Digest;
use cve::id::CveId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    AdvisoryRow, DocumentRow, DraftRow, Followup, LedgerRow, PublicationRow, Tx, Visibility,
};

use crate::advisory::Advisory;
use crate::case::{self, CaseId, Verb};
use crate::checklist::CheckItem;
use crate::clocks::EventKind;
use crate::desk::Desk;
use crate::documents;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::review;
use crate::revision::document_of;
use crate::{approvals, checklist, plans, rebuild};

/// What sending the record needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PublishOrder {
    /// The ID.
    pub(crate) cve_id: CveId,
    /// The revision that was approved.
    pub(crate) digest: Digest,
    /// The account to send with.
    pub(crate) account: String,
    /// Address of the advisory.
    pub(crate) advisory_url: String,
    /// Id of the advisory.
    pub(crate) advisory: String,
    /// The case.
    pub(crate) case: CaseId,
}

/// A plan that has begun.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The ID.
    pub cve_id: CveId,
    /// The case.
    pub case: CaseId,
    /// Id of the advisory, public from now on.
    pub advisory: String,
    /// Its address.
    pub advisory_url: String,
    /// Id of the follow-up that sends the record.
    pub followup: String,
}

/// Kind of the follow-up that sends the record.
pub(crate) const PUBLISH: &str = "record.publish";

/// What publishing would do, before anything happens.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// The ID.
    pub cve_id: CveId,
    /// The revision it would publish.
    pub revision: i64,
    /// Its digest, which an approval binds to.
    pub digest: Digest,
    /// Whether a record of it was published before.
    pub is_update: bool,
    /// Why it cannot be done now, in words; nothing when it can.
    pub obstacles: Vec<String>,
    /// What would be done, in order.
    pub steps: Vec<PlanStep>,
    /// The checklist, item by item.
    pub checklist: Vec<CheckItem>,
    /// Who approved the revision, in words; says solo mode and emergencies.
    pub approval: String,
}

/// One step of a [`Preview`].
#[derive(Debug, Clone, Serialize)]
pub struct PlanStep {
    /// In words.
    pub does: String,
    /// The request it makes to another server; nothing for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
}

/// A request to another server, without its keys.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// The exact body; nothing for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

impl Desk {
    /// Makes the approved advisory public and sends the record after it; or,
    /// for a record that is published, what was approved since.
    ///
    /// One commit makes the advisory public, closes the embargo and leaves
    /// the follow-up that waits until the advisory answers, sends the record,
    /// reads it back and closes the ledger. A follow-up that waits for a
    /// person with an earlier revision is ended: this one takes its place.
    ///
    /// Refuses: a newest revision that is not approved or is published
    /// already, an advisory id that is public for another ID.
    /// Source: docs/architecture.md, decision 3.9; CNA Rules 4.5; process
    /// section 8.1.
    pub fn publish(&self, actor: &Actor, id: CveId) -> Result<Plan, Error> {
        check(actor, Action::Publish)?;
        let (actor, followup) = (actor.clone(), self.world.uuid());
        let portal = self.settings.portal_url.clone();
        self.store.write(move |tx| {
            let (begun, newest) = begin(tx, &actor, id, &followup, &portal)?;
            plans::note_begun(tx, &actor, &begun, &newest)?;
            Ok(begun)
        })
    }

    /// What [`publish`](Desk::publish) would do, and what stands in its way;
    /// nothing happens, and no other server is asked.
    ///
    /// Refuses: an ID without a draft, or of a case the actor is not on.
    pub fn publish_preview(&self, actor: &Actor, id: CveId) -> Result<Preview, Error> {
        let (newest, line, publications, checklist) =
            self.of_record(actor, id, |reader, names| {
                let newest = reader.draft(id)?;
                let newest =
                    newest.ok_or_else(|| Refusal::not_found(format!("a draft of {id}")))?;
                let line = reader.ledger_line(id)?;
                let line = line.ok_or_else(|| Refusal::not_found(id.to_string()))?;
                let items = checklist::items(reader, &line, &newest, self.world.now(), names)?;
                Ok((newest, line, reader.publications(id)?, items))
            })?;
        let account = self.store.read(|reader| reader.account(&line.account))?;
        let services = account.map_or_else(String::new, |account| account.base_url);
        let document = document_of(&newest)?;
        let advisory = draft::read_document(&document, id)?;
        let url = draft::advisory_url(&self.settings.portal_url, &advisory.id);
        let is_published = |publication: &PublicationRow| publication.digest == newest.digest;
        let mut obstacles = Vec::new();
        if let Err(Error::Refused(refusal)) = check(actor, Action::Publish).map_err(Error::from) {
            obstacles.push(refusal.to_string());
        }
        let revision = newest.revision;
        if publications.last().is_some_and(is_published) {
            obstacles.push(Refusal::NothingNew { revision }.to_string());
        } else if newest.digest.to_string() != line.approved_digest {
            obstacles.push(Refusal::NotApproved { revision }.to_string());
        } else if let Some(refusal) = checklist::refusal(&checklist) {
            obstacles.push(refusal.to_string());
        }
        let is_update = !publications.is_empty();
        Ok(Preview {
            cve_id: id,
            revision,
            digest: newest.digest,
            is_update,
            obstacles,
            checklist,
            approval: line.approved_by,
            steps: steps(id, &services, &url, &document["cna"], is_update),
        })
    }
}

/// Begins a plan in this unit of work: everything is checked again, the
/// advisory becomes public, and the follow-up that sends the record is left.
///
/// Gives: what began, and the revision it is about.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CveId,
    followup: &str,
    portal: &str,
) -> Result<(Plan, DraftRow), Error> {
    let (mut row, mut line) = draft::take(tx, actor, id, Verb::Publish)?;
    let newest = review::newest(tx, id)?;
    if newest.digest.to_string() != line.approved_digest {
        return Err(Refusal::NotApproved {
            revision: newest.revision,
        }
        .into());
    }
    let last = tx.publications(id)?.pop();
    if last.is_some_and(|publication| publication.digest == newest.digest) {
        return Err(Refusal::NothingNew {
            revision: newest.revision,
        }
        .into());
    }
    let lane = format!("record {id}");
    refuse_on_its_way(tx, &lane, &newest)?;
    let document = document_of(&newest)?;
    let advisory = draft::read_document(&document, id)?;
    checklist::refuse_open(tx, &line, &newest)?;
    let url = draft::advisory_url(portal, &advisory.id);
    disclose(tx, &mut line, &advisory, &url, newest.digest)?;
    row.embargoed = false;
    case::settle(tx, &mut row)?;
    let order = PublishOrder {
        cve_id: id,
        digest: newest.digest,
        account: line.account.clone(),
        advisory_url: url.clone(),
        advisory: advisory.id.clone(),
        case: CaseId::new(row.id),
    };
    let answer = format!("revision {} takes its place", newest.revision);
    tx.supersede_in_lane(&lane, &answer)?;
    tx.insert_followup(&Followup {
        id: followup.to_owned(),
        kind: PUBLISH.into(),
        subject: order.case.object(),
        lane,
        payload: json!(order),
    })?;
    let detail = json!({"cve_id": id, "digest": newest.digest, "advisory": advisory.id});
    case::record(tx, actor, order.case, "disclosed", "publish", detail);
    let begun = Plan {
        cve_id: id,
        case: order.case,
        advisory: advisory.id,
        advisory_url: url,
        followup: followup.to_owned(),
    };
    Ok((begun, newest))
}

/// Refuses a revision that is on its way already, or that a person has to see
/// to first.
fn refuse_on_its_way(tx: &mut Tx<'_>, lane: &str, newest: &DraftRow) -> Result<(), Error> {
    let digest = json!(newest.digest);
    let orders = tx.unfinished_in_lane(lane)?;
    if orders.iter().any(|order| order["digest"] == digest) {
        let revision = newest.revision;
        return Err(Refusal::OnItsWay { revision }.into());
    }
    Ok(())
}

fn steps(
    id: CveId,
    services: &str,
    advisory: &str,
    container: &Value,
    is_update: bool,
) -> Vec<PlanStep> {
    let ask = |does: String, method: &'static str, url: String, body: Option<Value>| PlanStep {
        does,
        request: Some(Request { method, url, body }),
    };
    let record = format!("{}/cve/{id}", services.trim_end_matches('/'));
    let method = if is_update { "PUT" } else { "POST" };
    let body = json!({"cnaContainer": container});
    let first = if is_update {
        "Replace the public advisory"
    } else {
        "Make the advisory public"
    };
    vec![
        PlanStep {
            does: format!("{first} at {advisory}"),
            request: None,
        },
        ask(
            format!("Wait until it answers with {id}"),
            "GET",
            advisory.to_owned(),
            None,
        ),
        ask(
            "See what record is there".into(),
            "GET",
            record.clone(),
            None,
        ),
        ask(
            "Send the approved record".into(),
            method,
            format!("{record}/cna"),
            Some(body),
        ),
        ask("Read it back and compare".into(), "GET", record, None),
        PlanStep {
            does: "Close the ledger line, and derive the other documents from the record".into(),
            request: None,
        },
    ]
}

/// Writes the advisory where the public reads, and its date into the ledger.
fn disclose(
    tx: &mut Tx<'_>,
    line: &mut LedgerRow,
    advisory: &Advisory,
    url: &str,
    digest: Digest,
) -> Result<(), Error> {
    let now = tx.now();
    let public = tx.public_advisory_of(line.id)?;
    let row = AdvisoryRow {
        id: advisory.id.clone(),
        cve_id: advisory.cve_id,
        title: advisory.title.clone(),
        summary: advisory.summary.clone(),
        severity: advisory.severity.clone(),
        document: json!(advisory).to_string(),
        published: now,
        modified: now,
    };
    if let Some(public) = public {
        if public.id != advisory.id {
            let problem = format!(
                "`{}`, but the advisory is public as `{}`: an address that was given out stays",
                advisory.id, public.id
            );
            return Err(Refusal::invalid("/advisory/id", problem).into());
        }
        if public.document != row.document {
            tx.update_advisory(&row)?;
            tx.put_advisory_products(&row.id, &rebuild::products_of(advisory))?;
            tx.insert_disclosure(line.id, &row.id, digest)?;
            tx.change("advisory.updated", "", &advisory.id, Visibility::Public);
        }
        return Ok(());
    }
    match tx.insert_advisory(&row) {
        // Ids of advisories may be written by hand, so two drafts can share one.
        Err(error) if error.is_duplicate() => {
            let problem = format!(
                "`{}` is the id of another advisory: choose another",
                advisory.id
            );
            return Err(Refusal::invalid("/advisory/id", problem).into());
        }
        other => other?,
    }
    tx.put_advisory_products(&row.id, &rebuild::products_of(advisory))?;
    tx.insert_disclosure(line.id, &row.id, digest)?;
    tx.change("advisory.published", "", &advisory.id, Visibility::Public);
    line.advisory = url.to_owned();
    line.disclosed_at = Some(now);
    line.modified = now;
    Ok(tx.update_ledger_line(line)?)
}

/// Writes what follows from a record that was read back equal.
///
/// Takes: `made`, the documents of the record.
pub(crate) fn confirm(
    tx: &mut Tx<'_>,
    order: &PublishOrder,
    made: &[DocumentRow],
) -> Result<(), Error> {
    let gone = || Error::Broken(format!("the ledger line of {} is gone", order.cve_id));
    let mut row = tx.take_case(order.case.number())?.ok_or_else(gone)?;
    let mut line = tx.take_ledger_line(order.cve_id)?.ok_or_else(gone)?;
    line.state = "PUBLISHED".into();
    line.published_at = line.published_at.or_else(|| Some(tx.now()));
    line.modified = tx.now();
    tx.update_ledger_line(&line)?;
    let number = tx.publications(order.cve_id)?.len() as i64 + 1;
    let publication = PublicationRow {
        number,
        digest: order.digest,
        at: tx.now(),
    };
    tx.insert_publication(order.cve_id, &publication)?;
    documents::put(tx, &order.advisory, made)?;
    rebuild::keep_live(tx, order.cve_id, made)?;
    after_publication(tx, order)?;
    tx.change(
        "record.published",
        "",
        &order.cve_id.to_string(),
        Visibility::Public,
    );
    case::settle(tx, &mut row)?;
    tx.audit(store::AuditEvent {
        actor: "runner".into(),
        org: String::new(),
        action: "record.confirm".into(),
        object: order.case.object(),
        detail: json!({"cve_id": order.cve_id, "digest": order.digest}),
    });
    Ok(())
}

/// Starts the clocks that run after publication: what is unknown (D-26), a
/// weakness that is missing (D-27), the retrospective (D-19). The look at
/// references (D-28) starts with the publication itself.
///
/// Source: process section 6, PC-16.
fn after_publication(tx: &mut Tx<'_>, order: &PublishOrder) -> Result<(), Error> {
    let revisions = tx.revisions(order.cve_id)?;
    let Some(row) = revisions.iter().find(|row| row.digest == order.digest) else {
        return Ok(());
    };
    let cna = document_of(row)?["cna"].take();
    let mut kinds = Vec::new();
    let is_unknown = |one: &Value| {
        let versions = one["versions"].as_array().into_iter().flatten();
        one["defaultStatus"] == "unknown" || versions.clone().any(|v| v["status"] == "unknown")
    };
    let affected = cna["affected"].as_array();
    if affected.is_some_and(|all| all.iter().any(is_unknown)) {
        kinds.push((EventKind::StatusUnknown, EventKind::StatusResolved));
    }
    if cna["problemTypes"].as_array().is_none_or(Vec::is_empty) {
        kinds.push((EventKind::TypeUnknown, EventKind::TypeSupplied));
    }
    let known = tx.case_events(order.case.number())?;
    let id = order.cve_id.to_string();
    let last = |kinds: [EventKind; 2]| {
        let mut of_it = known.iter().rev().filter(|event| event.subject == id);
        let words = kinds.map(|kind| kind.to_string());
        of_it
            .find(|event| words.contains(&event.kind))
            .map(|event| event.kind.clone())
    };
    let mut wanted: Vec<EventKind> = Vec::new();
    for (open, closed) in [
        (EventKind::StatusUnknown, EventKind::StatusResolved),
        (EventKind::TypeUnknown, EventKind::TypeSupplied),
    ] {
        let is_open = last([open, closed]).is_some_and(|kind| kind == open.to_string());
        match (kinds.contains(&(open, closed)), is_open) {
            (true, false) => wanted.push(open),
            (false, true) => wanted.push(closed),
            _ => {}
        }
    }
    if !known
        .iter()
        .any(|event| event.kind == EventKind::Released.to_string())
    {
        wanted.push(EventKind::Released);
    }
    for kind in wanted {
        approvals::note_by_runner(tx, order.case, order.cve_id, kind)?;
    }
    Ok(())
}
