//! `cve` over real TLS: with an operator's own CA, and through a proxy.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::cve_server::Service;

/// A CVE Services behind TLS, whose certificate an own CA signed.
struct Secured {
    plain: Service,
    address: SocketAddr,
    ca_file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Secured {
    fn start() -> Secured {
        let folder = tempfile::tempdir().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_key = KeyPair::generate().unwrap();
        let ca = authority.self_signed(&ca_key).unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, ca.pem()).unwrap();
        let names = ["127.0.0.1", "cve.example"].map(str::to_owned).to_vec();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &Issuer::new(authority, ca_key))
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        let config = Arc::new(config);
        let plain = Service::start();
        let inner = plain
            .url
            .trim_start_matches("http://")
            .trim_end_matches("/api/")
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                // A client that does not trust us hangs up.
                let _ = forward(StreamOwned::new(connection, stream.unwrap()), &inner);
            }
        });
        Secured {
            plain,
            address,
            ca_file,
            _folder: folder,
        }
    }

    /// Runs `cve quota` against `url` with these variables.
    fn quota(&self, url: &str, variables: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cve"))
            .arg("quota")
            .env_clear()
            .env("HOME", self.ca_file.parent().unwrap())
            .envs([
                ("CVE_USER", "ann"),
                ("CVE_ORG", "acme"),
                ("CVE_API_KEY", "k3y"),
            ])
            .env("CVE_API_URL", url)
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    fn ca(&self) -> &str {
        Path::to_str(&self.ca_file).unwrap()
    }
}

/// Hands one request without a body to the plain service, and its answer back.
fn forward(
    mut secured: StreamOwned<ServerConnection, TcpStream>,
    plain: &str,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        secured.read_exact(&mut byte)?;
        request.extend(byte);
    }
    let mut inner = TcpStream::connect(plain)?;
    inner.write_all(&request)?;
    let mut answer = Vec::new();
    inner.read_to_end(&mut answer)?;
    secured.write_all(&answer)?;
    secured.conn.send_close_notify();
    secured.flush()
}

/// A proxy that leads wherever it is asked to the same server; gives its
/// address and what it was asked.
fn proxy(server: SocketAddr) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            let mut lines = BufReader::new(client.try_clone().unwrap()).lines();
            kept.lock().unwrap().push(lines.next().unwrap().unwrap());
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let server = TcpStream::connect(server).unwrap();
            (&client).write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            for (from, to) in [(&client, &server), (&server, &client)] {
                let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    (address, asked)
}

fn says(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn a_server_is_trusted_by_the_operators_own_ca_and_not_without_it() {
    let server = Secured::start();
    let url = format!("https://{}/api/", server.address);
    let refused = server.quota(&url, &[]);
    assert_ne!(refused.status.code(), Some(0), "{}", says(&refused));
    assert!(says(&refused).contains("certificate"), "{}", says(&refused));
    assert_eq!(server.plain.take_seen(), [""; 0]);
    let trusted = server.quota(&url, &[("CVE_CA_FILE", server.ca())]);
    assert_eq!(trusted.status.code(), Some(0), "{}", says(&trusted));
    assert_eq!(
        server.plain.take_seen(),
        ["GET /api/org/acme/id_quota as k3y acme ann"]
    );
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let server = Secured::start();
    let url = format!("https://localhost:{}/api/", server.address.port());
    let refused = server.quota(&url, &[("CVE_CA_FILE", server.ca())]);
    assert_ne!(refused.status.code(), Some(0), "{}", says(&refused));
    assert_eq!(server.plain.take_seen(), [""; 0]);
}

#[test]
fn a_proxy_carries_tls_to_a_server_only_it_can_resolve() {
    let server = Secured::start();
    let (address, asked) = proxy(server.address);
    let variables = [
        ("HTTPS_PROXY", address.as_str()),
        ("CVE_CA_FILE", server.ca()),
    ];
    let answered = server.quota("https://cve.example/api/", &variables);
    assert_eq!(answered.status.code(), Some(0), "{}", says(&answered));
    assert_eq!(*asked.lock().unwrap(), ["CONNECT cve.example:443 HTTP/1.1"]);
    assert_eq!(
        server.plain.take_seen(),
        ["GET /api/org/acme/id_quota as k3y acme ann"]
    );
}
