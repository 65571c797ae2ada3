//! A server in a process of its own, and what that process used.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use crate::data::Data;

pub(crate) struct Child {
    process: std::process::Child,
    pub(crate) address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Child {
    /// A bare program of this executable.
    pub(crate) fn bare(words: &[&str]) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("serve").args(words);
        Child::start(command, tempfile::tempdir().unwrap())
    }

    /// The authority: `cna authority serve` as it is started by default, its
    /// log going nowhere, without rate limits; or its router in a child.
    pub(crate) fn ours(cna: Option<&str>, data: &Data) -> Child {
        let folder = tempfile::tempdir().unwrap();
        let Some(cna) = cna else {
            return Child::bare(&["ours", &data.url()]);
        };
        let mut command = Command::new(cna);
        command.args(["authority", "serve", "--listen", "127.0.0.1:0"]);
        command.args(["--rate-limit", "off", "--database", &data.url(), "--data"]);
        command.arg(folder.path());
        Child::start(command, folder)
    }

    fn start(mut command: Command, folder: tempfile::TempDir) -> Child {
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // The first line ends in the address, with or without a scheme and a path.
        let line = lines.next().expect("the server says its address").unwrap();
        let word = line.rsplit(' ').next().unwrap();
        let word = word.strip_prefix("http://").unwrap_or(word);
        let address = word.split('/').next().unwrap().parse().unwrap();
        // Whatever else it says must not break its pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Child {
            process,
            address,
            _folder: folder,
        }
    }

    /// CPU time used so far, user and system, in microseconds.
    pub(crate) fn cpu_us(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // The name, in parentheses, may hold anything.
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
        let ticks: f64 = fields
            .skip(11)
            .take(2)
            .map(|n| n.parse::<f64>().unwrap())
            .sum();
        // Linux counts in hundredths of a second, whatever its clock.
        ticks * 10_000.0
    }

    pub(crate) fn resident_mb(&self) -> f64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        let kb: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        kb / 1024.0
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It keeps nothing that must be put away.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Programs that do nothing but keep every processor busy, as the other work
/// of a shared machine does.
pub(crate) struct Busy(Vec<std::process::Child>);

impl Busy {
    pub(crate) fn start() -> Busy {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let busy = || {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["serve", "busy"]).spawn().unwrap()
        };
        Busy((0..processors).map(|_| busy()).collect())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for process in &mut self.0 {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
