//! The vocabulary of the record engine, compared with published facts and
//! with implementations by other people.

// A test may stop at the first surprise.
#![allow(clippy::unwrap_used)]

mod cvss;
mod cvss_examples;
mod cwe;
mod purl;
mod versions;
