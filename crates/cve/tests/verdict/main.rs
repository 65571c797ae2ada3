//! The schema verdict against recorded verdicts of ajv, the crate
//! `jsonschema`, and our own fixtures.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge_texts;
mod fixtures;
mod generated;
mod properties;
mod records;
mod screen;
mod shared;
