//! A server of one test: it answers each connection as the test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What to do with one request.
pub(crate) enum Act {
    /// Answer with these bytes and close.
    Answer(String),
    /// Close without a word.
    Close,
    /// Say nothing until the other side gives up.
    Silence,
}

/// A server and what it was asked.
pub(crate) struct Server {
    pub(crate) address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves one act after the other, one connection each.
    pub(crate) fn start(acts: Vec<Act>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        thread::spawn(move || {
            for act in acts {
                let (stream, _) = listener.accept().unwrap();
                serve(stream, act, &log);
            }
        });
        Server { address, seen }
    }

    /// The requests so far: head and body.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The first lines of the requests so far, without the HTTP version.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen()
            .iter()
            .map(|request| request.lines().next().unwrap().replace(" HTTP/1.1", ""))
            .collect()
    }
}

fn serve(mut stream: TcpStream, act: Act, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut request = String::new();
    let mut body_bytes = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(length) = lower.strip_prefix("content-length:") {
            body_bytes = length.trim().parse().unwrap();
        }
        request.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; body_bytes];
    reader.read_exact(&mut body).unwrap();
    request.push_str(&String::from_utf8(body).unwrap());
    log.lock().unwrap().push(request);
    match act {
        Act::Answer(text) => stream.write_all(text.as_bytes()).unwrap_or_default(),
        Act::Close => {}
        Act::Silence => {
            // Ends when the client closes its side.
            let _ = stream.read(&mut [0]);
        }
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Act {
    with_headers(
        status,
        "Content-Type: application/json; charset=utf-8\r\n",
        body,
    )
}

/// An answer with headers of its own, each ended by CR LF.
pub(crate) fn with_headers(status: u16, headers: &str, body: &str) -> Act {
    Act::Answer(format!(
        "HTTP/1.1 {status} Any\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ))
}
