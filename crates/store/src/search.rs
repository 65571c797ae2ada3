//! The index: a folder of files that finds entries of the CVE List.
//!
//! Everything in it can be made again, so it is never repaired. A commit is
//! whole or it is not there: tantivy writes new files beside the old ones and
//! then replaces the one that lists them. After it, the [`Seal`] notes size and
//! time of every file; an index whose files are still as sealed is trusted, any
//! other has all its checksums compared first.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use cve::id::{CveId, Year};
use serde::{Deserialize, Serialize};
use tantivy::collector::TopDocs;
use tantivy::directory::error::LockError;
use tantivy::indexer::LogMergePolicy;
use tantivy::query::{BooleanQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{
    DocAddress, IndexReader, IndexSettings, IndexWriter, Order, ReloadPolicy, Searcher,
    TantivyDocument, TantivyError, Term,
};

use crate::cve_list::{Error, ListEntry, ListQuery};

/// Memory of the thread that builds the index, in bytes. What it has gathered
/// when this is full becomes a part of its own.
const WRITER_BYTES: usize = 110_000_000;

/// Size of the blocks entries are packed in; small, because a hit unpacks one.
const BLOCK_BYTES: usize = 8_192;

/// Parts of like size that are joined into one.
const PARTS: usize = 6;

const SEAL: &str = "seal.json";

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
struct Fields {
    id: Field,
    year: Field,
    number: Field,
    hash: Field,
    updated: Field,
    published: Field,
    words: Field,
    product: Field,
    reference: Field,
    commit: Field,
    entry: Field,
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = |record| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("default")
            .set_index_option(record);
        TextOptions::default().set_indexing_options(indexing)
    };
    let fields = Fields {
        id: schema.add_text_field("id", STRING),
        year: schema.add_u64_field("year", INDEXED | FAST),
        number: schema.add_u64_field("number", FAST),
        hash: schema.add_u64_field("hash", FAST),
        updated: schema.add_i64_field("updated", FAST),
        published: schema.add_i64_field("published", FAST),
        words: schema.add_text_field("words", words(IndexRecordOption::WithFreqs)),
        product: schema.add_text_field("product", words(IndexRecordOption::Basic)),
        reference: schema.add_text_field("reference", STRING),
        commit: schema.add_text_field("commit", STRING),
        entry: schema.add_bytes_field("entry", STORED),
    };
    (schema.build(), fields)
}

/// An open index.
pub(crate) struct Index {
    folder: PathBuf,
    index: tantivy::Index,
    reader: IndexReader,
    fields: Fields,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index({})", self.folder.display())
    }
}

/// What the index knows of a record without reading its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// Beginning of the digest of its bytes.
    pub(crate) hash: u64,
    /// When it was last changed, in milliseconds since 1970.
    pub(crate) updated_ms: i64,
}

/// Size and time of the files of a commit.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Seal {
    files: BTreeMap<String, (u64, u64)>,
}

/// Writes to an index; what it wrote is there after [`Writing::commit`].
pub(crate) struct Writing {
    writer: IndexWriter,
    fields: Fields,
    folder: PathBuf,
    index: tantivy::Index,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writing({})", self.folder.display())
    }
}

impl Index {
    /// Makes an empty index in an empty folder.
    pub(crate) fn make(folder: &Path) -> Result<Index, Error> {
        let (schema, fields) = schema();
        let settings = IndexSettings {
            docstore_blocksize: BLOCK_BYTES,
            ..IndexSettings::default()
        };
        let index = tantivy::Index::builder()
            .schema(schema)
            .settings(settings)
            .create_in_dir(folder)
            .map_err(|error| failed(folder, error))?;
        Index::over(folder, index, fields)
    }

    /// Opens an index and makes sure that it is whole.
    ///
    /// Takes: `thorough`, compare the checksums even of files that are as they
    /// were sealed.
    /// Gives: `Broken`, with the reason, when it is not.
    pub(crate) fn open(folder: &Path, thorough: bool) -> Result<Index, Error> {
        let broken = |problem: String| Error::Broken { problem };
        let (wanted, fields) = schema();
        let index =
            tantivy::Index::open_in_dir(folder).map_err(|error| broken(error.to_string()))?;
        if index.schema() != wanted {
            return Err(broken(
                "it was built by another version of this program".into(),
            ));
        }
        let now = Seal::of(&index, folder)?;
        if thorough || Seal::read(folder).as_ref() != Some(&now) {
            let damaged = index
                .validate_checksum()
                .map_err(|error| broken(error.to_string()))?;
            if let Some(file) = damaged.iter().min() {
                let problem = format!("`{}` does not match its checksum", file.display());
                return Err(broken(problem));
            }
        }
        Index::over(folder, index, fields)
    }

