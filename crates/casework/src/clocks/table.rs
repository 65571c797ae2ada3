//! The deadlines of the process as one table.

use super::event::EventKind as E;
use super::length::Length::{BusinessDays, Days, Hours, Months};
use super::rule::{Audience, Clock, DeadlineId, Kind, Mode, Party, Reminding, Rule, Runs};

use DeadlineId::*;

/// What most lines are: ours, with a length that is given, usual reminders.
const LINE: Rule = Rule {
    id: D01,
    what: "",
    begins: "",
    kind: Kind::Must,
    source: "",
    party: Party::Us,
    note: "",
    length: None,
    free: false,
    breach: "",
    ends_with_case: false,
    clocks: &[],
    waived_by: &[],
    reminders: &[Reminding::Usual],
};

const fn clock(starts: &'static [(E, u16)], stops: &'static [E], mode: Mode, runs: Runs) -> Clock {
    Clock {
        starts,
        stops,
        mode,
        runs,
        kind: None,
    }
}

/// What makes the record public ends every clock that waits for it; an ID that
/// was rejected needs no record.
const PUBLISHED: &[E] = &[E::RecordPublished, E::IdRejected];

/// Our own disclosure. Details without the ID are one too: the record can be
/// published at once (the safe reading of a term no glossary defines).
const OWN: &[(E, u16)] = &[(E::Disclosed, 0), (E::DetailsPublic, 0)];

/// When we become aware of somebody else's disclosure: told by a person, by
/// reading what a monitor found, or a day after it was found unread.
const AWARE: &[(E, u16)] = &[
    (E::DisclosureReported, 0),
    (E::HitRead, 0),
    (E::MonitorHit, 24),
];

