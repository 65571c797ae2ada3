//! Rejecting an ID, and undoing it: proposed with its exact record, approved
//! by a second person, sent once.
//!
//! A published record is replaced by its rejection, and its ADP containers
//! go; it is archived here first. There is no override for that in any
//! emergency.
//!
//! Source: process sections 3.3, 5.2 and 8.2; CNA Rules 4.5.3.5 to 4.5.3.8.

use cve::check::{Checker, Finding, Format, Kind, Severity};
use cve::hash::Digest;
use cve::id::CveId;
use cve::lint::{Context, Linter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{LedgerRow, Reader};

use crate::case::{self, CaseId, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::lifecycle::ledger::{Circumstances, IdState, step};
use crate::lifecycle::rejection::{Reason, ends_well, faults, text};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::proposal::{self, NewProposal, Proposal, REINSTATEMENT, REJECTION};
use crate::shared::known_line;

/// A rejection to be proposed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectOrder {
    /// Our code of the reason, such as `not_vuln`.
    pub reason: String,
    /// The IDs that stand instead; for `no_evidence`, one to see also.
    #[serde(default)]
    pub replaced_by: Vec<CveId>,
    /// The text; the prescribed one without it, where the reason has one.
    #[serde(default)]
    pub text: Option<String>,
    /// Only change the state, without a record; for IDs of the pool.
    #[serde(default)]
    pub state_only: bool,
}

/// What a follow-up needs to know to give an ID its fate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FateOrder {
    /// The ID.
    pub(crate) cve_id: CveId,
    /// The account to send with.
    pub(crate) account: String,
    /// Number of the proposal.
    pub(crate) proposal: i64,
    /// The digest that was approved.
    pub(crate) digest: Digest,
}

/// What was approved for one ID: the document of a proposal, or one item of
/// it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fate {
    /// The ID.
    pub(crate) cve_id: CveId,
    /// `reject` or `reinstate`.
    pub(crate) action: String,
    /// The reason of the rejection; empty for a reinstatement.
    #[serde(default)]
    pub(crate) reason: String,
    /// The IDs that stand instead.
    #[serde(default)]
    pub(crate) replaced_by: Vec<CveId>,
    /// The CNA container to be sent; nothing where only the state changes.
    #[serde(default)]
    pub(crate) container: Option<Value>,
    /// Digest of the live container it takes the place of; nothing for none.
    #[serde(default)]
    pub(crate) replaces: Option<Digest>,
    /// The local state it leads to.
    pub(crate) to: IdState,
    /// Findings that do not forbid it; whoever approves takes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
}

/// The live record of an ID that is to be replaced, where it has one.
type Live = Option<Value>;

impl Desk {
    /// Proposes to reject an ID, with the exact record.
    ///
    /// Refuses: a state or reason that leads nowhere; a text that the rules of
    /// rejected records forbid; an ID that stands instead and is rejected or
    /// leads back; `CVE-1900` at the production service.
    pub fn propose_reject(
        &self,
        actor: &Actor,
        id: CveId,
        order: &RejectOrder,
    ) -> Result<Proposal, Error> {
        check(actor, Action::Draft)?;
        let reason: Reason = order
            .reason
            .trim()
            .parse()
            .map_err(|problem: String| Refusal::invalid("reason", problem))?;
        let line = self.store.read(|reader| known_line(reader, actor, id))?;
        let from = state_of(&line)?;
        let to = reason.state();
        step(from, to, Circumstances::default()).map_err(|refused| {
            let hint = match from {
                IdState::Pool => "; an ID that serves nothing is rejected as `unused`",
                _ => "",
            };
            Refusal::invalid("reason", format!("{refused}{hint} (process 3.2)"))
        })?;
        self.refuse_example(id, &line)?;
        if order.state_only && from != IdState::Pool {
            let problem = "only an ID that serves nothing is rejected without a record: \
                           everybody who knows of another wants to know why (CNA Rules 4.5.3.7)";
            return Err(Refusal::invalid("state_only", problem).into());
        }
        let live = self.live_for(&line, from == IdState::Published, "PUBLISHED")?;
        let container = match order.state_only {
            true => None,
            false => Some(container(id, reason, order)?),
        };
        let mut warnings = self.look_at_targets(id, &line, &order.replaced_by)?;
        if let Some(container) = &container {
            let codes = (reason, order.replaced_by.as_slice());
            warnings.extend(judged(id, container, from == IdState::Published, codes)?);
        }
        let fate = Fate {
            cve_id: id,
            action: "reject".into(),
            reason: reason.to_string(),
            replaced_by: order.replaced_by.clone(),
            container,
            replaces: live.as_ref().map(digest_of),
            to,
            warnings,
        };
        self.propose_fate(
            actor,
            REJECTION,
            Verb::Reject,
            line,
            fate,
            reason.to_string(),
        )
    }

