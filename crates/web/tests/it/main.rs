//! What portal, workbench and API promise, through the real router.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "tests stop at the first surprise"
)]

mod api;
mod ask;
mod case_page;
mod clocks;
mod embargo;
mod findings;
mod headers;
mod instance;
mod office;
mod portal;
mod reception;
mod reports;
mod sign_in;
mod sign_in_limit;
