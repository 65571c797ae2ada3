//! Group commit: one writer per process, many units per commit.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use cve::hash::Digest;
use cve::world::World;

use crate::changes::Change;
use crate::engine::Connection;
use crate::error::{EngineClass, Error};
use crate::kept::Kept;
use crate::publish::{Publish, PublishRefusal, Stamped};
use crate::queue::{LastBatch, Queue};
use crate::reader::Reader;
use crate::reserve::{Reserve, ReserveRefusal, Reserved};
use crate::tx::{Pending, Tx};
use crate::{DatabaseUrl, Slot, audit, changes, connect, params, publish, reserve, tallies};

/// How often a unit is run again after a deadlock or a lost connection.
const TRIES: u32 = 4;

/// The queue to the writer and the thread behind it.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Arc<Queue<Unit>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    commits: Arc<Commits>,
}

/// Counts the commits of this process that told of a change, for those who wait
/// for one.
#[derive(Debug, Default)]
struct Commits {
    count: Mutex<u64>,
    changed: Condvar,
}

/// A unit of work and whoever waits for it.
struct Unit {
    work: Work,
    reply: Reply,
}

/// Where the outcome of a unit is left, and who is to be woken for it.
#[derive(Default)]
pub(crate) struct Answer(Mutex<Outcome>);

#[derive(Default)]
struct Outcome {
    said: Option<Result<(), Error>>,
    waiting: Option<Waker>,
}

impl Answer {
    fn say(&self, result: Result<(), Error>) {
        let mut outcome = lock(&self.0);
        outcome.said.get_or_insert(result);
        let waiting = outcome.waiting.take();
        drop(outcome);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

/// Wakes whoever waits for a unit, once. A reply that is dropped unsaid says
/// that the store is closing, so nobody waits for ever.
pub(crate) struct Reply(Arc<Answer>);

impl Reply {
    pub(crate) fn to(answer: Arc<Answer>) -> Reply {
        Reply(answer)
    }

    pub(crate) fn send(self, result: Result<(), Error>) {
        self.0.say(result);
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.0.say(Err(Error::Closing));
    }
}

/// A unit of work that queues. It runs whether or not anybody waits for it;
/// awaited, it gives its outcome when that is durable.
#[must_use = "nobody hears what became of it"]
pub struct Queued<T> {
    answer: Arc<Answer>,
    slot: Slot<T>,
}

impl<T> fmt::Debug for Queued<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queued")
    }
}

