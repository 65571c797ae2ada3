//! What the server writes into a record: who, when, and which version.
//!
//! Source: cve-services section 9.

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::{FoundId, RecordBody, RecordState};

use crate::caller::Caller;
use crate::router::Compat;

/// The version of the record format records are stamped with.
///
/// Source: cve-services sections 9 and 13.
pub(crate) fn data_version(compat: Compat) -> &'static str {
    match compat {
        Compat::V2_3 => "5.1",
        Compat::Current => "5.2",
    }
}

/// Whose a container is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Provider<'a> {
    org_id: &'a str,
    short_name: &'a str,
    date_updated: Timestamp,
}

/// The caller as the provider of a container.
pub(crate) fn provider(caller: &Caller, now: Timestamp) -> Provider<'_> {
    Provider {
        org_id: &caller.org.uuid,
        short_name: caller.org.short_name.as_str(),
        date_updated: now,
    }
}

/// Marks a container as the caller's, replacing what it said itself.
pub(crate) fn provide(container: &mut Value, caller: &Caller, now: Timestamp) {
    if let Some(object) = container.as_object_mut() {
        object.insert("providerMetadata".into(), json!(provider(caller, now)));
    }
}

/// What a first record says about itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewRecord<'a> {
    data_type: &'static str,
    data_version: &'static str,
    cve_metadata: NewMetadata<'a>,
    containers: NewContainers,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewMetadata<'a> {
    cve_id: CveId,
    assigner_org_id: &'a str,
    state: &'static str,
    assigner_short_name: &'a str,
    date_reserved: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<Timestamp>,
    date_updated: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_rejected: Option<Timestamp>,
}

/// The place of the container, which is written by others.
#[derive(Serialize)]
struct NewContainers {
    cna: (),
}

/// What is written in the place of the container, and what ends a record.
const PLACE: &[u8] = b"null";
const END: &[u8] = b"}}";

/// The first record of an ID, as it is stored and answered.
///
/// Takes: `id`, with the owner of now; `container` writes what the caller
/// provides.
pub(crate) fn first(
    id: &FoundId,
    container: impl FnOnce(&mut Vec<u8>) -> Result<(), serde_json::Error>,
    state: RecordState,
    now: Timestamp,
    compat: Compat,
) -> Result<Vec<u8>, serde_json::Error> {
    let published = state == RecordState::Published;
    let record = NewRecord {
        data_type: "CVE_RECORD",
        data_version: data_version(compat),
        cve_metadata: NewMetadata {
            cve_id: id.id,
            assigner_org_id: &id.owner,
            state: state.as_str(),
            assigner_short_name: id.owner_name.as_deref().unwrap_or_default(),
            date_reserved: id.reserved,
            date_published: published.then_some(now),
            date_updated: now,
            date_rejected: (!published).then_some(now),
        },
        containers: NewContainers { cna: () },
    };
    let mut text = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut text, &record)?;
    text.truncate(text.len() - END.len() - PLACE.len());
    container(&mut text)?;
    text.extend_from_slice(END);
    Ok(text)
}

/// Most records are shorter.
const USUAL_BYTES: usize = 8 * 1024;

/// Puts a new CNA container into a record and publishes it.
pub(crate) fn update(record: &mut Value, container: Value, now: Timestamp, compat: Compat) {
    record["containers"]["cna"] = container;
    let metadata = changed(record, now, compat);
    if metadata.get("state").and_then(Value::as_str) == Some("REJECTED") {
        metadata.remove("dateRejected");
        metadata.entry("datePublished").or_insert(json!(now));
    }
    metadata.insert("state".into(), json!("PUBLISHED"));
}

/// Replaces the CNA container by a rejection and drops the ADPs'.
pub(crate) fn reject(record: &mut Value, container: Value, now: Timestamp, compat: Compat) {
    record["containers"] = json!({});
    record["containers"]["cna"] = container;
    let metadata = changed(record, now, compat);
    if metadata.get("state").and_then(Value::as_str) != Some("REJECTED") {
        metadata.insert("state".into(), json!("REJECTED"));
        metadata.insert("dateRejected".into(), json!(now));
    }
}

