//! What a CNA does, from report to advisory.
//!
//! Everything with a permission goes through [`Desk`] with an [`Actor`];
//! everything the public may read through [`Published`]. Work for other
//! servers is left as follow-ups and worked off by a [`Runner`].
//!
//! | file | holds |
//! |---|---|
//! | `policy` | who may do what, in one table |
//! | `report`, `case`, `case/state` | what comes in, what is known of it, where it stands |
//! | `intake/`, `link`, `attachments` | reports from outside, what a reporter's link reads and sets, files |
//! | `decision` | the questionnaire, the rule packs, and the fold of answers into a decision |
//! | `finding`, `closing` | what a report claims, one by one; cases closed by hand |
//! | `lifecycle` | what follows after an ID is assigned, as rules |
//! | `precedent` | scenario files run against these rules |
//! | `clocks` | deadlines, business days, reminders |
//! | `duplicate` | what a case may be a duplicate of |
//! | `approvals`, `checklist`, `plans`, `announce` | votes and exceptions, what is checked, when it begins, what is said |
//! | `assign`, `draft`, `review`, `publish`, `update` | the steps to a published record, and after it |
//! | `form/`, `describe`, `drafting`, `reported` | drafts as people write them, and what they begin with |
//! | `releases` | which releases contain a flaw, from a history |
//! | `findings`, `revision` | what is wrong with a draft, and every revision of it |
//! | `followups/` | what is said to CVE Services, once |
//! | `tracker`, `issues` | where public issues are, and what one of them says |
//! | `feed`, `documents`, `published`, `rebuild` | what the public reads, and making it again |
//! | `people`, `accounts`, `seal` | who signs in, with what the desk signs in elsewhere |
//! | `copies`, `retrospective` | what follows a publication: looks at copies of a record, and what was learnt |
//! | `status` | what needs somebody, in order |
//! | `tasks`, `links`, `hand_over`, `lanes`, `letters` | the office of a case: who does what, with whom, and what is said |
//! | `routing` | the partners, and the letter that hands a report over to one of them |
//! | `catalogue` | products, their lines and who answers for them |
//! | `distributors`, `package` | who is told under embargo, and what |
//! | `mail`, `reminders`, `erasure` | what leaves by mail, who is reminded, what the law asks to be gone |
//! | `ledger`, `pool` | every CVE ID and its fate, and those kept in reserve |
//! | `proposal`, `hand_back`, `reject`, `year_end` | what one person proposes for IDs and another approves |
//! | `shared`, `sightings`, `transfer`, `archived` | who knows of an ID, where it was seen, whose it becomes, what its rejection replaced |

mod accounts;
mod advisory;
mod announce;
mod approvals;
mod archived;
mod assign;
mod attachments;
mod award;
mod case;
mod catalogue;
mod checklist;
pub mod clocks;
mod closing;
mod copies;
mod datamap;
pub mod decision;
pub mod describe;
mod desk;
mod dispatch;
mod distributors;
mod documents;
mod draft;
mod drafting;
mod duplicate;
mod erasure;
mod error;
mod feed;
mod finding;
mod findings;
mod followups;
pub mod form;
mod hand_back;
mod hand_over;
mod intake;
mod issues;
mod lanes;
mod ledger;
mod letters;
pub mod lifecycle;
mod link;
mod links;
mod mail;
mod package;
mod people;
mod placeholder;
mod plans;
mod policy;
mod pool;
pub mod precedent;
mod proposal;
mod publish;
mod published;
mod rebuild;
mod reject;
pub mod releases;
mod reminders;
mod report;
mod reported;
mod retrospective;
mod review;
mod revision;
mod routing;
mod seal;
mod severity;
mod shared;
mod sightings;
mod status;
mod tasks;
mod tracker;
mod transfer;
mod update;
mod year_end;