    /// Proposes to undo a rejection: the record that was there before is
    /// published again; an ID that was rejected without a record is reserved
    /// again.
    ///
    /// Takes: `container`, another CNA container to publish.
    /// Refuses: an ID that is not rejected; one whose old record is not
    /// archived, without a container.
    /// Source: process sections 3.2 and 8.2.
    pub fn propose_reinstate(
        &self,
        actor: &Actor,
        id: CveId,
        reason: &str,
        container: Option<Value>,
    ) -> Result<Proposal, Error> {
        check(actor, Action::Draft)?;
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        let (line, last, archived) = self.store.snapshot(|reader| {
            let line = known_line(reader, actor, id)?;
            let last = reader.rejections(id)?.pop();
            Ok::<_, Error>((line, last, reader.archived_records(id)?.pop()))
        })?;
        let from = state_of(&line)?;
        self.refuse_example(id, &line)?;
        let has_record = last.is_none_or(|last| last.has_record);
        let to = match (has_record, line.case_id) {
            (true, _) => IdState::Published,
            (false, None) => IdState::Pool,
            (false, Some(_)) => IdState::Assigned,
        };
        let given = Circumstances {
            // The proposal is what the second person approves; the service
            // knows the quota.
            four_eyes: true,
            has_reason: true,
            has_record,
            has_quota: true,
            is_shared: false,
        };
        step(from, to, given)
            .map_err(|refused| Refusal::invalid("cve_id", format!("{refused} (process 3.2)")))?;
        let live = self.live_for(&line, has_record, "REJECTED")?;
        let container = match (has_record, container) {
            (false, _) => None,
            (true, Some(container)) => Some(container),
            (true, None) => Some(archived_container(id, archived)?),
        };
        if let Some(container) = &container {
            let blocking: Vec<Finding> = cve::check::published_container(container)
                .into_iter()
                .filter(|finding| finding.severity.blocks())
                .collect();
            if !blocking.is_empty() {
                return Err(Refusal::Findings(blocking).into());
            }
        }
        let fate = Fate {
            cve_id: id,
            action: "reinstate".into(),
            reason: String::new(),
            replaced_by: Vec::new(),
            container,
            replaces: live.as_ref().map(digest_of),
            to,
            warnings: Vec::new(),
        };
        self.propose_fate(actor, REINSTATEMENT, Verb::Reinstate, line, fate, reason)
    }

    fn propose_fate(
        &self,
        actor: &Actor,
        kind: &'static str,
        verb: Verb,
        line: LedgerRow,
        fate: Fate,
        reason: String,
    ) -> Result<Proposal, Error> {
        let actor = actor.clone();
        self.store.write(move |tx| {
            let now = known_line(tx, &actor, line.id)?;
            if let Some(case) = now.case_id {
                case::take(tx, &actor, CaseId::new(case), verb)?;
            }
            if (&now.state, now.case_id) != (&line.state, line.case_id) {
                let problem = format!("it became {} meanwhile: look at it again", now.state);
                return Err(Refusal::invalid("cve_id", problem).into());
            }
            let new = NewProposal {
                kind,
                subject: line.id.to_string(),
                cve_id: Some(line.id),
                case: line.case_id.map(CaseId::new),
                account: line.account.clone(),
                document: json!(fate),
                reason: reason.clone(),
            };
            proposal::insert(tx, &actor, new)
        })
    }

    fn refuse_example(&self, id: CveId, line: &LedgerRow) -> Result<(), Error> {
        let account = self.store.read(|reader| reader.account(&line.account))?;
        if id.is_example() && account.is_some_and(|row| row.environment == "production") {
            let problem = format!("{id} is an example, which never goes to the production service");
            return Err(Refusal::invalid("cve_id", problem).into());
        }
        Ok(())
    }

