//! Our hooks into the HTTP library: which addresses are connected to, and
//! where a request was when it failed.

use std::error::Error as StdError;
use std::fmt;
use std::io::Read;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};
use ureq::{Agent, Timeout};

use super::address::FORBIDDEN;
use super::{Addresses, Call, InvalidSettings, Method, Settings, duration};
use crate::Error;

/// Builds an agent that keeps up to `idle` connections.
pub(super) fn agent(settings: &Settings, idle: usize) -> Result<Agent, InvalidSettings> {
    let proxy = match &settings.proxy {
        Some(address) => Some(ureq::Proxy::new(address).map_err(|_| InvalidSettings::Proxy)?),
        None => None,
    };
    let config = Agent::config_builder()
        .user_agent(concat!("cna/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(idle)
        .max_idle_connections_per_host(idle)
        // Less than the 5 s after which common servers close them.
        .max_idle_age(Duration::from_secs(3))
        // Set even when there is none: the library would otherwise read the
        // environment.
        .proxy(proxy)
        .tls_config(tls(settings)?)
        .timeout_resolve(duration(settings.connect_timeout_ms))
        .timeout_connect(duration(settings.connect_timeout_ms))
        .timeout_per_read(duration(settings.read_timeout_ms))
        .timeout_per_write(duration(settings.read_timeout_ms))
        .timeout_global(duration(settings.total_timeout_ms))
        .build();
    let resolver = Guard {
        addresses: settings.addresses,
        inner: DefaultResolver::default(),
    };
    let connector = Gate(DefaultConnector::default());
    Ok(Agent::with_parts(config, connector, resolver))
}

fn tls(settings: &Settings) -> Result<TlsConfig, InvalidSettings> {
    let roots = match &settings.extra_ca_pem {
        None => RootCerts::WebPki,
        Some(pem) => RootCerts::from(with_public_roots(pem)?),
    };
    Ok(TlsConfig::builder().root_certs(roots).build())
}

fn with_public_roots(pem: &[u8]) -> Result<Vec<Certificate<'static>>, InvalidSettings> {
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(InvalidSettings::ExtraCa),
        }
    }
    if certificates.is_empty() {
        return Err(InvalidSettings::ExtraCa);
    }
    let public = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    certificates.extend(public.map(|der| Certificate::from_der(der)));
    Ok(certificates)
}

/// Marks an error that happened before the first byte of the request.
#[derive(Debug)]
struct BeforeSending(ureq::Error);

impl fmt::Display for BeforeSending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl StdError for BeforeSending {}

fn before_sending(error: ureq::Error) -> ureq::Error {
    ureq::Error::Other(Box::new(BeforeSending(error)))
}

/// Every address the name resolves to is one we must not reach.
#[derive(Debug)]
struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FORBIDDEN)
    }
}

impl StdError for Forbidden {}

/// Resolves names, and lets through only allowed addresses. Here and not on
/// the text of the address, because any name may point anywhere.
#[derive(Debug)]
struct Guard {
    addresses: Addresses,
    inner: DefaultResolver,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self
            .inner
            .resolve(uri, config, timeout)
            .map_err(before_sending)?;
        // The proxy is the operator's own choice; every other name is not.
        let is_proxy = config.proxy().is_some_and(|proxy| proxy.uri() == uri);
        let mut allowed = self.empty();
        for address in found.iter() {
            if is_proxy || self.addresses.allows(address.ip()) {
                allowed.push(*address);
            }
        }
        if allowed.is_empty() {
            return Err(before_sending(ureq::Error::Other(Box::new(Forbidden))));
        }
        Ok(allowed)
    }
}

/// Connects, TLS included. What fails in here was certainly not sent, what
/// fails afterwards may have been.
#[derive(Debug)]
struct Gate(DefaultConnector);

impl Connector<()> for Gate {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        self.0.connect(details, chained).map_err(before_sending)
    }
}

