//! The documentation of all endpoints, made from the table the router asks.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::caller::Key;
use crate::router::Settings;
use crate::routes::{Place, Route};
use crate::schemas;

/// The documentation, made once.
#[derive(Debug)]
pub(crate) struct Documents {
    /// For programs: OpenAPI 3.0.
    pub(crate) openapi: Vec<u8>,
    /// For people.
    pub(crate) page: String,
}

impl Documents {
    pub(crate) fn new(routes: &[Route], settings: &Settings) -> Documents {
        Documents {
            openapi: openapi(routes, settings).to_string().into_bytes(),
            page: page(routes, settings),
        }
    }
}

/// Source: OpenAPI Specification 3.0.3.
fn openapi(routes: &[Route], settings: &Settings) -> Value {
    let mut paths = Map::new();
    for route in routes {
        let path = braced(&route.template(&settings.base_path));
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_lowercase()] = operation(route);
    }
    let mut components = Map::new();
    for name in schemas::names() {
        if let Some(Value::Object(mut schema)) = schemas::schema(name) {
            schema.remove("$schema");
            components.insert(component(name), Value::Object(schema));
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "CVE Services",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The API of a CVE numbering authority: CVE Services, and its administration.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "org": {"type": "apiKey", "in": "header", "name": "CVE-API-ORG"},
                "user": {"type": "apiKey", "in": "header", "name": "CVE-API-USER"},
                "key": {"type": "apiKey", "in": "header", "name": "CVE-API-KEY"},
            },
        },
    })
}

/// `/api/cve/:id` as `/api/cve/{id}`.
fn braced(template: &str) -> String {
    let braced = |segment: &str| match segment.strip_prefix(':') {
        Some(name) => format!("{{{name}}}"),
        None => segment.to_owned(),
    };
    template
        .split('/')
        .map(braced)
        .collect::<Vec<_>>()
        .join("/")
}

/// `org/create-org-request` as the name of a component.
fn component(schema: &str) -> String {
    schema.replace('/', "_")
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", component(schema))})
}

fn tag(route: &Route) -> &'static str {
    match (route.place, route.pattern.first()) {
        (Place::Administration, _) => "Administration",
        (Place::Site, _) => "Site",
        (_, Some(&"cve-id" | &"cve-id-range")) => "CVE ID",
        (_, Some(&"cve" | &"cve_cursor" | &"cve_count")) => "CVE Record",
        (_, Some(&"org")) if route.pattern.iter().any(|part| part.starts_with("user")) => "User",
        (_, Some(&"org")) => "Organization",
        (_, Some(&"users")) => "User",
        _ => "Health",
    }
}

fn operation(route: &Route) -> Value {
    let mut parameters = route.checks.documented();
    let documented = |name: &str| {
        let is_it = |parameter: &Value| parameter["name"] == name && parameter["in"] == "path";
        parameters.iter().any(is_it)
    };
    // OpenAPI wants every open part of the path named.
    let missing: Vec<_> = route
        .pattern
        .iter()
        .filter_map(|part| part.strip_prefix(':'))
        .filter(|name| !documented(name))
        .map(|name| {
            json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})
        })
        .collect();
    parameters.extend(missing);
    let mut operation = json!({
        "operationId": route.id,
        "tags": [tag(route)],
        "summary": route.does,
        "description": format!("For {}.", route.admits),
        "parameters": parameters,
        "responses": responses(route),
    });
    if let Some(schema) = route.takes {
        operation["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": reference(schema)}},
        });
    }
    let keyed = json!({"org": [], "user": [], "key": []});
    match route.key {
        Key::Ignored => {}
        Key::Welcome => operation["security"] = json!([{}, keyed]),
        Key::Needed => operation["security"] = json!([keyed]),
    }
    operation
}

