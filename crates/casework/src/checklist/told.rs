//! PC-15: whether the reporter was told that it is published.
//!
//! Source: process section 6.

use store::{LedgerRow, Reader};

use crate::error::Error;

/// State, evidence and what to do.
pub(super) fn published(
    reader: &mut Reader<'_>,
    line: &LedgerRow,
) -> Result<(&'static str, String, String), Error> {
    let (Some(published), Some(case)) = (line.published_at, line.case_id) else {
        let evidence = "it is said once the record is published".to_owned();
        return Ok(("later", evidence, String::new()));
    };
    let id = line.id.to_string();
    // What was sent with the disclosure counts.
    let since = line.disclosed_at.unwrap_or(published);
    let messages = reader.messages(case)?;
    let said = messages.iter().find(|message| {
        let is_ours = message.lane == "reporter" && message.author != "reporter";
        is_ours && message.at >= since && message.body.contains(&id)
    });
    if let Some(said) = said {
        let evidence = format!("message {} of {} says so", said.number, said.at.date());
        return Ok(("done", evidence, String::new()));
    }
    if let Some(set) = reader.announcement_set(line.id)? {
        let texts = reader.announcements(line.id, set.number)?;
        let mut sent = texts.iter().filter(|text| text.template == "reporter");
        if let Some(at) = sent.find_map(|text| text.sent_at) {
            let evidence = format!("the announcement `reporter` was sent on {}", at.date());
            return Ok(("done", evidence, String::new()));
        }
    }
    let todo = format!(
        "draft it with `cna case write {case} --template published`, and send it with `cna case \
         send`"
    );
    Ok(("open", "nobody told the reporter".to_owned(), todo))
}
