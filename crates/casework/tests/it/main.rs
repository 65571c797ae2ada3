//! The desk through its public door, on every engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod office;

mod aftermath;
mod answers;
mod at_once;
mod automatic_mail;
mod awards;
mod calendar;
mod case_calls;
mod case_office;
mod catalogue;
mod clocks;
mod closing_clocks;
mod deadlines;
mod desk_calls;
mod desk_knows;
mod dispatches;
mod distributors;
mod document_reports;
mod duplicates;
mod embargo;
mod erasure;
mod feed;
mod findings;
mod forms;
mod four_eyes;
mod hub;
mod id_life;
mod intake;
mod issue_filing;
mod issues;
mod leaks;
mod leaving;
mod letters;
mod mail;
mod mailed;
mod many_cases;
mod need_to_know;
mod policy;
mod pool;
mod release;
mod reminders;
mod routing;
mod sequences;
mod services;
mod severity;
mod sign_in;
mod smtp;
mod strangers;
mod training;
mod updates;
mod votes;

/// As in the executable; the tests of random sequences spend a fifth of their
/// time in the allocator of the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
