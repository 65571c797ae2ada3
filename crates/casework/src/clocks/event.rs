//! What happened, as far as a clock starts or stops with it.

use std::fmt;
use std::str::FromStr;

use cve::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened at a moment, to a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When it happened. What is planned has the moment the plan was made here
    /// and the planned one in `date`.
    pub at: Timestamp,
    /// What it happened to, where there can be several: a CVE ID, a dispute,
    /// an organisation, an account. Each subject has clocks of its own. An
    /// event without subject stops the clocks of all of them.
    #[serde(default)]
    pub subject: String,
    /// The date it names: of the planned disclosure, of a Root's notice.
    #[serde(default)]
    pub date: Option<Timestamp>,
    /// How severe the incident is from now on.
    #[serde(default)]
    pub severity: Option<Severity>,
}

impl Event {
    /// An event without subject, date and severity.
    pub fn new(kind: EventKind, at: Timestamp) -> Event {
        Event {
            kind,
            at,
            subject: String::new(),
            date: None,
            severity: None,
        }
    }

    /// The same event, of a subject.
    #[must_use]
    pub fn of(mut self, subject: &str) -> Event {
        self.subject = subject.to_owned();
        self
    }

    /// The same event, naming a date.
    #[must_use]
    pub fn naming(mut self, date: Timestamp) -> Event {
        self.date = Some(date);
        self
    }

    /// The same event, of a severity.
    #[must_use]
    pub fn severe(mut self, severity: Severity) -> Event {
        self.severity = Some(severity);
        self
    }
}

/// How severe an incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Pinged after a month, as medium is not.
    Low,
    /// Pinged after a month.
    Medium,
    /// Pinged after a week.
    High,
    /// Pinged after two days.
    Critical,
}

impl Severity {
    /// Every severity.
    pub const ALL: [Severity; 4] = [
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Severity, String> {
        let found = Severity::ALL
            .into_iter()
            .find(|severity| severity.as_str() == text);
        found.ok_or_else(|| {
            format!("`{text}` is not a severity: expected low, medium, high or critical")
        })
    }
}

impl EventKind {
    /// Whether it says that somebody else made details public.
    pub(crate) fn is_by_others(self) -> bool {
        matches!(
            self,
            EventKind::ThirdPartyDisclosed | EventKind::DisclosureReported | EventKind::HitRead
        )
    }

