//! The vocabulary of the record engine, compared with published facts and
//! with implementations by other people.

mod cvss;
mod cvss_examples;
mod cwe;
mod purl;
mod versions;
