//! Objects: their keys, and the rules that tie keys together.

use super::report::{pair, quoted};
use super::{Walk, advice};
use crate::check::form::is_extension_key;
use crate::check::number::tenths;
use crate::check::schema::ObjectTable;
use crate::check::shape::{Also, Extra, REJECTED};
use crate::check::tape::{Member, Sort};
use crate::check::verdict::{band, is_version_entry, is_version_entry_50};

impl Walk<'_, '_> {
    pub(super) fn object(&mut self, object: &'static ObjectTable, index: usize) {
        let at = &object.at[usize::from(self.shape == REJECTED)];
        if object.untyped && self.tape.spots[index].kind != Sort::Object {
            return;
        }
        if !self.is(Sort::Object, index, at) {
            return;
        }
        let (members, _) = self.tape.kept_members(index);
        let places: Vec<_> = members
            .iter()
            .map(|member| object.names.place_of(&self.tape.text(member.key)))
            .collect();
        let seen = places
            .iter()
            .flatten()
            .fold(0, |bits, place| bits | 1 << place);
        let extras = places.contains(&None);
        self.required(object, index, seen, at);
        let errors = self.report.errors();
        for (member, place) in members.iter().zip(&places) {
            if self.report.is_full() {
                return;
            }
            self.member(object, *member, *place, at);
        }
        let sound = self.report.errors() == errors;
        self.also(object, index, seen, extras, sound, at);
    }

    fn member(&mut self, object: &ObjectTable, member: Member, place: Option<usize>, at: &str) {
        let text = self.tape.text(member.key);
        let name = String::from_utf8_lossy(&text).into_owned();
        let mark = self.report.enter(&name);
        match place.map(|place| &object.keys[place]) {
            Some(key) if key.shapes & self.shape != 0 => {
                let inline = format!("{at}/properties/{name}");
                self.value(key.node, member.value, key.at.as_deref().unwrap_or(&inline));
            }
            Some(_) => {
                let shape = if self.shape == REJECTED {
                    "rejected"
                } else {
                    "published"
                };
                let message = format!("`{name}` does not belong in a {shape} record");
                let rule = format!("{at}/additionalProperties");
                let fix = "remove it or correct the state";
                self.add("SCHEMA-UNKNOWN", member.key, message, rule, fix);
            }
            None => self.unknown(object, member, &text, at),
        }
        self.report.leave(mark);
    }

    fn unknown(&mut self, object: &ObjectTable, member: Member, name: &[u8], at: &str) {
        let allowed = match object.extra {
            Extra::Any => true,
            Extra::Extension => is_extension_key(name),
            Extra::Refused => false,
        };
        if allowed {
            return;
        }
        let known: Vec<&str> = object.names.iter().collect();
        let message = format!("the key {} is not known here", quoted(name));
        let fix = advice::for_unknown_key(name, &known, object.extra);
        let rule = format!("{at}/additionalProperties");
        self.add("SCHEMA-UNKNOWN", member.key, message, rule, &fix);
    }

    fn required(&mut self, object: &ObjectTable, index: usize, seen: u64, at: &str) {
        let required = object.required[usize::from(self.shape == REJECTED)];
        for (place, name) in object.names.iter().enumerate() {
            if required & !seen & 1 << place != 0 {
                let message = format!("`{name}` is missing");
                let rule = format!("{at}/required");
                self.add(
                    "SCHEMA-REQUIRED",
                    index,
                    message,
                    rule,
                    advice::for_missing(name),
                );
            }
        }
    }

    /// Checks what ties keys together. `sound`: the keys themselves are right.
    fn also(
        &mut self,
        object: &ObjectTable,
        index: usize,
        seen: u64,
        extras: bool,
        sound: bool,
        at: &str,
    ) {
        for (place, group) in object.any_of.iter().enumerate() {
            if group.sets.iter().all(|set| set & !seen != 0) {
                let rule = match object.any_of.len() {
                    1 => format!("{at}/anyOf"),
                    _ => format!("{at}/allOf/{place}/anyOf"),
                };
                let sets: Vec<String> = group.names.iter().map(|set| pair(set)).collect();
                let message = format!("{} is missing", sets.join(" or "));
                let first = group.names.first().and_then(|set| set.last());
                let fix = first.map_or("", |name| advice::for_missing(name));
                self.add("SCHEMA-REQUIRED", index, message, rule, fix);
            }
        }
        match object.also {
            Also::Nothing => {}
            Also::MoreThanProvider => {
                if !extras && seen & !object.bits.provider == 0 {
                    let message = "the container says nothing beside `providerMetadata`";
                    let rule = format!("{at}/minProperties");
                    let fix = "add what you have to say about the vulnerability";
                    self.add("SCHEMA-EMPTY", index, message, rule, fix);
                }
            }
            Also::Version if is_version_entry(object, seen) => {}
            Also::Version50 if is_version_entry_50(object, seen, extras) => {}
            Also::Version | Also::Version50 => self.version_entry(object, index, seen, at),
            Also::Band if sound => self.band(index, at),
            Also::Band => {}
        }
    }

    fn version_entry(&mut self, object: &ObjectTable, index: usize, seen: u64, at: &str) {
        let bits = &object.bits;
        let ends = bits.less_than | bits.less_than_or_equal;
        let (message, fix) = if seen & bits.version == 0 {
            ("`version` is missing", advice::for_missing("version"))
        } else if seen & bits.status == 0 {
            ("`status` is missing", advice::for_missing("status"))
        } else if seen & ends == ends {
            (
                "the range has both `lessThan` and `lessThanOrEqual`, expected one of them",
                "keep the end that is right and remove the other",
            )
        } else if seen & ends != 0 {
            (
                "the range has no `versionType`, expected the scheme its versions are ordered by",
                "add `versionType`, such as `semver`, `rpm` or `custom`",
            )
        } else if object.also == Also::Version50 && seen & bits.version_type != 0 {
            (
                "a single version has a `versionType`, expected only `version` and `status`",
                "remove `versionType` or give the range an end",
            )
        } else {
            (
                "a single version has more keys than `version`, `status` and `versionType`",
                "give the range an end with `lessThan` or `lessThanOrEqual`, or remove the rest",
            )
        };
        self.add("SCHEMA-VERSION", index, message, format!("{at}/oneOf"), fix);
    }

    fn band(&mut self, index: usize, at: &str) {
        const WORDS: [&str; 5] = ["NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
        let (Some(score), Some(severity)) = (
            self.tape.get(index, "baseScore"),
            self.tape.get(index, "baseSeverity"),
        ) else {
            return;
        };
        let source = self.tape.source(score);
        let text = self.tape.text(severity);
        let want = tenths(source).map(|score| WORDS[band(score)]);
        if let Some(want) = want.filter(|want| text != want.as_bytes()) {
            let found = quoted(&text);
            let message = format!("the base score {} is {want}, not {found}", quoted(source));
            let fix = format!("write {want}, or correct the score");
            let group = if at.ends_with("cvssV4_0") {
                "allOf/0/anyOf"
            } else {
                "anyOf"
            };
            let mark = self.report.enter("baseSeverity");
            self.add(
                "SCHEMA-BAND",
                severity,
                message,
                format!("{at}/{group}"),
                &fix,
            );
            self.report.leave(mark);
        }
    }
}
