//! A file for each verb.

pub(crate) mod audit;
pub(crate) mod authority;
pub(crate) mod case;
pub(crate) mod check;
pub(crate) mod completion;
pub(crate) mod convert;
pub(crate) mod cvss;
pub(crate) mod decision;
pub(crate) mod demo;
pub(crate) mod man;
pub(crate) mod rule;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod versions;
