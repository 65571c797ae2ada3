//! An authority that serves, and what is done to it beside requests.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use cve::id::Year;
use cve::world::World;
use store::Store;

use crate::admin;
use crate::error::Error;
use crate::router::{self, Compat, Served, Settings};

/// How long before a year begins it is opened.
///
/// Source: our choice; the Program forgot 2025 until October 2024
/// (cve-services section 14, trap 21).
const AHEAD_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// An authority that serves. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Service(Arc<Served>);

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Service({:?})", self.0.authority.store)
    }
}

impl Service {
    /// Builds an authority on an open store.
    pub fn new(store: Store, world: World, settings: Settings) -> Service {
        Service(Arc::new(Served::new(store, world, settings)))
    }

    /// Answers a request that comes from `client`, on every path, unknown ones
    /// with 404.
    pub fn answer(&self, client: SocketAddr, request: Request) -> http::Answering {
        let served = self.0.clone();
        Box::pin(async move { Ok(router::serve(served, Some(client), request).await) })
    }

    /// The same as a router, for a server that has others beside it.
    pub fn router(&self) -> Router {
        router::serving(self.0.clone())
    }

    /// What it has counted, in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        let mut text = self.0.metrics.text(&self.0.names);
        // A database that does not answer shows as a missing line.
        if let Ok(changes) = self
            .0
            .authority
            .store
            .read::<_, store::Error>(|reader| reader.last_change())
        {
            text.push_str(&format!(
                "# HELP cna_authority_changes_total Changes committed to the database.\n\
                 # TYPE cna_authority_changes_total counter\n\
                 cna_authority_changes_total {changes}\n"
            ));
        }
        text
    }

    /// Makes it say that it is not ready for more; requests are still served.
    pub fn end(&self) {
        self.0.authority.end();
    }

    /// Writes what is remembered and not yet written: when keys were used.
    pub fn settle(&self) {
        let authority = &self.0.authority;
        authority.key_uses.write(&authority.store);
    }

    /// Opens the year that begins within 90 days, and this one, where the year
    /// before is open: an authority that numbers this year goes on with the
    /// next without being asked.
    ///
    /// Gives: the years that were opened; none as version 2.3, which has to be
    /// asked for each.
    pub fn open_years(&self) -> Result<Vec<Year>, Error> {
        let authority = &self.0.authority;
        if authority.settings.compat == Compat::V2_3 {
            return Ok(Vec::new());
        }
        let now = authority.world.now();
        let open = authority.store.read(|reader| reader.id_ranges())?;
        let mut open: Vec<Year> = open.into_iter().map(|range| range.year).collect();
        let mut opened = Vec::new();
        for year in [now.year(), now.plus_ms(AHEAD_MS).year()] {
            let before = u16::checked_sub(year.number(), 1).and_then(Year::new);
            let follows = before.is_some_and(|before| open.contains(&before));
            if follows && !open.contains(&year) && admin::open_year(&authority.store, year)? {
                opened.push(year);
            }
            open.extend(&opened);
        }
        Ok(opened)
    }
}
