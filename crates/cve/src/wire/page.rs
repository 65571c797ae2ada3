//! The paging fields beside every long list.

use serde::{Deserialize, Serialize};

/// Where in a long list an answer stands. Pages hold 500 entries, and the
/// fields are there only when the whole list has at least 500.
///
/// Source: cve-services, GET `/cve-id`, `/cve`, `/org`, `/org/:s/users`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paging {
    /// Entries in the whole list.
    pub total_count: u64,
    /// Entries on a full page, 500.
    pub items_per_page: u64,
    /// Number of pages.
    pub page_count: u64,
    /// This page, from 1.
    pub current_page: u64,
    /// The page before, `null` on the first.
    pub prev_page: Option<u64>,
    /// The page after, `null` on the last.
    pub next_page: Option<u64>,
}
