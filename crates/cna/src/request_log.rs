//! The log of requests: a line each, on standard error, written by a thread of
//! its own so that no request waits for a terminal or a pipe.

use std::io::Write as _;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use authority::{RequestLine, RequestLog};

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One JSON document a line.
    Json,
    /// For people.
    Text,
}

/// Lines that may wait to be written; more are left out, and their number is
/// written instead.
const WAITING: usize = 16_384;

/// Lines written at once at most.
const WRITTEN: usize = 4096;

/// How long lines may gather before they are written together. A thread that
/// was woken for each line would cost a request more than its look into the
/// database.
const GATHERING: Duration = Duration::from_millis(5);

/// The thread that writes; ends when all its logs are dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(form: Form) -> anyhow::Result<(Writer, RequestLog)> {
        let (sender, lines) = sync_channel::<RequestLine>(WAITING);
        let thread = std::thread::Builder::new()
            .name("request log".into())
            .spawn(move || write(form, &lines))
            .context("starting the log of requests")?;
        let log = RequestLog::new(move |line| send(&sender, line));
        Ok((
            Writer {
                thread: Some(thread),
            },
            log,
        ))
    }

    /// Waits until everything is written. All logs must be dropped before.
    pub(crate) fn end(mut self) {
        if let Some(thread) = self.thread.take() {
            // It cannot panic; if it did, its lines are lost with it.
            let _ = thread.join();
        }
    }
}

fn send(sender: &SyncSender<RequestLine>, line: RequestLine) {
    match sender.try_send(line) {
        Ok(()) | Err(TrySendError::Disconnected(_)) => {}
        Err(TrySendError::Full(_)) => {
            tracing::warn!("the log of requests is too slow: a line was left out");
        }
    }
}

fn write(form: Form, lines: &Receiver<RequestLine>) {
    let mut text = Vec::new();
    while let Ok(line) = lines.recv() {
        text.clear();
        add(form, &line, &mut text);
        // What else waits goes out with it.
        for line in lines.try_iter().take(WRITTEN) {
            add(form, &line, &mut text);
        }
        // A closed stream leaves nobody to tell.
        let _ = std::io::stderr().write_all(&text);
        std::thread::sleep(GATHERING);
    }
}

fn add(form: Form, line: &RequestLine, text: &mut Vec<u8>) {
    match form {
        Form::Json => line.add_json(text),
        Form::Text => {
            // Memory takes everything that is written to it.
            let _ = writeln!(
                text,
                "{} {} {} {} {:.3}ms {} {}",
                line.at,
                line.method,
                line.route,
                line.status,
                line.took_ms(),
                line.org.as_deref().unwrap_or("-"),
                line.request_id()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> RequestLine {
        RequestLine {
            at: "2099-01-01T00:00:00Z".parse().unwrap(),
            random: [0; 16],
            method: "GET",
            route: "/api/cve/:id".into(),
            status: 200,
            took: Duration::from_micros(1_250),
            org: None,
        }
    }

    #[test]
    fn a_line_is_a_document_or_a_sentence() {
        for (form, expected) in [
            (
                Form::Json,
                "{\"time\":\"2099-01-01T00:00:00.000Z\",\"request_id\":\"00000000-0000-4000-8000-000000000000\",\"method\":\"GET\",\
                 \"route\":\"/api/cve/:id\",\"status\":200,\"duration_ms\":1.25,\"org\":null}\n",
            ),
            (
                Form::Text,
                "2099-01-01T00:00:00.000Z GET /api/cve/:id 200 1.250ms - 00000000-0000-4000-8000-000000000000\n",
            ),
        ] {
            let mut text = Vec::new();
            add(form, &line(), &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
