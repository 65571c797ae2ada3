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
//! | `decision` | the questionnaire, the rule packs, and the fold of answers into a decision |
//! | `lifecycle` | what follows after an ID is assigned, as rules |
//! | `precedent` | scenario files run against these rules |
//! | `clocks` | deadlines, business days, reminders |
//! | `duplicate` | what a case may be a duplicate of |
//! | `assign`, `draft`, `review`, `publish`, `update` | the steps to a published record, and after it |
//! | `findings`, `revision` | what is wrong with a draft, and every revision of it |
//! | `followups/` | what is said to CVE Services, once |
//! | `feed`, `documents`, `published` | what the public reads |
//! | `people`, `accounts`, `seal` | who signs in, with what the desk signs in elsewhere |
//! | `status` | what needs somebody, in order |
//! | `tasks`, `links`, `hand_over`, `lanes` | the office of a case: who does what, with whom, and what is said |
//! | `catalogue` | products, their lines and who answers for them |
//! | `mail`, `reminders`, `erasure` | what leaves by mail, who is reminded, what the law asks to be gone |
//! | `ledger`, `pool` | every CVE ID and its fate, and those kept in reserve |

mod accounts;
mod advisory;
mod assign;
mod case;
mod catalogue;
pub mod clocks;
pub mod decision;
mod desk;
mod documents;
mod draft;
mod duplicate;
mod erasure;
mod error;
mod feed;
mod findings;
mod followups;
mod hand_over;
mod lanes;
mod ledger;
pub mod lifecycle;
mod links;
mod mail;
mod people;
mod policy;
mod pool;
pub mod precedent;
mod publish;
mod published;
mod reminders;
mod report;
mod review;
mod revision;
mod seal;
mod status;
mod tasks;
mod update;

pub use accounts::{Account, AccountTest, NewAccount};
pub use advisory::{Advisory, AffectedLine};
pub use assign::Assignment;
pub use case::{
    CaseId, CaseState, CaseSummary, CaseView, DraftView, InvalidCaseId, Message, RecordView,
    Transition, Verb, diagram, transitions,
};
pub use catalogue::{CatalogueEntry, CatalogueImport, Delivery, SupportLine};
pub use decision::{
    Answer, Determination, InvalidAnswer, Node, Outcome, RULESET, Step, determine, node, nodes,
};
pub use desk::{Desk, Organisation, Pace, Product, Settings};
pub use draft::Revision;
pub use duplicate::{
    Candidate, CandidateKey, Description, Duplicates, Judgement, Likeness, ListStanding,
    ProductNames, Reason, Verdict, compare,
};
pub use error::{Error, Refusal};
pub use followups::Runner;
pub use hand_over::HandOver;
pub use lanes::{DraftEnd, Lane, Outgoing, Sending, VendorContact};
pub use ledger::{LedgerLine, Mismatch, SheetImport, SheetReport, SheetRow, SyncReport, Unplaced};
pub use links::{CaseLink, LinkTarget, Relation};
pub use mail::{MailServer, MailTls};
pub use people::{Actor, NewToken, Person, Secret, Token};
pub use policy::{Action, Grant, Role, Scope, policy_table};
pub use pool::{PoolOrder, PoolReservation, PoolYear};
pub use publish::{Plan, PlanStep, Preview, Request};
pub use published::{PublicAdvisory, PublicDocument, Published};
pub use reminders::{DueReminder, PersonContact};
pub use report::{
    AffectedRange, GivenAnswer, InvalidReport, MAX_REPORT_BYTES, PublicText, Report, Reporter,
};
pub use review::{Acknowledged, acknowledging};
pub use revision::{Difference, ReviewLine, RevisionLine};
pub use seal::{CannotOpen, MasterKey};
pub use status::{Need, NeedKind};
pub use tasks::{NewTask, Task, TaskEnd};
pub use update::{Side, Update};

// Whoever adds an account hands over its key in this.
pub use client::ApiKey;
