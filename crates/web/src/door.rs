//! The two doors handlers hold: one to the desk, one to what is published.

use std::sync::Arc;

use axum::response::Response;
use casework::{Actor, Desk, Published};
use http::Crossing;

use crate::session::Caller;
use crate::settings::Settings;
use crate::stop::Stop;

/// What workbench and API hold.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    desk: Desk,
    crossing: Crossing,
    settings: Arc<Settings>,
}

impl Door {
    pub(crate) fn new(desk: Desk, crossing: Crossing, settings: Arc<Settings>) -> Door {
        Door {
            desk,
            crossing,
            settings,
        }
    }

    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Crosses once: finds out who is asking and does `work` for them.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        caller: Caller,
        work: impl FnOnce(&Desk, &Actor) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        self.unsigned(move |desk| {
            let actor = caller.actor(desk)?;
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
