//! The authority through its public door: real requests over loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod admin;
mod administration;
mod allocate;
mod audit;
mod client;
mod clients;
mod documentation;
mod ids;
mod kept_callers;
mod library;
mod nodes;
mod operation;
mod orgs;
mod permission;
mod probes;
mod records;
mod server;
mod transport;
mod traps;
mod users;
