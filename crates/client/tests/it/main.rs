//! The client through its public door, against servers of our own.

mod door;
mod link;
mod server;
mod services;
