//! Records: read, publish, reject, count.

use cve::id::CveId;
use cve::wire::{IdState, RecordAnswer, RecordCount};
use serde_json::{Value, json};

use super::{Reply, Services, path};
use crate::{Error, Method};

impl Services {
    /// The record of an ID, or `None` when there is none.
    ///
    /// Source: GET `/cve/:id`; 404 `CVE_RECORD_DNE` also for a reserved or an
    /// unknown ID.
    /// Refuses: `Unknown` when the record of another ID came, as a cache in
    /// between may answer; it may be asked again.
    pub fn record(&self, id: CveId) -> Result<Option<Reply<Value>>, Error> {
        match self.ask(Method::Get, &path(&["cve", &id.to_string()]), &[], None) {
            Ok(reply) => is_of(id, reply).map(Some),
            Err(error) if error.is_refusal(404, "CVE_RECORD_DNE") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Publishes a CNA container as a new record.
    ///
    /// Refuses: 403 `CVE_RECORD_EXISTS` when there is a record; then
    /// [`update_cna`](Services::update_cna).
    /// Source: POST `/cve/:id/cna`.
    pub fn publish_cna(&self, id: CveId, container: &Value) -> Result<Reply<RecordAnswer>, Error> {
        self.put_container(Method::Post, id, "cna", "cnaContainer", container)
    }

    /// Replaces the whole CNA container of a record; un-rejects it, too.
    ///
    /// Refuses: 403 `CVE_RECORD_DNE` when there is no record.
    /// Source: PUT `/cve/:id/cna`.
    pub fn update_cna(&self, id: CveId, container: &Value) -> Result<Reply<RecordAnswer>, Error> {
        self.put_container(Method::Put, id, "cna", "cnaContainer", container)
    }

    /// Rejects an ID without a record, with a record that says why.
    ///
    /// Refuses: 400 (not 403) `CVE_RECORD_EXISTS` when there is a record; then
    /// [`update_reject`](Services::update_reject).
    /// Source: POST `/cve/:id/reject`.
    pub fn reject(&self, id: CveId, container: &Value) -> Result<Reply<RecordAnswer>, Error> {
        self.put_container(Method::Post, id, "reject", "cnaContainer", container)
    }

    /// Rejects a record: replaces its CNA container, drops its ADP containers.
    ///
    /// Refuses: 400 `CVE_RECORD_DNE` when there is no record.
    /// Source: PUT `/cve/:id/reject`.
    pub fn update_reject(
        &self,
        id: CveId,
        container: &Value,
    ) -> Result<Reply<RecordAnswer>, Error> {
        self.put_container(Method::Put, id, "reject", "cnaContainer", container)
    }

    /// Adds or replaces the ADP container of the account's org.
    ///
    /// Refuses: 403 `CVE_RECORD_DNE`, `CVE_RECORD_REJECTED`, `ADP_ONLY`.
    /// Source: PUT `/cve/:id/adp`.
    pub fn publish_adp(&self, id: CveId, container: &Value) -> Result<Reply<RecordAnswer>, Error> {
        self.put_container(Method::Put, id, "adp", "adpContainer", container)
    }

    /// Counts records, of one state when `state` is given.
    ///
    /// Source: GET `/cve_count`, from cve-services 2.5 on; states are
    /// published and rejected.
    pub fn count(&self, state: Option<IdState>) -> Result<Reply<RecordCount>, Error> {
        let query: Vec<_> = state
            .map(|state| ("state", state.to_string()))
            .into_iter()
            .collect();
        self.ask(Method::Get, "cve_count", &query, None)
    }

    fn put_container(
        &self,
        method: Method,
        id: CveId,
        place: &str,
        key: &str,
        container: &Value,
    ) -> Result<Reply<RecordAnswer>, Error> {
        let body = json!({ key: container });
        let path = path(&["cve", &id.to_string(), place]);
        self.ask(method, &path, &[], Some(&body))
    }
}

/// The reply, unless it says that it is the record of another ID.
fn is_of(id: CveId, reply: Reply<Value>) -> Result<Reply<Value>, Error> {
    let what = match reply.raw["cveMetadata"]["cveId"].as_str() {
        Some(other) if other != id.to_string() => {
            format!("answered with the record of `{other}`, expected that of `{id}`")
        }
        _ => return Ok(reply),
    };
    Err(Error::Unknown {
        url: reply.url,
        status: Some(reply.status),
        what,
        is_reading: true,
        raw: Vec::new(),
        retry_after_s: None,
    })
}
