//! The CVE List: what others have published, to search and to compare with.
//!
//! It lies in a folder of its own and not in the database, because everything
//! in it can be read again from where it came: the folder is the same on both
//! engines, and a broken one is made anew.
//!
//! | in the folder | holds |
//! |---|---|
//! | `current` | name of the folder with the index in use; replaced as a whole |
//! | `index-N/` | the index, and in `stamps` which files need not be read again |
//! | `sources.json` | what was imported, to build a broken index anew |
//! | `lock` | held by whoever imports |

mod entry;
mod import;
mod stamps;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cve::id::{CveId, Year};
use cve::reference;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use entry::{ListEntry, ListProduct};
pub use import::{ListImport, Offered, Stamp};

use crate::search::{Index, modified_ns, tokens, write_whole};

/// Why the CVE List cannot be asked or filled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was imported yet.
    #[error("no CVE List has been imported: `cna list import PATH` reads one")]
    Missing,
    /// The index is not whole, or not of this program; it has to be built
    /// anew, for which the import has a way.
    #[error("the index of the CVE List is broken: {problem}")]
    Broken {
        /// What was found.
        problem: String,
    },
    /// Another process imports; wait until it ends.
    #[error("another import is under way: wait until it ends")]
    Busy,
    /// Something beneath failed.
    #[error("{doing}: {problem}")]
    Failed {
        /// What was being done.
        doing: String,
        /// What went wrong.
        problem: String,
    },
}

/// The CVE List of a data folder. Cheap to clone; the index is opened when it
/// is first asked, and again when another process has changed it.
#[derive(Debug, Clone)]
pub struct CveList {
    folder: PathBuf,
    open: Arc<Mutex<Option<Opened>>>,
}

#[derive(Debug, Clone)]
struct Opened {
    index: Arc<Index>,
    /// The index in use, and size and time of the file that lists its parts.
    of: (String, u64, u64),
}

/// What is searched for. A record has to fit everything that is named.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Words of title, description, products and weaknesses.
    pub text: String,
    /// Whether one of the words is enough; the more and the rarer, the better.
    pub any_word: bool,
    /// IDs; the record is one of them.
    pub ids: Vec<CveId>,
    /// Words of vendor, product, package or package URL, all of one record.
    pub product: String,
    /// An address in its one spelling; the record cites it or one below it.
    pub reference: Option<String>,
    /// A commit in lower case, at least seven digits.
    pub commit: Option<String>,
    /// The year of the ID.
    pub year: Option<Year>,
    /// How many at most, from 1.
    pub limit: usize,
}

impl ListQuery {
    /// Reads what somebody typed: an ID, an address or a commit among the words
    /// is looked for as such.
    pub fn typed(text: &str) -> ListQuery {
        let mut query = ListQuery {
            limit: 10,
            ..ListQuery::default()
        };
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let upper = word.to_ascii_uppercase();
            if let Ok(id) = upper.parse() {
                query.ids.push(id);
            } else if let Some(url) = reference::normal(word).filter(|_| query.reference.is_none())
            {
                query.reference = Some(url);
            } else if word.len() == 40 && !reference::commits(word).is_empty() {
                query.commit = Some(word.to_ascii_lowercase());
            } else {
                words.push(word);
            }
        }
        query.text = words.join(" ");
        query
    }

    /// Says whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        tokens(&self.text).is_empty()
            && tokens(&self.product).is_empty()
            && self.ids.is_empty()
            && self.reference.is_none()
            && self.commit.is_none()
            && self.year.is_none()
    }
}

/// A record that fits, and how well: the higher the better, and only to be
/// compared with others of the same search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListHit {
    /// How well it fits; 0 where no word was asked for.
    pub score: f32,
    /// The record.
    #[serde(flatten)]
    pub entry: ListEntry,
}

/// What was imported, so that a broken index can be built anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSource {
    /// The folder or file.
    pub path: PathBuf,
    /// When it was last imported.
    pub imported: Timestamp,
    /// How many records it held then.
    pub records: u64,
}

