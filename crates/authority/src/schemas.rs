//! Schemas of what endpoints take and give, for the documentation. What is
//! checked of a request is in `parameters`, `submission` and `cve::check`.
//!
//! Source: cve-services sections 1, 5 and 6; the names are those of the
//! reference server, those under `authority` are ours.

use serde_json::{Value, json};

const NAMES: &[&str] = &[
    "cve/adp-minimum-request",
    "cve/cna-minimum-request",
    "cve/create-adp-record-adp-request",
    "cve/create-cve-record-cna-request",
    "cve/create-cve-record-rejection-request",
    "cve/create-cve-record-rejection-response",
    "cve/create-cve-record-response",
    "cve/create-full-cve-record-request",
    "cve/cursor-cve-records-response",
    "cve/cve-count-response",
    "cve/cve-record-minimum-request",
    "cve/get-cve-record-response",
    "cve/list-cve-records-response",
    "cve/update-cve-record-rejection-request",
    "cve/update-cve-record-rejection-response",
    "cve/update-cve-record-response",
    "cve/update-full-cve-record-response",
    "cve-id/create-cve-ids-partial-response",
    "cve-id/create-cve-ids-response",
    "cve-id/get-cve-id-response",
    "cve-id/list-cve-ids-response",
    "cve-id/update-cve-id-response",
    "errors/bad-request",
    "errors/generic",
    "org/create-org-request",
    "org/create-org-response",
    "org/get-org-quota-response",
    "org/get-org-response",
    "org/list-orgs-response",
    "org/update-org-response",
    "user/create-user-request",
    "user/create-user-response",
    "user/get-user-response",
    "user/list-users-response",
    "user/reset-secret-response",
    "user/update-user-response",
    "authority/disabling",
    "authority/event",
    "authority/events",
    "authority/me",
    "authority/new-org",
    "authority/new-quota",
    "authority/new-range",
    "authority/new-user",
    "authority/org",
    "authority/org-change",
    "authority/orgs",
    "authority/quota",
    "authority/range",
    "authority/range-change",
    "authority/ranges",
    "authority/transfer",
    "authority/transferred",
    "authority/user",
    "authority/user-change",
    "authority/users",
    "authority/verdict",
];

/// The names of all schemas, `folder/name`.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied()
}

/// The schema of this name, `folder/name`.
pub(crate) fn schema(name: &str) -> Option<Value> {
    let (folder, short) = name.split_once('/')?;
    let mut schema = match folder {
        "cve" => of_record(short)?,
        "cve-id" => of_id(short)?,
        "errors" => of_error(short)?,
        "org" => of_org(short)?,
        "user" => of_user(short)?,
        "authority" => of_administration(short)?,
        _ => return None,
    };
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    Some(schema)
}

