//! The pool: IDs that are reserved and serve no vulnerability yet.
//!
//! An emergency must not depend on CVE Services being up, so a CNA keeps a
//! buffer. Above the low-water mark nothing needs to be done; below it the
//! alarm stands until somebody reserves.
//!
//! Source: process section 4; CNA Rules 4.2.19.

use cve::id::Year;
use cve::time::Timestamp;
use cve::wire::BatchType;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, Followup, Reader};

use crate::assign::{RESERVE, ReserveOrder};
use crate::desk::{Desk, Organisation};
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// The smallest buffer.
const LEAST: u32 = 3;

/// The most IDs of one order.
///
/// Source: our choice, the default quota of CVE Services.
const MOST: u32 = 1_000;

/// The most IDs of one request that are not neighbours.
const NONSEQUENTIAL: u32 = 10;

/// The first year IDs have.
const FIRST_YEAR: u16 = 1999;

/// How long before a year CVE Services gives its IDs: 90 days.
const AHEAD_MS: i64 = 90 * DAY_MS;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// An order for IDs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolOrder {
    /// How many; without it as many as the buffer lacks.
    #[serde(default)]
    pub amount: Option<u32>,
    /// Of which year; the present one without it.
    #[serde(default)]
    pub year: Option<Year>,
    /// Whether they are neighbours. They are not unless this says so, because
    /// neighbours tell that several embargoed flaws belong together.
    #[serde(default)]
    pub sequential: bool,
    /// Why, for a year that has passed.
    #[serde(default)]
    pub reason: String,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolReservation {
    /// The year of the IDs.
    pub year: Year,
    /// How many are reserved; 0 when the buffer is full.
    pub amount: u32,
    /// The follow-ups that reserve them.
    pub followups: Vec<String>,
}

/// How the pool of a year stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolYear {
    /// The year.
    pub year: Year,
    /// IDs that serve no vulnerability yet.
    pub pool: u32,
    /// IDs that are being reserved for it.
    pub on_order: u32,
    /// How many there should be.
    pub buffer: u32,
    /// The mark below which the alarm stands: half the buffer.
    pub low_water: u32,
    /// Whether there are fewer than that, those on order not counted.
    pub is_low: bool,
}

impl Desk {
    /// How the pool stands: this year's, and each other year's that has IDs.
    pub fn pool(&self, actor: &Actor) -> Result<Vec<PoolYear>, Error> {
        check(actor, Action::Audit)?;
        let account = self
            .organisation()?
            .map(|organisation| organisation.account);
        let now = self.world.now();
        self.store
            .snapshot(|reader| standing(reader, account.as_deref().unwrap_or_default(), now))
    }

    /// Orders IDs for the pool; follow-ups reserve them.
    ///
    /// Refuses: a year that may not be used; more than 1,000 at once.
    /// Source: process section 4; CNA Rules 4.2.19.
    pub fn reserve(&self, actor: &Actor, order: &PoolOrder) -> Result<PoolReservation, Error> {
        check(actor, Action::Reserve)?;
        let organisation = self.set_up_organisation()?;
        let environment = self.environment(&organisation)?;
        let now = self.world.now();
        let year = order.year.unwrap_or_else(|| now.year());
        allow_year(year, now, &environment)?;
        if year < now.year() && environment == "production" && order.reason.trim().is_empty() {
            let problem = format!("{year} has passed: say why its IDs are needed");
            return Err(Refusal::invalid("reason", problem).into());
        }
        if let Some(amount) = order.amount.filter(|amount| !(1..=MOST).contains(amount)) {
            let problem = format!("it is {amount}: expected 1 to {MOST}");
            return Err(Refusal::invalid("amount", problem).into());
        }
        let ids: Vec<String> = (0..MOST.div_ceil(NONSEQUENTIAL))
            .map(|_| self.world.uuid())
            .collect();
        let (order, actor) = (order.clone(), actor.clone());
        self.store.write(move |tx| {
            let amount = match order.amount {
                Some(amount) => amount,
                None => {
                    let years = standing(tx, &organisation.account, now)?;
                    let pool = years.iter().find(|pool| pool.year == year);
                    let buffer = pool.or(years.first()).map_or(LEAST, |pool| pool.buffer);
                    let held = pool.map_or(0, |pool| pool.pool + pool.on_order);
                    buffer.saturating_sub(held).min(MOST)
                }
            };
            let mut followups = Vec::new();
            let parts = parts(amount, order.sequential);
            for ((amount, batch), id) in parts.iter().zip(&ids) {
                let payload = ReserveOrder {
                    account: organisation.account.clone(),
                    year,
                    amount: *amount,
                    case: None,
                    batch: *batch,
                };
                tx.insert_followup(&Followup {
                    id: id.clone(),
                    kind: RESERVE.into(),
                    subject: format!("pool {}", organisation.account),
                    lane: format!("reserve {}", organisation.account),
                    payload: json!(payload),
                })?;
                followups.push(id.clone());
            }
            if amount > 0 {
                tx.audit(AuditEvent {
                    actor: actor.name().to_owned(),
                    org: organisation.account.clone(),
                    action: "pool.reserve".into(),
                    object: format!("pool {}", organisation.account),
                    detail: json!({
                        "year": year,
                        "amount": amount,
                        "sequential": order.sequential,
                        "reason": order.reason,
                        "followups": followups,
                    }),
                });
            }
            Ok(PoolReservation {
                year,
                amount,
                followups,
            })
        })
    }