/// Says whether a failed request may have been carried out.
pub(super) fn classify(call: &Call, settings: &Settings, error: ureq::Error) -> Error {
    let url = call.url.clone();
    let is_reading = call.method == Method::Get;
    if let ureq::Error::Other(inner) = &error
        && let Some(BeforeSending(cause)) = inner.downcast_ref()
    {
        return Error::NotSent {
            url,
            is_lasting: is_lasting(cause),
            what: match settings.proxy {
                None => why_not_sent(settings, cause),
                Some(_) => format!("{}, asked through the proxy", why_not_sent(settings, cause)),
            },
        };
    }
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Error::NotSent {
            url,
            what: "the address or a header holds characters that cannot be sent; \
                   check the address, org, user and key"
                .to_owned(),
            is_lasting: true,
        },
        ureq::Error::Timeout(_) => Error::Unknown {
            url,
            status: None,
            what: format!(
                "did not answer within {} ms",
                settings.total_timeout_ms.min(settings.read_timeout_ms)
            ),
            is_reading,
            raw: Vec::new(),
            retry_after_s: None,
        },
        other => Error::Unknown {
            url,
            status: None,
            what: format!("broke off before its answer ({})", plain(&other)),
            is_reading,
            raw: Vec::new(),
            retry_after_s: None,
        },
    }
}

/// Whether a connection that was not made will not be made later either.
fn is_lasting(cause: &ureq::Error) -> bool {
    match cause {
        ureq::Error::Other(inner) => match inner.downcast_ref::<BeforeSending>() {
            Some(before) => is_lasting(&before.0),
            None => inner.is::<Forbidden>(),
        },
        ureq::Error::Rustls(_) | ureq::Error::BadUri(_) => true,
        ureq::Error::Io(io) => is_tls(io),
        _ => false,
    }
}

fn why_not_sent(settings: &Settings, cause: &ureq::Error) -> String {
    match cause {
        // A proxy is connected to through the same door, and marked twice.
        ureq::Error::Other(inner) if inner.is::<BeforeSending>() => inner
            .downcast_ref::<BeforeSending>()
            .map_or_else(String::new, |before| why_not_sent(settings, &before.0)),
        ureq::Error::Other(inner) => inner.to_string(),
        ureq::Error::Timeout(Timeout::Resolve) => {
            format!(
                "its name was not resolved within {} ms; check the network",
                settings.connect_timeout_ms
            )
        }
        ureq::Error::Timeout(_) => format!(
            "no connection within {} ms; check the address and the network",
            settings.connect_timeout_ms
        ),
        ureq::Error::HostNotFound => "its name is not known; check the address".to_owned(),
        ureq::Error::Rustls(tls) => format!("its TLS is not trusted ({tls}); check the CA"),
        ureq::Error::Io(io) if is_tls(io) => {
            format!("its TLS is not trusted ({io}); check the CA")
        }
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => {
            "connection refused; check that the server runs there".to_owned()
        }
        ureq::Error::ConnectionFailed => {
            "no connection could be made; check the address and the network".to_owned()
        }
        ureq::Error::Io(io) => format!("{io}; check the address and the network"),
        other => format!("{}; check the address", plain(other)),
    }
}

/// TLS errors of a handshake come wrapped in an I/O error of this kind.
fn is_tls(io: &std::io::Error) -> bool {
    io.kind() == std::io::ErrorKind::InvalidData
}

/// The library's words without its own prefixes. They never hold a header.
fn plain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(io) => io.to_string(),
        other => other.to_string(),
    }
}

/// Reads at most `limit` bytes. A body that breaks off is given as far as it
/// came, with the reason: the status before it may be all that matters.
pub(super) fn read_body(body: &mut ureq::Body, limit: u64) -> (Vec<u8>, bool, Option<String>) {
    let mut bytes = Vec::new();
    // One byte more than allowed shows that there is more.
    let mut reader = body.as_reader().take(limit.saturating_add(1));
    let failure = reader
        .read_to_end(&mut bytes)
        .err()
        .map(|error| error.to_string());
    let is_cut = u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit;
    if is_cut {
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    (bytes, is_cut, failure)
}
