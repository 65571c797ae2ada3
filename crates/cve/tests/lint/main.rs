//! The content rules against their own examples, the shared records, and
//! texts of any form.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod book;
mod cvelint;
mod examples;
mod facts;
mod mend;
mod records;
mod robust;
#[allow(dead_code, reason = "the tests of the verdict use more of it")]
#[path = "../verdict/shared.rs"]
mod shared;