/// How the CVE List stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListStatus {
    /// How many records it holds.
    pub records: u64,
    /// How many bytes its files have.
    pub bytes: u64,
    /// What was imported.
    pub sources: Vec<ListSource>,
}

const CURRENT: &str = "current";
const SOURCES: &str = "sources.json";

impl CveList {
    /// The CVE List whose folder lies in the data folder `data`.
    pub fn inside(data: &Path) -> CveList {
        CveList {
            folder: data.join("cve-list"),
            open: Arc::default(),
        }
    }

    /// The folder it lies in; for what has to lie beside it for a while.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The records that fit, best first, or newest first where no word is asked
    /// for.
    pub fn search(&self, query: &ListQuery) -> Result<Vec<ListHit>, Error> {
        let hits = self.index()?.search(query)?;
        Ok(hits
            .into_iter()
            .map(|(score, entry)| ListHit { score, entry })
            .collect())
    }

    /// The record of `id`.
    pub fn entry(&self, id: CveId) -> Result<Option<ListEntry>, Error> {
        self.index()?.entry(id)
    }

    /// How it stands, after every checksum was compared.
    pub fn status(&self) -> Result<ListStatus, Error> {
        let name = self.current()?.ok_or(Error::Missing)?;
        let index = Index::open(&self.folder.join(name), true)?;
        Ok(ListStatus {
            records: index.records(),
            bytes: index.bytes()?,
            sources: self.sources()?,
        })
    }

    /// What was imported so far; nothing before the first import.
    pub fn sources(&self) -> Result<Vec<ListSource>, Error> {
        let path = self.folder.join(SOURCES);
        let Some(text) = self.file(SOURCES)? else {
            return Ok(Vec::new());
        };
        serde_json::from_str(&text).map_err(|error| Error::Failed {
            doing: format!("reading `{}`", path.display()),
            problem: error.to_string(),
        })
    }

    /// Begins an import into the index there is, or into a new one.
    ///
    /// Takes: `anew`, begin with an empty index, which takes the place of the
    /// former one when it is committed.
    /// Refuses: `Busy`; `Broken`, when the index there is cannot be used and
    /// `anew` is not asked for.
    pub fn import(&self, anew: bool) -> Result<ListImport, Error> {
        ListImport::begin(self.clone(), anew)
    }

    /// The open index, opened again when it has changed.
    fn index(&self) -> Result<Arc<Index>, Error> {
        let name = self.current()?.ok_or(Error::Missing)?;
        let folder = self.folder.join(&name);
        let metadata = fs::metadata(folder.join("meta.json")).map_err(|error| Error::Broken {
            problem: format!("`{name}/meta.json`: {error}"),
        })?;
        let of = (name, metadata.len(), modified_ns(&metadata));
        // A panic elsewhere leaves an index that is opened again.
        let mut open = self
            .open
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(opened) = open.as_ref().filter(|opened| opened.of == of) {
            return Ok(opened.index.clone());
        }
        let index = Arc::new(Index::open(&folder, false)?);
        *open = Some(Opened {
            index: index.clone(),
            of,
        });
        Ok(index)
    }

    /// Name of the folder with the index in use.
    fn current(&self) -> Result<Option<String>, Error> {
        let Some(name) = self.file(CURRENT)? else {
            return Ok(None);
        };
        let name = name.trim();
        let number = name.strip_prefix("index-").map(str::parse::<u64>);
        match number {
            Some(Ok(_)) => Ok(Some(name.to_owned())),
            _ => Err(Error::Broken {
                problem: format!(
                    "`{}` does not name an index",
                    self.folder.join(CURRENT).display()
                ),
            }),
        }
    }

    /// A small file of the folder; nothing when it is not there.
    fn file(&self, name: &str) -> Result<Option<String>, Error> {
        let path = self.folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path, &error)),
        }
    }

    fn put_file(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.folder.join(name);
        write_whole(&path, bytes).map_err(|error| at(&path, &error))
    }
}

fn at(path: &Path, error: &io::Error) -> Error {
    Error::Failed {
        doing: format!("at `{}`", path.display()),
        problem: error.to_string(),
    }
}
