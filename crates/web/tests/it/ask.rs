//! Asking a router without a socket.

use std::net::IpAddr;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::instance::Instance;

/// An answer, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }

    /// A header as text; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// The router of an instance.
pub(crate) fn router(instance: &Instance) -> Router {
    router_behind(instance, &[])
}

/// The same behind these proxies.
pub(crate) fn router_behind(instance: &Instance, proxies: &[IpAddr]) -> Router {
    let settings = web::Settings {
        product: "Example Software".into(),
        environment: "practice".into(),
        secure_cookies: true,
        proxies: proxies.to_vec(),
        security_contact: Some(web::SecurityContact {
            contact: "mailto:security@example.org".into(),
            expires: "2027-11-01T00:00:00Z".parse().unwrap(),
        }),
    };
    web::router(instance.desk.clone(), settings)
}

/// A request to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

pub(crate) fn get(path: impl Into<String>) -> Ask {
    Ask {
        method: "GET",
        path: path.into(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

pub(crate) fn post(path: impl Into<String>) -> Ask {
    Ask {
        method: "POST",
        ..get(path)
    }
}

pub(crate) fn put(path: impl Into<String>) -> Ask {
    Ask {
        method: "PUT",
        ..get(path)
    }
}

impl Ask {
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Ask {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn token(self, token: &str) -> Ask {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// As a browser that is signed in, from a page of our own.
    pub(crate) fn browser(self, session: &str) -> Ask {
        self.header("cookie", format!("cna_session={session}"))
            .header("sec-fetch-site", "same-origin")
    }

    pub(crate) fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Ask {
        self.body = body.into();
        self.header("content-type", media_type)
    }

    pub(crate) fn json(self, body: &Value) -> Ask {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn form(self, body: &str) -> Ask {
        self.body("application/x-www-form-urlencoded", body)
    }

    pub(crate) fn of(self, router: &Router) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        answer(router, request.body(Body::from(self.body)).unwrap())
    }
}

/// The answer to any request.
pub(crate) fn answer(router: &Router, request: Request<Body>) -> Answer {
    let router = router.clone();
    RUNTIME.block_on(async {
        let response = router.oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    })
}

/// One runtime for all tests; tests themselves are plain functions, because
/// the stores they prepare block.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
});