    fn over(folder: &Path, index: tantivy::Index, fields: Fields) -> Result<Index, Error> {
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(|error: TantivyError| Error::Broken {
                problem: error.to_string(),
            })?;
        Ok(Index {
            folder: folder.to_owned(),
            index,
            reader,
            fields,
        })
    }

    /// What is known of every record.
    pub(crate) fn known(&self, mut tell: impl FnMut(CveId, Known)) -> Result<(), Error> {
        let failed = |error: TantivyError| failed(&self.folder, error);
        for segment in self.reader.searcher().segment_readers() {
            let fast = segment.fast_fields();
            let years = fast.u64("year").map_err(failed)?.first_or_default_col(0);
            let numbers = fast.u64("number").map_err(failed)?.first_or_default_col(0);
            let hashes = fast.u64("hash").map_err(failed)?.first_or_default_col(0);
            let updates = fast.i64("updated").map_err(failed)?.first_or_default_col(0);
            for doc in segment.doc_ids_alive() {
                let year = u16::try_from(years.get_val(doc)).ok().and_then(Year::new);
                let id = year.and_then(|year| CveId::new(year, numbers.get_val(doc)));
                if let Some(id) = id {
                    let known = Known {
                        hash: hashes.get_val(doc),
                        updated_ms: updates.get_val(doc),
                    };
                    tell(id, known);
                }
            }
        }
        Ok(())
    }

