//! The URI of CPE 2.2, and its packed edition.

use super::attribute::{is_bare, is_punctuation, split_wildcards};
use super::{Attribute, Cpe, Field, InvalidCpe};

/// The attributes of a URI, in its order.
const PARTS: [Field; 7] = [
    Field::Part,
    Field::Vendor,
    Field::Product,
    Field::Version,
    Field::Update,
    Field::Edition,
    Field::Language,
];

/// The attributes packed into the edition of a URI, in its order.
const PACKED: [Field; 5] = [
    Field::Edition,
    Field::SwEdition,
    Field::TargetSw,
    Field::TargetHw,
    Field::Other,
];

/// Reads `cpe:/` and up to seven attributes between colons, lower case.
///
/// Source: NISTIR 7695 section 6.1.3.
pub(super) fn read(text: &str) -> Result<Cpe, InvalidCpe> {
    let start = "cpe:/".len();
    let found = text[start..].split(':').count();
    if found > PARTS.len() {
        return Err(InvalidCpe::Count {
            found,
            expected: PARTS.len(),
        });
    }
    let mut attributes = [const { Attribute::Any }; 11];
    let mut position = start;
    for (field, part) in PARTS.into_iter().zip(text[start..].split(':')) {
        match part.strip_prefix('~') {
            Some(packed) if field == Field::Edition => {
                unpack(packed, position + 1, &mut attributes)?;
            }
            _ => attributes[field as usize] = decode(part, field, position)?,
        }
        position += part.len() + 1;
    }
    Ok(Cpe { attributes })
}

fn unpack(packed: &str, start: usize, attributes: &mut [Attribute; 11]) -> Result<(), InvalidCpe> {
    let found = packed.split('~').count();
    if found != PACKED.len() {
        return Err(InvalidCpe::Count {
            found,
            expected: PACKED.len(),
        });
    }
    let mut position = start;
    for (field, part) in PACKED.into_iter().zip(packed.split('~')) {
        attributes[field as usize] = decode(part, field, position)?;
        position += part.len() + 1;
    }
    Ok(())
}

/// Turns the percent codes of one attribute into backslashes and wildcards.
fn decode(part: &str, field: Field, start: usize) -> Result<Attribute, InvalidCpe> {
    match part {
        "" => return Ok(Attribute::Any),
        "-" => return Ok(Attribute::NotApplicable),
        _ => {}
    }
    let mut value = String::with_capacity(part.len() + 4);
    let mut characters = part.char_indices();
    while let Some((at, character)) = characters.next() {
        let position = start + at;
        match character.to_ascii_lowercase() {
            '%' => {
                let code = part.get(at + 1..at + 3).unwrap_or_default();
                let decoded = percent_code(code).ok_or_else(|| InvalidCpe::PercentCode {
                    position,
                    field,
                    found: part[at..].chars().take(3).collect(),
                })?;
                value.push_str(&decoded);
                characters.nth(1);
            }
            // CPE 2.2 let a tilde stand bare.
            '~' => value.push_str("\\~"),
            c if is_bare(c) => value.push(c),
            found => {
                return Err(InvalidCpe::Character {
                    position,
                    field,
                    found,
                });
            }
        }
    }
    Attribute::read(&value, field, start).map_err(|error| match error {
        // Inside the decoded text a place would mislead.
        InvalidCpe::Wildcard { field, .. } => InvalidCpe::Wildcard {
            position: start,
            field,
        },
        other => other,
    })
}

/// What a percent code stands for, as a formatted string writes it.
fn percent_code(code: &str) -> Option<String> {
    match code {
        "01" => return Some("?".into()),
        "02" => return Some("*".into()),
        _ => {}
    }
    let both_hexadecimal = code.len() == 2 && code.bytes().all(|c| c.is_ascii_hexdigit());
    let byte = both_hexadecimal.then(|| u8::from_str_radix(code, 16).ok())??;
    let character = char::from(byte);
    is_punctuation(character).then(|| format!("\\{character}"))
}

/// Writes the URI, without the colons of attributes at the end that are open.
///
/// Source: NISTIR 7695 section 6.1.2.
pub(super) fn write(cpe: &Cpe) -> String {
    let mut uri = String::from("cpe:/");
    for (place, field) in PARTS.into_iter().enumerate() {
        if place > 0 {
            uri.push(':');
        }
        match field {
            Field::Edition => uri.push_str(&packed(cpe)),
            _ => uri.push_str(&encode(cpe.get(field))),
        }
    }
    uri.truncate(uri.trim_end_matches(':').len().max("cpe:/".len()));
    uri
}

/// The edition, with the attributes CPE 2.2 did not have when one is given.
fn packed(cpe: &Cpe) -> String {
    let parts = PACKED.map(|field| encode(cpe.get(field)));
    match parts[1..].iter().all(String::is_empty) {
        true => encode(cpe.get(Field::Edition)),
        false => format!("~{}", parts.join("~")),
    }
}

