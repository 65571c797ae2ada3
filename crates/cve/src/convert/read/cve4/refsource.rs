//! References of CVE JSON 4.0, and the sources they name.

use crate::convert::read::draft::Draft;
use crate::convert::read::object::Object;

/// Sources and the tags they become. Vendors' own sources are advisories.
///
/// Source: formats section 9, after the Program's converter.
#[rustfmt::skip]
const TAGS: &[(&str, &[&str])] = &[
    ("AIXAPAR", &["vendor-advisory"]), ("ALLAIRE", &["vendor-advisory"]), ("APPLE", &["vendor-advisory"]),
    ("BEA", &["vendor-advisory"]), ("CALDERA", &["vendor-advisory"]), ("CISCO", &["vendor-advisory"]),
    ("COMPAQ", &["vendor-advisory"]), ("CONECTIVA", &["vendor-advisory"]), ("CONFIRM", &["x_refsource_CONFIRM"]),
    ("DEBIAN", &["vendor-advisory"]), ("ENGARDE", &["vendor-advisory"]), ("FEDORA", &["vendor-advisory"]),
    ("FREEBSD", &["vendor-advisory"]), ("GENTOO", &["vendor-advisory"]), ("HP", &["vendor-advisory"]),
    ("IBM", &["vendor-advisory"]), ("IMMUNIX", &["vendor-advisory"]), ("JUNIPER", &["vendor-advisory"]),
    ("MANDRAKE", &["vendor-advisory"]), ("MANDRIVA", &["vendor-advisory"]), ("MS", &["vendor-advisory"]),
    ("MSKB", &["vendor-advisory"]), ("NETBSD", &["vendor-advisory"]), ("OPENBSD", &["vendor-advisory"]),
    ("OPENPKG", &["vendor-advisory"]), ("REDHAT", &["vendor-advisory"]), ("SCO", &["vendor-advisory"]),
    ("SGI", &["vendor-advisory"]), ("SLACKWARE", &["vendor-advisory"]), ("SUN", &["vendor-advisory"]),
    ("SUNALERT", &["vendor-advisory"]), ("SUSE", &["vendor-advisory"]), ("TRUSTIX", &["vendor-advisory"]),
    ("TURBO", &["vendor-advisory"]), ("UBUNTU", &["vendor-advisory"]),
    ("BID", &["vdb-entry"]), ("OSVDB", &["vdb-entry"]), ("SECTRACK", &["vdb-entry"]), ("SREASON", &["third-party-advisory"]),
    ("VUPEN", &["vdb-entry"]), ("XF", &["vdb-entry"]), ("OVAL", &["vdb-entry", "signature"]),
    ("BUGTRAQ", &["mailing-list"]), ("FULLDISC", &["mailing-list"]), ("MLIST", &["mailing-list"]),
    ("NTBUGTRAQ", &["mailing-list"]), ("VIM", &["mailing-list"]), ("VULN-DEV", &["mailing-list"]), ("VULNWATCH", &["mailing-list"]),
    ("ATSTAKE", &["third-party-advisory"]), ("CERT", &["third-party-advisory"]), ("CERT-VN", &["third-party-advisory"]),
    ("EEYE", &["third-party-advisory"]), ("IDEFENSE", &["third-party-advisory"]), ("ISS", &["third-party-advisory"]),
    ("JVN", &["third-party-advisory"]), ("JVNDB", &["third-party-advisory"]), ("L0PHT", &["third-party-advisory"]),
    ("SECUNIA", &["third-party-advisory"]), ("SREASONRES", &["third-party-advisory"]),
    ("CIAC", &["third-party-advisory", "government-resource"]),
    ("EXPLOIT-DB", &["exploit"]), ("MILW0RM", &["exploit"]),
    ("HPBUG", &["issue-tracking"]), ("SUNBUG", &["issue-tracking"]),
    ("NETECT", &["broken-link"]), ("FARMERVENEMA", &["technical-description"]), ("URL", &["related"]),
    ("MISC", &["x_refsource_MISC"]),
];

/// Reads the references.
pub(super) fn references(record: &mut Object, draft: &mut Draft) {
    let mut references = record.object("references", draft);
    for mut reference in references.objects("reference_data", draft) {
        let source = reference.text("refsource", draft);
        let name = reference.text("name", draft).map(|name| name.text);
        if let Some(url) = reference.text("url", draft) {
            let address = encoded(url.text);
            let source = source
                .map(|source| source.text.to_owned())
                .unwrap_or_default();
            let known = TAGS
                .iter()
                .find(|(known, _)| *known == source)
                .map_or(&[][..], |(_, tags)| tags);
            let own = format!("x_refsource_{source}");
            let mut tags: Vec<&str> = known.to_vec();
            if !source.is_empty() && !tags.contains(&own.as_str()) {
                tags.push(&own);
            }
            draft.reference(&address, name, &tags, &url.pointer);
        } else if let Some(name) = name {
            draft.unplaced(
                "reference",
                reference.pointer().to_owned(),
                format!("`{name}` has no address"),
            );
        }
        reference.finish(draft);
    }
    references.finish(draft);
}

/// An address with what may not stand in one written as percent codes.
fn encoded(url: &str) -> String {
    let mut text = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                text.push_str(&format!("%{:02X}", u32::from(c)))
            }
            c if c.is_ascii_graphic() => text.push(c),
            c => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    text.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    text
}