    /// The live record of an ID, where one has to be there in this state.
    fn live_for(&self, line: &LedgerRow, is_there: bool, state: &str) -> Result<Live, Error> {
        if !is_there {
            return Ok(None);
        }
        let id = line.id;
        let answer = self.services(&line.account)?.record(id);
        let live = answer.map_err(|error| Refusal::invalid("cve_id", error.to_string()))?;
        let live = live.map(|reply| reply.raw);
        match live
            .as_ref()
            .and_then(|live| live["cveMetadata"]["state"].as_str())
        {
            Some(found) if found == state => Ok(live),
            found => {
                let problem = format!(
                    "CVE Services has {} of {id}, expected one in state {state}: compare with \
                     `cna id sync`",
                    found.map_or("no record".to_owned(), |found| format!(
                        "a record in {found}"
                    ))
                );
                Err(Refusal::invalid("cve_id", problem).into())
            }
        }
    }

    /// Looks at the IDs that shall stand instead.
    ///
    /// Gives: what could not be told for sure.
    /// Refuses: one that is rejected, or leads back.
    /// Source: process REJ-005.
    fn look_at_targets(
        &self,
        id: CveId,
        line: &LedgerRow,
        targets: &[CveId],
    ) -> Result<Vec<String>, Error> {
        let mut unsure = Vec::new();
        for target in targets {
            let refuse = |what: &str| {
                let problem = format!("`{target}` {what}: name one that stands (REJ-005)");
                Error::from(Refusal::invalid("replaced_by", problem))
            };
            if *target == id {
                return Err(refuse("is the ID itself"));
            }
            let ours = self.store.snapshot(|reader| {
                let state = reader.ledger_line(*target)?.map(|line| line.state);
                Ok::<_, Error>((state, leads_back(reader, id, *target)?))
            })?;
            match ours {
                (_, true) => return Err(refuse("is replaced by the ID, or ends nowhere")),
                (Some(state), _) if state.starts_with("REJECTED") => {
                    return Err(refuse("is rejected"));
                }
                (Some(_), _) => continue,
                (None, _) => {}
            }
            match self.services(&line.account)?.record(*target) {
                Ok(Some(reply)) if reply.raw["cveMetadata"]["state"] == "REJECTED" => {
                    return Err(refuse("is rejected"));
                }
                Ok(Some(_)) => {}
                Ok(None) => unsure.push(format!("REJ-005: `{target}` has no record yet")),
                Err(error) => {
                    unsure.push(format!("REJ-005: `{target}` was not looked at: {error}"))
                }
            }
        }
        Ok(unsure)
    }
}

/// The digest of a live record's CNA container.
pub(crate) fn digest_of(live: &Value) -> Digest {
    Digest::of_json(&live["containers"]["cna"])
}

pub(crate) fn state_of(line: &LedgerRow) -> Result<IdState, Refusal> {
    line.state.parse().map_err(|_| {
        let problem = format!(
            "{} is {}, which says too little: compare with `cna id sync` first",
            line.id, line.state
        );
        Refusal::invalid("cve_id", problem)
    })
}

/// The container of a rejection.
pub(crate) fn container(id: CveId, reason: Reason, order: &RejectOrder) -> Result<Value, Refusal> {
    let keep = order.replaced_by.first().map(CveId::to_string);
    let stock = || text(reason, keep.as_deref(), id.year().number());
    let given = order
        .text
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let Some(text) = given.map(str::to_owned).or_else(stock) else {
        return Err(match reason.is_replaced() && keep.is_none() {
            true => {
                let problem = format!("`{reason}` needs the ID that stands instead (REJ-004)");
                Refusal::invalid("replaced_by", problem)
            }
            false => {
                let problem = format!("`{reason}` has no prescribed text: write the ground");
                Refusal::invalid("text", problem)
            }
        });
    };
    let mut container = json!({"rejectedReasons": [{"lang": "en", "value": text}]});
    if reason.is_replaced() {
        container["replacedBy"] = json!(order.replaced_by);
    }
    Ok(container)
}

