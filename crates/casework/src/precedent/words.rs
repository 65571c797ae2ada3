//! Words of `given` of which only some mean something. Another one would be
//! passed over in silence, and the scenario be kept for the wrong reason.

use super::format::Given;
use crate::policy::Role;

const PROGRAM: [&str; 6] = ["cna", "cna_lr", "root", "tl_root", "secretariat", "adp"];
const KINDS: [&str; 4] = ["supplier", "research", "coordinator", "mixed"];
const END_OF_LIFE: [&str; 3] = ["included", "excluded", "silent"];
const DELIVERY: [&str; 3] = ["installed", "hosted", "both"];
const AVAILABILITY: [&str; 3] = ["public", "beta", "internal"];
const TRACKS: [&str; 4] = ["private", "semi_public", "public", "low"];
const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];
const ENVIRONMENTS: [&str; 3] = ["production", "test", "practice"];

/// The first word that means nothing, with its place and what was expected.
pub(super) fn unknown(given: &Given) -> Option<String> {
    organisations(given)
        .or_else(|| people(given))
        .or_else(|| products(given))
        .or_else(|| case(given))
        .or_else(|| {
            let known = |step: &&String| (1..=10).any(|n| **step == format!("PC-{n:02}"));
            let step = given.done.iter().find(|step| !known(step))?;
            Some(format!(
                "given.done: `{step}` is no item of the checklist: expected `PC-01` to `PC-10`"
            ))
        })
        .or_else(|| {
            let clocks = given.clocks.clone()?;
            let error = clocks.checked().err()?;
            Some(format!("given.clocks: {error}"))
        })
}

fn one_of<'a>(
    place: impl Fn() -> String,
    words: impl IntoIterator<Item = &'a String>,
    known: &[&str],
) -> Option<String> {
    let mut words = words.into_iter();
    let word = words.find(|word| !known.contains(&word.as_str()))?;
    let known: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    Some(format!(
        "{}: `{word}` means nothing here: expected one of {}",
        place(),
        known.join(", ")
    ))
}

fn organisations(given: &Given) -> Option<String> {
    given.organisations.iter().find_map(|(name, org)| {
        let place = |key: &str| format!("given.organisations.{name}.{key}");
        one_of(|| place("roles"), &org.roles, &PROGRAM)
            .or_else(|| one_of(|| place("scope.kind"), &org.scope.kind, &KINDS))
            .or_else(|| {
                let place = || place("scope.end_of_life");
                one_of(place, &org.scope.end_of_life, &END_OF_LIFE)
            })
    })
}

fn people(given: &Given) -> Option<String> {
    let mut known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    // Who is of the Program acts in a story too.
    known.extend(PROGRAM);
    given.people.iter().find_map(|(name, person)| {
        let place = || format!("given.people.{name}.roles");
        one_of(place, &person.roles, &known)
    })
}

fn products(given: &Given) -> Option<String> {
    given.products.iter().find_map(|(name, product)| {
        let place = |key: &str| format!("given.products.{name}.{key}");
        one_of(|| place("delivery"), &product.delivery, &DELIVERY)
            .or_else(|| {
                one_of(
                    || place("availability"),
                    &product.availability,
                    &AVAILABILITY,
                )
            })
            .or_else(|| {
                let is_known = |end: &String| {
                    end == "supported"
                        || format!("{end}T00:00:00Z")
                            .parse::<cve::time::Timestamp>()
                            .is_ok()
                };
                let (line, end) = product.lines.iter().find(|(_, end)| !is_known(end))?;
                Some(format!(
                    "{}: `{end}` is no end of support: expected `supported`, or a day such as \
                     `2026-06-30`",
                    place(&format!("lines.{line}"))
                ))
            })
    })
}

fn case(given: &Given) -> Option<String> {
    one_of(|| "given.case.track".into(), &given.case.track, &TRACKS)
        .or_else(|| {
            let place = || "given.case.severity".into();
            one_of(place, &given.case.severity, &SEVERITIES)
        })
        .or_else(|| {
            let place = || "given.environment".into();
            one_of(place, &given.environment, &ENVIRONMENTS)
        })
}
