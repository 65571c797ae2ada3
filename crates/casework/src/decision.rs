//! The decision tree: whether a report gets a CVE ID, and why.
//!
//! | file | holds |
//! |---|---|
//! | `tree`, `nodes` | the questions, and the walk of a case with one finding |
//! | `pack` | the versions of the CNA rules: stable keys, numbers, levels |
//! | `overlay`, `profile`, `steering` | what a Root adds to a pack; what an organisation is like, and asks about severity |
//! | `answers` | the append-only sheet: evidence, overrides |
//! | `determination` | the fold of a sheet into a decision |
//! | `routes`, `refusal`, `hierarchy` | who assigns, and what follows when they do not |
//! | `routing` | which CNA covers a product, from a list of partners |
//! | `verdict`, `counting`, `inclusion` | what is a vulnerability, how many, which get an ID |
//! | `tasks`, `permission` | what follows, and what may be decided otherwise |
//! | `answering`, `confirm`, `settings` | what people do with it at the desk |
//! | `docket`, `known`, `asking` | a case read from its rows, decided; what to ask next |
//!
//! Everything but the methods of [`Desk`](crate::Desk) is pure: no store, no clock.

mod answering;
mod answers;
mod asking;
mod confirm;
mod counting;
mod determination;
mod docket;
mod hierarchy;
mod inclusion;
mod known;
mod nodes;
mod outcome;
mod overlay;
mod pack;
mod permission;
mod profile;
mod refusal;
mod routes;
mod routing;
mod settings;
mod steering;
mod tasks;
mod tree;
mod verdict;

pub(crate) use answering::view as answer_view;
pub use answering::{Answer, NewAnswer};
pub use answers::{About, RefusedAnswer, Reply, Row, Sheet, evidence_rule};
pub use counting::{Group, Part, Spread, Tie, groups, ids};
pub use determination::{Claim, Decision, Ground, Matter, Missing, Verdict, decide};
pub use docket::{CaseDecision, Confirmed, DecisionFacts, OpenQuestion, Vulnerability};
pub(crate) use docket::{Docket, Slot};
pub use hierarchy::{COUNCIL_OF_ROOTS, Hierarchy, Station};
pub use outcome::{InvalidRuling, Outcome, Ruling};
pub use overlay::{Overlay, OverlayRule, RefusedOverlay};
pub use pack::{Level, Pack, PackRule, UnknownPack, packs};
pub use permission::{Permission, permission};
pub use profile::{Profile, profile, profiles};
pub use refusal::{Consequence, Refusal as FirstRefusal, Setting, consequence};
pub use routing::{InvalidPartners, Partner, Route, letter, partners, routes};
pub use settings::DecisionSettings;
pub use steering::{SeverityAnswers, SeverityQuestion, Steering, Tier, TierTrack, steering};
pub use tasks::{TASKS, Task};
pub use tree::{
    Determination, InvalidAnswer, Node, RULESET, Step, Subject, determine, node, nodes,
};