fn encode(attribute: &Attribute) -> String {
    let text = match attribute {
        Attribute::Any => return String::new(),
        other => other.as_str().to_ascii_lowercase(),
    };
    let (before, body, after) = split_wildcards(&text);
    let wildcards = |text: &str| text.replace('*', "%02").replace('?', "%01");
    let mut encoded = wildcards(before);
    let mut escaped = false;
    for character in body.chars() {
        match character {
            '\\' if !escaped => escaped = true,
            c if escaped => {
                encoded.push_str(&format!("%{:02x}", u32::from(c)));
                escaped = false;
            }
            c => encoded.push(c),
        }
    }
    encoded.push_str(&wildcards(after));
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source of most pairs: the examples of NISTIR 7695 section 6.
    #[test]
    fn the_two_bindings_of_a_name_are_bound_to_each_other() {
        for (uri, formatted) in [
            (
                "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
                r"cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
            ),
            (
                "cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
                r"cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
            ),
            (
                "cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~",
                r"cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*",
            ),
            (
                "cpe:/a:hp:openview_network_manager:7.51:-:~~~linux~~",
                r"cpe:2.3:a:hp:openview_network_manager:7.51:-:*:*:*:linux:*:*",
            ),
            (
                "cpe:/a:foo%5cbar:big%24money_2010:::~~special~ipod_touch~80gb~",
                r"cpe:2.3:a:foo\\bar:big\$money_2010:*:*:*:*:special:ipod_touch:80gb:*",
            ),
            (
                "cpe:/a:foo~bar:big%7emoney_2010",
                r"cpe:2.3:a:foo\~bar:big\~money_2010:*:*:*:*:*:*:*:*",
            ),
            ("cpe:/", "cpe:2.3:*:*:*:*:*:*:*:*:*:*:*"),
            (
                "cpe:/o:microsoft:windows_7:-:sp1:x64:en-us",
                "cpe:2.3:o:microsoft:windows_7:-:sp1:x64:en-us:*:*:*:*",
            ),
        ] {
            let from_uri: Cpe = uri.parse().unwrap();
            assert_eq!(from_uri.to_string(), formatted);
            let from_formatted: Cpe = formatted.parse().unwrap();
            assert_eq!(from_formatted.uri(), uri.replace("foo~", "foo%7e"));
        }
    }

    #[test]
    fn a_fault_is_named_with_its_attribute_and_place() {
        for (text, message) in [
            (
                "cpe:/a:foo%41ar",
                "`%41` at position 10 in `vendor` is no percent code",
            ),
            (
                "cpe:/a:foo%",
                "`%` at position 10 in `vendor` is no percent code",
            ),
            (
                "cpe:/a:b:c:1%02.2",
                "the wildcard at position 11 in `version` may only begin or end it",
            ),
            (
                "cpe:/a:foo+bar",
                "`+` at position 10 may not stand bare in `vendor`; escape it",
            ),
            (
                "cpe:/a:b:c:d:e:f:g:h",
                "found 8 attributes, expected 7; write a colon in a value as `\\:`",
            ),
            (
                "cpe:/a:b:c:d:e:~~x",
                "found 2 attributes, expected 5; write a colon in a value as `\\:`",
            ),
            (
                "cpe:/b",
                "the part at position 5 is `b`; expected `a`, `h` or `o`",
            ),
        ] {
            let error = text.parse::<Cpe>().unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    fn attribute() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("*".to_owned()),
            Just("-".to_owned()),
            "[*]?([a-z0-9._]|\\\\[!+:~*?\\\\%]){1,6}[*]?",
            "[?]{0,3}([a-z0-9._]|\\\\[!+:~*?\\\\%]){1,6}[?]{0,2}",
        ]
    }

    proptest! {
        #[test]
        fn a_name_is_the_same_after_any_binding(
            part in "[aho*-]",
            others in proptest::collection::vec(attribute(), 9),
            language in "(\\*|-|[a-z]{2,3}(-[a-z]{2})?)",
        ) {
            let text = format!(
                "cpe:2.3:{part}:{}:{language}:{}",
                others[..5].join(":"),
                others[5..].join(":")
            );
            let cpe: Cpe = text.parse().unwrap();
            prop_assert_eq!(cpe.to_string(), text);
            prop_assert_eq!(cpe.uri().parse::<Cpe>().unwrap(), cpe);
        }

        #[test]
        fn any_text_is_refused_or_read_to_something_that_reads_the_same(
            text in "cpe:(2\\.3:|/)([a-z*?:~%\\\\.-]|%0[12]|\\PC){0,30}",
        ) {
            if let Ok(cpe) = text.parse::<Cpe>() {
                prop_assert_eq!(cpe.to_string().parse::<Cpe>().unwrap(), cpe.clone());
                prop_assert_eq!(cpe.compare(&cpe), cpe.compare(&cpe.clone()));
                if text.starts_with("cpe:2.3") {
                    prop_assert_eq!(cpe.to_string(), text);
                }
            }
        }
    }
}
