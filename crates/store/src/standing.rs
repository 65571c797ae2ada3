//! Standing of the authority's organisations: under which Root they are, and
//! whether they are disabled.

use std::collections::BTreeMap;

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// How an organisation stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// UUID of the Root it is under; nothing when it is under none.
    pub parent: Option<String>,
    /// Since when nobody of it can sign in; nothing while it is enabled.
    pub disabled: Option<Timestamp>,
    /// Why it was disabled, in the words of whoever did it.
    pub reason: String,
}

fn standing(row: &Row, first: usize) -> Result<Standing, Error> {
    let parent: String = row.text(first)?;
    let disabled: String = row.text(first + 1)?;
    Ok(Standing {
        parent: (!parent.is_empty()).then_some(parent),
        disabled: match disabled.is_empty() {
            true => None,
            false => Some(row.parse(first + 1)?),
        },
        reason: row.text(first + 2)?,
    })
}

impl Reader<'_> {
    /// How the organisation with UUID `org` stands.
    pub fn standing(&mut self, org: &str) -> Result<Standing, Error> {
        let sql = "select parent, disabled, reason from org_standing where org = ?1";
        match self.first(sql, params![org])? {
            Some(row) => standing(&row, 0),
            None => Ok(Standing::default()),
        }
    }

    /// How all organisations stand that are under a Root or disabled, by UUID.
    pub fn standings(&mut self) -> Result<BTreeMap<String, Standing>, Error> {
        self.query(
            "select org, parent, disabled, reason from org_standing",
            &[],
        )?
        .iter()
        .map(|row| Ok((row.text(0)?, standing(row, 1)?)))
        .collect()
    }
}

impl Tx<'_> {
    /// Sets how the organisation with UUID `org` stands.
    pub fn set_standing(&mut self, org: &str, standing: &Standing) -> Result<(), Error> {
        let disabled = standing.disabled.map(|at| at.to_string());
        self.execute(
            "insert into org_standing (org, parent, disabled, reason) values (?1, ?2, ?3, ?4) \
             on conflict (org) do update set parent = excluded.parent, \
             disabled = excluded.disabled, reason = excluded.reason",
            params![
                org,
                standing.parent.as_deref().unwrap_or_default(),
                disabled.as_deref().unwrap_or_default(),
                &standing.reason
            ],
        )?;
        Ok(())
    }
}
