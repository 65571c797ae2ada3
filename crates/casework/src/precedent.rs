//! Executable precedents: scenario files run against the rules.
//!
//! A precedent says what is given, what happens, what is answered and what the
//! engine must conclude. Running it keeps decisions the same when rules or
//! code change. Nothing here looks at a scenario's name or takes anything from
//! what it expects: a course runs without it.
//!
//! Source: `docs/scenarios.md` in the repository defines the format.

mod acts;
mod aftermath;
mod book;
mod compare;
mod content;
mod course;
mod format;
mod keys;
mod plans;
mod reference;
mod verify;
mod words;
mod world;

pub use keys::{KEYS, Key};
pub use reference::reference;
pub use verify::{Report, Verdict, verify};