    /// The environment of the account IDs are reserved with.
    pub(crate) fn environment(&self, organisation: &Organisation) -> Result<String, Error> {
        let account = self
            .store
            .read(|reader| reader.account(&organisation.account))?;
        // Without the account nothing is sent, to production or elsewhere.
        Ok(account.map_or_else(String::new, |account| account.environment))
    }
}

/// Refuses a year whose IDs CVE Services does not give, or that is made for
/// examples.
///
/// Source: CNA Rules 4.2.19 and 5.4; process section 4, year boundary.
pub(crate) fn allow_year(year: Year, now: Timestamp, environment: &str) -> Result<(), Refusal> {
    if environment != "production" {
        // Practice has years of its own, 1900 among them.
        return Ok(());
    }
    let present = now.year();
    let problem = if year.number() == 1900 {
        "1900 is the year of examples, which never go to the production service: name a real year"
            .to_owned()
    } else if year.number() < FIRST_YEAR {
        format!("there are no IDs of {year}: the first year is {FIRST_YEAR}")
    } else if year.number() > present.number() + 1 {
        format!("{year} is too far ahead: expected {present} or earlier")
    } else if year > present && now.plus_ms(AHEAD_MS).year() < year {
        format!("IDs of {year} can be reserved from 90 days before it begins: use {present}")
    } else {
        return Ok(());
    };
    Err(Refusal::invalid("year", problem))
}

/// An amount as requests CVE Services takes.
///
/// Source: process section 4, point 3: at most ten that are not neighbours.
pub(crate) fn parts(amount: u32, sequential: bool) -> Vec<(u32, Option<BatchType>)> {
    match amount {
        0 => Vec::new(),
        1 => vec![(1, None)],
        amount if sequential => vec![(amount, Some(BatchType::Sequential))],
        amount => {
            let mut parts = vec![
                (NONSEQUENTIAL, Some(BatchType::Nonsequential));
                (amount / NONSEQUENTIAL) as usize
            ];
            match amount % NONSEQUENTIAL {
                0 => {}
                1 => parts.push((1, None)),
                rest => parts.push((rest, Some(BatchType::Nonsequential))),
            }
            parts
        }
    }
}

