//! What can go wrong beneath the rules.

/// A failure of the store. Refusals of the rules above are not among them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address of a database cannot be read; mend the flag or variable.
    #[error("`{url}` is not a database address: {problem}")]
    Url {
        /// The address, without a password.
        url: String,
        /// What is wrong with it and what to write instead.
        problem: String,
    },
    /// The database cannot be opened; the operator has to mend it.
    #[error("opening the database {database}: {problem}")]
    Open {
        /// The database, without a password.
        database: String,
        /// What the engine says, and what to do.
        problem: String,
    },
    /// The database was written by a newer program; use that one.
    #[error(
        "the database has schema version {found}, this program knows {known}: use a newer `cna`"
    )]
    NewerSchema {
        /// Version in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// A statement failed in the engine.
    #[error("the database answered: {message}")]
    Engine {
        /// The engine's own words.
        message: String,
        /// What the writer can do about it.
        class: EngineClass,
    },
    /// A row holds what the program never writes; the database was changed by
    /// something else.
    #[error("column {column} of `{statement}` holds {problem}")]
    Corrupt {
        /// Beginning of the statement that read it.
        statement: String,
        /// Position of the column, from 0.
        column: usize,
        /// What was found and expected.
        problem: String,
    },
    /// The store is being closed; nothing was written.
    #[error("the store is closing")]
    Closing,
    /// No read connection became free in time.
    #[error("all {limit} connections that read the database were in use for {seconds} seconds")]
    NoReader {
        /// How many there are at most.
        limit: usize,
        /// How long the read waited.
        seconds: u64,
    },
}

/// What the writer can do about a failed statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineClass {
    /// A unique key exists already.
    Duplicate,
    /// The whole batch must be run again (deadlock, serialisation).
    Retry,
    /// The connection is gone; open another.
    Connection,
    /// Anything else: the statement is at fault.
    Statement,
}

impl Error {
    /// Says whether a unique key stood in the way.
    pub fn is_duplicate(&self) -> bool {
        matches!(
            self,
            Error::Engine {
                class: EngineClass::Duplicate,
                ..
            }
        )
    }

    /// Says whether the batch it happened in has to be run again as a whole.
    pub(crate) fn spoils_batch(&self) -> bool {
        matches!(
            self,
            Error::Engine {
                class: EngineClass::Retry | EngineClass::Connection,
                ..
            }
        )
    }
}