/// Puts the container of an ADP into a record, in the place of its last one.
///
/// Gives: whether there was one.
pub(crate) fn enrich(
    record: &mut Value,
    container: Value,
    org: &str,
    now: Timestamp,
    compat: Compat,
) -> bool {
    changed(record, now, compat);
    let adps = &mut record["containers"]["adp"];
    if !adps.is_array() {
        *adps = json!([]);
    }
    let Some(adps) = adps.as_array_mut() else {
        return false;
    };
    let own = adps
        .iter_mut()
        .find(|adp| adp["providerMetadata"]["orgId"].as_str() == Some(org));
    match own {
        Some(own) => {
            *own = container;
            true
        }
        None => {
            adps.push(container);
            false
        }
    }
}

/// Marks a record as changed now; its metadata.
fn changed(record: &mut Value, now: Timestamp, compat: Compat) -> &mut Map<String, Value> {
    record["dataVersion"] = json!(data_version(compat));
    let metadata = &mut record["cveMetadata"];
    if !metadata.is_object() {
        *metadata = json!({});
    }
    metadata["dateUpdated"] = json!(now);
    match metadata {
        Value::Object(metadata) => metadata,
        _ => unreachable!("made an object above"),
    }
}

/// What is stored of a record: its bytes and the columns for filters.
pub(crate) fn stored(id: CveId, state: RecordState, record: &Value) -> RecordBody {
    // A NUL in a text is no text for PostgreSQL; filters never ask for one.
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('\0', "");
    let metadata = &record["cveMetadata"];
    let adps = record["containers"]["adp"].as_array();
    let mut adps: Vec<String> = adps
        .into_iter()
        .flatten()
        .map(|adp| text(&adp["providerMetadata"]["shortName"]))
        .filter(|name| !name.is_empty())
        .collect();
    adps.sort();
    adps.dedup();
    let cna_modified = &record["containers"]["cna"]["providerMetadata"]["dateUpdated"];
    RecordBody {
        id,
        state,
        assigner_org: text(&metadata["assignerOrgId"]),
        assigner_name: text(&metadata["assignerShortName"]),
        cna_modified: cna_modified.as_str().and_then(|at| at.parse().ok()),
        adps,
        bytes: record.to_string().into_bytes(),
    }
}

/// Digest of what is stored, for the audit chain.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::of(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2099-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_record_that_was_rejected_is_published_again_as_of_now() {
        let mut record = json!({
            "cveMetadata": {"state": "REJECTED", "dateRejected": "x"},
            "containers": {"cna": {}, "adp": [{}]},
        });
        update(&mut record, json!({"title": "t"}), now(), Compat::V2_3);
        assert_eq!(
            record,
            json!({
                "cveMetadata": {
                    "state": "PUBLISHED",
                    "dateUpdated": now(),
                    "datePublished": now(),
                },
                "containers": {"cna": {"title": "t"}, "adp": [{}]},
                "dataVersion": "5.1",
            })
        );
    }

    #[test]
    fn a_rejection_drops_the_adps_and_keeps_the_date_of_publication() {
        let mut record = json!({
            "cveMetadata": {"state": "PUBLISHED", "datePublished": "p"},
            "containers": {"cna": {}, "adp": [{}]},
        });
        reject(&mut record, json!({"x_a": 1}), now(), Compat::V2_3);
        assert_eq!(record["containers"], json!({"cna": {"x_a": 1}}));
        assert_eq!(record["cveMetadata"]["datePublished"], "p");
        assert_eq!(record["cveMetadata"]["dateRejected"], json!(now()));
    }

    #[test]
    fn an_adp_has_one_container_in_a_record() {
        let mut record = json!({"cveMetadata": {}, "containers": {}});
        let container = |title: &str| json!({"providerMetadata": {"orgId": "a"}, "title": title});
        assert!(!enrich(
            &mut record,
            container("1"),
            "a",
            now(),
            Compat::V2_3
        ));
        assert!(enrich(
            &mut record,
            container("2"),
            "a",
            now(),
            Compat::V2_3
        ));
        assert_eq!(record["containers"]["adp"], json!([container("2")]));
    }
}
