//! Where things are kept and found: one SQL text on SQLite and PostgreSQL.
//!
//! A [`Store`] gives three doors. [`Store::read`] asks, without waiting for
//! writes. [`Store::write`] runs a closure as one unit of work. The typed
//! commands [`Store::reserve`] and [`Store::publish`] do the two things that
//! happen most, many at a time. Units queue to one writer per process, which
//! runs a batch of them, each isolated from the others, commits once and only
//! then acknowledges each.
//!
//! | file | holds |
//! |---|---|
//! | `engine/` | the two engines and what differs between them |
//! | `writer` | the queue, the batch, the commit |
//! | `tx`, `reader` | what a unit of work and a query may do |
//! | `changes`, `audit`, `followups` | the spine every instance has |
//! | `reserve`, `publish` | the typed commands |
//! | `ahead` | what requests begin with, asked together |
//! | `cve_list`, `search` | the CVE List, in a folder beside the database |
//! | a file per table | `orgs`, `users`, `ids`, `records`, … |

mod accounts;
mod aftermath;
mod ahead;
mod attachments;
mod audit;
mod awards;
mod callers;
mod case_links;
mod case_records;
mod cases;
mod changes;
mod clocks;
pub mod cve_list;
mod disclosures;
mod dispatches;
mod distributors;
mod drafts;
mod duplicates;
mod engine;
mod erasure;
mod error;
mod findings;
mod followups;
mod forms;
mod hand_overs;
mod hits;
mod id_key;
mod id_life;
mod id_list;
mod ids;
mod intake;
mod issue_looks;
mod kept;
mod key_uses;
mod ledger;
mod mails;
mod migrate;
mod orgs;
mod outgoing;
mod people;
mod person_contacts;
mod pool;
mod proposals;
mod publish;
mod published;
mod queue;
mod ranges;
mod reader;
mod readers;
mod record_age;
mod records;
mod release;
mod reminders;
mod reserve;
mod search;
mod settings;
mod severity_rounds;
mod short_lists;
mod standing;
mod tallies;
mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
mod trainings;
mod tx;
mod url;
mod users;
mod vacuum;
mod versions;
mod writer;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cve::id::CveId;
use cve::world::World;

pub use accounts::AccountRow;
pub use aftermath::{CopyLookRow, RetrospectiveRow};
pub use ahead::{Ahead, Found};
pub use attachments::{AttachmentRow, Blob};
pub use audit::{AuditEntry, AuditEvent, AuditVerdict};
pub use awards::AwardRow;
pub use callers::{CallerMark, CallerRow};
pub use case_links::LinkRow;
pub use case_records::CaseRecordRow;
pub use cases::{AnswerRow, CaseRow, MessageRow};
pub use changes::{Change, Visibility};
pub use clocks::{BreachRow, DeadlineRow, EmbargoRow, EventRow, ListedDeadline, OpenDraft};
pub use disclosures::{DisclosureRow, LiveRecordRow};
pub use dispatches::{GivenUpMessageRow, GivenUpRow};
pub use distributors::{
    DistributorRow, PackageAnswerRow, PackageFileRow, PackageMailRow, PackageRow, SilentMemberRow,
};
pub use drafts::{DraftRow, PublicationRow, ReviewRow};
pub use duplicates::VerdictRow;
pub use erasure::NOT_KEPT;
pub use error::{EngineClass, Error};
pub use findings::{AssignmentRow, ClosingRow, ConfirmationRow, FindingRow};
pub use followups::{Claimed, Followup, FollowupRow, FollowupState};
pub use hand_overs::HandOverRow;
pub use hits::{HitRow, Sighting};
pub use id_life::{RejectionRow, SharedRow, TransferRow};
pub use id_list::IdFilter;
pub use ids::{IdRange, IdRow, IdState};
pub use intake::ReceiptRow;
pub use issue_looks::IssueLookRow;
pub use ledger::LedgerRow;
pub use mails::MailRow;
pub use orgs::OrgRow;
pub use outgoing::{OutgoingRow, VendorContactRow};
pub use people::{PersonRow, TokenRow};
pub use person_contacts::PersonContactRow;
pub use pool::{FromPool, Pooled};
pub use proposals::ProposalRow;
pub use publish::{FoundId, Publish, PublishRefusal, Stamp, Stamped};
pub use published::{AdvisoryRow, DocumentRow, PublishedReader};
pub use reader::Reader;
pub use records::{RecordBody, RecordCursor, RecordFilter, RecordRow, RecordState, RecordVersion};
pub use release::{AnnouncementRow, AnnouncementSetRow, PlanLogRow, ReleasePlanRow, TickRow};
pub use reminders::ReminderRow;
pub use reserve::{Reserve, ReserveRefusal, Reserved, Sequence};
pub use severity_rounds::SeverityRoundRow;
pub use standing::Standing;
pub use tasks::TaskRow;
pub use tx::Tx;
pub use url::DatabaseUrl;
pub use users::UserRow;
pub use versions::VersionMark;
pub use writer::Queued;

