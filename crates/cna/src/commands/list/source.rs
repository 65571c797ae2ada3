//! Where records of the CVE List come from: folders, zips and lists.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read, Seek, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use cve::world::World;
use store::cve_list::{ListImport, Offered, Stamp};
use zip::ZipArchive;

use crate::packed::unpacked;
use crate::progress::Progress;
use crate::walker::{NO_RECORDS, Walker};

/// The largest record that is read, in bytes; the largest of the List has 3 MB.
const RECORD_BYTES: u64 = 32 * 1024 * 1024;

/// The largest zip inside a zip, unpacked, in bytes.
const INNER_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// How many problems are kept to be told one by one.
const PROBLEMS: usize = 100;

/// A file that changed so short a time ago may change again without a later
/// time.
const SETTLED_MS: i64 = 2_000;

/// A source that was found and is of a known kind.
#[derive(Debug)]
pub(super) struct Reading {
    /// Its path, absolute.
    pub(super) path: PathBuf,
    kind: Kind,
    bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    Zip,
    /// A record a line, or one that fills the file.
    Lines,
}

/// What became of the records that were read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) new: u64,
    pub(super) changed: u64,
    pub(super) unchanged: u64,
    pub(super) older: u64,
    pub(super) unreadable: u64,
    /// Places and reasons of the first that could not be read.
    pub(super) problems: Vec<(String, String)>,
}

impl Tally {
    /// How many records were read.
    pub(super) fn records(&self) -> u64 {
        self.new + self.changed + self.unchanged + self.older
    }

    fn add(&mut self, offered: Offered, place: impl FnOnce() -> String) {
        match offered {
            Offered::New => self.new += 1,
            Offered::Changed => self.changed += 1,
            Offered::Unchanged => self.unchanged += 1,
            Offered::Older => self.older += 1,
            Offered::Unreadable(reason) => self.unreadable(place(), reason),
        }
    }

    fn unreadable(&mut self, place: String, reason: String) {
        self.unreadable += 1;
        if self.problems.len() < PROBLEMS {
            self.problems.push((place, reason));
        }
    }
}

impl Reading {
    /// Finds out what lies at `path`.
    pub(super) fn of(path: &Path) -> anyhow::Result<Reading> {
        let context = || format!("reading `{}`", path.display());
        let path = path.canonicalize().with_context(context)?;
        let metadata = fs::metadata(&path).with_context(context)?;
        if metadata.is_dir() {
            return Ok(Reading {
                path,
                kind: Kind::Folder,
                bytes: 0,
            });
        }
        let mut magic = Vec::new();
        let file = File::open(&path).with_context(context)?;
        file.take(4).read_to_end(&mut magic).with_context(context)?;
        // `PK` and the numbers of an entry, or of a zip without any.
        let is_zip = magic == *b"PK\x03\x04" || magic == *b"PK\x05\x06";
        Ok(Reading {
            path,
            kind: if is_zip { Kind::Zip } else { Kind::Lines },
            bytes: metadata.len(),
        })
    }

    /// How much there is to read; nothing where only reading tells.
    pub(super) fn bytes(&self) -> Option<u64> {
        (self.kind != Kind::Folder).then_some(self.bytes)
    }

    /// Offers every record of the source.
    pub(super) fn read(
        &self,
        session: &mut ListImport,
        tally: &mut Tally,
        progress: &mut Progress,
        read: &Arc<AtomicU64>,
        world: &World,
    ) -> anyhow::Result<()> {
        let mut taker = Taker {
            session,
            tally,
            progress,
        };
        match self.kind {
            Kind::Folder => taker.folder(&self.path, world),
            Kind::Lines => taker.lines(&self.path, read),
            Kind::Zip => {
                let file = File::open(&self.path)
                    .with_context(|| format!("reading `{}`", self.path.display()))?;
                let before = read.load(Ordering::Relaxed);
                taker.zip(BufReader::new(file), &self.path, true)?;
                read.store(before + self.bytes, Ordering::Relaxed);
                Ok(())
            }
        }
    }
}

/// Takes records out of one source.
struct Taker<'a> {
    session: &'a mut ListImport,
    tally: &'a mut Tally,
    progress: &'a mut Progress,
}