/// Every deadline, in the order of its id.
///
/// Source: process section 3.4. The 72 hours of D-08 are a TARGET while only
/// the bare ID is visible.
pub(crate) const TABLE: &[Rule] = &[
    Rule {
        id: D01,
        what: "first human answer to a report",
        begins: "receipt; automatic replies do not count",
        kind: Kind::Target,
        source: "3.2.2.5; our promise",
        length: Some(BusinessDays(1)),
        free: true,
        breach: "page the person on call, then the whole team",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::ReportReceived, 0)],
            &[E::HumanAnswered, E::RequestAnswered, E::Closed],
            Mode::Once,
            Runs::Length,
        )],
        reminders: &[Reminding::Usual, Reminding::AtEnd(Audience::Team, true)],
        ..LINE
    },
    Rule {
        id: D02,
        what: "answer a request for a CVE ID at the public contact",
        begins: "receipt",
        source: "3.2.4.1, 3.2.4.3",
        note: "the rules say only \"timely\"; publish the own value",
        length: Some(BusinessDays(5)),
        free: true,
        breach: "escalate to the administrators",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::IdRequested, 0)],
            &[E::RequestAnswered, E::IdGiven, E::Closed],
            Mode::Once,
            Runs::Length,
        )],
        reminders: &[Reminding::Usual, Reminding::AtEnd(Audience::Oa, true)],
        ..LINE
    },
    Rule {
        id: D03,
        what: "answer of the CNA with first refusal, for a public vulnerability",
        begins: "first contact through its public contact",
        source: "4.2.1.2",
        party: Party::OtherCna,
        length: Some(Hours(72)),
        breach: "hand to the Root",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::CnaContacted, 0)],
            &[E::CnaAnswered],
            Mode::Once,
            Runs::Length,
        )],
        waived_by: &[E::FirstRefusalWaived],
        ..LINE
    },
    Rule {
        id: D04,
        what: "determine, and direct somebody to assign",
        begins: "the Root learns of refusal or silence",
        source: "4.2.1.2",
        party: Party::Root,
        note: "as quickly as possible",
        length: Some(Hours(72)),
        breach: "red on the Root's board",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::RootTold, 0)],
            &[E::RootDirected],
            Mode::Once,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D05,
        what: "give the ID to the reporter",
        begins: "assignment",
        source: "4.3.3",
        note: "the rules give no time",
        length: Some(Hours(24)),
        free: true,
        breach: "task",
        clocks: &[clock(
            &[(E::IdAssigned, 0)],
            &[E::IdGiven, E::IdRejected],
            Mode::Once,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D06,
        what: "publish the record",
        begins: "own public disclosure",
        kind: Kind::Should,
        source: "4.5.1.3",
        length: Some(Hours(24)),
        breach: "warning",
        clocks: &[clock(OWN, PUBLISHED, Mode::Once, Runs::Length)],
        reminders: &[
            Reminding::AfterHours(12, Audience::Owner, false),
            Reminding::AfterHours(20, Audience::Owner, false),
            Reminding::AtEnd(Audience::Owner, false),
        ],
        ..LINE
    },
    Rule {
        id: D07,
        what: "publish the record",
        begins: "own public disclosure",
        source: "4.5.1.4",
        length: Some(Hours(72)),
        breach: "breach; prepare the notice to the Root",
        clocks: &[clock(OWN, PUBLISHED, Mode::Once, Runs::Length)],
        reminders: &[
            Reminding::AfterHours(48, Audience::Oa, true),
            Reminding::AtEnd(Audience::Oa, true),
        ],
        ..LINE
    },
    Rule {
        id: D08,
        what: "publish the record",
        begins: "we become aware that somebody else disclosed",
        kind: Kind::Should,
        source: "4.5.1.6",
        note: "TARGET while only the bare ID is visible",
        length: Some(Hours(72)),
        breach: "warning; list of IDs public without a record",
        clocks: &[
            clock(AWARE, PUBLISHED, Mode::Once, Runs::Length),
            Clock {
                kind: Some(Kind::Target),
                ..clock(&[(E::IdSeen, 0)], PUBLISHED, Mode::Once, Runs::Length)
            },
        ],
        ..LINE
    },
    Rule {
        id: D09,
        what: "the Secretariat may name us as the reserving CNA",
        begins: "disclosure of the ID",
        kind: Kind::May,
        source: "4.5.1.7",
        party: Party::Secretariat,
        length: Some(Hours(24)),
        breach: "a line of information",
        clocks: &[clock(
            &[
                (E::Disclosed, 0),
                (E::ThirdPartyDisclosed, 0),
                (E::DisclosureReported, 0),
                (E::MonitorHit, 0),
                (E::IdSeen, 0),
            ],
            PUBLISHED,
            Mode::Once,
            Runs::Length,
        )],
        reminders: &[],
        ..LINE
    },
    Rule {
        id: D10,
        what: "acknowledge a dispute in writing",
        begins: "receipt",
        source: "DP2",
        length: Some(BusinessDays(3)),
        breach: "the parties may go to the Root",
        clocks: &[clock(
            &[(E::DisputeFiled, 0)],
            &[E::DisputeAcknowledged],
            Mode::Once,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D11,
        what: "decide a dispute",
        begins: "end of D-10, not the acknowledgement itself",
        source: "DP2",
        length: Some(BusinessDays(5)),
        breach: "send the notice of extension",
        clocks: &[clock(
            &[(E::DisputeFiled, 0)],
            &[E::DisputeDecided, E::DisputeExtended],
            Mode::Once,
            Runs::After(D10),
        )],
        ..LINE
    },
    Rule {
        id: D12,
        what: "decide an extended dispute",
        begins: "end of D-11",
        source: "DP2",
        length: Some(BusinessDays(15)),
        breach: "any party may escalate to the Root: offer it",
        clocks: &[clock(
            &[(E::DisputeFiled, 0)],
            &[E::DisputeDecided],
            Mode::Once,
            Runs::After(D11),
        )],
        ..LINE
    },
    Rule {
        id: D13,
        what: "tag the record as disputed, with the reason",
        begins: "the dispute is found potentially legitimate",
        source: "DP2",
        note: "the policy gives no time",
        length: Some(BusinessDays(1)),
        free: true,
        breach: "task",
        clocks: &[clock(
            &[(E::DisputeAssessed, 0)],
            &[E::DisputeTagged, E::DisputeDecided],
            Mode::Once,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D14,
        what: "organise the fix team",
        begins: "disclosure to the committee",
        kind: Kind::Target,
        source: "K8S-R",
        length: Some(Hours(24)),
        free: true,
        breach: "ping the commander",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::CommitteeTold, 0)],
            &[E::FixTeamFormed, E::FixReady, E::Closed],
            Mode::Once,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D15,
        what: "develop the fix, score it, assign the ID",
        begins: "disclosure to the committee",
        kind: Kind::Target,
        source: "K8S-R",
        note: "1 to 7 days",
        length: Some(Days(7)),
        free: true,
        breach: "ping the commander",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::CommitteeTold, 0)],
            &[E::FixReady, E::Closed],
            Mode::Once,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D16,
        what: "give private distributors notice",
        begins: "planned disclosure, backwards",
        kind: Kind::Target,
        source: "K8S-R",
        note: "before the disclosure; the whole phase takes 1 to 4 weeks",
        length: Some(Hours(168)),
        free: true,
        breach: "block readiness, or ask for a reason",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::DisclosurePlanned, 0)],
            &[E::DistributorsTold],
            Mode::Latest,
            Runs::Before {
                opens_hours: Some(672),
            },
        )],
        waived_by: &[E::PrivateDisclosureSkipped],
        ..LINE
    },
    Rule {
        id: D17,
        what: "give distributors the public text, date and time",
        begins: "planned disclosure, backwards",
        kind: Kind::Target,
        source: "K8S-R",
        note: "before the disclosure",
        length: Some(Hours(24)),
        free: true,
        breach: "block the announcement",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::DisclosurePlanned, 0)],
            &[E::DistributorsFinalNotice],
            Mode::Latest,
            Runs::Before { opens_hours: None },
        )],
        waived_by: &[E::PrivateDisclosureSkipped],
        ..LINE
    },
    Rule {
        id: D18,
        what: "announce at a time when people can act",
        begins: "the date is chosen",
        kind: Kind::Target,
        source: "K8S-R",
        note: "16:00 UTC, on a working day that is not a Friday",
        free: true,
        breach: "warn of any other slot",
        reminders: &[],
        ..LINE
    },
    Rule {
        id: D19,
        what: "hold the retrospective, without blame",
        begins: "release",
        kind: Kind::Target,
        source: "K8S-R",
        note: "1 to 3 days",
        length: Some(Days(3)),
        free: true,
        breach: "task",
        clocks: &[clock(
            &[(E::Released, 0)],
            &[E::RetrospectiveHeld],
            Mode::Once,
            Runs::NextDay,
        )],
        ..LINE
    },
    Rule {
        id: D20,
        what: "say something new in an incident",
        begins: "the last update",
        kind: Kind::Target,
        source: "K8S-O",
        note: "critical 48 h, high 168 h, medium 1 month",
        free: true,
        breach: "ping the commander",
        ends_with_case: true,
        clocks: &[clock(
            &[
                (E::CommitteeTold, 0),
                (E::IncidentUpdated, 0),
                (E::Reopened, 0),
            ],
            &[E::Closed],
            Mode::Latest,
            Runs::BySeverity,
        )],
        reminders: &[Reminding::AtEnd(Audience::Owner, false)],
        ..LINE
    },
    Rule {
        id: D21,
        what: "answer a reporter who wants a bounty report disclosed",
        begins: "disclosure is asked for",
        kind: Kind::Target,
        source: "K8S-O",
        note: "without answer it may be disclosed",
        length: Some(Months(1)),
        free: true,
        breach: "task",
        clocks: &[clock(
            &[(E::DisclosureRequested, 0)],
            &[E::DisclosureAnswered],
            Mode::Again,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D22,
        what: "assign, publish or take part",
        begins: "the last assignment, publication or participation",
        source: "ICP",
        note: "then notice, notice, warning and revocation, two weeks apart",
        length: Some(Months(6)),
        breach: "the Root's procedure for inactive CNAs",
        clocks: &[clock(
            &[(E::CnaActive, 0)],
            &[],
            Mode::Latest,
            Runs::Ladder {
                rung: E::InactivityNotice,
                then: Days(14),
            },
        )],
        ..LINE
    },
    Rule {
        id: D23,
        what: "reject the unused IDs of the year before",
        begins: "1 January",
        source: "4.5.3.5",
        note: "the rules give no date; our choice is 31 March",
        free: true,
        breach: "start the year-end run",
        clocks: &[clock(
            &[(E::YearBegan, 0)],
            &[E::UnusedRejected],
            Mode::Once,
            Runs::DayOfYear { month: 3, day: 31 },
        )],
        ..LINE
    },
    Rule {
        id: D24,
        what: "publish IDs that are public without a record",
        begins: "the Root's notice",
        source: "RBP2",
        note: "the date in the notice",
        breach: "the ladder of sanctions",
        clocks: &[clock(
            &[(E::RootNotice, 0)],
            PUBLISHED,
            Mode::Latest,
            Runs::Named,
        )],
        ..LINE
    },
    Rule {
        id: D25,
        what: "disclose what was posted to linux-distros or distros",
        begins: "the first post there",
        kind: Kind::Target,
        source: "the list's policy",
        note: "at most; under 7 days is preferred",
        length: Some(Hours(336)),
        breach: "block later dates",
        clocks: &[clock(
            &[(E::ListPosted, 0)],
            &[
                E::Disclosed,
                E::DetailsPublic,
                E::ThirdPartyDisclosed,
                E::DisclosureReported,
            ],
            Mode::Once,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D26,
        what: "resolve the products of unknown status",
        begins: "publication",
        kind: Kind::Should,
        source: "5.1.6",
        note: "the rules say \"reasonable\"",
        length: Some(Days(90)),
        free: true,
        breach: "reminder",
        clocks: &[clock(
            &[(E::StatusUnknown, 0)],
            &[E::StatusResolved, E::IdRejected],
            Mode::Again,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D27,
        what: "look whether the problem type can be supplied",
        begins: "publication without one, and each look",
        source: "5.1.7.1",
        note: "the rules say \"when information becomes available\"",
        length: Some(Days(30)),
        free: true,
        breach: "reminder",
        clocks: &[clock(
            &[(E::TypeUnknown, 0), (E::TypeChecked, 0)],
            &[E::TypeSupplied, E::IdRejected],
            Mode::Latest,
            Runs::Length,
        )],
        ..LINE
    },
    Rule {
        id: D27b,
        what: "wait for the reporter",
        begins: "a question is sent",
        kind: Kind::Target,
        source: "our choice",
        note: "reminded after 7 and 14 days",
        length: Some(Days(30)),
        free: true,
        breach: "close without response",
        ends_with_case: true,
        clocks: &[clock(
            &[(E::ReporterAsked, 0)],
            &[E::ReporterAnswered, E::Closed],
            Mode::Again,
            Runs::Length,
        )],
        reminders: &[
            Reminding::AfterDays(7, Audience::Owner),
            Reminding::AfterDays(14, Audience::Owner),
            Reminding::AtEnd(Audience::Owner, false),
        ],
        ..LINE
    },
    Rule {
        id: D28,
        what: "look whether the references still answer",
        begins: "publication, and each look",
        kind: Kind::Should,
        source: "5.3.2, 4.5.2.6",
        note: "quarterly after the first year",
        length: Some(Months(1)),
        free: true,
        breach: "task to amend; archive",
        clocks: &[clock(
            &[(E::RecordPublished, 0), (E::ReferencesChecked, 0)],
            &[E::IdRejected],
            Mode::Latest,
            Runs::Yearly {
                since: E::RecordPublished,
                then: Months(3),
            },
        )],
        ..LINE
    },
    Rule {
        id: D29,
        what: "disable a dormant account, replace an old key",
        begins: "the last sign-in; the key's making",
        source: "3.2.1.2",
        note: "keys 12 months",
        length: Some(Days(90)),
        free: true,
        breach: "task of the administrators",
        clocks: &[
            clock(
                &[(E::AccountUsed, 0)],
                &[E::AccountDisabled],
                Mode::Latest,
                Runs::Length,
            ),
            clock(
                &[(E::KeyRotated, 0)],
                &[E::KeyRevoked],
                Mode::Latest,
                Runs::Fixed(Months(12)),
            ),
        ],
        reminders: &[Reminding::AtEnd(Audience::Oa, false)],
        ..LINE
    },
    Rule {
        id: D30,
        what: "confirm contacts, policy and scope",
        begins: "the last confirmation; a change of staff",
        source: "3.2.2.4",
        note: "at once when staff changes: the next business day",
        length: Some(Months(12)),
        free: true,
        breach: "task of the administrators",
        clocks: &[
            clock(&[(E::PolicyConfirmed, 0)], &[], Mode::Latest, Runs::Length),
            clock(
                &[(E::StaffChanged, 0)],
                &[E::PolicyConfirmed],
                Mode::Again,
                Runs::Fixed(BusinessDays(1)),
            ),
        ],
        reminders: &[Reminding::AtEnd(Audience::Oa, false)],
        ..LINE
    },
    Rule {
        id: D31,
        what: "read the record back from the CVE List",
        begins: "the record was sent and accepted",
        kind: Kind::Target,
        source: "our choice; the list is refreshed hourly",
        length: Some(Hours(3)),
        free: true,
        breach: "look at the queue",
        clocks: &[clock(
            &[(E::RecordSubmitted, 0)],
            &[E::ReadBack],
            Mode::Again,
            Runs::Length,
        )],
        reminders: &[Reminding::AtEnd(Audience::Owner, false)],
        ..LINE
    },
    Rule {
        id: D32,
        what: "review an assigned ID that has no record",
        begins: "assignment",
        kind: Kind::Target,
        source: "4.2.4, 4.5.3.5",
        length: Some(Months(12)),
        free: true,
        breach: "the commander decides: publish, reject, or keep with a reason",
        clocks: &[clock(
            &[(E::IdAssigned, 0)],
            PUBLISHED,
            Mode::Once,
            Runs::Length,
        )],
        reminders: &[Reminding::AtEnd(Audience::Owner, false)],
        ..LINE
    },
    Rule {
        id: D33,
        what: "review what was approved in an emergency",
        begins: "the emergency override",
        kind: Kind::Must,
        source: "process 3.3, rule 5",
        length: Some(BusinessDays(1)),
        free: false,
        breach: "page the OA",
        clocks: &[clock(
            &[(E::ApprovalOverridden, 0)],
            &[E::OverrideReviewed],
            Mode::Again,
            Runs::Length,
        )],
        reminders: &[Reminding::Usual, Reminding::AtEnd(Audience::Oa, true)],
        ..LINE
    },
];
