//! How far a request came, and which are not made at all.

use std::net::TcpListener;

use client::{Addresses, Call, Error, Method, Request, Settings};

use crate::server::{Act, Server, json, with_headers};

fn settings() -> Settings {
    Settings {
        addresses: Addresses::Any,
        ..Settings::default()
    }
}

fn post(url: String) -> Call {
    Call {
        method: Method::Post,
        url,
        headers: vec![("CVE-API-KEY", "s3cr3t".into())],
        json: Some(b"{}".to_vec()),
    }
}

fn send(settings: Settings, call: &Call) -> Result<client::Answer, Error> {
    Request::new(settings).unwrap().send(call)
}

#[test]
fn a_request_that_is_cut_off_may_have_been_done() {
    let server = Server::start(vec![Act::Close]);
    let error = send(settings(), &post(server.address.clone())).unwrap_err();
    assert!(error.may_have_been_done(), "{error:?}");
    assert_eq!(server.seen().len(), 1, "it was sent more than once");
}

#[test]
fn a_request_without_answer_may_have_been_done() {
    let server = Server::start(vec![Act::Silence]);
    let limits = Settings {
        total_timeout_ms: 200,
        ..settings()
    };
    let error = send(limits, &post(server.address.clone())).unwrap_err();
    assert!(error.may_have_been_done(), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` did not answer within 200 ms; it may have been carried out, \
             so look before repeating it",
            server.address
        )
    );
}

#[test]
fn a_refused_connection_was_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    drop(listener);
    let error = send(settings(), &post(url)).unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error:?}");
    assert!(error.to_string().contains("connection refused"), "{error}");
}

#[test]
fn a_private_address_is_not_connected_to_unless_allowed() {
    let server = Server::start(vec![json(200, "{}")]);
    for name in [
        server.address.clone(),
        server.address.replace("127.0.0.1", "localhost"),
    ] {
        let error = send(Settings::default(), &post(name)).unwrap_err();
        assert!(matches!(error, Error::NotSent { .. }), "{error:?}");
        assert!(error.to_string().contains("private"), "{error}");
    }
    assert!(server.seen().is_empty());
    assert_eq!(
        send(settings(), &post(server.address.clone()))
            .unwrap()
            .status,
        200
    );
}

#[test]
fn a_text_that_is_no_address_was_never_sent() {
    for url in [
        "nowhere",
        "ftp://host/",
        "http://user:pass@host/",
        "http://a b/",
    ] {
        let error = send(settings(), &post(url.into())).unwrap_err();
        assert!(matches!(error, Error::NotSent { .. }), "{url}: {error:?}");
    }
}

#[test]
fn a_server_that_does_not_speak_tls_was_never_sent_anything() {
    let server = Server::start(vec![Act::Answer("HTTP/1.1 400 Bad\r\n\r\n".into())]);
    let url = server.address.replace("http:", "https:");
    let limits = Settings {
        connect_timeout_ms: 500,
        ..settings()
    };
    let error = send(limits, &post(url)).unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error:?}");
}

#[test]
fn a_server_that_is_silent_during_tls_was_never_sent_anything() {
    let server = Server::start(vec![Act::Silence]);
    let limits = Settings {
        connect_timeout_ms: 200,
        ..settings()
    };
    let url = server.address.replace("http:", "https:");
    let error = send(limits, &post(url)).unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error:?}");
}

#[test]
fn the_door_can_be_shared_by_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Request>();
    shared::<client::Services>();
    shared::<Error>();
}

#[test]
fn a_key_that_cannot_be_a_header_is_not_sent_and_not_shown() {
    let mut call = post("http://127.0.0.1:9/".into());
    call.headers = vec![("CVE-API-KEY", "s3cr\n3t".into())];
    let error = send(settings(), &call).unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error:?}");
    assert!(
        !format!("{error} {error:?} {call:?}").contains("s3cr"),
        "{error}"
    );
}

#[test]
fn a_reading_request_follows_redirects_with_its_key_only_at_home() {
    let away = Server::start(vec![json(200, "{}")]);
    let home = Server::start(vec![
        with_headers(302, "Location: /second\r\n", ""),
        with_headers(307, &format!("Location: {}/third\r\n", away.address), ""),
    ]);
    let call = Call {
        method: Method::Get,
        json: None,
        ..post(format!("{}/first", home.address))
    };
    let answer = send(settings(), &call).unwrap();
    assert_eq!(answer.url, format!("{}/third", away.address));
    assert_eq!(home.lines(), ["GET /first", "GET /second"]);
    assert!(home.seen()[1].contains("s3cr3t"));
    assert!(!away.seen()[0].contains("s3cr3t"));
}

#[test]
fn a_request_that_does_something_is_never_redirected() {
    let server = Server::start(vec![with_headers(307, "Location: /second\r\n", "")]);
    let answer = send(settings(), &post(server.address.clone())).unwrap();
    assert_eq!(answer.status, 307);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn redirects_that_go_in_circles_end() {
    let circle = || with_headers(302, "Location: /\r\n", "");
    let server = Server::start((0..3).map(|_| circle()).collect());
    let limits = Settings {
        max_redirects: 2,
        ..settings()
    };
    let answer = send(limits, &Call::get(&server.address)).unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn an_answer_longer_than_the_limit_is_cut_and_says_so() {
    let server = Server::start(vec![json(200, "[1,2,3]"), json(200, "[1,2]")]);
    let limits = Settings {
        max_body_bytes: 5,
        ..settings()
    };
    let cut = send(limits.clone(), &Call::get(&server.address)).unwrap();
    assert_eq!((cut.body.as_slice(), cut.is_cut), (&b"[1,2,"[..], true));
    let whole = send(limits, &Call::get(&server.address)).unwrap();
    assert_eq!(
        (whole.body.as_slice(), whole.is_cut),
        (&b"[1,2]"[..], false)
    );
}

#[test]
fn every_request_says_who_we_are() {
    let server = Server::start(vec![json(200, "{}")]);
    send(settings(), &Call::get(&server.address)).unwrap();
    let agent = format!("user-agent: cna/{}", env!("CARGO_PKG_VERSION"));
    assert!(server.seen()[0].to_lowercase().contains(&agent));
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let proxy = Settings {
        proxy: Some("::".into()),
        ..settings()
    };
    assert!(Request::new(proxy).is_err());
    let ca = Settings {
        extra_ca_pem: Some(b"no certificate".to_vec()),
        ..settings()
    };
    assert!(Request::new(ca).is_err());
}

#[test]
fn a_proxy_is_asked_in_place_of_the_server() {
    let proxy = Server::start(vec![json(200, "{}")]);
    // The operator's own proxy may be at a private address.
    let through = Settings {
        proxy: Some(proxy.address.clone()),
        ..Settings::default()
    };
    let private = send(through.clone(), &Call::get("http://127.0.0.1:9/"));
    assert!(matches!(private, Err(Error::NotSent { .. })), "{private:?}");
    assert!(proxy.lines().is_empty());
    let error = send(through, &Call::get("https://cve.example/api/"));
    // The fake proxy closes the tunnel, so the request itself is not sent.
    assert!(matches!(error, Err(Error::NotSent { .. })), "{error:?}");
    assert_eq!(proxy.lines(), ["CONNECT cve.example:443"]);
}
