//! Publishing: the advisory first, the record at once.

use cve::id::CveId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{AdvisoryRow, DocumentRow, Followup, LedgerRow, Tx, Visibility};

use crate::advisory::Advisory;
use crate::case::{self, CaseId, Verb};
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::review;

/// What sending the record needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PublishOrder {
    /// The ID.
    pub(crate) cve_id: CveId,
    /// The revision that was approved.
    pub(crate) digest: cve::hash::Digest,
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
    /// Id of the advisory, public from now on.
    pub advisory: String,
    /// Its address.
    pub advisory_url: String,
    /// Id of the follow-up that sends the record.
    pub followup: String,
}

/// Kind of the follow-up that sends the record.
pub(crate) const PUBLISH: &str = "record.publish";

impl Desk {
    /// Makes the approved advisory public and sends the record after it.
    ///
    /// One commit makes the advisory public, closes the embargo and leaves
    /// the follow-up that waits until the advisory answers, sends the record,
    /// reads it back and closes the ledger.
    ///
    /// Refuses: a newest revision that is not approved, an advisory id that is
    /// public for another ID.
    /// Source: docs/architecture.md, decision 3.9; CNA Rules 4.5.
    pub fn publish(&self, actor: &Actor, id: CveId) -> Result<Plan, Error> {
        check(actor, Action::Publish)?;
        let (actor, followup) = (actor.clone(), self.world.uuid());
        let portal = self.settings.portal_url.clone();
        self.store.write(move |tx| {
            let (mut row, mut line) = draft::take(tx, &actor, id, Verb::Publish)?;
            let newest = review::newest(tx, id)?;
            if newest.digest.to_string() != line.approved_digest {
                return Err(Refusal::NotApproved {
                    revision: newest.revision,
                }
                .into());
            }
            let document: Value = serde_json::from_str(&newest.document)
                .map_err(|error| Error::Broken(format!("draft of {id}: {error}")))?;
            let advisory = draft::read_document(&document, id)?;
            let url = draft::advisory_url(&portal, &advisory.id);
            disclose(tx, &mut line, &advisory, &url)?;
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
            tx.insert_followup(&Followup {
                id: followup.clone(),
                kind: PUBLISH.into(),
                subject: order.case.object(),
                lane: format!("record {id}"),
                payload: json!(order),
            })?;
            let detail = json!({"cve_id": id, "digest": newest.digest, "advisory": advisory.id});
            case::record(tx, &actor, order.case, "disclosed", "publish", detail);
            Ok(Plan {
                cve_id: id,
                advisory: advisory.id,
                advisory_url: url,
                followup: followup.clone(),
            })
        })
    }
}

/// Writes the advisory where the public reads, and its date into the ledger.
fn disclose(
    tx: &mut Tx<'_>,
    line: &mut LedgerRow,
    advisory: &Advisory,
    url: &str,
) -> Result<(), Error> {
    let now = tx.now();
    let inserted = tx.insert_advisory(&AdvisoryRow {
        id: advisory.id.clone(),
        cve_id: advisory.cve_id,
        title: advisory.title.clone(),
        summary: advisory.summary.clone(),
        severity: advisory.severity.clone(),
        document: json!(advisory).to_string(),
        published: now,
        modified: now,
    });
    match inserted {
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
    tx.change("advisory.published", "", &advisory.id, Visibility::Public);
    line.advisory = url.to_owned();
    line.disclosed_at = Some(now);
    line.modified = now;
    Ok(tx.update_ledger_line(line)?)
}

/// Writes what follows from a record that was read back equal.
pub(crate) fn confirm(tx: &mut Tx<'_>, order: &PublishOrder, record: &Value) -> Result<(), Error> {
    let gone = || Error::Broken(format!("the ledger line of {} is gone", order.cve_id));
    let mut row = tx.take_case(order.case.number())?.ok_or_else(gone)?;
    let mut line = tx.take_ledger_line(order.cve_id)?.ok_or_else(gone)?;
    line.state = "PUBLISHED".into();
    line.published_at = Some(tx.now());
    line.modified = tx.now();
    tx.update_ledger_line(&line)?;
    let mut body = serde_json::to_vec_pretty(record)
        .map_err(|error| Error::Broken(format!("writing a record: {error}")))?;
    body.push(b'\n');
    let document = DocumentRow {
        kind: "cve.json".into(),
        content_type: "application/json".into(),
        body,
        modified: tx.now(),
    };
    tx.put_document(&order.advisory, &document)?;
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
