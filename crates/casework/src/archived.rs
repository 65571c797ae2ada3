//! The records of an ID that were replaced by a rejection, as they were.
//!
//! CVE Services keeps none of their ADP containers, so this is the only place
//! where they still stand.
//!
//! Source: process sections 3.2 and 8.2.

use cve::id::CveId;
use serde_json::Value;

use crate::case::CaseId;
use crate::desk::Desk;
use crate::error::Error;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::shared::known_line;

impl Desk {
    /// The whole records of an ID that were archived before they were replaced,
    /// oldest first; none where nothing was replaced.
    ///
    /// Refuses: an ID of a case the actor is not on, as one that is not there.
    pub fn archived_records(&self, actor: &Actor, id: CveId) -> Result<Vec<Value>, Error> {
        check(actor, Action::Audit)?;
        let (records, embargoed) = self.store.snapshot(|reader| {
            let line = known_line(reader, actor, id)?;
            let case = line.case_id.map(|case| reader.case(case)).transpose()?;
            let embargoed = case.flatten().filter(|case| case.embargoed);
            Ok::<_, Error>((reader.archived_records(id)?, embargoed))
        })?;
        if let Some(case) = embargoed {
            self.note_view(actor, CaseId::new(case.id))?;
        }
        let read = |bytes: Vec<u8>| {
            serde_json::from_slice(&bytes)
                .map_err(|error| Error::Broken(format!("an archived record of {id}: {error}")))
        };
        records.into_iter().map(read).collect()
    }
}
