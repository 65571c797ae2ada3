//! What CNAs and ADPs say about a vulnerability, or about its rejection.

use super::part::cpe_applicability;
use super::part::{
    affected, credits, cve_id, descriptions, impacts, metrics, problem_types, prose,
    provider_metadata, references, taxonomy_mappings, timeline, timestamp,
};
use super::{Also, Extra, Format, Key, Object, Rule, Value};
use super::{list, object, tag, text};

fn container(keys: Vec<Key>) -> Object {
    Object {
        hashed: false,
        ..object(Extra::Extension, keys)
    }
}

fn provider(format: Format, required: bool) -> Key {
    let name = "providerMetadata";
    let rule = provider_metadata(format);
    Key {
        name,
        rule,
        required,
    }
}

/// The container of a CNA that publishes.
///
/// Takes: whether `providerMetadata` must be there; a request body may lack it.
/// Source: CVE Record Format `definitions/cnaPublishedContainer`.
pub(in super::super) fn published_container(format: Format, provider_required: bool) -> Rule {
    let mut keys = vec![
        provider(format, provider_required),
        Key::may("dateAssigned", timestamp(format)),
        Key::may("datePublic", timestamp(format)),
        Key::may("title", text(1, 256)),
        Key::must("descriptions", descriptions(format)),
        Key::must("affected", affected(format)),
        Key::must("references", references(format)),
    ];
    keys.extend(common(format));
    keys.push(Key::may(
        "tags",
        tags(
            "cnaTags",
            &[
                "unsupported-when-assigned",
                "exclusively-hosted-service",
                "disputed",
            ],
        ),
    ));
    Rule::from(container(keys)).defined("cnaPublishedContainer")
}

/// The container of an ADP.
///
/// Source: CVE Record Format `definitions/adpContainer`.
pub(in super::super) fn adp_container(format: Format, provider_required: bool) -> Rule {
    let mut keys = vec![
        provider(format, provider_required),
        Key::may("datePublic", timestamp(format)),
        Key::may("title", text(1, 256)),
        Key::may("descriptions", descriptions(format)),
        Key::may("affected", affected(format)),
        Key::may("references", references(format)),
    ];
    keys.extend(common(format));
    keys.push(Key::may("tags", tags("adpTags", &["disputed"])));
    // The schema asks for two keys, one of them is `providerMetadata`. A body
    // may leave that one to the server, but not the other.
    let also = Also::MoreThanProvider;
    Rule::from(Object {
        also,
        ..container(keys)
    })
    .defined("adpContainer")
}

/// The container of a CNA that rejects.
///
/// Source: CVE Record Format `definitions/cnaRejectedContainer`.
pub(in super::super) fn rejected_container(format: Format, provider_required: bool) -> Rule {
    let keys = vec![
        provider(format, provider_required),
        Key::must("rejectedReasons", descriptions(format)),
        Key::may("replacedBy", list(cve_id()).into()),
    ];
    Rule::from(container(keys)).defined("cnaRejectedContainer")
}

/// The optional keys that both kinds of publishing container have.
fn common(format: Format) -> Vec<Key> {
    let mut keys = vec![
        Key::may("problemTypes", problem_types(format)),
        Key::may("impacts", impacts(format)),
        Key::may("metrics", metrics(format)),
        Key::may("configurations", prose(format, "configurations")),
        Key::may("workarounds", prose(format, "workarounds")),
        Key::may("solutions", prose(format, "solutions")),
        Key::may("exploits", prose(format, "exploits")),
        Key::may("timeline", timeline(format)),
        Key::may("credits", credits(format)),
        Key::may("source", Rule::new(Value::Filled).defined("source")),
        Key::may("taxonomyMappings", taxonomy_mappings(format)),
    ];
    if format >= Format::V5_1_1 {
        keys.push(Key::may("cpeApplicability", cpe_applicability()));
    }
    keys
}

fn tags(name: &str, words: &'static [&'static str]) -> Rule {
    Rule::from(list(tag(words))).defined(name)
}
