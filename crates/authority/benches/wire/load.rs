//! The load generator: 32 kept connections on one thread, each sending its
//! next request when the answer to the last has come. It reads of an answer
//! only its status and its length.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::child::Child;
use crate::data::Data;

const CONNECTIONS: usize = 32;

/// Makes the next request; nothing when there are no more.
pub(crate) type Requests = Box<dyn FnMut(&mut Vec<u8>) -> bool>;

#[derive(Clone)]
pub(crate) struct Load {
    round: Duration,
    requests: Rc<RefCell<Requests>>,
    status: u16,
}

pub(crate) struct Measured {
    pub(crate) rate: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// CPU time of the server for each request.
    pub(crate) cpu_us: f64,
}

impl Load {
    pub(crate) fn new(round: Duration, requests: Requests) -> Load {
        Load {
            round,
            requests: Rc::new(RefCell::new(requests)),
            status: 200,
        }
    }

    pub(crate) fn expecting(self, status: u16) -> Load {
        Load { status, ..self }
    }

    pub(crate) fn run(&self, child: &Child) -> Measured {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let before = child.cpu_us();
        let begun = Instant::now();
        let end = begun + self.round;
        let tasks = tokio::task::LocalSet::new();
        let callers =
            (0..CONNECTIONS).map(|_| tasks.spawn_local(self.clone().caller(child.address, end)));
        let callers: Vec<_> = callers.collect();
        let mut times = Vec::new();
        tasks.block_on(&runtime, async {
            for caller in callers {
                times.extend(caller.await.unwrap());
            }
        });
        let seconds = begun.elapsed().as_secs_f64();
        let count = times.len();
        assert!(count > 0, "no request was made");
        times.sort_unstable();
        let at = |part: usize| times[(count * part / 100).min(count - 1)].as_secs_f64() * 1000.0;
        Measured {
            rate: count as f64 / seconds,
            p50_ms: at(50),
            p99_ms: at(99),
            cpu_us: (child.cpu_us() - before) / count as f64,
        }
    }

    async fn caller(self, server: SocketAddr, end: Instant) -> Vec<Duration> {
        let mut connection = Connection::open(server).await;
        let mut times = Vec::new();
        let mut request = Vec::new();
        let mut begun = Instant::now();
        while begun < end {
            request.clear();
            if !(self.requests.borrow_mut())(&mut request) {
                break;
            }
            let status = connection.ask(&request).await;
            assert_eq!(status, self.status, "{}", connection.shown());
            let now = Instant::now();
            times.push(now - begun);
            begun = now;
        }
        times
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    async fn open(server: SocketAddr) -> Connection {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Connection {
            stream,
            buffer: vec![0; 64 * 1024],
            filled: 0,
        }
    }

    /// Sends a request and reads the answer; its status.
    async fn ask(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).await.unwrap();
        self.filled = 0;
        let mut length = None;
        loop {
            if self.filled == self.buffer.len() {
                self.buffer.resize(self.filled * 2, 0);
            }
            let read = self
                .stream
                .read(&mut self.buffer[self.filled..])
                .await
                .unwrap();
            assert!(read > 0, "the server hung up: {}", self.shown());
            self.filled += read;
            if length.is_none() {
                length = head_and_body(&self.buffer[..self.filled]);
            }
            if length.is_some_and(|length| self.filled >= length) {
                let status = std::str::from_utf8(&self.buffer[9..12]).unwrap();
                return status.parse().unwrap();
            }
        }
    }

    fn body(&self) -> &[u8] {
        let filled = &self.buffer[..self.filled];
        let end = filled.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        &filled[end + 4..]
    }

    fn shown(&self) -> String {
        let filled = &self.buffer[..self.filled.min(2000)];
        String::from_utf8_lossy(filled).into_owned()
    }
}

/// Bytes of head and body together, when the head is all there.
fn head_and_body(answer: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length: ";
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = &answer[..end];
    let length = head
        .windows(NAME.len())
        .position(|window| window.eq_ignore_ascii_case(NAME))
        .map_or(0, |at| {
            let digits = head[at + NAME.len()..]
                .iter()
                .take_while(|b| b.is_ascii_digit());
            digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
        });
    Some(end + length)
}

/// The fastest of some answers to one request, in milliseconds: what it costs
/// when nobody else is in the way.
pub(crate) fn once(child: &Child, request: &str) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = Connection::open(child.address).await;
        let mut best = f64::MAX;
        for _ in 0..7 {
            let begun = Instant::now();
            let status = connection.ask(request.as_bytes()).await;
            assert_eq!(status, 200, "{}", connection.shown());
            best = best.min(begun.elapsed().as_secs_f64() * 1000.0);
        }
        best
    })
}

/// Walks all records from cursor to cursor; how long the first and the last
/// tenth of the pages took.
pub(crate) fn walk(child: &Child, data: &Data) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = Connection::open(child.address).await;
        let mut times = Vec::new();
        let mut path = "/api/cve_cursor?limit=500".to_owned();
        loop {
            let begun = Instant::now();
            let request = data.secretariat_gets(&path);
            assert_eq!(connection.ask(request.as_bytes()).await, 200);
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
            // What a page says of itself stands behind its records.
            let body = connection.body();
            let tail =
                String::from_utf8_lossy(&body[body.len().saturating_sub(300)..]).into_owned();
            if tail.contains("\"hasNext\":false") {
                break;
            }
            let (_, next) = tail.split_once("\"next\":\"").unwrap();
            let next = next.split('"').next().unwrap();
            path = format!("/api/cve_cursor?limit=500&next_page={next}");
        }
        let tenth = times.len() / 10;
        let median = |times: &[f64]| {
            let mut times = times.to_vec();
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        };
        format!(
            "{} pages of 500, median {:.1} ms in the first tenth, {:.1} ms in the last",
            times.len(),
            median(&times[1..tenth]),
            median(&times[times.len() - tenth..times.len() - 1])
        )
    })
}