fn responses(route: &Route) -> Value {
    let error = |description: &str, schema: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": reference(schema)}},
        })
    };
    let done = match route.gives {
        Some(schema) => json!({
            "description": "Done",
            "content": {"application/json": {"schema": reference(schema)}},
        }),
        None => json!({"description": "Done"}),
    };
    let is_created = route.place == Place::Administration
        && ["adminOrgCreate", "adminUserCreate", "adminRangeOpen"].contains(&route.id);
    let mut responses = Map::new();
    responses.insert(if is_created { "201" } else { "200" }.into(), done);
    if route.id == "cveIdReserve" {
        responses.insert(
            "206".into(),
            error(
                "Fewer IDs than asked for, the last of the year",
                "cve-id/create-cve-ids-partial-response",
            ),
        );
    }
    if route.place == Place::Site {
        return Value::Object(responses);
    }
    if route.key != Key::Ignored || route.checks.documented() != Vec::<Value>::new() {
        responses.insert("400".into(), error("Bad request", "errors/bad-request"));
    }
    if route.key == Key::Needed {
        responses.insert("401".into(), error("Not authenticated", "errors/generic"));
        responses.insert("403".into(), error("Forbidden", "errors/generic"));
    }
    for (status, description) in [
        ("404", "Not found"),
        ("429", "Too many requests"),
        ("500", "Something broke"),
    ] {
        responses.insert(status.into(), error(description, "errors/generic"));
    }
    Value::Object(responses)
}

/// A page that needs no script: each endpoint, what it does and for whom.
fn page(routes: &[Route], settings: &Settings) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <title>CVE Services API</title>\
         <h1>CVE Services API</h1>\
         <p>For programs: <a href=\"/api-docs/openapi.json\">openapi.json</a>.</p>\n\
         <table><thead><tr><th>Request<th>Does<th>For<th>Takes<th>Gives</tr></thead><tbody>\n",
    );
    let link = |schema: Option<&str>| match schema {
        Some(name) => format!("<a href=\"/schemas/{name}.json\">{name}</a>"),
        None => String::new(),
    };
    for route in routes {
        // A failure to write to a text cannot be.
        let _ = writeln!(
            page,
            "<tr><td><code>{} {}</code><td>{}<td>{}<td>{}<td>{}</tr>",
            route.method,
            braced(&route.template(&settings.base_path)),
            route.does,
            route.admits,
            link(route.takes),
            link(route.gives),
        );
    }
    page.push_str("</tbody></table></html>\n");
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::Compat;
    use crate::routes::routes;

    fn document(compat: Compat) -> (Vec<Route>, Value) {
        let routes = routes(compat);
        let settings = Settings {
            compat,
            ..Settings::default()
        };
        let document = openapi(&routes, &settings);
        (routes, document)
    }

    #[test]
    fn every_endpoint_of_the_router_is_documented_and_no_other() {
        for compat in [Compat::V2_3, Compat::Current] {
            let (routes, document) = document(compat);
            let mut documented = 0;
            for item in document["paths"].as_object().unwrap().values() {
                documented += item.as_object().unwrap().len();
            }
            assert_eq!(documented, routes.len());
            for route in &routes {
                let path = braced(&route.template("/api"));
                let method = route.method.as_str().to_lowercase();
                let operation = &document["paths"][&path][&method];
                assert_eq!(operation["operationId"], route.id, "{path}");
            }
            let counts = document["paths"].get("/api/cve_count").is_some();
            assert_eq!(counts, compat == Compat::Current);
        }
    }

    /// Calls `found` with every value under a `$ref`.
    fn references(value: &Value, found: &mut impl FnMut(&str)) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match value.as_str() {
                        Some(target) if key == "$ref" => found(target),
                        _ => references(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_open_part_of_a_path_is_a_parameter() {
        let (_, document) = document(Compat::Current);
        references(&document, &mut |target| {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target}");
        });
        for (path, item) in document["paths"].as_object().unwrap() {
            let open: Vec<_> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            for operation in item.as_object().unwrap().values() {
                let named: Vec<_> = operation["parameters"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|parameter| parameter["in"] == "path")
                    .map(|parameter| parameter["name"].as_str().unwrap())
                    .collect();
                assert_eq!(named, open, "{path}");
                assert!(!operation["responses"].as_object().unwrap().is_empty());
            }
        }
    }

    #[test]
    fn the_page_names_every_endpoint() {
        let (routes, _) = document(Compat::Current);
        let page = page(&routes, &Settings::default());
        assert_eq!(page.matches("<tr><td>").count(), routes.len());
        assert!(page.contains("<code>PUT /api/cve/{id}/adp</code>"));
    }
}
