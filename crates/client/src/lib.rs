//! Every request that leaves this program goes through here.
//!
//! | module | holds |
//! |---|---|
//! | [`request`] | the one door: [`Request`], its [`Settings`], one [`Call`] and its [`Answer`] |
//! | [`credentials`] | who asks: org, user, key |
//! | [`services`] | a CVE Services, call by call |
//! | [`link`] | does a public address answer, and with what |
//! | [`issues`] | a public issue, as the tracker's API shows it |
//! | [`error`] | what went wrong, and whether the work may have been done |
//!
//! Everything is blocking: a caller with a runtime crosses to a blocking
//! thread. Nothing is retried here, ever; whoever repeats a request must
//! first know from the [`Error`] that the work was not done.

pub mod credentials;
pub mod error;
pub mod issues;
pub mod link;
pub mod request;
pub mod services;

pub use credentials::{ApiKey, Credentials};
pub use error::Error;
pub use issues::{Filing, IssueFailure, IssueSeen, Issues, NewIssue};
pub use link::{Link, LinkAnswer};
pub use request::{Addresses, Answer, Call, Method, Request, Settings};
pub use services::{IdFilter, Reply, Reservation, Services, UserChange};
