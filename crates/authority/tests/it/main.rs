//! The authority through its public door: real requests over loopback.

mod admin;
mod allocate;
mod audit;
mod client;
mod ids;
mod library;
mod orgs;
mod permission;
mod records;
mod server;
mod transport;
mod users;