use engine::{Connection, PostgresConnection, SqliteConnection};
use kept::Kept;
use readers::Readers;
use short_lists::ShortList;
use writer::Writer;

/// Makes an array of statement parameters from values.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::engine::Param::from($value)),*] };
}
pub(crate) use params;

/// A store: one database, its readers and its writer. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    url: DatabaseUrl,
    readers: Arc<Readers>,
    writer: Arc<Writer>,
    askers: Option<Arc<ahead::Askers>>,
    kept: Arc<Kept>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.url)
    }
}

impl Store {
    /// Opens the database, creating a missing SQLite file, and brings it to
    /// the schema this program knows.
    ///
    /// Errors: the database cannot be opened, was written by a newer program,
    /// or acknowledges commits before they are durable.
    pub fn open(url: DatabaseUrl, world: World) -> Result<Store, Error> {
        let mut connection = connect(&url)?;
        migrate::migrate(&mut connection, world.now())?;
        let readers = Arc::new(Readers::new(url.clone()));
        let kept = Arc::new(Kept::new());
        let writer = Arc::new(Writer::start(url.clone(), connection, world, kept.clone())?);
        let askers = match &url {
            DatabaseUrl::Sqlite(_) => None,
            DatabaseUrl::Postgres(_) => Some(Arc::new(ahead::Askers::start(&url)?)),
        };
        Ok(Store {
            url,
            readers,
            writer,
            askers,
            kept,
        })
    }

    /// Where the database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Says whether a question is answered inside this process, from memory or
    /// its own file, so that a short one costs less than handing it to another
    /// thread.
    pub fn answers_here(&self) -> bool {
        matches!(self.url, DatabaseUrl::Sqlite(_))
    }

    /// Asks what a request begins with, together with all who ask at once;
    /// nothing where the store answers in this process and that gains nothing.
    pub fn look_ahead(&self, ahead: Ahead) -> Option<Queued<Found>> {
        Some(self.askers.as_ref()?.ask(ahead))
    }

    /// Asks how many IDs a list has and, where they are at most `limit`, for all
    /// of them, together with all who ask at once; nothing where the store answers
    /// in this process or where the list is not tallied.
    pub fn begin_short_list(&self, filter: &IdFilter, limit: u32) -> Option<Queued<Found>> {
        let list = ShortList::of(filter, limit)?;
        Some(self.askers.as_ref()?.ask_short_list(list))
    }

    /// The version of the record of `id`, when this node keeps it and can
    /// vouch for it: what this node committed is seen at once, what another
    /// node or program committed within a second.
    pub fn kept_version(&self, id: CveId) -> Option<RecordVersion> {
        self.kept
            .is_believed()
            .then(|| self.kept.versions.get(id))
            .flatten()
    }

    /// To be taken before a version is read that is to be kept.
    pub fn version_mark(&self) -> VersionMark {
        self.kept.versions.mark()
    }

    /// Keeps the version of the record of `id` that was read after `mark` was
    /// taken, unless it may have changed since.
    pub fn keep_version(&self, id: CveId, version: RecordVersion, mark: VersionMark) {
        self.kept.versions.keep(id, version, mark);
    }

    /// The caller of these names, when this node keeps it and can vouch for it:
    /// a key reset, a user or an organisation disabled by this node is seen at
    /// once, by another node or program within a second.
    pub fn kept_caller(&self, names: &(String, String)) -> Option<Arc<CallerRow>> {
        self.kept
            .is_believed()
            .then(|| self.kept.callers.get(names))
            .flatten()
    }

