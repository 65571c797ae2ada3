//! A small mail server on loopback, speaking RFC 5321.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A mail as the server took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) to: String,
    pub(crate) data: String,
}

impl Taken {
    /// A header of the mail.
    pub(crate) fn header(&self, name: &str) -> &str {
        let head = format!("{name}: ");
        let found = self.data.lines().find_map(|line| line.strip_prefix(&head));
        found.unwrap_or_default()
    }
}

/// A server that answers the mails it gets, one after the other, as it is told,
/// and takes them once it is told nothing more.
pub(crate) struct Smtp {
    pub(crate) port: u16,
    state: Arc<Mutex<(Vec<Taken>, Vec<&'static str>)>>,
}

impl Smtp {
    pub(crate) fn start(answers: &[&'static str]) -> Smtp {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new((Vec::new(), answers.to_vec())));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away ends its own connection only.
                let _ = serve(stream, &shared);
            }
        });
        Smtp { port, state }
    }

    /// What was sent, also what it then refused.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap().0.clone()
    }
}

fn serve(stream: TcpStream, state: &Mutex<(Vec<Taken>, Vec<&'static str>)>) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let mut to = String::new();
    writer.write_all(b"220 mail.example\r\n")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let word = line.trim_end().to_ascii_uppercase();
        let answer = if word.starts_with("EHLO") {
            "250 mail.example".to_owned()
        } else if word.starts_with("RCPT") {
            to = line.trim_end().to_owned();
            "250 ok".to_owned()
        } else if word == "DATA" {
            writer.write_all(b"354 go on\r\n")?;
            let mut data = String::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line)?;
                if line == ".\r\n" {
                    break;
                }
                data.push_str(&line);
            }
            let mut state = state.lock().unwrap();
            state.0.push(Taken {
                to: to.clone(),
                data,
            });
            match state.1.is_empty() {
                true => "250 taken".to_owned(),
                false => state.1.remove(0).to_owned(),
            }
        } else if word == "QUIT" {
            writer.write_all(b"221 bye\r\n")?;
            return Ok(());
        } else {
            "250 ok".to_owned()
        };
        writer.write_all(format!("{answer}\r\n").as_bytes())?;
    }
}
