//! How to mend what was found, in words a newcomer can act on.

use crate::check::form::Form;
use crate::check::shape::Extra;
use crate::check::tape::Sort;

/// An example of a kind of value.
pub(super) fn example(kind: Sort) -> &'static str {
    match kind {
        Sort::Object => "an object such as `{\"key\": …}`",
        Sort::List => "a list such as `[…]`, even of one item",
        Sort::String => "a text in double quotes",
        Sort::Number => "a number without quotes",
        Sort::Flag => "`true` or `false` without quotes",
        Sort::Null => "`null`",
    }
}

/// What to do about a missing key.
pub(super) fn for_missing(key: &str) -> &'static str {
    match key {
        "dataType" => "add `\"dataType\": \"CVE_RECORD\"`",
        "dataVersion" => "add `\"dataVersion\": \"5.2\"`",
        "cveMetadata" => "add an object with `cveId`, `assignerOrgId` and `state`",
        "containers" => "add an object whose `cna` holds what you say about the vulnerability",
        "cna" => "add the container of the CNA that owns the ID",
        "cnaContainer" => "put the container in an object with the key `cnaContainer`",
        "adpContainer" => "put the container in an object with the key `adpContainer`",
        "cveId" => "add the CVE ID, such as `CVE-2026-0042`",
        "assignerOrgId" | "orgId" => "add the UUID of your organisation in the Program",
        "state" => "add `PUBLISHED` or `REJECTED`",
        "providerMetadata" => "add an object with the `orgId` of your organisation",
        "descriptions" => "describe the vulnerability in English: product, versions, cause, impact",
        "rejectedReasons" => "say in English why the ID is rejected",
        "affected" => "name at least one affected product with its versions",
        "references" => "add the address of the advisory",
        "url" => "add the address",
        "lang" => "add the language, such as `\"lang\": \"en\"`",
        "value" | "description" => "add the text",
        "vendor" | "product" => "name the vendor and the product",
        "versions" => "list the affected versions, or give a `defaultStatus`",
        "version" => "add the version, or where the range begins (`0` for no lower end)",
        "status" => "add `affected`, `unaffected` or `unknown`",
        "at" => "add the version from which the status changes",
        "vectorString" => "add the vector the score was computed from",
        "baseScore" => "add the score that the vector gives",
        "baseSeverity" => "add the severity of the score, such as `HIGH` for 7.0 to 8.9",
        "time" => "add the time, such as `2026-11-03T10:00:00Z`",
        "other" | "cvssV4_0" => "add a CVSS object, or `other` for a scheme of your own",
        _ => "add it",
    }
}

/// What to do about a text of the wrong form.
pub(super) fn for_form(form: Form) -> &'static str {
    match form {
        Form::Uri => {
            "write the whole address with its scheme; percent-encode spaces, brackets and letters outside ASCII"
        }
        Form::Timestamp | Form::DateTime => {
            "write date, `T` and time of a day that exists, with `Z` for UTC"
        }
        Form::Language => "use a language tag of BCP 47",
        Form::Uuid => "copy the UUID from the Program's registry",
        Form::Vector2 | Form::Vector30 | Form::Vector31 | Form::Vector4 => {
            "copy the vector from a CVSS calculator"
        }
        Form::Cpe | Form::Cpe23 => {
            "write all eleven parts behind `cpe:2.3:`, and a backslash before other punctuation"
        }
        _ => "write it like the example",
    }
}

/// What to do about a word that is not on the list.
pub(super) fn for_word(found: &[u8], known: &[&str]) -> String {
    match nearest(found, known) {
        Some(word) => format!("write `{word}` if that was meant"),
        None => "choose one of these words as they are spelt".to_owned(),
    }
}

/// What to do about a key that is not known.
pub(super) fn for_unknown_key(found: &[u8], known: &[&str], extra: Extra) -> String {
    if let Some(key) = nearest(found, known) {
        return format!("write `{key}` if that was meant");
    }
    match extra {
        Extra::Extension => {
            "remove it, or call it `x_…`, without a dot, if it is your own".to_owned()
        }
        _ => "remove it".to_owned(),
    }
}

/// The word that differs from `found` by its case or by at most two letters.
fn nearest<'w>(found: &[u8], known: &[&'w str]) -> Option<&'w str> {
    let found = std::str::from_utf8(found)
        .ok()
        .filter(|found| found.len() <= 64)?;
    let found = found.to_ascii_lowercase().replace([' ', '-', '_'], "");
    known
        .iter()
        .map(|word| {
            let plain = word.to_ascii_lowercase().replace([' ', '-', '_'], "");
            (distance(found.as_bytes(), plain.as_bytes()), *word)
        })
        .filter(|(distance, word)| *distance <= 2 && *distance * 3 <= word.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many letters must be added, dropped or changed (Levenshtein).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_word_that_was_meant() {
        let known = ["affected", "unaffected", "unknown", "vendor-advisory"];
        assert_eq!(nearest(b"Affected", &known), Some("affected"));
        assert_eq!(nearest(b"afected", &known), Some("affected"));
        assert_eq!(nearest(b"Vendor Advisory", &known), Some("vendor-advisory"));
        assert_eq!(nearest(b"fixed", &known), None);
    }
}