    /// To be taken before a caller is read that is to be kept.
    pub fn caller_mark(&self) -> CallerMark {
        self.kept.callers.mark()
    }

    /// Keeps the caller of these names, who was read after `mark` was taken,
    /// unless who may do what may have changed since.
    pub fn keep_caller(&self, names: (String, String), caller: Arc<CallerRow>, mark: CallerMark) {
        self.kept.callers.keep(names, caller, mark);
    }

    /// Says, to one who asks, that [`Store::catch_up`] is to be called, because
    /// what is kept is asked for and what others did was not looked at lately.
    pub fn is_behind(&self) -> bool {
        self.kept.are_behind()
    }

    /// Looks at what other nodes and programs committed, so that kept versions
    /// can be vouched for.
    pub fn catch_up(&self) -> Result<(), Error> {
        let done = self.read(|reader| self.kept.read_log(reader));
        self.kept.has_read();
        done
    }

    /// Asks the store; each statement sees the newest commit.
    pub fn read<T, E: From<Error>>(
        &self,
        ask: impl FnOnce(&mut Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.readers.get()?;
        ask(&mut Reader::new(&mut connection))
    }

    /// Asks the store; all statements see one and the same state.
    pub fn snapshot<T, E: From<Error>>(
        &self,
        ask: impl FnOnce(&mut Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.readers.get()?;
        connection.begin_read()?;
        let answer = ask(&mut Reader::new(&mut connection));
        connection.run("rollback")?;
        answer
    }

    /// Asks what is public. Nothing asked through it can show anything else.
    pub fn published<T, E: From<Error>>(
        &self,
        ask: impl FnOnce(&mut PublishedReader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.readers.get()?;
        ask(&mut PublishedReader::new(&mut connection))
    }

    /// Runs `work` as one unit: all of it is kept, or, when it gives an error,
    /// none. Returns when the commit is durable.
    ///
    /// Takes: `work` may run more than once when another node was in the way;
    /// it must do nothing but use its `Tx`.
    pub fn write<T, E>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.writer.write(work)
    }

    /// Reserves CVE IDs; see [`Reserve`].
    pub fn reserve(&self, command: Reserve) -> Result<Result<Reserved, ReserveRefusal>, Error> {
        self.begin_reserve(command).wait()
    }

    /// Queues a reservation; awaited, it gives what [`Store::reserve`] gives.
    pub fn begin_reserve(&self, command: Reserve) -> Queued<Result<Reserved, ReserveRefusal>> {
        self.writer.reserve(command)
    }

    /// Publishes or rejects an ID by its first record; see [`Publish`].
    pub fn publish(&self, command: Publish) -> Result<Result<Stamped, PublishRefusal>, Error> {
        self.begin_publish(command).wait()
    }

    /// Queues a publication; awaited, it gives what [`Store::publish`] gives.
    pub fn begin_publish(&self, command: Publish) -> Queued<Result<Stamped, PublishRefusal>> {
        self.writer.publish(command)
    }

    /// Waits until this process commits a change after `seen`, or `timeout`. A
    /// unit that tells of no change, such as a look that found nothing to do,
    /// wakes nobody.
    ///
    /// Gives: the number of such commits so far, to pass at the next call.
    pub fn wait_for_change(&self, seen: u64, timeout: Duration) -> u64 {
        self.writer.wait_for_change(seen, timeout)
    }

    /// Finishes the units that queue and ends the writer. Later writes fail.
    pub fn close(&self) {
        self.writer.close();
    }
}

fn connect(url: &DatabaseUrl) -> Result<Connection, Error> {
    match url {
        DatabaseUrl::Sqlite(file) => Ok(Connection::Sqlite(SqliteConnection::open(file)?)),
        DatabaseUrl::Postgres(text) => connect_postgres(text, url),
    }
}

fn connect_postgres(text: &str, url: &DatabaseUrl) -> Result<Connection, Error> {
    let shown = url.to_string();
    let config = text
        .parse()
        .map_err(|error: tokio_postgres::Error| Error::Url {
            url: shown.clone(),
            problem: error.to_string(),
        })?;
    Ok(Connection::Postgres(Box::new(PostgresConnection::open(
        &config, &shown,
    )?)))
}

/// Holds a value that may be taken once.
type Slot<T> = Arc<Mutex<Option<T>>>;