impl<T> Future for Queued<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, Error>> {
        let mut outcome = lock(&self.answer.0);
        match outcome.said.take() {
            Some(Ok(())) => Poll::Ready(take(&self.slot).ok_or(Error::Closing)),
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => {
                outcome.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> Queued<T> {
    pub(crate) fn new(answer: Arc<Answer>, slot: Slot<T>) -> Queued<T> {
        Queued { answer, slot }
    }

    /// Waits on this thread.
    pub(crate) fn wait(mut self) -> Result<T, Error> {
        let waker = Waker::from(Arc::new(Sleeper(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(outcome) = Pin::new(&mut self).poll(&mut context) {
                return outcome;
            }
            std::thread::park();
        }
    }
}

/// Wakes a thread.
struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

enum Work {
    Closure(Box<dyn FnMut(&mut Tx<'_>) -> Ending + Send>),
    Reserve(Reserve, ReserveSlot),
    Publish(Publish, PublishSlot),
}

/// How a closure ended; its value waits in a slot of its own.
enum Ending {
    Keep,
    RollBack,
}

/// What became of one unit of an attempt.
enum Verdict {
    /// Its answer stands in its slot.
    Answered,
    /// It failed and was rolled back alone.
    Failed(Error),
}

impl Writer {
    pub(crate) fn start(
        url: DatabaseUrl,
        connection: Connection,
        world: World,
        kept: Arc<Kept>,
    ) -> Result<Writer, Error> {
        let queue = Arc::new(Queue::default());
        let units = queue.clone();
        let commits = Arc::new(Commits::default());
        let worker = Worker {
            url,
            connection,
            world,
            commits: commits.clone(),
            kept,
            told: None,
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || worker.work(&units))
            .map_err(|error| Error::Open {
                database: "the writer".into(),
                problem: format!("starting its thread: {error}"),
            })?;
        Ok(Writer {
            queue,
            thread: Mutex::new(Some(thread)),
            commits,
        })
    }

    pub(crate) fn write<T, E>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let slot: Slot<Result<T, E>> = Slot::default();
        let filled = slot.clone();
        let closure = move |tx: &mut Tx<'_>| {
            let result = work(tx);
            let ending = if result.is_ok() {
                Ending::Keep
            } else {
                Ending::RollBack
            };
            *lock(&filled) = Some(result);
            ending
        };
        match self.submit(Work::Closure(Box::new(closure)), slot).wait() {
            Ok(result) => result,
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn reserve(&self, command: Reserve) -> Queued<Result<Reserved, ReserveRefusal>> {
        let slot = Slot::default();
        self.submit(Work::Reserve(command, slot.clone()), slot)
    }

    pub(crate) fn publish(&self, command: Publish) -> Queued<Result<Stamped, PublishRefusal>> {
        let slot = Slot::default();
        self.submit(Work::Publish(command, slot.clone()), slot)
    }

    /// Queues a unit whose value will stand in `slot`.
    fn submit<T>(&self, work: Work, slot: Slot<T>) -> Queued<T> {
        let answer = Arc::new(Answer::default());
        let reply = Reply(answer.clone());
        // A unit that is not taken is dropped, and its reply says so.
        self.queue.put(Unit { work, reply });
        Queued { answer, slot }
    }

    pub(crate) fn wait_for_change(&self, seen: u64, timeout: Duration) -> u64 {
        let count = lock(&self.commits.count);
        let (count, _) = self
            .commits
            .changed
            .wait_timeout_while(count, timeout, |count| *count <= seen)
            .unwrap_or_else(PoisonError::into_inner);
        *count
    }

    pub(crate) fn close(&self) {
        self.queue.close();
        if let Some(thread) = lock(&self.thread).take() {
            // The thread never panics out of its loop; nothing to report here.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// A panic while a lock was held leaves nothing half-done in these values.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take<T>(slot: &Slot<T>) -> Option<T> {
    lock(slot).take()
}

/// The writing side: its connection is the only one that writes.
struct Worker {
    url: DatabaseUrl,
    connection: Connection,
    world: World,
    commits: Arc<Commits>,
    kept: Arc<Kept>,
    /// The changes of the batch under way, and the number of the last.
    told: Option<(Vec<Change>, i64)>,
}

impl Worker {
    fn work(mut self, queue: &Queue<Unit>) {
        let taker = queue.taker();
        let mut last = LastBatch {
            units: 1,
            took: Duration::ZERO,
        };
        loop {
            let units = taker.take_batch(last);
            if units.is_empty() {
                return;
            }
            let count = units.len();
            let start = Instant::now();
            self.commit_batch(units);
            last = LastBatch {
                units: count,
                took: start.elapsed(),
            };
        }
    }

    /// Runs a batch; when it cannot be committed as a whole, each unit alone.
    fn commit_batch(&mut self, mut units: Vec<Unit>) {
        match self.attempt(&mut units) {
            Ok(verdicts) => self.answer(units, verdicts),
            Err(_) => {
                for unit in units {
                    self.commit_alone(unit);
                }
            }
        }
    }

    fn commit_alone(&mut self, unit: Unit) {
        let mut units = vec![unit];
        let mut tries = 0;
        loop {
            tries += 1;
            match self.attempt(&mut units) {
                Ok(verdicts) => return self.answer(units, verdicts),
                Err(error) if error.spoils_batch() && tries < TRIES => {
                    std::thread::sleep(Duration::from_millis(20 * u64::from(tries)));
                }
                Err(error) => return self.answer(units, vec![Verdict::Failed(error)]),
            }
        }
    }

    fn answer(&mut self, units: Vec<Unit>, verdicts: Vec<Verdict>) {
        if let Some((changes, last)) = self.told.take() {
            self.kept.committed(&changes, last);
            *lock(&self.commits.count) += 1;
            self.commits.changed.notify_all();
        }
        for (unit, verdict) in units.into_iter().zip(verdicts) {
            let reply = match verdict {
                Verdict::Answered => Ok(()),
                Verdict::Failed(error) => Err(error),
            };
            unit.reply.send(reply);
        }
    }

    /// Runs the units in one transaction and commits it.
    ///
    /// Gives: a verdict for each unit, or the error that undid the whole.
    fn attempt(&mut self, units: &mut [Unit]) -> Result<Vec<Verdict>, Error> {
        let result = self.attempt_once(units);
        if result.is_err() {
            self.told = None;
        }
        result
    }

    fn attempt_once(&mut self, units: &mut [Unit]) -> Result<Vec<Verdict>, Error> {
        if self.connection.is_broken() {
            self.connection = connect(&self.url)?;
        }
        let batch_id = self.world.uuid();
        let result = self
            .connection
            .begin()
            .and_then(|()| self.run_units(units, &batch_id));
        let Err(error) = result else { return result };
        if self.connection.is_broken() && self.was_committed(&batch_id)? {
            return Ok(units.iter().map(|_| Verdict::Answered).collect());
        }
        self.connection.forget_soon();
        if self.connection.in_transaction() {
            // When the rollback fails too, the connection is replaced.
            if self.connection.run("rollback").is_err() {
                self.connection = connect(&self.url)?;
            }
        }
        Err(error)
    }

    /// After a COMMIT whose answer was lost: connects again and looks.
    fn was_committed(&mut self, batch_id: &str) -> Result<bool, Error> {
        self.connection = connect(&self.url)?;
        let rows = self
            .connection
            .query("select 1 from batches where id = ?1", params![batch_id])?;
        Ok(!rows.is_empty())
    }

    fn run_units(&mut self, units: &mut [Unit], batch_id: &str) -> Result<Vec<Verdict>, Error> {
        let mut pending = Pending::default();
        let alone = units.len() == 1;
        let mut verdicts: Vec<Option<Verdict>> = units.iter().map(|_| None).collect();
        for (unit, verdict) in units.iter_mut().zip(&mut verdicts) {
            if let Work::Closure(closure) = &mut unit.work {
                *verdict = Some(self.isolated(alone, &mut pending, |tx| Ok(closure(tx)))?);
            }
        }
        // Rows are locked in one order, IDs before organisations before ranges,
        // so that two nodes rarely have to run a batch again.
        self.run_group(units, &mut pending, publish_of, publish::run)?;
        self.run_group(units, &mut pending, reserve_of, reserve::run)?;
        self.commit(pending, batch_id)?;
        Ok(verdicts
            .into_iter()
            .map(|verdict| verdict.unwrap_or(Verdict::Answered))
            .collect())
    }

    /// Runs `work` so that its failure undoes nothing but itself.
    fn isolated(
        &mut self,
        alone: bool,
        pending: &mut Pending,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Ending, Error>,
    ) -> Result<Verdict, Error> {
        if !alone {
            self.connection.run("savepoint unit")?;
        }
        let mark = pending.mark();
        let mut tx = Tx::new(Reader::new(&mut self.connection), pending, &self.world);
        let ended = catch_unwind(AssertUnwindSafe(|| work(&mut tx)));
        let spoiled = tx.spoiled();
        if spoiled || !self.connection.in_transaction() {
            return Err(spoiled_batch());
        }
        let (keep, verdict) = match ended {
            Ok(Ok(Ending::Keep)) => (true, Verdict::Answered),
            Ok(Ok(Ending::RollBack)) => (false, Verdict::Answered),
            Ok(Err(error)) => (false, Verdict::Failed(error)),
            Err(_) => (false, Verdict::Failed(panicked())),
        };
        if keep {
            // At once, so that the next unit sees lists as they are.
            tallies::write(&mut self.connection, &std::mem::take(&mut pending.tallies))?;
        } else {
            pending.truncate(mark);
        }
        match (alone, keep) {
            (false, true) => self.connection.run("release savepoint unit")?,
            (false, false) => {
                self.connection
                    .run("rollback to savepoint unit; release savepoint unit")?;
            }
            (true, true) => {}
            (true, false) => self.connection.run("rollback")?,
        }
        if alone && !keep {
            self.connection.begin()?;
        }
        Ok(verdict)
    }

    /// Runs all commands of one kind together. They take no savepoint, which
    /// would have SQLite copy every page they touch: when one fails, the batch
    /// is undone and each unit runs alone.
    fn run_group<C, A>(
        &mut self,
        units: &[Unit],
        pending: &mut Pending,
        command_of: impl Fn(&Unit) -> Option<(&C, &Slot<A>)>,
        run: impl Fn(&mut Tx<'_>, &[&C]) -> Result<Vec<A>, Error>,
    ) -> Result<(), Error> {
        let (commands, slots): (Vec<_>, Vec<_>) = units.iter().filter_map(command_of).unzip();
        if commands.is_empty() {
            return Ok(());
        }
        let tx = Tx::new(Reader::new(&mut self.connection), pending, &self.world);
        let mut tx = tx.together();
        let answers = run(&mut tx, &commands)?;
        for (slot, answer) in slots.into_iter().zip(answers) {
            *lock(slot) = Some(answer);
        }
        Ok(())
    }

    /// Numbers what the units said, links the chain, and commits.
    fn commit(&mut self, pending: Pending, batch_id: &str) -> Result<(), Error> {
        tallies::write(&mut self.connection, &pending.tallies)?;
        let spine = match pending.changes.is_empty() && pending.audit.is_empty() {
            true => None,
            false => Some(self.write_spine(pending)?),
        };
        // One journey for all that is left to say.
        if self.connection.statements_travel() {
            self.connection.execute_soon(
                "insert into batches (id, at) values (?1, ?2)",
                params![batch_id, self.world.now()],
            )?;
        }
        if let Some(spine) = spine {
            self.connection.execute_soon(
                "update spine set change = ?1, audit = ?2, head = ?3 where id = 1",
                params![spine.change, spine.audit, spine.head],
            )?;
        }
        self.connection.run("commit")
    }

    /// Takes the spine, which is locked last, and writes what has numbers.
    ///
    /// Gives: the spine as it is to be after this batch.
    fn write_spine(&mut self, pending: Pending) -> Result<Spine, Error> {
        let sql = format!(
            "select change, audit, head from spine where id = 1{}",
            self.connection.for_update()
        );
        let rows = self.connection.query(&sql, &[])?;
        let row = rows.first().ok_or_else(|| Error::Corrupt {
            statement: sql,
            column: 0,
            problem: "no row, expected one".into(),
        })?;
        let change = row.int(0)? + pending.changes.len() as i64;
        let audit = row.int(1)? + pending.audit.len() as i64;
        changes::write(&mut self.connection, &pending.changes, change)?;
        let head: Digest = row.parse(2)?;
        let world = &self.world;
        let entries = audit::chain(pending.audit, audit, head, || world.random_hex::<16>());
        audit::write(&mut self.connection, &entries)?;
        self.told = Some((pending.changes, change));
        Ok(Spine {
            change,
            audit,
            head: entries.last().map_or(head, |entry| entry.hash),
        })
    }
}

/// The last numbers given, and the last link of the audit chain.
struct Spine {
    change: i64,
    audit: i64,
    head: Digest,
}

type PublishSlot = Slot<Result<Stamped, PublishRefusal>>;
type ReserveSlot = Slot<Result<Reserved, ReserveRefusal>>;

fn publish_of(unit: &Unit) -> Option<(&Publish, &PublishSlot)> {
    match &unit.work {
        Work::Publish(command, slot) => Some((command, slot)),
        _ => None,
    }
}

fn reserve_of(unit: &Unit) -> Option<(&Reserve, &ReserveSlot)> {
    match &unit.work {
        Work::Reserve(command, slot) => Some((command, slot)),
        _ => None,
    }
}

fn spoiled_batch() -> Error {
    Error::Engine {
        message: "another transaction was in the way".into(),
        class: EngineClass::Retry,
    }
}

fn panicked() -> Error {
    Error::Engine {
        message: "the unit of work panicked and was rolled back".into(),
        class: EngineClass::Statement,
    }
}
