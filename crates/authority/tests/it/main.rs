//! The authority through its public door: real requests over loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod admin;
mod allocate;
mod audit;
mod client;
mod ids;
mod library;
mod nodes;
mod orgs;
mod permission;
mod records;
mod server;
mod transport;
mod users;