fn object(required: &[&str], properties: Value) -> Value {
    let mut schema = json!({"type": "object", "properties": properties});
    // OpenAPI 3.0 knows no empty list here.
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// An object that has all of its properties.
fn whole(properties: Value) -> Value {
    let names: Vec<String> = properties
        .as_object()
        .into_iter()
        .flat_map(|properties| properties.keys().cloned())
        .collect();
    json!({"type": "object", "required": names, "properties": properties})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn number() -> Value {
    json!({"type": "integer"})
}

fn truth() -> Value {
    json!({"type": "boolean"})
}

fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// A value that may be null; OpenAPI 3.0 and JSON Schema say so differently,
/// so nothing more is said.
fn nullable(description: &str) -> Value {
    json!({"description": description})
}

fn times() -> Value {
    whole(json!({"created": time(), "modified": time()}))
}

fn roles(words: &[&str]) -> Value {
    list(json!({"type": "string", "enum": words}))
}

fn org_roles() -> Value {
    roles(crate::parameters::ORG_ROLES)
}

fn user_roles() -> Value {
    roles(crate::parameters::USER_ROLES)
}

/// Fields of a page; lists of fewer than 500 items have none of them.
fn paged(key: &str, items: Value) -> Value {
    let mut properties = json!({
        "totalCount": number(),
        "itemsPerPage": number(),
        "pageCount": number(),
        "currentPage": number(),
        "prevPage": nullable("Number of the page before, or null"),
        "nextPage": nullable("Number of the page after, or null"),
    });
    properties[key] = list(items);
    object(&[key], properties)
}

/// A message and what it is about.
fn told(key: &str, what: Value) -> Value {
    let mut properties = json!({"message": text()});
    properties[key] = what;
    object(&["message", key], properties)
}

fn record() -> Value {
    object(
        &["dataType", "dataVersion", "cveMetadata", "containers"],
        json!({
            "dataType": {"type": "string", "enum": ["CVE_RECORD"]},
            "dataVersion": text(),
            "cveMetadata": object(
                &["cveId", "assignerOrgId", "state"],
                json!({
                    "cveId": cve_id(),
                    "assignerOrgId": text(),
                    "assignerShortName": text(),
                    "state": {"type": "string", "enum": ["PUBLISHED", "REJECTED"]},
                    "dateReserved": text(),
                    "datePublished": text(),
                    "dateUpdated": text(),
                    "dateRejected": text(),
                }),
            ),
            "containers": object(&["cna"], json!({"cna": {"type": "object"}, "adp": list(json!({"type": "object"}))})),
        }),
    )
}

fn cve_id() -> Value {
    json!({"type": "string", "pattern": "^CVE-[0-9]{4}-[0-9]{4,19}$"})
}

fn texts_in_languages() -> Value {
    let one = object(&["lang", "value"], json!({"lang": text(), "value": text()}));
    json!({"type": "array", "minItems": 1, "items": one})
}

fn cna_request() -> Value {
    let container = object(
        &["affected", "descriptions", "references"],
        json!({
            "affected": {"type": "array", "minItems": 1, "items": {"type": "object"}},
            "descriptions": texts_in_languages(),
            "references": {
                "type": "array",
                "minItems": 1,
                "maxItems": 512,
                "items": object(&["url"], json!({"url": text(), "name": text()})),
            },
        }),
    );
    object(&["cnaContainer"], json!({"cnaContainer": container}))
}

fn rejection_request() -> Value {
    let container = object(
        &["rejectedReasons"],
        json!({
            "rejectedReasons": texts_in_languages(),
            "replacedBy": {"type": "array", "minItems": 1, "items": cve_id()},
        }),
    );
    object(&["cnaContainer"], json!({"cnaContainer": container}))
}

fn adp_request() -> Value {
    let container = json!({"type": "object", "minProperties": 1});
    object(&["adpContainer"], json!({"adpContainer": container}))
}

fn of_record(name: &str) -> Option<Value> {
    Some(match name {
        "adp-minimum-request" | "create-adp-record-adp-request" => adp_request(),
        "cna-minimum-request" | "create-cve-record-cna-request" => cna_request(),
        "create-cve-record-rejection-request" | "update-cve-record-rejection-request" => {
            rejection_request()
        }
        "cve-record-minimum-request"
        | "create-full-cve-record-request"
        | "get-cve-record-response" => record(),
        "create-cve-record-response" | "create-cve-record-rejection-response" => {
            told("created", record())
        }
        "update-cve-record-response"
        | "update-cve-record-rejection-response"
        | "update-full-cve-record-response" => told("updated", record()),
        "list-cve-records-response" => paged("cveRecords", record()),
        "cursor-cve-records-response" => object(
            &["cveRecords", "hasNext", "hasPrevious"],
            json!({
                "cveRecords": list(record()),
                "hasNext": truth(),
                "hasPrevious": truth(),
                "next": text(),
                "previous": text(),
            }),
        ),
        "cve-count-response" => whole(json!({"totalCount": number()})),
        _ => return None,
    })
}

fn id_state() -> Value {
    json!({"type": "string", "enum": ["RESERVED", "PUBLISHED", "REJECTED"]})
}

fn requested_by() -> Value {
    object(&[], json!({"cna": text(), "user": text()}))
}

fn id() -> Value {
    object(
        &["cve_id", "cve_year", "state", "owning_cna"],
        json!({
            "requested_by": requested_by(),
            "time": times(),
            "cve_id": cve_id(),
            "cve_year": text(),
            "state": id_state(),
            "owning_cna": text(),
            "reserved": time(),
            "dateUpdated": time(),
        }),
    )
}

fn new_id() -> Value {
    whole(json!({
        "requested_by": requested_by(),
        "cve_id": cve_id(),
        "cve_year": text(),
        "state": id_state(),
        "owning_cna": text(),
        "reserved": time(),
    }))
}

fn of_id(name: &str) -> Option<Value> {
    Some(match name {
        "create-cve-ids-response" => whole(json!({
            "cve_ids": list(new_id()),
            "meta": whole(json!({"remaining_quota": number()})),
        })),
        "create-cve-ids-partial-response" => whole(json!({
            "error": text(),
            "message": text(),
            "details": whole(json!({"amount_reserved": number()})),
            "cve_ids": list(new_id()),
        })),
        "get-cve-id-response" => id(),
        "list-cve-ids-response" => paged("cve_ids", id()),
        "update-cve-id-response" => told("updated", id()),
        _ => return None,
    })
}

fn of_error(name: &str) -> Option<Value> {
    let mut schema = json!({
        "type": "object",
        "properties": {
            "error": {"type": "string", "description": "Code of the situation"},
            "message": {"type": "string", "description": "What it is, in a sentence"},
        },
    });
    match name {
        "generic" => {}
        "bad-request" => {
            schema["properties"]["details"] = json!({
                "description": "Each parameter that failed a check, or what is wrong with a record",
            });
        }
        _ => return None,
    }
    Some(schema)
}

fn org() -> Value {
    whole(json!({
        "UUID": text(),
        "short_name": short_name(),
        "name": text(),
        "authority": whole(json!({"active_roles": org_roles()})),
        "policies": whole(json!({"id_quota": number()})),
        "time": times(),
    }))
}

fn short_name() -> Value {
    json!({"type": "string", "minLength": 2, "maxLength": 32})
}

fn quota() -> Value {
    json!({"type": "integer", "minimum": 0, "maximum": 100_000})
}

fn of_org(name: &str) -> Option<Value> {
    Some(match name {
        "create-org-request" => object(
            &["short_name", "name"],
            json!({
                "short_name": short_name(),
                "name": {"type": "string", "minLength": 1},
                "authority": object(&[], json!({"active_roles": list(text())})),
                "policies": object(&[], json!({"id_quota": quota()})),
            }),
        ),
        "create-org-response" => told("created", org()),
        "get-org-quota-response" => whole(json!({
            "id_quota": number(),
            "total_reserved": number(),
            "available": number(),
        })),
        "get-org-response" => org(),
        "list-orgs-response" => paged("organizations", org()),
        "update-org-response" => told("updated", org()),
        _ => return None,
    })
}

fn name_parts() -> Value {
    let part = json!({"type": "string", "maxLength": 100});
    object(
        &[],
        json!({"first": part, "last": part, "middle": part, "suffix": part}),
    )
}

fn username() -> Value {
    json!({"type": "string", "pattern": "^[A-Za-z0-9\\-_@.]{3,128}$"})
}

fn user() -> Value {
    whole(json!({
        "UUID": text(),
        "org_UUID": text(),
        "username": username(),
        "active": truth(),
        "name": name_parts(),
        "authority": whole(json!({"active_roles": user_roles()})),
        "time": times(),
    }))
}

fn of_user(name: &str) -> Option<Value> {
    Some(match name {
        "create-user-request" => object(
            &["username"],
            json!({
                "username": username(),
                "name": name_parts(),
                "authority": object(&[], json!({"active_roles": list(text())})),
            }),
        ),
        "create-user-response" => {
            let mut created = user();
            created["properties"]["secret"] = text();
            told("created", created)
        }
        "get-user-response" => user(),
        "list-users-response" => paged("users", user()),
        "reset-secret-response" => whole(json!({"API-secret": text()})),
        "update-user-response" => told("updated", user()),
        _ => return None,
    })
}

fn of_administration(name: &str) -> Option<Value> {
    of_administered_org(name).or_else(|| of_administered_rest(name))
}

fn administered_org() -> Value {
    whole(json!({
        "short_name": short_name(),
        "name": text(),
        "uuid": text(),
        "roles": org_roles(),
        "parent": nullable("Short name of the Root it is under, or null"),
        "disabled": nullable("Since when nobody of it can sign in, or null"),
        "disabled_reason": text(),
        "id_quota": number(),
        "reserved": number(),
        "available": number(),
        "users": number(),
        "created": time(),
        "modified": time(),
    }))
}

fn administered_user() -> Value {
    let mut key = object(
        &["created", "age_days", "last_used"],
        json!({
            "created": time(),
            "age_days": number(),
            "last_used": nullable("When the key was last used, to the minute, or null"),
        }),
    );
    key["properties"]["secret"] =
        json!({"type": "string", "description": "The key, once, where it was made"});
    whole(json!({
        "username": username(),
        "uuid": text(),
        "org": short_name(),
        "active": truth(),
        "roles": user_roles(),
        "name": name_parts(),
        "key": key,
        "created": time(),
        "modified": time(),
    }))
}

fn of_administered_org(name: &str) -> Option<Value> {
    Some(match name {
        "me" => object(
            &["role", "may_change"],
            json!({
                "role": {"type": "string", "enum": ["operator", "secretariat", "root"]},
                "org": nullable("Short name of the caller's organization, or null"),
                "username": nullable("The caller's name, or null"),
                "may_change": truth(),
            }),
        ),
        "org" => administered_org(),
        "orgs" => whole(json!({"orgs": list(administered_org())})),
        "new-org" => object(
            &["short_name", "name"],
            json!({
                "short_name": short_name(),
                "name": text(),
                "roles": org_roles(),
                "id_quota": quota(),
                "parent": short_name(),
            }),
        ),
        "org-change" => object(
            &[],
            json!({
                "short_name": short_name(),
                "name": text(),
                "roles": org_roles(),
                "parent": nullable("Short name of a Root; null for none"),
            }),
        ),
        "disabling" => object(
            &[],
            json!({"reason": {"type": "string", "maxLength": 1000}}),
        ),
        "quota" => whole(json!({
            "short_name": short_name(),
            "id_quota": number(),
            "reserved": number(),
            "available": number(),
        })),
        "new-quota" => whole(json!({"id_quota": quota()})),
        "user" => administered_user(),
        "users" => whole(json!({"users": list(administered_user())})),
        "new-user" => object(
            &["username"],
            json!({"username": username(), "name": name_parts(), "roles": user_roles()}),
        ),
        "user-change" => object(
            &[],
            json!({
                "username": username(),
                "name": name_parts(),
                "roles": user_roles(),
                "active": truth(),
            }),
        ),
        _ => return None,
    })
}

fn range() -> Value {
    let block = whole(json!({
        "first": number(),
        "last_given": nullable("The last number given, or null"),
        "last": number(),
        "left": number(),
    }));
    whole(json!({"year": text(), "priority": block, "general": block}))
}

fn event() -> Value {
    whole(json!({
        "seq": number(),
        "at": time(),
        "actor": text(),
        "org": text(),
        "action": text(),
        "object": text(),
        "detail": nullable("What was changed, by action"),
    }))
}

fn of_administered_rest(name: &str) -> Option<Value> {
    Some(match name {
        "range" => range(),
        "ranges" => whole(json!({"ranges": list(range())})),
        "new-range" => whole(json!({"year": {"type": "string", "pattern": "^[0-9]{4}$"}})),
        "range-change" => whole(json!({"last": number()})),
        "transfer" => object(
            &["to"],
            json!({
                "to": short_name(),
                "ids": list(cve_id()),
                "from": short_name(),
                "state": id_state(),
            }),
        ),
        "transferred" => whole(json!({
            "transferred": list(whole(json!({
                "cve_id": cve_id(),
                "from": nullable("Short name of the owner before"),
                "to": short_name(),
            }))),
            "left": number(),
        })),
        "event" => event(),
        "events" => whole(json!({
            "events": list(event()),
            "next": nullable("Number to pass as `after`, or null at the end"),
        })),
        "verdict" => whole(json!({
            "entries": number(),
            "erased": number(),
            "broken": nullable("The first event that does not fit, or null"),
        })),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_schema_and_no_other() {
        for name in names() {
            assert!(schema(name).is_some(), "{name}");
        }
        for name in ["cve/nope", "nope/generic", "generic", ""] {
            assert_eq!(schema(name), None, "{name}");
        }
    }

    #[test]
    fn thirty_six_schemas_are_those_of_cve_services() {
        let theirs = names().filter(|name| !name.starts_with("authority/"));
        assert_eq!(theirs.count(), 36);
    }
}
