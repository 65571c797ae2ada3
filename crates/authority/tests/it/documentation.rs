//! The documentation an authority gives of itself.

use authority::Compat;
use serde_json::{Value, json};

use crate::server::{each, each_as};

#[test]
fn the_documentation_is_served_to_anyone() {
    each("the_documentation_is_served_to_anyone", |server| {
        let moved = server.ask(None, "GET", "/api-docs");
        assert_eq!(
            (moved.status, moved.header("location")),
            (301, Some("/api-docs/"))
        );
        let page = server.ask(None, "GET", "/api-docs/");
        assert_eq!(page.status, 200);
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        let document = server.ask(None, "GET", "/api-docs/openapi.json").json();
        assert_eq!(document["openapi"], "3.0.3");
        let reserve = &document["paths"]["/api/cve-id"]["post"];
        assert_eq!(reserve["operationId"], "cveIdReserve");
        assert_eq!(reserve["parameters"].as_array().unwrap().len(), 4);
        let schema = server.ask(None, "GET", "/schemas/errors/generic.json");
        assert_eq!(schema.json()["properties"]["error"]["type"], "string");
        for path in [
            "/schemas/nope.json",
            "/schemas/errors/nope.json",
            "/schemas/errors/generic",
        ] {
            assert_eq!(server.ask(None, "GET", path).error(), "NOT_FOUND", "{path}");
        }
    });
}

#[test]
fn every_schema_the_documentation_names_is_served() {
    each("every_schema_the_documentation_names_is_served", |server| {
        let document = server.ask(None, "GET", "/api-docs/openapi.json").json();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert!(schemas.len() > 36);
        for name in schemas.keys() {
            let path = format!("/schemas/{}.json", name.replacen('_', "/", 1));
            assert_eq!(server.ask(None, "GET", &path).status, 200, "{path}");
        }
    });
}

#[test]
fn every_documented_request_is_routed() {
    for compat in [Compat::V2_3, Compat::Current] {
        each_as("every_documented_request_is_routed", compat, |server| {
            let document = server.ask(None, "GET", "/api-docs/openapi.json").json();
            for (path, item) in document["paths"].as_object().unwrap() {
                for (method, operation) in item.as_object().unwrap() {
                    let filled = path
                        .replace("{id}", "CVE-2099-0001")
                        .replace("{year}", "2098")
                        .replace("{folder}", "errors")
                        .replace("{file}", "generic.json")
                        .replace(['{', '}'], "");
                    let answer = server.ask(None, &method.to_uppercase(), &filled);
                    assert_ne!(answer.error(), "NOT_FOUND", "{method} {filled}");
                    // What needs a key says so, and what does not needs none.
                    let needs_key = operation["security"][0].get("key").is_some();
                    let asked = answer.message() == "CVE-API-ORG header field required.";
                    assert_eq!(asked, needs_key, "{method} {filled}");
                }
            }
        });
    }
}

/// The names a query may use are those that are documented, and no others.
#[test]
fn the_documented_parameters_are_those_that_are_checked() {
    each(
        "the_documented_parameters_are_those_that_are_checked",
        |server| {
            let document = server.ask(None, "GET", "/api-docs/openapi.json").json();
            let names = |path: &str, method: &str| -> Vec<String> {
                let parameters = document["paths"][path][method]["parameters"].clone();
                let in_query = |parameter: &&Value| parameter["in"] == "query";
                parameters
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(in_query)
                    .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                    .collect()
            };
            for (path, method, real) in [
                ("/api/cve-id", "get", "/api/cve-id"),
                ("/api/cve-id", "post", "/api/cve-id"),
                ("/api/cve", "get", "/api/cve"),
                ("/api/cve_cursor", "get", "/api/cve_cursor"),
                ("/api/org", "get", "/api/org"),
                ("/api/org/{shortname}", "put", "/api/org/acme"),
                (
                    "/api/org/{shortname}/user/{username}",
                    "put",
                    "/api/org/acme/user/ann@acme",
                ),
                ("/authority/v1/audit", "get", "/authority/v1/audit"),
            ] {
                let known = names(path, method);
                assert!(!known.is_empty(), "{path}");
                let query: String = known.iter().map(|name| format!("&{name}=%3C")).collect();
                let path = format!("{real}?strange=1{query}");
                let refused = server
                    .ask(&server.sec, &method.to_uppercase(), &path)
                    .json();
                let entries = refused["details"].as_array().unwrap();
                let expected = json!("'strange' is not a valid parameter name.");
                assert_eq!(entries[0]["msg"], expected, "{path}");
                for name in known {
                    let entry = entries.iter().find(|entry| entry["param"] == json!(name));
                    let msg = &entry.unwrap()["msg"];
                    assert_eq!(msg, "contains invalid character: <", "{name} of {path}");
                }
            }
        },
    );
}

/// By the validator of the people who write such validators.
#[test]
fn the_document_is_valid_openapi() {
    let test = "the_document_is_valid_openapi";
    let Some(python) = crate::probes::python(test, "openapi-spec-validator") else {
        return;
    };
    each(test, |server| {
        let document = server.ask(None, "GET", "/api-docs/openapi.json").body;
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("openapi-{}.json", server.engine));
        std::fs::write(&file, document).unwrap();
        let ran = std::process::Command::new(&python)
            .args(["-m", "openapi_spec_validator"])
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(ran.status.success() && said.contains(": OK"), "{said}");
    });
}
