//! Package URLs as CVE Services takes them: the name of a package, and never
//! a version.

/// What is wrong with a package URL, as the end of a sentence about it.
///
/// Source: cve-services section 13, Package-URL rules; purl specification for
/// the parts of the name.
pub(super) fn problem(purl: &str) -> Option<&'static str> {
    let Some((_, rest)) = purl
        .split_once(':')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("pkg"))
    else {
        return Some("lacks the scheme, expected `pkg:` at its start");
    };
    if purl.to_ascii_lowercase().contains("%3a") {
        return Some("has a percent-encoded colon, expected `:` itself");
    }
    let (rest, subpath) = match rest.split_once('#') {
        Some((rest, subpath)) => (rest, Some(subpath)),
        None => (rest, None),
    };
    if subpath == Some("") {
        return Some("ends in an empty `#`, expected a path behind it or none");
    }
    let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let has_version = qualifiers.split('&').any(|qualifier| {
        let key = qualifier.split('=').next().unwrap_or_default();
        key.eq_ignore_ascii_case("version") || key.eq_ignore_ascii_case("vers")
    });
    if has_version {
        return Some("names a version among its qualifiers, expected none");
    }
    let Some((kind, path)) = path.trim_start_matches('/').split_once('/') else {
        return Some("has no name, expected `pkg:type/name`");
    };
    let good_kind = kind.starts_with(|first: char| first.is_ascii_alphabetic())
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte));
    if !good_kind {
        return Some("has no package type, expected one such as `npm` behind `pkg:`");
    }
    let name = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    match name.rsplit_once('@') {
        _ if name.is_empty() => Some("has no name, expected `pkg:type/name`"),
        // A scope such as `@angular` may stand unencoded before the name.
        Some(("", _)) | None => None,
        Some(_) => Some("names a version, expected the package alone"),
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn a_package_without_a_version_is_accepted() {
        for purl in [
            "pkg:npm/teapot",
            "pkg:npm/%40kettles/teapot",
            "pkg:npm/@kettles/teapot",
            "PKG:generic/a/b/teapot?arch=x86_64#lid",
            "pkg:github/kettles/teapot/",
        ] {
            assert_eq!(problem(purl), None, "{purl}");
        }
    }

    #[test]
    fn what_is_no_package_or_has_a_version_is_refused() {
        for purl in [
            "https://a.us",
            "npm/teapot",
            "pkg:npm",
            "pkg:npm/",
            "pkg:/teapot",
            "pkg:1npm/teapot",
            "pkg:npm/teapot@1.0",
            "pkg:npm/teapot?version=1",
            "pkg:npm/teapot?arch=x&vers=1",
            "pkg:npm/tea%3Apot",
            "pkg:npm/teapot#",
        ] {
            assert!(problem(purl).is_some(), "{purl} was accepted");
        }
    }
}
