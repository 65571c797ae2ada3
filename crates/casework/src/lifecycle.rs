//! What the CNA does after an ID is assigned, as rules without a store.
//!
//! | file | holds |
//! |---|---|
//! | `ledger` | the states of an ID, and which may follow which |
//! | `pool` | how many IDs to keep, and what the quota leaves |
//! | `year` | which year an ID may have |
//! | `deed`, `approval` | who may do what, and who approved exactly what |
//! | `checklist` | what must be so before a record is published |
//! | `amendment`, `rejection`, `merge`, `split`, `dispute`, `transfer` | changes after assignment |
//! | `year_end`, `rbp`, `inactivity` | sweeps and sanctions |
//! | `issue` | the public issue of an organisation that keeps one |
//! | `readiness` | whether a candidate can become a CNA |
//! | `mistake`, `gcve` | weaknesses to look at, identifiers of another system |
//!
//! Source: process sections 3 to 12 and 17.

pub mod amendment;
pub mod approval;
pub mod checklist;
pub mod deed;
pub mod dispute;
pub mod gcve;
pub mod inactivity;
pub mod issue;
pub mod ledger;
pub mod merge;
pub mod mistake;
pub mod pool;
pub mod rbp;
pub mod readiness;
pub mod rejection;
pub mod split;
pub mod transfer;
pub mod year;
pub mod year_end;
