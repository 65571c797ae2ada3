//! The formatted string of CPE 2.3.

use super::{Attribute, Cpe, Field, InvalidCpe};

/// Reads `cpe:2.3:` and eleven attributes between colons.
pub(super) fn read(text: &str) -> Result<Cpe, InvalidCpe> {
    let start = "cpe:2.3:".len();
    let parts = split(&text[start..]);
    if parts.len() != Field::ALL.len() {
        return Err(InvalidCpe::Count {
            found: parts.len(),
            expected: Field::ALL.len(),
        });
    }
    let mut attributes = [const { Attribute::Any }; 11];
    let mut position = start;
    for (field, part) in Field::ALL.into_iter().zip(parts) {
        attributes[field as usize] = Attribute::read(part, field, position)?;
        position += part.len() + 1;
    }
    Ok(Cpe { attributes })
}

/// Splits at the colons that no backslash stands before.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::with_capacity(Field::ALL.len());
    let mut start = 0;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b':' => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formatted_string_prints_as_it_was_read() {
        for text in [
            r"cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
            r"cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
            r"cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*",
            r"cpe:2.3:a:foo\\bar:big\$money:2010:*:*:*:special:ipod_touch:80gb:*",
            r"cpe:2.3:o:linux:linux_kernel:6.1:rc1:*:en-us:*:*:*:*",
            r"cpe:2.3:h:-:??x:*y*:\*\:\?:*:zh-419:*:*:*:*",
        ] {
            assert_eq!(text.parse::<Cpe>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_fault_is_named_with_its_attribute_and_place() {
        for (text, message, position) in [
            (
                "cpe:2.3:a:b:c",
                "found 3 attributes, expected 11; write a colon in a value as `\\:`",
                0,
            ),
            (
                "cpe:2.3:x:b:c:*:*:*:*:*:*:*:*",
                "the part at position 8 is `x`; expected `a`, `h` or `o`",
                8,
            ),
            (
                "cpe:2.3:a::c:*:*:*:*:*:*:*:*",
                "attribute `vendor` at position 10 is empty; write `*` for any",
                10,
            ),
            (
                "cpe:2.3:a:b:c++:*:*:*:*:*:*:*:*",
                "`+` at position 13 may not stand bare in `product`; escape it",
                13,
            ),
            (
                "cpe:2.3:a:b:ä:*:*:*:*:*:*:*:*",
                "`ä` at position 12 may not stand bare in `product`; escape it",
                12,
            ),
            (
                r"cpe:2.3:a:b:c:1\.0:*:*:*:*:*:*:*",
                "the backslash at position 15 in `version` has nothing to escape; remove it",
                15,
            ),
            (
                "cpe:2.3:a:b:c:1*0:*:*:*:*:*:*:*",
                "the wildcard at position 15 in `version` may only begin or end it",
                15,
            ),
            (
                "cpe:2.3:a:b:c:**:*:*:*:*:*:*:*",
                "the wildcard at position 14 in `version` may only begin or end it",
                14,
            ),
            (
                "cpe:2.3:a:b:c:*:*:*:english:*:*:*:*",
                "the language at position 20 is `english`; expected a tag such as `en-us`",
                20,
            ),
            (
                "CPE:2.3:a",
                "a CPE name begins with `cpe:2.3:` or `cpe:/`, not with `CPE:2.3:`",
                0,
            ),
        ] {
            let error = text.parse::<Cpe>().unwrap_err();
            assert_eq!(
                (error.to_string().as_str(), error.position()),
                (message, position)
            );
        }
    }

    #[test]
    fn a_well_formed_name_escapes_dots_and_hyphens_too() {
        let cpe: Cpe = "cpe:2.3:a:b-c:d:8.0.6001:beta*:-:*:*:*:*:*"
            .parse()
            .unwrap();
        assert_eq!(
            cpe.wfn(),
            r#"wfn:[part="a",vendor="b\-c",product="d",version="8\.0\.6001",update="beta*",edition=NA,language=ANY,sw_edition=ANY,target_sw=ANY,target_hw=ANY,other=ANY]"#
        );
    }

    #[test]
    fn an_attribute_takes_only_values_it_may_have() {
        let cpe: Cpe = "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*".parse().unwrap();
        let other = |text| Attribute::meaning(text).unwrap();
        assert_eq!(cpe.clone().with(Field::Part, other("b")), None);
        assert_eq!(cpe.clone().with(Field::Language, other("english")), None);
        let changed = cpe.with(Field::Version, other("2:0")).unwrap();
        assert_eq!(changed.to_string(), r"cpe:2.3:a:b:c:2\:0:*:*:*:*:*:*:*");
    }

    #[test]
    fn a_plain_text_becomes_the_value_that_means_it() {
        let value = Attribute::meaning("Notepad++ 8.1").unwrap();
        assert_eq!(value.as_str(), r"notepad\+\+_8.1");
        assert_eq!(value.plain().as_deref(), Some("notepad++_8.1"));
        for text in ["", "-", " ", "größe"] {
            assert_eq!(Attribute::meaning(text), None, "{text}");
        }
    }
}
