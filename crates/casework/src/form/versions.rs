//! Ranges of versions in a line: `affected from 1.2.0 before 1.4.3 (semver)`.

use serde_json::{Value, json};

const STATUSES: [&str; 3] = ["affected", "unaffected", "unknown"];

/// The entry of `versions` that a line stands for.
///
/// Takes: `STATUS VERSION`, `STATUS from VERSION before VERSION` or
/// `STATUS from VERSION through VERSION`, each with `(TYPE)` behind it where
/// the versions have a type.
/// Source: process section 5.3 (version wording); the form is our choice.
pub(super) fn entry(line: &str) -> Result<Value, String> {
    let expected = || {
        format!(
            "`{line}` is no range: expected such as `affected 1.2.0`, \
             `affected from 1.2.0 before 1.4.3 (semver)` or \
             `affected from 1.2.0 through 1.4.2 (semver)`"
        )
    };
    let mut words: Vec<&str> = line.split(' ').collect();
    let mut version_type = None;
    if let Some(last) = words.last()
        && words.len() > 2
        && let Some(inner) = last.strip_prefix('(').and_then(|l| l.strip_suffix(')'))
    {
        version_type = Some(inner);
        words.pop();
    }
    let mut entry = match words.as_slice() {
        [status, version] if STATUSES.contains(status) => {
            json!({"version": version, "status": status})
        }
        [status, "from", from, limit, to] if STATUSES.contains(status) => {
            let key = match *limit {
                "before" => "lessThan",
                "through" => "lessThanOrEqual",
                _ => return Err(expected()),
            };
            json!({"version": from, "status": status, key: to})
        }
        _ => return Err(expected()),
    };
    if words.iter().any(|word| word.is_empty()) || version_type == Some("") {
        return Err(expected());
    }
    if let Some(version_type) = version_type {
        entry["versionType"] = json!(version_type);
    }
    Ok(entry)
}

/// The line of an entry, where a line can say all of it.
pub(super) fn line(entry: &Value) -> Option<String> {
    let text = |key: &str| entry[key].as_str();
    let (version, status) = (text("version")?, text("status")?);
    let mut line = match (text("lessThan"), text("lessThanOrEqual")) {
        (Some(limit), None) => format!("{status} from {version} before {limit}"),
        (None, Some(limit)) => format!("{status} from {version} through {limit}"),
        _ => format!("{status} {version}"),
    };
    if let Some(version_type) = text("versionType") {
        line.push_str(&format!(" ({version_type})"));
    }
    (self::entry(&line).as_ref() == Ok(entry)).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_a_line_and_a_line_is_a_range() {
        for text in [
            "affected 1.2.0",
            "unaffected 1.4.3 (semver)",
            "affected from 0 before 1.4.3 (semver)",
            "affected from 1.2.0 through 1.4.2",
        ] {
            let entry = entry(text).unwrap();
            assert_eq!(line(&entry).as_deref(), Some(text));
        }
    }

    #[test]
    fn an_entry_a_line_cannot_say_has_no_line() {
        for odd in [
            json!({"version": "1.0 beta", "status": "affected"}),
            json!({"version": "1.0", "status": "affected", "changes": []}),
            json!({"version": "1.0"}),
        ] {
            assert_eq!(line(&odd), None, "{odd}");
        }
    }

    #[test]
    fn a_line_nobody_can_read_says_what_is_expected() {
        assert!(
            entry("affected below 1.4.3")
                .unwrap_err()
                .starts_with("`affected below 1.4.3` is no range: expected such as")
        );
    }
}
