//! The schema verdict against recorded verdicts of ajv, the crate
//! `jsonschema`, and our own fixtures.

mod edge_texts;
mod fixtures;
mod generated;
mod properties;
mod records;
mod shared;