impl Taker<'_> {
    fn offer(
        &mut self,
        stamp: Option<Stamp>,
        bytes: &[u8],
        place: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let offered = self.session.offer(stamp, bytes)?;
        self.tally.add(offered, place);
        self.progress.advance(1);
        Ok(())
    }

    fn known(&mut self) {
        self.tally.unchanged += 1;
        self.progress.advance(1);
    }

    fn folder(&mut self, path: &Path, world: &World) -> anyhow::Result<()> {
        // A clone has other documents besides.
        let records = path.join("cves");
        let root = if records.is_dir() { &records } else { path };
        let context = || format!("reading the folder `{}`", root.display());
        let mut walker = Walker::new(root, &[".json"]).with_context(context)?;
        while let Some(next) = walker.next() {
            let read = match next {
                Ok(path) => self.file(&path, world).map_err(|error| (path, error)),
                Err((path, error)) => Err((path, error.into())),
            };
            if let Err((path, error)) = read {
                if error.is::<store::cve_list::Error>() {
                    return Err(error);
                }
                let place = path.display().to_string();
                self.tally.unreadable(place, format!("{error:#}"));
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, world: &World) -> anyhow::Result<()> {
        let metadata = fs::metadata(path)?;
        let modified = metadata.modified()?;
        let since = modified
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let stamp = Stamp::of(&[
            b"file",
            path.as_os_str().as_encoded_bytes(),
            &metadata.len().to_le_bytes(),
            &since.as_nanos().to_le_bytes(),
        ]);
        if self.session.has(stamp) {
            self.known();
            return Ok(());
        }
        let modified_ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let is_settled = world.now().unix_ms().saturating_sub(modified_ms) > SETTLED_MS;
        let bytes = within(File::open(path)?, metadata.len())?;
        self.offer(is_settled.then_some(stamp), &bytes, || {
            path.display().to_string()
        })
    }

    fn lines(&mut self, path: &Path, read: &Arc<AtomicU64>) -> anyhow::Result<()> {
        let context = || format!("reading `{}`", path.display());
        let file = File::open(path).with_context(context)?;
        let counted = Counted {
            file,
            read: Arc::clone(read),
        };
        let stream = unpacked(Box::new(counted)).with_context(context)?;
        let mut stream = BufReader::with_capacity(1 << 20, stream);
        let mut bytes = Vec::new();
        let mut number = 0u64;
        loop {
            bytes.clear();
            number += 1;
            let place = || format!("{}, line {number}", path.display());
            let one = (&mut stream)
                .take(RECORD_BYTES + 1)
                .read_until(b'\n', &mut bytes);
            match one {
                Ok(0) => return Ok(()),
                Ok(length) if length as u64 > RECORD_BYTES => {
                    let reason = format!("longer than {RECORD_BYTES} bytes; the rest is left out");
                    self.tally.unreadable(place(), reason);
                    return Ok(());
                }
                Ok(_) => {}
                Err(error) => {
                    let reason = format!("{error}; the rest is left out");
                    self.tally.unreadable(place(), reason);
                    return Ok(());
                }
            }
            if number == 1 && is_beginning(&bytes) {
                // A record, or a list of them, over many lines.
                (&mut stream)
                    .take(RECORD_BYTES)
                    .read_to_end(&mut bytes)
                    .with_context(context)?;
                return self.offer(None, &bytes, || path.display().to_string());
            }
            if !bytes.trim_ascii().is_empty() {
                self.offer(None, &bytes, place)?;
            }
        }
    }

    /// Takes the records of a zip, and where `may_nest`, of the zips in it.
    fn zip(&mut self, from: impl Read + Seek, path: &Path, may_nest: bool) -> anyhow::Result<()> {
        let shown = path.display();
        let mut archive = match ZipArchive::new(from) {
            Ok(archive) => archive,
            Err(error) => {
                self.tally
                    .unreadable(shown.to_string(), format!("not a whole zip: {error}"));
                return Ok(());
            }
        };
        for index in 0..archive.len() {
            let mut entry = match archive.by_index(index) {
                Ok(entry) => entry,
                Err(error) => {
                    let place = format!("{shown}, entry {}", index + 1);
                    self.tally.unreadable(place, error.to_string());
                    continue;
                }
            };
            let name = match entry.name() {
                Ok(name) => name.into_owned(),
                Err(error) => {
                    let place = format!("{shown}, entry {}", index + 1);
                    self.tally.unreadable(place, error.to_string());
                    continue;
                }
            };
            let last = name.rsplit('/').next().unwrap_or_default();
            let place = || format!("{shown}, {name}");
            if last.ends_with(".zip") && may_nest {
                self.inner(&mut entry, path)?;
                continue;
            }
            let is_record = last.ends_with(".json") && !NO_RECORDS.contains(&last);
            if !is_record || entry.is_dir() {
                continue;
            }
            let stamp = Stamp::of(&[
                b"zip",
                name.as_bytes(),
                &entry.size().to_le_bytes(),
                &entry.crc32().to_le_bytes(),
            ]);
            if self.session.has(stamp) {
                self.known();
                continue;
            }
            let size = entry.size();
            match within(&mut entry, size) {
                Ok(bytes) => self.offer(Some(stamp), &bytes, place)?,
                Err(error) => self.tally.unreadable(place(), error.to_string()),
            }
        }
        Ok(())
    }

    /// Takes the records of a zip in a zip. It is unpacked beside the list,
    /// because its table of contents stands at its end.
    fn inner(&mut self, entry: &mut impl Read, path: &Path) -> anyhow::Result<()> {
        let beside = self.session.folder().join("inner.zip");
        let context = || format!("unpacking the zip in `{}`", path.display());
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&beside)
            .with_context(context)?;
        // Without a name it goes when it is closed, however this ends.
        fs::remove_file(&beside).with_context(context)?;
        let copied = io::copy(&mut entry.take(INNER_BYTES + 1), &mut file);
        let problem = match copied {
            Ok(bytes) if bytes > INNER_BYTES => Some(format!("longer than {INNER_BYTES} bytes")),
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        if let Some(problem) = problem {
            let place = format!("{}, the zip in it", path.display());
            self.tally.unreadable(place, problem);
            return Ok(());
        }
        file.flush().with_context(context)?;
        file.rewind().with_context(context)?;
        self.zip(BufReader::new(file), path, false)
    }
}

/// Says whether a first line is only the beginning of a JSON document.
fn is_beginning(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"{") && !line.ends_with(b"}")
}

/// All bytes of a record, unless it is too large.
fn within(from: impl Read, expected: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(1 << 20)).unwrap_or(0) + 1);
    from.take(RECORD_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > RECORD_BYTES {
        let problem = format!("longer than {RECORD_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// A file that counts what was read of it.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(into)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
