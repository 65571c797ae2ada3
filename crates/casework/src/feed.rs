//! The feed: entries follow the change log, the document follows the entries.

use serde_json::{Value, json};
use store::{AdvisoryRow, Reader, Tx};

use crate::desk::Desk;
use crate::error::Error;

/// Name of the cursor all nodes share.
const CURSOR: &str = "feed";

/// Changes one step reads at most.
const STEP: u32 = 500;

impl Desk {
    /// Takes the feed up to the end of the change log.
    ///
    /// The cursor moves in the transaction that writes the entries, so every
    /// advisory gets one entry, however many nodes run this.
    /// Gives: how many entries were added.
    pub fn follow_feed(&self) -> Result<u32, Error> {
        let mut added = 0;
        let behind = |reader: &mut Reader<'_>| {
            Ok::<_, store::Error>(reader.cursor(CURSOR)? < reader.last_change()?)
        };
        while self.store.read(behind)? {
            let (read, new) = self.store.write(|tx| {
                let seen = tx.take_cursor(CURSOR)?;
                let changes = tx.changes_after(seen, STEP)?;
                let mut new = 0;
                for change in &changes {
                    if change.kind == "advisory.published" {
                        tx.insert_feed_item(change.seq, &change.object)?;
                        new += 1;
                    }
                }
                if let Some(last) = changes.last() {
                    tx.move_cursor(CURSOR, last.seq)?;
                }
                Ok::<_, Error>((changes.len(), new))
            })?;
            added += new;
            if read < STEP as usize {
                break;
            }
        }
        Ok(added)
    }
}

/// Lets the feed be followed from the beginning again; its entries are gone.
pub(crate) fn restart(tx: &mut Tx<'_>) -> Result<(), Error> {
    tx.take_cursor(CURSOR)?;
    Ok(tx.move_cursor(CURSOR, 0)?)
}

/// The entries as a JSON Feed 1.1.
///
/// Takes: `entries`, newest first; `portal`, without a slash at the end.
/// Source: JSON Feed 1.1; formats section 7.1.
pub(crate) fn json_feed(title: &str, portal: &str, entries: &[AdvisoryRow]) -> Value {
    let items: Vec<Value> = entries.iter().map(|entry| item(portal, entry)).collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": format!("{portal}/"),
        "feed_url": format!("{portal}/feed.json"),
        "items": items,
    })
}

fn item(portal: &str, entry: &AdvisoryRow) -> Value {
    let mut item = json!({
        "id": entry.id,
        "url": format!("{portal}/advisories/{}", entry.id),
        "external_url": format!("https://www.cve.org/cverecord?id={}", entry.cve_id),
        "title": format!("{}: {}", entry.cve_id, entry.title),
        "content_text": entry.summary,
        "date_published": entry.published,
        "date_modified": entry.modified,
    });
    if !entry.severity.is_empty() {
        item["tags"] = json!([entry.severity]);
    }
    item
}