    /// Whether it says that details are public, whoever made them so.
    pub(crate) fn makes_public(self) -> bool {
        matches!(self, EventKind::Disclosed | EventKind::DetailsPublic) || self.is_by_others()
    }
}

/// Declares the kinds with their words, which are the variants in snake case.
macro_rules! event_kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)+) => {
        /// What can happen that a clock starts or stops with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum EventKind {
            $($(#[doc = $doc])+ #[serde(rename = $word)] $variant,)+
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$variant),+];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(EventKind::$variant => $word,)+ }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(EventKind::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

event_kinds! {
    /// A report came in.
    ReportReceived = "report_received",
    /// A machine acknowledged; stops nothing.
    AutoAnswered = "auto_answered",
    /// A person of ours answered for the first time.
    HumanAnswered = "human_answered",
    /// Somebody asked for a CVE ID at our public contact.
    IdRequested = "id_requested",
    /// The request was answered: an ID, or the reason for none.
    RequestAnswered = "request_answered",
    /// A CNA with first refusal was contacted through its public contact.
    CnaContacted = "cna_contacted",
    /// That CNA answered; an automatic reply is no answer.
    CnaAnswered = "cna_answered",
    /// That CNA has no first refusal: it offers no way to ask without terms.
    FirstRefusalWaived = "first_refusal_waived",
    /// The Root learned of a refusal or of silence.
    RootTold = "root_told",
    /// The Root directed somebody to assign.
    RootDirected = "root_directed",
    /// A CVE ID was assigned to a vulnerability.
    IdAssigned = "id_assigned",
    /// The reporter was given the ID.
    IdGiven = "id_given",
    /// One of our outputs with details and the ID can be reached.
    Disclosed = "disclosed",
    /// One of our outputs with details but without the ID can be reached.
    DetailsPublic = "details_public",
    /// Somebody else made details and the ID public, known or not known to us.
    ThirdPartyDisclosed = "third_party_disclosed",
    /// A person told us that somebody else disclosed.
    DisclosureReported = "disclosure_reported",
    /// A monitor found what somebody else disclosed.
    MonitorHit = "monitor_hit",
    /// One of us read what a monitor had found.
    HitRead = "hit_read",
    /// The bare ID was seen in public, without details.
    IdSeen = "id_seen",
    /// The record was sent and accepted.
    RecordSubmitted = "record_submitted",
    /// The record is published.
    RecordPublished = "record_published",
    /// The record was read back.
    ReadBack = "read_back",
    /// The ID was rejected.
    IdRejected = "id_rejected",
    /// A dispute was filed.
    DisputeFiled = "dispute_filed",
    /// The dispute was acknowledged in writing.
    DisputeAcknowledged = "dispute_acknowledged",
    /// The dispute was found potentially legitimate.
    DisputeAssessed = "dispute_assessed",
    /// The record was tagged as disputed, with the reason.
    DisputeTagged = "dispute_tagged",
    /// The parties were told that the decision takes longer.
    DisputeExtended = "dispute_extended",
    /// The dispute was decided.
    DisputeDecided = "dispute_decided",
    /// The vulnerability was disclosed to the committee that fixes it.
    CommitteeTold = "committee_told",
    /// A fix team works.
    FixTeamFormed = "fix_team_formed",
    /// The fix is developed, scored, and has its ID.
    FixReady = "fix_ready",
    /// The disclosure was planned, for `date`; a later plan replaces it.
    DisclosurePlanned = "disclosure_planned",
    /// Private distributors were given notice.
    DistributorsTold = "distributors_told",
    /// Private distributors were given public text, date and time.
    DistributorsFinalNotice = "distributors_final_notice",
    /// Private disclosure is left out, for a stated reason.
    PrivateDisclosureSkipped = "private_disclosure_skipped",
    /// The fix was released.
    Released = "released",
    /// The retrospective was held.
    RetrospectiveHeld = "retrospective_held",
    /// Something new was said in an incident.
    IncidentUpdated = "incident_updated",
    /// The reporter of a bounty asked that the report be disclosed.
    DisclosureRequested = "disclosure_requested",
    /// That was answered.
    DisclosureAnswered = "disclosure_answered",
    /// The CNA assigned, published or took part.
    CnaActive = "cna_active",
    /// The Root wrote to an inactive CNA.
    InactivityNotice = "inactivity_notice",
    /// A year began with unused IDs of the year before.
    YearBegan = "year_began",
    /// The unused IDs of the year before were rejected.
    UnusedRejected = "unused_rejected",
    /// The Root gave notice of IDs that are public without a record, with a `date`.
    RootNotice = "root_notice",
    /// The issue was posted to a list that limits embargoes.
    ListPosted = "list_posted",
    /// A record with a product of unknown status was published.
    StatusUnknown = "status_unknown",
    /// The unknown statuses were resolved.
    StatusResolved = "status_resolved",
    /// A record without problem type was published.
    TypeUnknown = "type_unknown",
    /// It was looked whether the type can be determined by now.
    TypeChecked = "type_checked",
    /// The problem type was supplied.
    TypeSupplied = "type_supplied",
    /// The reporter was asked something.
    ReporterAsked = "reporter_asked",
    /// The reporter answered.
    ReporterAnswered = "reporter_answered",
    /// The references of a record were looked at.
    ReferencesChecked = "references_checked",
    /// An account was signed in with.
    AccountUsed = "account_used",
    /// An account was disabled.
    AccountDisabled = "account_disabled",
    /// A key was made or replaced.
    KeyRotated = "key_rotated",
    /// A key was revoked.
    KeyRevoked = "key_revoked",
    /// Contacts, policy and scope were confirmed.
    PolicyConfirmed = "policy_confirmed",
    /// Somebody joined or left.
    StaffChanged = "staff_changed",
    /// An administrator approved in an emergency.
    ApprovalOverridden = "approval_overridden",
    /// Somebody else reviewed what was approved in an emergency.
    OverrideReviewed = "override_reviewed",
    /// The case was closed.
    Closed = "closed",
    /// A closed case was opened again.
    Reopened = "reopened",
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = String;

    fn from_str(text: &str) -> Result<EventKind, String> {
        let found = EventKind::ALL.iter().find(|kind| kind.as_str() == text);
        found.copied().ok_or_else(|| {
            format!("`{text}` is not an event a clock knows: docs/clocks.md lists them all")
        })
    }
}
