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
use crate::lifecycle::pool::{Pool, stand};
use crate::lifecycle::year::may_reserve;
use crate::people::Actor;
use crate::policy::{Action, check};

/// The most IDs of one order.
///
/// Source: our choice, the default quota of CVE Services.
const MOST: u32 = 1_000;

/// The most IDs of one request that are not neighbours.
const NONSEQUENTIAL: u32 = 10;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How often the program looks whether the pool is to be filled, at most: its
/// quota is asked for each time.
///
/// Source: our choice.
const REFILL_EVERY_MS: i64 = 10 * 60 * 1_000;

/// Whether a low pool is filled without being asked: `auto` or `off`.
const REFILL: &str = "pool.refill";

/// When it was last looked at for that.
const REFILL_LOOKED: &str = "pool.refill-looked";

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
    /// Whether its year-end run froze it: it gives nothing any more.
    pub is_frozen: bool,
}

/// Whether a low pool is filled without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Refill {
    /// `cna serve` reserves what the buffer lacks, within the quota.
    Auto,
    /// Only when somebody asks.
    Off,
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
        self.order_ids(actor.name(), order)
    }

    /// Whether a low pool is filled without being asked.
    pub fn refill_setting(&self, actor: &Actor) -> Result<Refill, Error> {
        check(actor, Action::Audit)?;
        self.store.read(is_auto)
    }

    /// Sets it.
    pub fn set_refill(&self, actor: &Actor, refill: Refill) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let word = match refill {
                Refill::Auto => "auto",
                Refill::Off => "off",
            };
            tx.set(REFILL, word)?;
            tx.set(REFILL_LOOKED, "")?;
            tx.audit(AuditEvent {
                actor: actor.name().to_owned(),
                org: String::new(),
                action: "pool.set-refill".into(),
                object: "pool".into(),
                detail: json!({"refill": refill}),
            });
            Ok(())
        })
    }

    /// Fills this year's pool up to its buffer, as far as the quota leaves,
    /// when the alarm stands and nothing is on order.
    ///
    /// Gives: an order of 0 when there is nothing to do.
    /// Refuses: an account the service refuses.
    pub fn refill(&self, actor: &Actor) -> Result<PoolReservation, Error> {
        check(actor, Action::Reserve)?;
        self.fill(actor.name())
    }

    /// The same, without being asked, where the setting says so; looks every
    /// ten minutes at most, over all nodes.
    pub(crate) fn refill_when_low(&self) -> Result<(), Error> {
        if self.store.read(is_auto)? != Refill::Auto {
            return Ok(());
        }
        let now = self.world.now();
        let is_due = move |reader: &mut Reader<'_>| {
            let last = reader.setting(REFILL_LOOKED)?.unwrap_or_default();
            let last = last.parse::<Timestamp>().ok();
            Ok::<_, Error>(last.is_none_or(|last| now.ms_since(last) >= REFILL_EVERY_MS))
        };
        if !self.store.read(is_due)? {
            return Ok(());
        }
        let is_mine = self.store.write(move |tx| {
            // One node at a time looks, and the others see that it did.
            tx.take_pool()?;
            let is_due = is_due(tx)?;
            if is_due {
                tx.set(REFILL_LOOKED, &now.to_string())?;
            }
            Ok::<_, Error>(is_due)
        })?;
        if is_mine {
            self.fill("runner")?;
        }
        Ok(())
    }

    fn fill(&self, by: &str) -> Result<PoolReservation, Error> {
        let account = self.set_up_organisation()?.account;
        let year = self.world.now().year();
        let now = self.world.now();
        let nothing = PoolReservation {
            year,
            amount: 0,
            followups: Vec::new(),
        };
        let lane = format!("reserve {account}");
        let (years, waits) = self.store.snapshot(|reader| {
            let waits = !reader.unfinished_in_lane(&lane)?.is_empty();
            Ok::<_, Error>((standing(reader, &account, now)?, waits))
        })?;
        // A failed order stays until somebody has seen to it.
        let low = years.iter().find(|pool| pool.year == year && pool.is_low);
        let Some(low) = low.filter(|pool| !waits && !pool.is_frozen) else {
            return Ok(nothing);
        };
        let org = self.store.read(|reader| reader.account(&account))?;
        let org = org.map(|row| row.org).unwrap_or_default();
        let quota = self
            .services(&account)?
            .quota(&org)
            .and_then(|reply| reply.value())
            .map_err(|error| Refusal::invalid(format!("account `{account}`"), error.to_string()))?;
        let wide = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        let stand = stand(&Pool {
            free: low.pool,
            reserved: wide(quota.total_reserved),
            quota: Some(wide(quota.id_quota)),
            p95_30_days: low.buffer,
        });
        if stand.refill == 0 {
            return Ok(nothing);
        }
        let order = PoolOrder {
            amount: Some(stand.refill.min(MOST)),
            ..PoolOrder::default()
        };
        self.order_ids(by, &order)
    }

    fn order_ids(&self, by: &str, order: &PoolOrder) -> Result<PoolReservation, Error> {
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
        let (order, by) = (order.clone(), by.to_owned());
        self.store.write(move |tx| {
            refuse_frozen(tx, &organisation.account, year)?;
            let amount = match order.amount {
                Some(amount) => amount,
                None => {
                    let years = standing(tx, &organisation.account, now)?;
                    let pool = years.iter().find(|pool| pool.year == year);
                    let buffer = pool.or(years.first()).map_or(0, |pool| pool.buffer);
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
                    actor: by.clone(),
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
    let day = now.date();
    let part = |from: usize| day.get(from..from + 2).and_then(|text| text.parse().ok());
    let day = (present.number(), part(5).unwrap_or(1), part(8).unwrap_or(1));
    let problem = if year.number() == 1900 {
        "1900 is the year of examples, which never go to the production service: name a real year"
            .to_owned()
    } else {
        match may_reserve(year.number(), day) {
            Ok(()) => return Ok(()),
            Err("before_1999") => {
                format!("there are no IDs of {year}: the first year is 1999")
            }
            Err(_) if year.number() > present.number() + 1 => {
                format!("{year} is too far ahead: expected {present} or earlier")
            }
            Err(_) => {
                format!(
                    "IDs of {year} can be reserved from 90 days before it begins: use {present}"
                )
            }
        }
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
        let stand = stand(&Pool {
            free: pool,
            p95_30_days: buffer,
            ..Pool::default()
        });
        PoolYear {
            year,
            pool,
            on_order: on_order.map(|order| order.amount).sum(),
            buffer: if is_present { stand.buffer } else { 0 },
            low_water: if is_present { stand.low_water + 1 } else { 0 },
            is_low: is_present && stand.alarm,
            is_frozen: false,
        }
    };
    let mut pools: Vec<PoolYear> = years.into_iter().rev().map(year).collect();
    for pool in &mut pools {
        pool.is_frozen = reader.is_frozen(account, pool.year)?;
    }
    Ok(pools)
}

fn is_auto(reader: &mut Reader<'_>) -> Result<Refill, Error> {
    let word = reader.setting(REFILL)?;
    Ok(match word.as_deref() {
        Some("auto") => Refill::Auto,
        _ => Refill::Off,
    })
}

/// Refuses a year whose pool gives nothing any more.
///
/// Source: process section 7, point 1.
pub(crate) fn refuse_frozen(
    reader: &mut Reader<'_>,
    account: &str,
    year: Year,
) -> Result<(), Error> {
    match reader.is_frozen(account, year)? {
        true => Err(Refusal::Frozen { year }.into()),
        false => Ok(()),
    }
}

/// How many IDs wait in this year's pool and how many should, when there are
/// too few; for whoever asks often, without reading the ledger.
pub(crate) fn low(
    reader: &mut Reader<'_>,
    account: &str,
    now: Timestamp,
) -> Result<Option<(u32, u32)>, Error> {
    let left = reader.pool_left(account, i64::from(now.year().number()))?;
    let free = u32::try_from(left).unwrap_or(0);
    let days = reader.assigned_by_day(account, now.plus_ms(-395 * DAY_MS))?;
    let mut assigned = Vec::new();
    for (day, count) in days {
        let Ok(at) = format!("{day}T12:00:00Z").parse::<Timestamp>() else {
            continue;
        };
        let count = usize::try_from(count).unwrap_or(0);
        assigned.extend(std::iter::repeat_n(at, count));
    }
    let stand = stand(&Pool {
        free,
        p95_30_days: buffer(&assigned, now),
        ..Pool::default()
    });
    Ok(stand.alarm.then_some((free, stand.buffer)))
}

/// The buffer that is enough for 30 days in 95 of 100 cases, from the times
/// IDs were assigned in the last year.
///
/// Source: process section 4, point 2.
fn buffer(assigned: &[Timestamp], now: Timestamp) -> u32 {
    let mut assigned = assigned.to_vec();
    assigned.sort_unstable();
    let until = |end: Timestamp| assigned.partition_point(|at| *at <= end);
    let mut windows: Vec<usize> = (0..365)
        .map(|day| {
            let end = now.plus_ms(-day * DAY_MS);
            until(end) - until(end.plus_ms(-30 * DAY_MS))
        })
        .collect();
    windows.sort_unstable();
    let used = windows.get(windows.len() * 95 / 100).copied().unwrap_or(0);
    let stand = stand(&Pool {
        p95_30_days: u32::try_from(used).unwrap_or(MOST),
        ..Pool::default()
    });
    stand.buffer
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
