//! A file for each verb.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod authority;
pub(crate) mod case;
pub(crate) mod case_duplicates;
pub(crate) mod check;
pub(crate) mod clocks;
pub(crate) mod completion;
pub(crate) mod convert;
pub(crate) mod cvss;
pub(crate) mod demo;
pub(crate) mod draft;
pub(crate) mod followup;
pub(crate) mod id;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod person;
pub(crate) mod publish;
pub(crate) mod recover;
pub(crate) mod review;
pub(crate) mod rule;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod versions;
