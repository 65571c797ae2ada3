//! Looking at an advisory's address.

use client::{Addresses, Link, Request, Settings};

use crate::server::{Server, with_headers};

#[test]
fn a_page_is_found_through_redirects_and_searched_for_the_id() {
    let page = "<p>This is CVE-1900-0001.</p>";
    let server = Server::start(vec![
        with_headers(301, "Location: /advisory\r\n", ""),
        with_headers(200, "Content-Type: text/html\r\n", page),
    ]);
    let request = Request::new(Settings {
        addresses: Addresses::Any,
        ..Settings::default()
    })
    .unwrap();
    let answer = Link::new(&request).look(&server.address).unwrap();
    assert!(answer.is_success());
    assert!(answer.contains("CVE-1900-0001"));
    assert!(!answer.contains("CVE-1900-000"));
    assert_eq!(answer.final_url, format!("{}/advisory", server.address));
    assert_eq!(answer.content_type.as_deref(), Some("text/html"));
}