    /// How many records it holds.
    pub(crate) fn records(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// How many bytes its files have.
    pub(crate) fn bytes(&self) -> Result<u64, Error> {
        let seal = Seal::of(&self.index, &self.folder)?;
        Ok(seal.files.values().map(|(bytes, _)| bytes).sum())
    }

    /// The entry of `id`.
    pub(crate) fn entry(&self, id: CveId) -> Result<Option<ListEntry>, Error> {
        let term = Term::from_field_text(self.fields.id, &id.to_string());
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = self.best(&query, 1)?;
        Ok(found.into_iter().next().map(|(_, entry)| entry))
    }

    /// The entries that fit, best first, at most `query.limit`, each with its
    /// score.
    ///
    /// Gives: nothing when the query asks for nothing.
    pub(crate) fn search(&self, query: &ListQuery) -> Result<Vec<(f32, ListEntry)>, Error> {
        let words = self.words(&query.text);
        let mut filters = self.filters(query);
        for id in &query.ids {
            let term = Term::from_field_text(self.fields.id, &id.to_string());
            filters.push(self.exact(term));
        }
        if words.is_empty() {
            if filters.is_empty() {
                return Ok(Vec::new());
            }
            return self.newest(&BooleanQuery::intersection(filters), query.limit);
        }
        let words: Vec<Box<dyn Query>> = words
            .into_iter()
            .map(|word| {
                let term = Term::from_field_text(self.fields.words, &word);
                let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                Box::new(query) as Box<dyn Query>
            })
            .collect();
        let words: Box<dyn Query> = match query.any_word {
            true => Box::new(BooleanQuery::union(words)),
            false => Box::new(BooleanQuery::intersection(words)),
        };
        if filters.is_empty() {
            return self.best(words.as_ref(), query.limit);
        }
        filters.push(words);
        self.best(&BooleanQuery::intersection(filters), query.limit)
    }

    fn filters(&self, query: &ListQuery) -> Vec<Box<dyn Query>> {
        let mut filters: Vec<Box<dyn Query>> = Vec::new();
        for word in tokens(&query.product) {
            filters.push(self.exact(Term::from_field_text(self.fields.product, &word)));
        }
        if let Some(reference) = &query.reference {
            filters.push(self.reference(reference));
        }
        if let Some(commit) = &query.commit {
            filters.push(self.commit(commit));
        }
        if let Some(year) = query.year {
            let term = Term::from_field_u64(self.fields.year, u64::from(year.number()));
            filters.push(self.exact(term));
        }
        filters
    }

    fn exact(&self, term: Term) -> Box<dyn Query> {
        Box::new(TermQuery::new(term, IndexRecordOption::Basic))
    }

    /// Records that cite the address or one below it.
    fn reference(&self, url: &str) -> Box<dyn Query> {
        // `/` and `?` are followed by `0` and `@`.
        let below = |first: &str, behind: &str| {
            let from = Term::from_field_text(self.fields.reference, &format!("{url}{first}"));
            let to = Term::from_field_text(self.fields.reference, &format!("{url}{behind}"));
            let range = RangeQuery::new(Bound::Included(from), Bound::Excluded(to));
            (Occur::Should, Box::new(range) as Box<dyn Query>)
        };
        let exact = self.exact(Term::from_field_text(self.fields.reference, url));
        Box::new(BooleanQuery::new(vec![
            (Occur::Should, exact),
            below("/", "0"),
            below("?", "@"),
        ]))
    }

    /// Records that name the commit, longer or shorter.
    fn commit(&self, commit: &str) -> Box<dyn Query> {
        let field = self.fields.commit;
        // `f` is the last hexadecimal digit, and `g` follows it.
        let longer = RangeQuery::new(
            Bound::Included(Term::from_field_text(field, commit)),
            Bound::Excluded(Term::from_field_text(field, &format!("{commit}g"))),
        );
        let mut either: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Should, Box::new(longer))];
        for length in 7..commit.len() {
            let shorter = commit.get(..length).unwrap_or(commit);
            let exact = self.exact(Term::from_field_text(field, shorter));
            either.push((Occur::Should, exact));
        }
        Box::new(BooleanQuery::new(either))
    }

    /// The words of a text that a search goes by: those that stand in nearly
    /// every record only when there are no others.
    fn words(&self, text: &str) -> Vec<String> {
        let mut all = tokens(text);
        all.sort_unstable();
        all.dedup();
        let telling: Vec<String> = all
            .iter()
            .filter(|word| !COMMON.contains(&word.as_str()))
            .cloned()
            .collect();
        if telling.is_empty() { all } else { telling }
    }

    fn best(&self, query: &dyn Query, limit: usize) -> Result<Vec<(f32, ListEntry)>, Error> {
        let searcher = self.reader.searcher();
        let found = searcher
            .search(query, &TopDocs::with_limit(limit.max(1)).order_by_score())
            .map_err(|error| failed(&self.folder, error))?;
        found
            .into_iter()
            .map(|(score, address)| Ok((score, self.read(&searcher, address)?)))
            .collect()
    }

    /// Where no word makes one fit better than another, the newest come first.
    fn newest(&self, query: &dyn Query, limit: usize) -> Result<Vec<(f32, ListEntry)>, Error> {
        let searcher = self.reader.searcher();
        let collector =
            TopDocs::with_limit(limit.max(1)).order_by_fast_field::<i64>("published", Order::Desc);
        let found = searcher
            .search(query, &collector)
            .map_err(|error| failed(&self.folder, error))?;
        found
            .into_iter()
            .map(|(_, address)| Ok((0.0, self.read(&searcher, address)?)))
            .collect()
    }

    fn read(&self, searcher: &Searcher, address: DocAddress) -> Result<ListEntry, Error> {
        use tantivy::schema::Value as _;
        let document: TantivyDocument = searcher
            .doc(address)
            .map_err(|error| failed(&self.folder, error))?;
        let bytes = document
            .get_first(self.fields.entry)
            .and_then(|value| value.as_bytes())
            .unwrap_or_default();
        serde_json::from_slice(bytes).map_err(|error| Error::Broken {
            problem: format!("an entry cannot be read: {error}"),
        })
    }

    /// Begins to write.
    ///
    /// Refuses: `Busy` while another process writes.
    pub(crate) fn write(&self) -> Result<Writing, Error> {
        let writer: IndexWriter = self
            .index
            .writer_with_num_threads(1, WRITER_BYTES)
            .map_err(|error| match error {
                TantivyError::LockFailure(LockError::LockBusy, _) => Error::Busy,
                error => failed(&self.folder, error),
            })?;
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(PARTS);
        writer.set_merge_policy(Box::new(policy));
        Ok(Writing {
            writer,
            fields: self.fields,
            folder: self.folder.clone(),
            index: self.index.clone(),
        })
    }
}

