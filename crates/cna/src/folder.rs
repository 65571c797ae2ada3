//! The data folder: who holds it, its master key, and where its server is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use casework::MasterKey;
use cve::world::World;
use serde_json::{Value, json};
use store::DatabaseUrl;

/// A data folder this process may look into.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

/// The lock of a data folder; given back when it is dropped or the process
/// ends, however it ends.
#[derive(Debug)]
pub(crate) struct Held {
    file: File,
    folder: Folder,
}

/// What a process that holds the folder says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Holder(pub(crate) String);

const LOCK: &str = "cna.lock";
const KEY: &str = "master.key";

/// A server that leaves its address and a local token in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    /// `cna serve`.
    Desk,
    /// `cna authority serve`.
    Authority,
}

impl Server {
    const ALL: [Server; 2] = [Server::Desk, Server::Authority];

    fn file(self) -> &'static str {
        match self {
            Server::Desk => "server.json",
            Server::Authority => "authority.json",
        }
    }
}

impl Folder {
    /// Makes the folder when it is missing. Only its owner may look into it.
    pub(crate) fn make(path: &Path) -> anyhow::Result<Folder> {
        use std::os::unix::fs::DirBuilderExt as _;
        let mut builder = std::fs::DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| {
                format!(
                    "making the data folder `{}`; may this user write there?",
                    path.display()
                )
            })?;
        Ok(Folder(path.to_owned()))
    }

    /// Takes the folder for this process.
    ///
    /// Gives: who holds it, when another process does.
    pub(crate) fn hold(&self, what: &str) -> anyhow::Result<Result<Held, Holder>> {
        let path = self.0.join(LOCK);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("opening `{}`; may this user write there?", path.display()))?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                write!(file, "`{what}` (process {})", std::process::id())?;
                let held = Held {
                    file,
                    folder: self.clone(),
                };
                // A server that was killed could not take its address back.
                held.withdraw();
                Ok(Ok(held))
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                let text = if text.is_empty() {
                    "another process".to_owned()
                } else {
                    text
                };
                Ok(Err(Holder(text)))
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("locking `{}`", path.display()))
            }
        }
    }

    /// Takes the folder for this process, or says who holds it.
    pub(crate) fn hold_or_refuse(&self, what: &str) -> anyhow::Result<Held> {
        match self.hold(what)? {
            Ok(held) => Ok(held),
            Err(Holder(holder)) => bail!(
                "the data folder `{}` is held by {holder}: stop it first, or name another folder \
                 with --data",
                self.0.display()
            ),
        }
    }

    /// Address and local token of the server of this kind that runs on this
    /// folder.
    pub(crate) fn server(&self, server: Server) -> anyhow::Result<Option<(String, String)>> {
        let path = self.0.join(server.file());
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("reading `{}`", path.display()));
            }
        };
        let value: Value =
            serde_json::from_str(&text).with_context(|| format!("reading `{}`", path.display()))?;
        let part = |name: &str| value[name].as_str().map(str::to_owned);
        match (part("address"), part("token")) {
            (Some(address), Some(token)) => Ok(Some((address, token))),
            _ => bail!(
                "`{}` holds neither address nor token: restart the server",
                path.display()
            ),
        }
    }

    fn private_file(&self, name: &str) -> std::io::Result<File> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.0.join(name))
    }
}

/// Makes a missing database file so that only its owner may read it, also in
/// a folder that others may look into; the files beside it take its mode.
pub(crate) fn make_private(database: &DatabaseUrl) -> anyhow::Result<()> {
    let DatabaseUrl::Sqlite(file) = database else {
        return Ok(());
    };
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match made {
        // A folder that is missing is told by whoever opens the database.
        Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {
            Ok(())
        }
        other => other
            .map(drop)
            .with_context(|| format!("making the database `{}`", file.display())),
    }
}

impl Held {
    /// The key that seals the accounts' API keys.
    ///
    /// `CNA_MASTER_KEY_FILE` names its file; otherwise it lies in the folder,
    /// and is made when nothing is sealed yet.
    pub(crate) fn master_key(&self, world: &World, is_used: bool) -> anyhow::Result<MasterKey> {
        let path = match crate::config::variable("CNA_MASTER_KEY_FILE") {
            Some(path) => PathBuf::from(path),
            None => {
                let path = self.folder.0.join(KEY);
                if !path.exists() && is_used {
                    bail!(
                        "the master key `{}` is missing, and accounts are sealed with it: put it \
                         back from its backup (docs/operating.md says what to do without one)",
                        path.display()
                    );
                }
                if !path.exists() {
                    self.make_key(world)?;
                }
                path
            }
        };
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("reading the master key from `{}`", path.display()))?;
        let digest: cve::hash::Digest = text.trim().parse().ok().with_context(|| {
            format!(
                "`{}` does not hold a master key: expected 64 hexadecimal characters",
                path.display()
            )
        })?;
        Ok(MasterKey::new(*digest.as_bytes()))
    }

    fn make_key(&self, world: &World) -> anyhow::Result<()> {
        let name = format!("{KEY}.new");
        // What a start that was cut off left behind is no key anybody used.
        let _ = std::fs::remove_file(self.folder.0.join(&name));
        let mut file = self
            .folder
            .private_file(&name)
            .context("making the master key")?;
        writeln!(file, "{}", world.random_hex::<32>())?;
        file.sync_all()?;
        std::fs::rename(self.folder.0.join(&name), self.folder.0.join(KEY))?;
        File::open(&self.folder.0)?.sync_all()?;
        Ok(())
    }

    /// Leaves address and local token for commands on this folder.
    pub(crate) fn announce(
        &mut self,
        server: Server,
        address: &str,
        token: &str,
    ) -> anyhow::Result<()> {
        self.withdraw();
        let mut file = self
            .folder
            .private_file(server.file())
            .context("leaving the server's address")?;
        writeln!(file, "{}", json!({"address": address, "token": token}))?;
        if server == Server::Authority {
            return Ok(());
        }
        self.file.set_len(0)?;
        use std::io::Seek as _;
        self.file.rewind()?;
        write!(
            self.file,
            "`cna serve` at {address} (process {})",
            std::process::id()
        )?;
        Ok(())
    }

    /// Takes the server's address back.
    pub(crate) fn withdraw(&self) {
        for server in Server::ALL {
            // It may not be there; a stale one is found out when it is used.
            let _ = std::fs::remove_file(self.folder.0.join(server.file()));
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.withdraw();
    }
}
