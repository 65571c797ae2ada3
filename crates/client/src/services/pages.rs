//! Lists that come in pages.

use std::marker::PhantomData;

use serde_json::Value;

use super::{Reply, Services};
use crate::{Error, Method};

/// A server that names the next page for ever is stopped here; at 500 a page
/// these are five million entries.
const MAX_PAGES: u64 = 10_000;

impl Services {
    /// Follows `nextPage` and joins the lists under `key`.
    ///
    /// Refuses: `Unknown` when a page has no such list, or when the pages do
    /// not rise.
    pub(super) fn all_pages<T>(
        &self,
        path: &str,
        query: Vec<(&'static str, String)>,
        key: &str,
    ) -> Result<Reply<Vec<T>>, Error> {
        let mut entries = Vec::new();
        let mut page: u64 = 1;
        loop {
            let mut query = query.clone();
            if page > 1 {
                query.push(("page", page.to_string()));
            }
            let reply: Reply<Value> = self.ask(Method::Get, path, &query, None)?;
            let (url, status, mut raw) = (reply.url, reply.status, reply.raw);
            let unknown = |what: String| Error::Unknown {
                url: url.clone(),
                status: Some(status),
                what,
                is_reading: true,
                raw: Vec::new(),
                retry_after_s: None,
            };
            match raw.get_mut(key).map(Value::take) {
                Some(Value::Array(mut items)) => entries.append(&mut items),
                _ => return Err(unknown(format!("answered {status} without a list `{key}`"))),
            }
            match raw.get("nextPage").and_then(Value::as_u64) {
                None => {
                    return Ok(Reply {
                        url,
                        status,
                        raw: entries.into(),
                        is_reading: true,
                        shape: PhantomData,
                    });
                }
                Some(next) if next > page && next <= MAX_PAGES => page = next,
                Some(next) => return Err(unknown(format!("sent page {page} on to page {next}"))),
            }
        }
    }
}
