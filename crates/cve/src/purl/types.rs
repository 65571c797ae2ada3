//! The rules of the types of package URLs.

use super::{InvalidPurl, Purl};

/// Whether a type has a namespace.
enum Namespace {
    Optional,
    /// It must be there; the text says what it is.
    Required(&'static str),
    Forbidden,
}
use Namespace::{Forbidden, Optional, Required};

/// What a type asks of its components.
struct Rules {
    kind: &'static str,
    namespace: Namespace,
    /// Which of namespace, name and version are lower case.
    lower: &'static str,
}

const fn rules(kind: &'static str, namespace: Namespace, lower: &'static str) -> Rules {
    Rules {
        kind,
        namespace,
        lower,
    }
}

/// The registered types, by name: whether they have a namespace, and which of
/// (s) namespace, (n) name and (v) version are lower case.
///
/// Source: Package-URL specification, type definitions.
#[rustfmt::skip]
const RULES: &[Rules] = &[
    rules("alpm", Optional, ""),
    rules("apk", Optional, "s"),
    rules("bazel", Optional, ""),
    rules("bitbucket", Optional, "sn"),
    rules("bitnami", Forbidden, ""),
    rules("cargo", Forbidden, ""),
    rules("chrome-extension", Forbidden, ""),
    rules("cocoapods", Forbidden, ""),
    rules("composer", Required("the vendor"), "sn"),
    rules("conan", Optional, ""),
    rules("conda", Forbidden, ""),
    rules("cpan", Required("the author's id"), ""),
    rules("cran", Forbidden, ""),
    rules("deb", Optional, "sn"),
    rules("docker", Optional, ""),
    rules("gem", Forbidden, ""),
    rules("generic", Optional, ""),
    rules("github", Optional, "sn"),
    rules("golang", Optional, "s"),
    rules("hackage", Forbidden, ""),
    rules("hex", Optional, "sn"),
    rules("huggingface", Required("the owner"), "v"),
    rules("julia", Forbidden, ""),
    rules("luarocks", Optional, ""),
    rules("maven", Optional, ""),
    rules("mlflow", Forbidden, ""),
    rules("npm", Optional, "n"),
    rules("nuget", Forbidden, ""),
    rules("oci", Forbidden, ""),
    rules("opam", Optional, ""),
    rules("otp", Forbidden, ""),
    rules("pub", Forbidden, ""),
    rules("pypi", Forbidden, "n"),
    rules("qpkg", Optional, "s"),
    rules("rpm", Optional, "s"),
    rules("swid", Optional, ""),
    rules("swift", Required("the host and the owner"), ""),
    rules("vcpkg", Forbidden, ""),
    rules("vscode-extension", Required("the publisher"), ""),
    rules("yocto", Optional, ""),
];

fn rules_of(kind: &str) -> Option<&'static Rules> {
    RULES.iter().find(|rules| rules.kind == kind)
}

/// Says whether the specification registers the type.
pub(super) fn is_registered(kind: &str) -> bool {
    rules_of(kind).is_some()
}

/// Brings a package URL into the form its type asks for, or says why that is
/// not possible. Types that are not registered have no rules.
pub(super) fn normalised(mut purl: Purl) -> Result<Purl, InvalidPurl> {
    let Some(rules) = rules_of(&purl.kind) else {
        return Ok(purl);
    };
    check_namespace(&purl, rules)?;
    let lower = |text: &mut String| *text = text.to_lowercase();
    if rules.lower.contains('s') {
        purl.namespace.as_mut().map(lower);
    }
    if rules.lower.contains('n') {
        lower(&mut purl.name);
    }
    if rules.lower.contains('v') {
        purl.version.as_mut().map(lower);
    }
    match rules.kind {
        "pypi" => purl.name = purl.name.replace('_', "-"),
        // Databricks' models have no letter case, those of other servers do.
        "mlflow"
            if purl
                .qualifier("repository_url")
                .is_some_and(|url| url.contains("databricks")) =>
        {
            lower(&mut purl.name);
        }
        _ => {}
    }
    check_form(&purl)?;
    Ok(purl)
}

fn check_namespace(purl: &Purl, rules: &Rules) -> Result<(), InvalidPurl> {
    match (&rules.namespace, &purl.namespace) {
        (Required(what), None) => Err(InvalidPurl::NoNamespace {
            kind: purl.kind.clone(),
            what,
        }),
        (Forbidden, Some(namespace)) => Err(InvalidPurl::Namespace {
            kind: purl.kind.clone(),
            namespace: namespace.clone(),
        }),
        _ => Ok(()),
    }
}

