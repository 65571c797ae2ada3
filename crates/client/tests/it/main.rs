//! The client through its public door, against servers of our own.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise; clippy knows that only of functions marked as tests"
)]

mod door;
mod filing;
mod issues;
mod link;
mod server;
mod services;
