//! The store through its public door, on every engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod ahead;
mod audit;
mod callers;
mod changes;
mod cve_list;
mod followups;
mod migrate;
mod publish;
mod records;
mod reserve;
mod setup;
mod tallies;
mod versions;
mod write;
