//! What a metric is, and the reading of a list of them.

use std::fmt;

use super::InvalidVector;

/// One metric of a CVSS version, with the values it may take.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// The abbreviation in a vector, such as `AV`.
    pub code: &'static str,
    /// The name in words, such as `Attack Vector`.
    pub name: &'static str,
    /// The key of the long form in a CVE Record, such as `attackVector`.
    pub key: &'static str,
    /// The group it belongs to.
    pub group: Group,
    /// Its values; an optional metric's first value is "not defined".
    pub values: &'static [Value],
}

/// One value of a metric.
#[derive(Debug, PartialEq, Eq)]
pub struct Value {
    /// The abbreviation in a vector, such as `A`.
    pub code: &'static str,
    /// The word of the long form in a CVE Record, such as `ADJACENT_NETWORK`.
    pub word: &'static str,
    /// The value in words, such as `Adjacent`.
    pub name: &'static str,
}

/// The groups a CVSS specification sorts its metrics into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Properties that stay the same over time and places; always present.
    Base,
    /// Properties that change over time (v2, v3).
    Temporal,
    /// What attackers do with it at present (v4).
    Threat,
    /// Properties of one place of use.
    Environmental,
    /// Context that never changes the score (v4).
    Supplemental,
}

impl Group {
    /// The word for it, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Group::Base => "base",
            Group::Temporal => "temporal",
            Group::Threat => "threat",
            Group::Environmental => "environmental",
            Group::Supplemental => "supplemental",
        }
    }
}

/// A row of a metric table.
pub(super) const fn metric(
    group: Group,
    code: &'static str,
    name: &'static str,
    key: &'static str,
    values: &'static [Value],
) -> Metric {
    Metric {
        code,
        name,
        key,
        group,
        values,
    }
}

/// A value of a metric table.
pub(super) const fn value(code: &'static str, word: &'static str, name: &'static str) -> Value {
    Value { code, word, name }
}

/// No CVSS version has more metrics than v4.0 has.
const MOST_METRICS: usize = 32;

/// The metrics a vector gives, each with its value, in the order given.
///
/// Always true: every metric stands at most once, every base metric once,
/// and a metric that is not given has value 0, which is "not defined".
#[derive(Clone, Copy)]
pub(super) struct Choices {
    values: [u8; MOST_METRICS],
    order: [u8; MOST_METRICS],
    given: u8,
}

impl Choices {
    /// Reads `metric:value` parts separated by `/`.
    ///
    /// Takes: `start` is where the parts begin in `text`; `ordered` says
    /// whether the metrics must stand in the table's order.
    pub(super) fn read(
        text: &str,
        start: usize,
        table: &'static [Metric],
        ordered: bool,
    ) -> Result<Choices, InvalidVector> {
        let mut choices = Choices {
            values: [0; MOST_METRICS],
            order: [0; MOST_METRICS],
            given: 0,
        };
        let mut seen = 0u32;
        let mut next = 0;
        let mut position = start;
        for part in text[start..].split('/') {
            let (index, value) = read_part(part, position, table, next)?;
            if seen & 1 << index != 0 {
                return Err(InvalidVector::Duplicate {
                    position,
                    metric: table[index].code,
                });
            }
            if ordered && index < next {
                return Err(InvalidVector::OutOfOrder {
                    position,
                    metric: table[index].code,
                    after: table[next - 1].code,
                });
            }
            seen |= 1 << index;
            choices.values[index] = value;
            choices.order[usize::from(choices.given)] = index as u8;
            choices.given += 1;
            next = index + 1;
            position += part.len() + 1;
        }
        match missing(table, seen) {
            Some(metric) => Err(InvalidVector::Missing {
                position: text.len(),
                metric,
            }),
            None => Ok(choices),
        }
    }

    /// The index of the value of metric `index`.
    pub(super) fn get(&self, index: usize) -> usize {
        usize::from(self.values[index])
    }

    /// Gives metric `index` another value, without naming it.
    #[cfg(test)]
    pub(super) fn set(&mut self, index: usize, value: u8) {
        self.values[index] = value;
    }

    /// The same with every metric outside the base group not defined.
    pub(super) fn base_only(&self, base_metrics: usize) -> Choices {
        let mut base = *self;
        base.values[base_metrics..].fill(0);
        let mut given = 0;
        for &index in &self.order[..usize::from(self.given)] {
            if usize::from(index) < base_metrics {
                base.order[given] = index;
                given += 1;
            }
        }
        base.given = given as u8;
        base
    }

    /// Says whether the vector names metric `index`, be it as "not defined".
    pub(super) fn names(&self, index: usize) -> bool {
        self.order[..usize::from(self.given)].contains(&(index as u8))
    }

    /// Writes the parts back exactly as they were read.
    pub(super) fn write(&self, table: &[Metric], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, &index) in self.order[..usize::from(self.given)].iter().enumerate() {
            let index = usize::from(index);
            let metric = &table[index];
            if place > 0 {
                f.write_str("/")?;
            }
            f.write_str(metric.code)?;
            f.write_str(":")?;
            f.write_str(metric.values[self.get(index)].code)?;
        }
        Ok(())
    }
}

impl PartialEq for Choices {
    fn eq(&self, other: &Choices) -> bool {
        self.values == other.values
            && self.order[..usize::from(self.given)] == other.order[..usize::from(other.given)]
    }
}

impl Eq for Choices {}

/// The metric and the value that `part` names; `next` is the likeliest metric.
fn read_part(
    part: &str,
    position: usize,
    table: &'static [Metric],
    next: usize,
) -> Result<(usize, u8), InvalidVector> {
    let Some((code, chosen)) = part.split_once(':') else {
        return Err(InvalidVector::NotAMetric {
            position,
            found: shortened(part),
        });
    };
    let index = (next..table.len())
        .chain(0..next)
        .find(|&index| table[index].code == code)
        .ok_or_else(|| InvalidVector::UnknownMetric {
            position,
            found: shortened(code),
            expected: listed(table.iter().map(|metric| metric.code)),
        })?;
    let metric = &table[index];
    let value = metric
        .values
        .iter()
        .position(|value| value.code == chosen)
        .ok_or_else(|| InvalidVector::UnknownValue {
            position: position + code.len() + 1,
            metric: metric.code,
            found: shortened(chosen),
            expected: listed(metric.values.iter().map(|value| value.code)),
        })?;
    Ok((index, value as u8))
}

fn missing(table: &[Metric], seen: u32) -> Option<&'static str> {
    table
        .iter()
        .enumerate()
        .find(|(index, metric)| metric.group == Group::Base && seen & 1 << index == 0)
        .map(|(_, metric)| metric.code)
}

/// `text` cut to 32 characters, so that an error never grows with its input.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(32).collect()
}

fn listed(codes: impl Iterator<Item = &'static str>) -> String {
    let mut text = String::new();
    for code in codes {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(code);
    }
    text
}
