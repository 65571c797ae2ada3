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
//! | `assign`, `draft`, `review`, `publish` | the steps to a published record |
//! | `followups/` | what is said to CVE Services, once |
//! | `feed`, `published` | what the public reads |
//! | `people`, `accounts`, `seal` | who signs in, with what the desk signs in elsewhere |
//! | `ledger` | every CVE ID and its fate |

mod accounts;
mod advisory;
mod assign;
mod case;
pub mod clocks;
pub mod decision;
mod desk;
mod draft;
mod error;
mod feed;
mod followups;
mod ledger;
pub mod lifecycle;
mod people;
mod policy;
pub mod precedent;
mod publish;
mod published;
mod report;
mod review;
mod seal;

pub use accounts::{Account, NewAccount};
pub use advisory::{Advisory, AffectedLine};
pub use assign::Assignment;
pub use case::{
    CaseId, CaseState, CaseSummary, CaseView, DraftView, InvalidCaseId, Message, RecordView,
    Transition, Verb, diagram, transitions,
};
pub use decision::{
    Answer, Determination, InvalidAnswer, Node, Outcome, RULESET, determine, node, nodes,
};
pub use desk::{Desk, Organisation, Pace, Product, Settings};
pub use draft::Revision;
pub use error::{Error, Refusal};
pub use followups::Runner;
pub use ledger::LedgerLine;
pub use people::{Actor, Person, Secret};
pub use policy::{Action, Role};
pub use publish::Plan;
pub use published::{PublicAdvisory, PublicDocument, Published};
pub use report::{
    AffectedRange, GivenAnswer, InvalidReport, MAX_REPORT_BYTES, PublicText, Report, Reporter,
};
pub use seal::{CannotOpen, MasterKey};

// Whoever adds an account hands over its key in this.
pub use client::ApiKey;
