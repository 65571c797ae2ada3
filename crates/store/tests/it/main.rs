//! The store through its public door, on every engine.

mod audit;
mod changes;
mod followups;
mod migrate;
mod publish;
mod reserve;
mod setup;
mod write;