/// Checks what single types ask of name, version and qualifiers.
fn check_form(purl: &Purl) -> Result<(), InvalidPurl> {
    let name = |expected| {
        Err(InvalidPurl::Name {
            kind: purl.kind.clone(),
            name: purl.name.clone(),
            expected,
        })
    };
    match purl.kind.as_str() {
        "cpan" if purl.name.contains("::") => name("a distribution, not a module"),
        "julia" if purl.qualifier("uuid").is_none() => Err(InvalidPurl::NoQualifier {
            kind: purl.kind.clone(),
            key: "uuid",
        }),
        "chrome-extension" if !is_extension_id(&purl.name) => name("32 lower-case letters"),
        "chrome-extension" => match purl.version() {
            Some(version) if !is_extension_version(version) => Err(InvalidPurl::TypeVersion {
                kind: purl.kind.clone(),
                version: version.to_owned(),
                expected: "one to four numbers with dots between them",
            }),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn is_extension_id(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|c| c.is_ascii_lowercase())
}

fn is_extension_version(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    version.split('.').count() <= 4 && version.split('.').all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let purl: Result<Purl, _> = text.parse();
        purl.map(|purl| purl.to_string())
            .map_err(|error| error.to_string())
    }

    /// Source: the examples and tests of the Package-URL specification.
    #[test]
    fn the_examples_of_the_specification_are_canonical() {
        for text in [
            "pkg:bitbucket/birkenfeld/pygments-main@244fd47e07d1014f0aed9c",
            "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
            "pkg:docker/cassandra@sha256:244fd47e07d1004f0aed9c",
            "pkg:gem/jruby-launcher@1.1.2?platform=java",
            "pkg:github/package-url/purl-spec@244fd47e07d1004f0aed9c",
            "pkg:golang/google.golang.org/genproto#googleapis/api/annotations",
            "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?packaging=sources",
            "pkg:npm/%40angular/animation@12.3.1",
            "pkg:npm/foobar@12.3.1",
            "pkg:nuget/EnterpriseLibrary.Common@6.0.1304",
            "pkg:pypi/django@1.11.1",
            "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25",
            "pkg:generic/openssl@1.1.10g?checksum=sha1:ad9503c3e994a4f%2Csha256:41bf9088b3a1e6c1ef1d",
            "pkg:swift/github.com/Alamofire/Alamofire@5.4.3",
            "pkg:cran/A3@0.9.1",
        ] {
            assert_eq!(read(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_kind_reader_brings_other_spellings_into_canonical_form() {
        for (text, canonical) in [
            (
                "PKG:PyPI/Django_package@1.11.1.dev1",
                "pkg:pypi/django-package@1.11.1.dev1",
            ),
            ("pkg://maven//org.apache/io/", "pkg:maven/org.apache/io"),
            ("pkg:npm/@babel/core", "pkg:npm/%40babel/core"),
            (
                "pkg:github/Package-URL/Purl-Spec",
                "pkg:github/package-url/purl-spec",
            ),
            (
                "pkg:golang/Google.Golang.org/genproto#/googleapis/./api//annotations/",
                "pkg:golang/google.golang.org/genproto#googleapis/api/annotations",
            ),
            ("pkg:generic/x?B=2&a=1&c=", "pkg:generic/x?a=1&b=2"),
            ("pkg:generic/a b@1+2", "pkg:generic/a%20b@1%2B2"),
            ("pkg:generic/ä", "pkg:generic/%C3%A4"),
            (
                "pkg:huggingface/owner/Model@ABC",
                "pkg:huggingface/owner/Model@abc",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Ok(canonical), "{text}");
            assert!(!Purl::is_canonical(text) && Purl::is_canonical(canonical));
        }
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        for (text, message) in [
            (
                "EnterpriseLibrary.Common@6.0.1304",
                "a package URL begins with `pkg:`",
            ),
            ("pkg%3Amaven/x", "a package URL begins with `pkg:`"),
            (
                "pkg:EnterpriseLibrary.Common",
                "`EnterpriseLibrary.Common` at position 4 is no type; write one such as `npm/` before the name",
            ),
            (
                "pkg:3nginx/nginx",
                "`3nginx` at position 4 is no type; write one such as `npm/` before the name",
            ),
            ("pkg:maven/@1.3.4", "the name is missing at position 10"),
            ("pkg:maven/", "the name is missing at position 10"),
            (
                "pkg:npm/a?in%20production=true",
                "`in%20production` at position 10 is no key of a qualifier",
            ),
            (
                "pkg:npm/a?a=1&A=2",
                "the qualifier `a` is given a second time at position 14",
            ),
            (
                "pkg:npm/100%",
                "the percent sign at position 11 needs two hexadecimal digits; write `%25`",
            ),
            (
                "pkg:npm/%ff",
                "the percent codes from position 8 on are not UTF-8",
            ),
            (
                "pkg:maven/a%2Fb/c",
                "the segment at position 10 holds an encoded slash; write it bare",
            ),
            (
                "pkg:swift/Alamofire",
                "type `swift` needs the host and the owner before the name",
            ),
            (
                "pkg:cargo/a/b",
                "type `cargo` has no namespace, found `a`; write `/` in a name as `%2F`",
            ),
            ("pkg:julia/X", "type `julia` needs the qualifier `uuid`"),
            (
                "pkg:cpan/OALDERS/URI::PackageURL",
                "`URI::PackageURL` is no name for type `cpan`; expected a distribution, not a module",
            ),
        ] {
            assert_eq!(read(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_record_names_a_package_and_not_a_version() {
        assert!(Purl::for_record("pkg:maven/org.apache/io?type=jar#a").is_ok());
        assert!(Purl::for_record("pkg:npm/@babel/core").is_ok());
        let refused = Purl::for_record("pkg:npm/@babel/core@1.0?x=y@z").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the package URL carries the version `1.0` at position 19; remove it"
        );
    }
}