/// Judges the container of a rejection by the schema and the REJ rules.
///
/// Gives: the warnings, which whoever approves takes.
/// Refuses: what blocks, as findings.
pub(crate) fn judged(
    id: CveId,
    container: &Value,
    was_published: bool,
    codes: (Reason, &[CveId]),
) -> Result<Vec<String>, Error> {
    let bytes = container.to_string();
    // As it is sent: the server stamps `providerMetadata`.
    let body = format!("{{\"cnaContainer\":{container}}}");
    let mut findings = Checker::new(Format::V5_2_0).findings(Kind::RejectedBody, body.as_bytes());
    for finding in &mut findings {
        if let Some(pointer) = finding.pointer.strip_prefix("/cnaContainer") {
            finding.pointer = pointer.to_owned();
        }
        finding.position = None;
    }
    let mut linter = Linter::new(&cve::lint::Settings::default())
        .map_err(|error| Error::Broken(format!("the content rules: {error}")))?;
    let context = Context {
        was_published: Some(was_published),
        ..Context::default()
    };
    findings.extend(linter.lint(Kind::RejectedContainer, bytes.as_bytes(), &context));
    let (reason, replaced_by) = codes;
    let named: Vec<String> = match reason.is_replaced() {
        true => replaced_by.iter().map(CveId::to_string).collect(),
        false => Vec::new(),
    };
    let text = container["rejectedReasons"][0]["value"]
        .as_str()
        .unwrap_or_default();
    for fault in faults(&id.to_string(), text, &named, was_published, Some(reason)) {
        // The linter may have said it already, at its place.
        if fault.severity == "info" || findings.iter().any(|f| f.code.starts_with(fault.code)) {
            continue;
        }
        findings.push(Finding {
            code: fault.code.into(),
            severity: match fault.severity {
                "error" => Severity::Violation,
                _ => Severity::Warning,
            },
            pointer: "/rejectedReasons/0/value".into(),
            message: fault.why,
            rule: format!("process 5.2, {}", fault.code).into(),
            fix: "give another text with `--text`, or another reason".into(),
            position: None,
        });
    }
    let (blocking, rest): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.severity.blocks());
    if !blocking.is_empty() {
        return Err(Refusal::Findings(blocking).into());
    }
    let warns = |finding: &Finding| finding.severity == Severity::Warning;
    let said = |finding: Finding| format!("{}: {}", finding.code, finding.message);
    Ok(rest.into_iter().filter(warns).map(said).collect())
}

/// Says whether an ID that shall stand instead leads back to the ID, or ends
/// at one that is rejected and replaced by nothing.
fn leads_back(reader: &mut Reader<'_>, id: CveId, target: CveId) -> Result<bool, Error> {
    let mut replaced = std::collections::BTreeMap::new();
    replaced.insert(id.to_string(), vec![target.to_string()]);
    let mut next = vec![target];
    while let Some(at) = next.pop() {
        let last = reader.rejections(at)?.pop().filter(|last| !last.undone);
        let Some(last) = last else { continue };
        let further: Vec<CveId> = last
            .replaced_by
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let words = further.iter().map(CveId::to_string).collect();
        if replaced.insert(at.to_string(), words).is_none() {
            next.extend(further);
        }
    }
    Ok(!ends_well(&id.to_string(), |at| replaced.get(at).cloned()))
}

/// The CNA container of the record that was archived last.
fn archived_container(id: CveId, archived: Option<Vec<u8>>) -> Result<Value, Error> {
    let record: Option<Value> = archived
        .map(|bytes| serde_json::from_slice(&bytes))
        .transpose()
        .map_err(|error| Error::Broken(format!("the archived record of {id}: {error}")))?;
    let Some(mut container) = record.map(|mut record| record["containers"]["cna"].take()) else {
        let problem = format!("no earlier record of {id} is archived: give the one to publish");
        return Err(Refusal::invalid("container", problem).into());
    };
    if container.get("rejectedReasons").is_some() {
        let problem = format!("the last archived record of {id} is a rejection: give another");
        return Err(Refusal::invalid("container", problem).into());
    }
    // The server stamps it anew.
    if let Some(container) = container.as_object_mut() {
        container.remove("providerMetadata");
    }
    Ok(container)
}
