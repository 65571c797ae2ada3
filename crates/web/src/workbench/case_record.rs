//! A CVE ID on the case page: ledger, draft, findings, preview.

use casework::{Actor, Advisory, CaseState, CaseView, DraftView, RecordView};
use cve::check::Finding;

use super::next_step::{NextStep, record_step};
use crate::advisory::AdvisoryView;
use crate::moment::Moment;

/// A CVE ID on the case page.
pub(super) struct CaseRecord {
    pub(super) cve_id: String,
    /// Working title of the vulnerability; empty where the case has only one.
    pub(super) title: String,
    /// What is next for it, where the case has several records.
    pub(super) next: Option<NextStep>,
    /// Where it stands in the ledger, in words.
    pub(super) state: String,
    pub(super) account: String,
    /// What happened to it and when, in order.
    pub(super) facts: Vec<Fact>,
    pub(super) advisory_url: String,
    pub(super) draft: Option<CaseDraft>,
}

/// Something that happened to an ID.
pub(super) struct Fact {
    pub(super) what: &'static str,
    pub(super) at: Moment,
    /// Name of whoever did it; empty where nobody is known.
    pub(super) by: String,
}

/// The newest revision of a draft.
pub(super) struct CaseDraft {
    pub(super) revision: i64,
    pub(super) digest: String,
    pub(super) author: String,
    pub(super) at: Moment,
    pub(super) is_approved: bool,
    pub(super) findings: Vec<CaseFinding>,
    pub(super) blocking: usize,
    /// The whole document, indented, as it can be edited.
    pub(super) document: String,
    /// The record alone, indented.
    pub(super) record: String,
    /// Nothing when the draft's advisory cannot be read.
    pub(super) advisory: Option<AdvisoryView>,
}

/// Something that is wrong with a draft.
pub(super) struct CaseFinding {
    pub(super) code: String,
    pub(super) severity: &'static str,
    pub(super) blocks: bool,
    pub(super) pointer: String,
    pub(super) message: String,
    pub(super) rule: String,
    pub(super) fix: String,
}

impl CaseRecord {
    pub(super) fn new(case: &CaseView, record: &RecordView, actor: &Actor) -> CaseRecord {
        use CaseState::{Assigned, Disclosed, Ready};
        let is_one_of_several = case.records.len() > 1;
        let is_open = record.disclosed_at.is_none()
            && matches!(case.summary.state, Assigned | Ready | Disclosed);
        CaseRecord {
            cve_id: record.cve_id.to_string(),
            title: if is_one_of_several {
                record.title.clone()
            } else {
                String::new()
            },
            next: (is_one_of_several && is_open).then(|| record_step(case, record, actor)),
            state: record.state.to_lowercase(),
            account: record.account.clone(),
            facts: facts(record),
            advisory_url: record.advisory.clone(),
            draft: record
                .draft
                .as_ref()
                .map(|draft| CaseDraft::new(draft, record.approved_at.is_some())),
        }
    }
}

fn facts(record: &RecordView) -> Vec<Fact> {
    let known = [
        ("Reserved", Some(record.reserved_at), ""),
        ("Assigned", record.assigned_at, ""),
        ("Approved", record.approved_at, &record.approved_by),
        ("Disclosed", record.disclosed_at, ""),
        ("Published", record.published_at, ""),
    ];
    let happened = known.into_iter().filter_map(|(what, at, by)| {
        Some(Fact {
            what,
            at: Moment(at?),
            by: by.to_owned(),
        })
    });
    happened.collect()
}

impl CaseDraft {
    fn new(draft: &DraftView, is_approved: bool) -> CaseDraft {
        let findings: Vec<_> = draft.findings.iter().map(CaseFinding::new).collect();
        let advisory: Option<Advisory> =
            serde_json::from_value(draft.document["advisory"].clone()).ok();
        CaseDraft {
            revision: draft.revision,
            digest: draft.digest.to_string(),
            author: draft.author.clone(),
            at: Moment(draft.at),
            is_approved,
            blocking: findings.iter().filter(|finding| finding.blocks).count(),
            findings,
            // `{:#}` indents and cannot fail.
            document: format!("{:#}", draft.document),
            record: format!("{:#}", draft.document["cna"]),
            advisory: advisory.map(|advisory| AdvisoryView::new(&advisory)),
        }
    }
}

impl CaseFinding {
    pub(super) fn new(finding: &Finding) -> CaseFinding {
        CaseFinding {
            code: finding.code.to_string(),
            severity: finding.severity.as_str(),
            blocks: finding.severity.blocks(),
            pointer: finding.pointer.clone(),
            message: finding.message.clone(),
            rule: finding.rule.to_string(),
            fix: finding.fix.to_string(),
        }
    }
}