pub use accounts::{Account, AccountTest, NewAccount};
pub use advisory::{Advisory, AffectedLine};
pub use announce::{Announcement, AnnouncementSet, Template, TemplateFault, Templates};
pub use approvals::{NewReleaseRule, ReleaseRule, Solo, Votes};
pub use assign::Assignment;
pub use attachments::{Attachment, File, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS};
pub use award::Award;
pub use case::{
    CaseId, CaseState, CaseSummary, CaseView, DraftView, InvalidCaseId, Message, RecordView,
    Transition, Verb, diagram, transitions,
};
pub use catalogue::{CatalogueEntry, CatalogueImport, Delivery, SupportLine};
pub use checklist::CheckItem;
pub use copies::RecordCopy;
pub use decision::{
    About, Answer, CaseDecision, DecisionSettings, Determination, InvalidAnswer, NewAnswer, Node,
    Outcome, RULESET, Step, determine, node, nodes,
};
pub use desk::{Desk, Organisation, Pace, Product, Settings};
pub use dispatch::{Dispatch, DispatchState};
pub use distributors::{Distributor, Distributors};
pub use draft::Revision;
pub use drafting::{FormCheck, FormFault, FormFinding, FormView, Start};
pub use duplicate::{
    Candidate, CandidateKey, Description, Duplicates, Judgement, Likeness, ListStanding,
    ProductNames, Reason, Verdict, compare,
};
pub use error::{Error, Refusal};
pub use finding::{FindingChange, FindingProduct, FindingView};
pub use followups::Runner;
pub use hand_over::HandOver;
pub use intake::{
    Arrived, Busy, Filed, FormReport, IncomingMail, Intake, MAX_MAIL_BYTES, MailFate, Receipt,
    RefusedFile, TakenMail, Throttle,
};
pub use issues::{FeedReading, IssueCheck};
pub use lanes::{DraftEnd, Lane, Outgoing, Sending, VendorContact};
pub use ledger::{
    LedgerLine, MendReport, Mended, Mismatch, SheetImport, SheetReport, SheetRow, SyncReport,
    TrackingRow, Unplaced,
};
pub use letters::Letter;
pub use link::{Link, ReporterStatus, Standing};
pub use links::{CaseLink, LinkTarget, Relation};
pub use mail::{MailServer, MailTls};
pub use package::{NewPackage, Package, PackageFile, PackageMail, PackageMember, PackageStanding};
pub use people::{Actor, NewToken, Owner, Person, Roster, Secret, Token};
pub use placeholder::IssueFiling;
pub use plans::{LeakReport, NewPlan, PlanView};
pub use policy::{Action, Grant, Role, Scope, policy_table};
pub use pool::{PoolOrder, PoolReservation, PoolYear, Refill};
pub use proposal::Proposal;
pub use publish::{Plan, PlanStep, Preview, Request};
pub use published::{Listing, PublicAdvisory, PublicDocument, Published};
pub use rebuild::{Rebuilt, SecurityTxt};
pub use reject::RejectOrder;
pub use reminders::{DueReminder, PersonContact};
pub use report::{
    AffectedRange, GivenAnswer, InvalidReport, MAX_REPORT_BYTES, PublicText, Report, Reporter,
};
pub use retrospective::Retrospective;
pub use review::{Acknowledged, acknowledging};
pub use revision::{Difference, ReviewLine, RevisionLine};
pub use routing::Routing;
pub use seal::{CannotOpen, MasterKey};
pub use severity::{CaseScore, SeverityRound, SeverityView};
pub use shared::{IdHistory, Rejection};
pub use sightings::{Hit, HitList, HitReport, HitVerdict, Seen, ids_in};
pub use status::{Need, NeedKind};
pub use tasks::{NewTask, Task, TaskEnd};
pub use tracker::{NewTracker, Tracker};
pub use transfer::{TransferOrder, TransferRequest};
pub use update::{Side, Update};
pub use year_end::{Kept, YearEnd, YearEndOrder};

// Whoever adds an account hands over its key in this.
pub use client::ApiKey;
