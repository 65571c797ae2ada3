//! `cna audit verify`: proves that the audit chain is unbroken.

use anyhow::bail;
use serde_json::json;
use store::Store;

use crate::config::Place;
use crate::output::line;

/// Walks the chain of the place's database and prints what was found.
pub(crate) fn verify(place: &Place, as_json: bool) -> anyhow::Result<()> {
    if let store::DatabaseUrl::Sqlite(file) = &place.database
        && !file.exists()
    {
        bail!(
            "there is no database `{}`: name the folder with --data",
            file.display()
        );
    }
    let store = Store::open(place.database.clone(), crate::world::real(place.now)?)?;
    let verdict = store.read(|reader| reader.verify_audit())?;
    if as_json {
        line(&json!(verdict).to_string())?;
    } else if verdict.broken.is_none() {
        line(&format!(
            "The audit chain is unbroken: {} events, {} of them erased.",
            verdict.entries, verdict.erased
        ))?;
    }
    match verdict.broken {
        Some((seq, problem)) => bail!("the audit chain is broken at event {seq}: {problem}"),
        None => Ok(()),
    }
}
