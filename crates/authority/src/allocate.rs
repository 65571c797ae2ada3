//! Reserving CVE IDs.
//!
//! Requests of one organisation that come at once are served one after the
//! other; the reference server refuses all but one with
//! `RESERVATION_IN_PROGRESS` (cve-services section 16).

use std::sync::Arc;

use axum::http::StatusCode;
use cve::id::{CveId, Year};
use cve::org::ShortName;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{FromPool, OrgRow, Reserve, ReserveRefusal, Sequence};

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::{Caller, CnaCaller};
use crate::error::{Error, Refusal};
use crate::orgs;
use crate::parameters;
use crate::router::Authority;
use crate::routes::Step;

/// IDs a random reservation gives at most.
///
/// Source: cve-services section 7.
const NONSEQUENTIAL_MAX: i64 = 10;

/// In which order numbers are given.
enum Batch {
    Priority,
    Sequential,
    Nonsequential,
}

/// POST /cve-id: `amount` IDs of `cve_year` for `short_name`.
///
/// Source: cve-services sections 6.1 and 7.
pub(crate) fn reserve(
    authority: &Arc<Authority>,
    CnaCaller(caller): CnaCaller,
    call: &mut Call,
) -> Result<Step, Error> {
    call.check(&parameters::RESERVE)?;
    let short_name = call.text("short_name").unwrap_or_default();
    if !caller.may_see(short_name) {
        return Err(Refusal::CannotReserveForOther.into());
    }
    let amount = call.text("amount").map_or(0, parameters::integer);
    if amount <= 0 {
        return Err(Refusal::AmountNotPositive.into());
    }
    let batch_type = call.text("batch_type").map(str::to_lowercase);
    if amount > 1 && batch_type.as_deref().is_none_or(str::is_empty) {
        return Err(Refusal::NoBatchType.into());
    }
    if caller.org.short_name.as_str() != short_name {
        call.asks(&authority.store)?;
    }
    let year = call.text("cve_year").and_then(|year| year.parse().ok());
    let batch = batch(batch_type.as_deref(), amount);
    // In order, the writer says what the owner may still reserve when it takes
    // the IDs; otherwise that is looked at first, whatever else is wrong.
    let sequence = match &batch {
        Ok(Batch::Priority) => Some(Sequence::Priority),
        Ok(Batch::Sequential) => Some(Sequence::Sequential),
        Ok(Batch::Nonsequential) | Err(_) => None,
    };
    // Above the greatest quota, which any amount that does not fit is.
    let ordered = u32::try_from(amount).unwrap_or(u32::MAX);
    if let (Some(sequence), Some(year)) = (sequence, year) {
        let owner = match caller.org.short_name.as_str() == short_name {
            true => caller.org.clone(),
            false => {
                call.asks(&authority.store)?;
                owner(authority, short_name)?
            }
        };
        let order = Order {
            caller,
            owner,
            year,
            amount: ordered,
        };
        return Ok(order.in_order(authority, sequence));
    }
    call.asks(&authority.store)?;
    let owner = owner(authority, short_name)?;
    let available = owner.id_quota - owner.reserved;
    if amount > available {
        return Err(over_quota(owner.id_quota, owner.reserved).into());
    }
    batch?;
    call.takes_long()?;
    let order = Order {
        caller,
        owner,
        year: year.ok_or(Refusal::Unavailable)?,
        amount: ordered,
    };
    order.at_random(authority, available).map(Step::Done)
}

/// In which order numbers are asked for, by the words for it.
fn batch(batch_type: Option<&str>, amount: i64) -> Result<Batch, Refusal> {
    match batch_type {
        None => Ok(Batch::Priority),
        Some("sequential") => Ok(Batch::Sequential),
        Some("nonsequential" | "non-sequential") if amount > NONSEQUENTIAL_MAX => {
            Err(Refusal::OverNonsequentialMaximum)
        }
        Some("nonsequential" | "non-sequential") => Ok(Batch::Nonsequential),
        Some(_) => Err(Refusal::InvalidBatchType),
    }
}

/// The organisation the IDs are for, as it stands now.
fn owner(authority: &Authority, short_name: &str) -> Result<OrgRow, Error> {
    let unknown = || Refusal::UnknownOrg {
        org: short_name.to_owned(),
        named_by: "short_name query",
        status: 403,
    };
    Ok(orgs::named(authority, short_name)?.ok_or_else(unknown)?)
}

fn over_quota(id_quota: i64, reserved: i64) -> Refusal {
    Refusal::OverQuota { id_quota, reserved }
}