impl Writing {
    /// Adds an entry.
    ///
    /// Takes: `replaces`, whether one of this ID may be there already.
    pub(crate) fn put(&self, entry: &ListEntry, hash: u64, replaces: bool) -> Result<(), Error> {
        let failed = |error: TantivyError| failed(&self.folder, error);
        let fields = &self.fields;
        let id = entry.cve_id.to_string();
        if replaces {
            self.writer
                .delete_term(Term::from_field_text(fields.id, &id));
        }
        let mut document = TantivyDocument::new();
        document.add_text(fields.id, &id);
        document.add_u64(fields.year, u64::from(entry.cve_id.year().number()));
        document.add_u64(fields.number, entry.cve_id.number());
        document.add_u64(fields.hash, hash);
        document.add_i64(fields.updated, entry.updated_ms());
        document.add_i64(fields.published, entry.published_ms());
        // Twice: a word of the title says more than one of the description.
        document.add_text(fields.words, &entry.title);
        document.add_text(fields.words, &entry.title);
        document.add_text(fields.words, &entry.description);
        for product in &entry.products {
            for name in [
                &product.vendor,
                &product.product,
                &product.package,
                &product.purl,
            ] {
                if !name.is_empty() {
                    document.add_text(fields.product, name);
                    document.add_text(fields.words, name);
                }
            }
        }
        for weakness in &entry.weaknesses {
            document.add_text(fields.words, weakness);
        }
        for url in &entry.spellings {
            document.add_text(fields.reference, url);
        }
        for commit in &entry.commits {
            document.add_text(fields.commit, commit);
        }
        let bytes = serde_json::to_vec(entry).map_err(|error| Error::Failed {
            doing: format!("writing the entry of {id}"),
            problem: error.to_string(),
        })?;
        document.add_bytes(fields.entry, &bytes);
        self.writer.add_document(document).map_err(failed)?;
        Ok(())
    }

    /// Makes what was written the index, and seals it.
    pub(crate) fn commit(mut self) -> Result<(), Error> {
        self.writer
            .commit()
            .map_err(|error| failed(&self.folder, error))?;
        let folder = self.folder.clone();
        self.writer
            .wait_merging_threads()
            .map_err(|error| failed(&folder, error))?;
        Seal::of(&self.index, &folder)?.write(&folder)
    }
}

impl Seal {
    /// Size and time of the files the index consists of now.
    fn of(index: &tantivy::Index, folder: &Path) -> Result<Seal, Error> {
        let broken = |problem: String| Error::Broken { problem };
        let segments = index
            .searchable_segment_metas()
            .map_err(|error| broken(error.to_string()))?;
        let wanted: Vec<String> = segments
            .iter()
            .map(|segment| segment.id().uuid_string())
            .collect();
        let mut files = BTreeMap::new();
        let listed = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        for file in listed {
            let file = file.map_err(|error| unreadable(folder, &error))?;
            let name = file.file_name().to_string_lossy().into_owned();
            let is_part = wanted
                .iter()
                .any(|segment| name.starts_with(segment.as_str()));
            if !is_part {
                continue;
            }
            let metadata = file
                .metadata()
                .map_err(|error| unreadable(folder, &error))?;
            files.insert(name, (metadata.len(), modified_ns(&metadata)));
        }
        Ok(Seal { files })
    }

    fn read(folder: &Path) -> Option<Seal> {
        // Without a seal that can be read, the checksums decide.
        let text = fs::read(folder.join(SEAL)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn write(&self, folder: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec(self).map_err(|error| Error::Failed {
            doing: "sealing the index".into(),
            problem: error.to_string(),
        })?;
        write_whole(&folder.join(SEAL), &text).map_err(|error| unreadable(folder, &error))
    }
}

/// When a file was last changed, in nanoseconds since 1970; 0 where the file
/// system does not say.
pub(crate) fn modified_ns(metadata: &fs::Metadata) -> u64 {
    let modified = metadata.modified().ok();
    let since = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}

/// Writes a file so that a reader finds the former one or all of this one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let beside = path.with_extension("new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// The words of a text as the index has them.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.len() < 40)
        .map(str::to_lowercase)
        .collect()
}

/// Words that stand in so many records that they tell none from another.
pub(crate) const COMMON: [&str; 28] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "could", "for", "from", "has", "in",
    "is", "it", "its", "of", "on", "or", "that", "the", "this", "to", "via", "was", "when", "with",
];

fn failed(folder: &Path, error: TantivyError) -> Error {
    Error::Failed {
        doing: format!("in the index `{}`", folder.display()),
        problem: error.to_string(),
    }
}

fn unreadable(folder: &Path, error: &io::Error) -> Error {
    Error::Failed {
        doing: format!("in the folder `{}`", folder.display()),
        problem: error.to_string(),
    }
}
