//! Questions that many requests begin with, asked together: one connection
//! carries those of all who ask at once in one journey.
//!
//! Only where questions travel, on PostgreSQL. What is not found out here is
//! asked again by whoever needs it, and fails there if it must.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use cve::id::CveId;

use crate::engine::{Connection, Param, Row};
use crate::error::Error;
use crate::queue::{LastBatch, Queue};
use crate::reader::Reader;
use crate::short_lists::{Listed, ShortList, ShortLists};
use crate::writer::{Answer, Queued, Reply, lock};
use crate::{CallerRow, DatabaseUrl, RecordVersion, Slot, connect};
use crate::{params, records, users};

/// What a request will ask first.
#[derive(Debug, Clone, Default)]
pub struct Ahead {
    /// Short name and user name of whoever sends it.
    pub caller: Option<(String, String)>,
    /// The record it shows.
    pub record: Option<CveId>,
}

/// What was found out; nothing where nothing was asked, or where asking failed.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// As `Reader::caller` answers.
    pub caller: Option<Option<Arc<CallerRow>>>,
    /// As `Reader::record_text` answers.
    pub record: Option<Option<(RecordVersion, Vec<u8>)>>,
    /// How many IDs the list has, and all of them, as `Reader::cve_ids` answers;
    /// none of them where they are more than were asked for.
    pub short_list: Option<Arc<Listed>>,
}

#[derive(Default)]
struct Question {
    ahead: Ahead,
    short_list: Option<ShortList>,
}

/// A question and whoever waits for its answer.
struct Asked {
    question: Question,
    slot: Slot<Found>,
    reply: Reply,
}

/// Those who ask, each with a connection of its own: while the server looks for
/// what one asked, the other reads what it was told.
#[derive(Debug)]
pub(crate) struct Askers {
    all: [Asker; 2],
    next: AtomicUsize,
}

impl Askers {
    pub(crate) fn start(url: &DatabaseUrl) -> Result<Askers, Error> {
        Ok(Askers {
            all: [Asker::start(url.clone())?, Asker::start(url.clone())?],
            next: AtomicUsize::new(0),
        })
    }

    /// Asks what a request begins with.
    pub(crate) fn ask(&self, ahead: Ahead) -> Queued<Found> {
        self.put(Question {
            ahead,
            ..Question::default()
        })
    }

    /// Asks for a list.
    pub(crate) fn ask_short_list(&self, list: ShortList) -> Queued<Found> {
        self.put(Question {
            short_list: Some(list),
            ..Question::default()
        })
    }

    fn put(&self, question: Question) -> Queued<Found> {
        let [even, odd] = &self.all;
        match self.next.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            true => even.ask(question),
            false => odd.ask(question),
        }
    }
}

/// A queue of questions and the thread that asks them.
#[derive(Debug)]
struct Asker {
    queue: Arc<Queue<Asked>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Questions are asked at once; who comes meanwhile is next.
const AT_ONCE: LastBatch = LastBatch {
    units: 1,
    took: Duration::ZERO,
};

impl Asker {
    fn start(url: DatabaseUrl) -> Result<Asker, Error> {
        let queue = Arc::new(Queue::<Asked>::default());
        let questions = queue.clone();
        let thread = std::thread::Builder::new()
            .name("store-asker".into())
            .spawn(move || {
                let taker = questions.taker();
                let mut connection = None;
                loop {
                    let batch = taker.take_batch(AT_ONCE);
                    if batch.is_empty() {
                        return;
                    }
                    answer(&url, &mut connection, batch);
                }
            })
            .map_err(|error| Error::Open {
                database: "the asker".into(),
                problem: format!("starting its thread: {error}"),
            })?;
        Ok(Asker {
            queue,
            thread: Mutex::new(Some(thread)),
        })
    }

    fn ask(&self, question: Question) -> Queued<Found> {
        let slot = Slot::default();
        let said = Arc::new(Answer::default());
        self.queue.put(Asked {
            question,
            slot: slot.clone(),
            reply: Reply::to(said.clone()),
        });
        Queued::new(said, slot)
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = lock(&self.thread).take() {
            // The thread never panics out of its loop; nothing to report here.
            let _ = thread.join();
        }
    }
}

fn answer(url: &DatabaseUrl, connection: &mut Option<Connection>, batch: Vec<Asked>) {
    let mut found = vec![Found::default(); batch.len()];
    if let Err(error) = find(url, connection, &batch, &mut found) {
        tracing::debug!(%error, "what requests begin with was not found out together");
        found.fill(Found::default());
    }
    for (asked, found) in batch.into_iter().zip(found) {
        *lock(&asked.slot) = Some(found);
        asked.reply.send(Ok(()));
    }
}

/// Where an answer belongs.
enum Part {
    Caller,
    Record,
}

fn find(
    url: &DatabaseUrl,
    connection: &mut Option<Connection>,
    batch: &[Asked],
    found: &mut [Found],
) -> Result<(), Error> {
    let open = match connection {
        Some(open) if !open.is_broken() => open,
        _ => connection.insert(connect(url)?),
    };
    let questions = || batch.iter().map(|asked| &asked.question);
    let of_caller = users::caller_sql();
    let mut parts = Vec::with_capacity(batch.len() * 2);
    let mut asked: Vec<(&str, Vec<Param<'_>>)> = Vec::with_capacity(batch.len() * 2);
    for (index, Question { ahead, .. }) in questions().enumerate() {
        if let Some((org, user)) = &ahead.caller {
            parts.push((index, Part::Caller));
            asked.push((&of_caller, params![org, user].to_vec()));
        }
        if let Some(id) = ahead.record {
            parts.push((index, Part::Record));
            asked.push((records::TEXT, params![id].to_vec()));
        }
    }
    let mut lists = ShortLists::of(questions().filter_map(|question| question.short_list.as_ref()));
    let of_lists = lists.questions();
    asked.extend(
        of_lists
            .iter()
            .map(|(sql, params)| (sql.as_str(), params.clone())),
    );
    let all: Vec<(&str, &[Param<'_>])> = asked
        .iter()
        .map(|(sql, params)| (*sql, params.as_slice()))
        .collect();
    let mut answers = open.query_all(&all)?.into_iter();
    for ((index, part), rows) in parts.into_iter().zip(&mut answers) {
        let Some(found) = found.get_mut(index) else {
            continue;
        };
        let row: Option<Row> = rows.into_iter().next();
        match part {
            Part::Caller => {
                let caller = row.as_ref().map(users::caller_of).transpose()?;
                found.caller = Some(caller.map(Arc::new));
            }
            Part::Record => found.record = Some(row.map(records::text_of).transpose()?),
        }
    }
    lists.take(&mut Reader::new(open), answers)?;
    for (question, found) in questions().zip(found) {
        let list = question.short_list.as_ref();
        found.short_list = list.and_then(|list| lists.get(list));
    }
    Ok(())
}