/// A reservation that may be tried.
struct Order {
    caller: Caller,
    owner: OrgRow,
    year: Year,
    amount: u32,
}

impl Order {
    fn in_order(self, authority: &Authority, sequence: Sequence) -> Step {
        let reserved = authority.store.begin_reserve(Reserve {
            owner: self.owner.uuid.clone(),
            requester_org: self.caller.org.uuid.clone(),
            requester_user: self.caller.user.uuid.clone(),
            actor: self.caller.user.username.clone(),
            year: self.year,
            amount: self.amount,
            sequence,
        });
        Step::Later(Box::pin(async move {
            let reserved = reserved.await?.map_err(|refusal| self.refused(refusal))?;
            Ok(self.complete(&reserved.ids, reserved.at, reserved.remaining))
        }))
    }

    fn at_random(&self, authority: &Authority, available: i64) -> Result<Answer, Error> {
        let picks = (0..self.amount)
            .map(|_| u64::from_le_bytes(authority.world.random()))
            .collect();
        let request = FromPool {
            owner: self.owner.uuid.clone(),
            requester_org: self.caller.org.uuid.clone(),
            requester_user: self.caller.user.uuid.clone(),
            actor: self.caller.user.username.clone(),
            year: self.year,
            picks,
        };
        let taken = authority.store.write(move |tx| {
            let pooled = tx.reserve_from_pool(&request)?;
            Ok::<_, Error>((pooled, tx.now()))
        });
        let (pooled, at) = taken?;
        let pooled = pooled.map_err(|refusal| self.refused(refusal))?;
        if pooled.ids.len() < self.amount as usize {
            return Ok(self.partial(&pooled.ids, at, available));
        }
        Ok(self.complete(&pooled.ids, at, pooled.remaining))
    }

    fn refused(&self, refusal: ReserveRefusal) -> Refusal {
        let year = self.year.to_string();
        match refusal {
            ReserveRefusal::UnknownOrg => Refusal::UnknownOrg {
                org: self.owner.short_name.to_string(),
                named_by: "short_name query",
                status: 403,
            },
            ReserveRefusal::OverQuota { quota, reserved } => over_quota(quota, reserved),
            ReserveRefusal::NoRange { remaining } => Refusal::NoRangeForYear { year, remaining },
            ReserveRefusal::RangeFull { remaining } => Refusal::RangeFull { year, remaining },
        }
    }

    fn complete(&self, ids: &[CveId], at: Timestamp, remaining: i64) -> Answer {
        Answer::of(&Complete {
            cve_ids: self.listed(ids, at),
            meta: Meta {
                remaining_quota: remaining,
            },
        })
        .remaining_quota(remaining)
    }

    /// Fewer than asked for, because the last numbers of the year are gone.
    ///
    /// Source: cve-services section 7 (206).
    fn partial(&self, ids: &[CveId], at: Timestamp, available: i64) -> Answer {
        let body = json!({
            "error": "RESERVED_PARTIAL_AMOUNT",
            "message": "Only a partial amount of CVE IDs were reserved because there are not \
                        enough IDs available in the configured range for IDR to reserve the \
                        full amount.",
            "details": {"amount_reserved": ids.len()},
            "cve_ids": self.listed(ids, at),
        });
        // cve-services takes the amount asked for off here, not the one given.
        Answer::json(StatusCode::PARTIAL_CONTENT, &body)
            .remaining_quota(available - i64::from(self.amount))
    }

    fn listed(&self, ids: &[CveId], at: Timestamp) -> Vec<Listed<'_>> {
        ids.iter()
            .map(|id| Listed {
                requested_by: RequestedBy {
                    cna: &self.caller.org.short_name,
                    user: &self.caller.user.username,
                },
                cve_id: *id,
                cve_year: self.year,
                state: "RESERVED",
                owning_cna: &self.owner.short_name,
                reserved: at,
            })
            .collect()
    }
}

/// The answer to a reservation that gave all that was asked for. Its keys, and
/// those below, stand in the order the reference server has them.
#[derive(Serialize)]
struct Complete<'a> {
    cve_ids: Vec<Listed<'a>>,
    meta: Meta,
}

#[derive(Serialize)]
struct Meta {
    remaining_quota: i64,
}

/// An ID that was just reserved.
#[derive(Serialize)]
struct Listed<'a> {
    requested_by: RequestedBy<'a>,
    cve_id: CveId,
    cve_year: Year,
    state: &'static str,
    owning_cna: &'a ShortName,
    reserved: Timestamp,
}

#[derive(Serialize)]
struct RequestedBy<'a> {
    cna: &'a ShortName,
    user: &'a str,
}