fn standing(
    reader: &mut Reader<'_>,
    account: &str,
    now: Timestamp,
) -> Result<Vec<PoolYear>, Error> {
    let lines = reader.ledger()?;
    let lines: Vec<_> = lines
        .iter()
        .filter(|line| line.account == account)
        .collect();
    let assigned: Vec<Timestamp> = lines.iter().filter_map(|line| line.assigned_at).collect();
    let buffer = buffer(&assigned, now);
    let mut orders = Vec::new();
    for payload in reader.open_followup_payloads(RESERVE)? {
        let order: ReserveOrder = serde_json::from_value(payload)
            .map_err(|error| Error::Broken(format!("payload of a reservation: {error}")))?;
        if order.account == account && order.case.is_none() {
            orders.push(order);
        }
    }
    let pooled = lines.iter().filter(|line| line.state == "POOL");
    let mut years: Vec<Year> = pooled.map(|line| line.id.year()).collect();
    years.extend(orders.iter().map(|order| order.year));
    years.push(now.year());
    years.sort_unstable();
    years.dedup();
    let year = |year: Year| {
        let of_year = |line: &&&store::LedgerRow| line.state == "POOL" && line.id.year() == year;
        let pool = u32::try_from(lines.iter().filter(of_year).count()).unwrap_or(u32::MAX);
        let on_order = orders.iter().filter(|order| order.year == year);
        // Only this year's are drawn on without being asked for.
        let is_present = year == now.year();
        PoolYear {
            year,
            pool,
            on_order: on_order.map(|order| order.amount).sum(),
            buffer: if is_present { buffer } else { 0 },
            low_water: if is_present { buffer.div_ceil(2) } else { 0 },
            is_low: is_present && pool < buffer.div_ceil(2),
        }
    };
    Ok(years.into_iter().rev().map(year).collect())
}

/// The buffer that is enough for 30 days in 95 of 100 cases, from the times
/// IDs were assigned in the last year.
///
/// Source: process section 4, point 2.
fn buffer(assigned: &[Timestamp], now: Timestamp) -> u32 {
    let mut windows: Vec<usize> = (0..365)
        .map(|day| {
            let end = now.plus_ms(-day * DAY_MS);
            let start = end.plus_ms(-30 * DAY_MS);
            assigned
                .iter()
                .filter(|at| **at > start && **at <= end)
                .count()
        })
        .collect();
    windows.sort_unstable();
    let used = windows.get(windows.len() * 95 / 100).copied().unwrap_or(0);
    u32::try_from(used).unwrap_or(MOST).max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_years_that_may_be_reserved_at_production() {
        for (year, now, allowed) in [
            (2026, "2026-11-22T00:00:00.000Z", true),
            (2027, "2026-11-22T00:00:00.000Z", true),
            (2027, "2026-10-03T00:00:00.000Z", true),
            (2027, "2026-10-02T23:59:59.000Z", false),
            (2028, "2026-12-31T00:00:00.000Z", false),
            (2019, "2026-11-22T00:00:00.000Z", true),
            (1999, "2026-11-22T00:00:00.000Z", true),
            (1998, "2026-11-22T00:00:00.000Z", false),
            (1900, "2026-11-22T00:00:00.000Z", false),
        ] {
            let year = Year::new(year).unwrap();
            let found = allow_year(year, at(now), "production").is_ok();
            assert_eq!(found, allowed, "{year} at {now}");
        }
    }

    #[test]
    fn practice_has_every_year() {
        let year = Year::new(1900).unwrap();
        assert_eq!(
            allow_year(year, at("2026-11-22T00:00:00.000Z"), "practice"),
            Ok(())
        );
    }

    #[test]
    fn an_amount_becomes_requests_the_service_takes() {
        use BatchType::{Nonsequential, Sequential};
        assert_eq!(parts(0, false), []);
        assert_eq!(parts(1, false), [(1, None)]);
        assert_eq!(parts(25, true), [(25, Some(Sequential))]);
        assert_eq!(
            parts(21, false),
            [
                (10, Some(Nonsequential)),
                (10, Some(Nonsequential)),
                (1, None)
            ]
        );
    }

    #[test]
    fn the_buffer_follows_what_was_used_and_is_never_below_three() {
        let now = at("2026-11-22T00:00:00.000Z");
        assert_eq!(buffer(&[], now), 3);
        // One each day: thirty in every window but those of the first month.
        let daily: Vec<_> = (0..365).map(|day| now.plus_ms(-day * DAY_MS)).collect();
        assert_eq!(buffer(&daily, now), 30);
    }
}
