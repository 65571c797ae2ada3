//! The two doors handlers hold: one to the desk, one to what is published.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;
use casework::{Actor, Desk, Published, Throttle};
use http::Crossing;

use crate::client_address::client_address;
use crate::session::Caller;
use crate::settings::Settings;
use crate::stop::Stop;

/// What workbench and API hold.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    desk: Desk,
    crossing: Crossing,
    settings: Arc<Settings>,
    attempts: Arc<Throttle>,
}

impl Door {
    pub(crate) fn new(desk: Desk, crossing: Crossing, settings: Arc<Settings>) -> Door {
        Door {
            desk,
            crossing,
            settings,
            attempts: Arc::new(Throttle::default()),
        }
    }

    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Counts an attempt to sign in that failed, and refuses it with how long
    /// to wait once an address made too many; leaves everything else as it is.
    pub(crate) fn limited<T>(
        &self,
        desk: &Desk,
        address: IpAddr,
        tried: Result<T, Stop>,
    ) -> Result<T, Stop> {
        match tried {
            Err(stop) if stop.is_not_signed_in() => {
                match desk.admit_attempt(&self.attempts, address) {
                    Ok(()) => Err(stop),
                    Err(busy) => Err(Stop::Busy(busy)),
                }
            }
            tried => tried,
        }
    }

    /// Crosses once, for an attempt to sign in from where `parts` came.
    pub(crate) async fn attempt<T: Send + 'static>(
        &self,
        parts: &Parts,
        work: impl FnOnce(&Desk) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let address = client_address(parts, &self.settings.proxies);
        let door = self.clone();
        self.unsigned(move |desk| door.limited(desk, address, work(desk)))
            .await
    }

    /// Crosses once to find out who is asking, before so much is read of them.
    pub(crate) async fn known(&self, caller: Caller) -> Result<Caller, Stop> {
        self.work(caller, |_, actor| Ok(Caller::Known(actor.clone())))
            .await
    }

    /// Crosses once: finds out who is asking and does `work` for them.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        caller: Caller,
        work: impl FnOnce(&Desk, &Actor) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let door = self.clone();
        self.unsigned(move |desk| {
            let actor = caller.actor(&door, desk)?;
            work(desk, &actor)
        })
        .await
    }

    /// Crosses once, for somebody who need not be signed in.
    pub(crate) async fn unsigned<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Desk) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let desk = self.desk.clone();
        self.crossing.cross(move || work(&desk)).await?
    }
}

/// What the portal holds. There is no way from here to a [`Desk`].
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    published: Published,
    crossing: Crossing,
    settings: Arc<Settings>,
}

impl Gate {
    pub(crate) fn new(published: Published, crossing: Crossing, settings: Arc<Settings>) -> Gate {
        Gate {
            published,
            crossing,
            settings,
        }
    }

    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Crosses once and answers with a response or an error page.
    pub(crate) async fn read(
        &self,
        work: impl FnOnce(&Published, &Settings) -> Result<Response, Stop> + Send + 'static,
    ) -> Response {
        let (published, settings) = (self.published.clone(), self.settings.clone());
        let crossed = self.crossing.cross(move || work(&published, &settings));
        match crossed.await.map_err(Stop::from).and_then(|answer| answer) {
            Ok(response) => response,
            Err(stop) => crate::page::portal_error(&self.settings, stop.explain()),
        }
    }
}
