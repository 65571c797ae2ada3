//! Package URLs against the crate `packageurl`, which passes the
//! specification's own suite.

use cve::purl::Purl;
use packageurl::PackageUrl;
use proptest::prelude::*;

const TYPES: [&str; 32] = [
    "alpm",
    "apk",
    "bitbucket",
    "bitnami",
    "cargo",
    "chrome-extension",
    "cocoapods",
    "composer",
    "conan",
    "conda",
    "cpan",
    "cran",
    "deb",
    "docker",
    "gem",
    "generic",
    "github",
    "golang",
    "hackage",
    "hex",
    "huggingface",
    "julia",
    "luarocks",
    "maven",
    "mlflow",
    "npm",
    "nuget",
    "oci",
    "pypi",
    "rpm",
    "swift",
    "vscode-extension",
];

fn purl_like() -> impl Strategy<Value = String> {
    let parts = (
        0..TYPES.len(),
        "((%40|@)?[A-Za-z.]{1,3}/)?([a-z]{0,2}/)?",
        "[A-Za-z_:.-]{0,4}(%2F|%40)?[a-z]{0,1}",
        "(@[A-Z0-9.+:-]{0,4})?",
        "(\\?(uuid|Arch|a_b|repository_url)=(databricks|x/y|a:b)?(&(uuid|os|1)=[a-z/&]{0,2})?)?",
        "(#/?[a-z.]{0,2}/{0,2}[a-z]{1,3}(%40)?)?",
    );
    parts.prop_map(|(kind, namespace, name, version, qualifiers, subpath)| {
        format!(
            "pkg:{}/{namespace}{name}{version}{qualifiers}{subpath}",
            TYPES[kind]
        )
    })
}

/// Where the two differ by choice: a broken percent code is refused, not
/// taken as it stands; `.` and `..` are left out of a subpath only; two
/// qualifiers of one key are refused, not overwritten; slashes at the end of
/// the name do not count; and an empty version or subpath is none.
fn is_comparable(text: &str) -> bool {
    let broken = text
        .match_indices('%')
        .any(|(at, _)| !matches!(text.get(at + 1..at + 3), Some("2F" | "40" | "42" | "44")));
    let name_side = text.split(['?', '#']).next().unwrap_or_default();
    let dots = name_side
        .split('/')
        .any(|segment| matches!(segment, "." | ".."));
    let twice = text.matches("uuid=").count() > 1;
    let name_end = name_side.split('@').next().unwrap_or_default();
    let empty = name_side.ends_with('@') || name_end.ends_with('/');
    !broken && !dots && !twice && !empty
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_package_url_is_read_as_the_crate_packageurl_reads_it(text in purl_like()) {
        prop_assume!(is_comparable(&text));
        let theirs = text.parse::<PackageUrl>();
        match text.parse::<Purl>() {
            Ok(ours) => {
                let theirs = theirs.unwrap_or_else(|error| panic!("{text}: {error}"));
                prop_assert_eq!(ours.to_string(), theirs.to_string());
                prop_assert_eq!(ours.kind(), theirs.ty());
                prop_assert_eq!(ours.namespace(), theirs.namespace());
                prop_assert_eq!(ours.name(), theirs.name());
                prop_assert_eq!(ours.version(), theirs.version());
                prop_assert_eq!(ours.subpath(), theirs.subpath().filter(|path| !path.is_empty()));
                prop_assert_eq!(ours.qualifiers().len(), theirs.qualifiers().len());
                for (key, value) in theirs.qualifiers() {
                    prop_assert_eq!(ours.qualifier(key), Some(value.as_ref()));
                }
            }
            Err(error) => prop_assert!(theirs.is_err(), "{} was refused: {}", text, error),
        }
    }

    #[test]
    fn what_was_printed_reads_as_the_same_and_prints_the_same(text in "pkg:[a-z]{1,4}/\\PC{1,20}") {
        if let Ok(purl) = text.parse::<Purl>() {
            let printed = purl.to_string();
            prop_assert_eq!(printed.parse::<Purl>(), Ok(purl));
            prop_assert!(Purl::is_canonical(&printed));
        }
    }
}
