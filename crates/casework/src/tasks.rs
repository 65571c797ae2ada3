//! Tasks of a case: what somebody has to do, by when, and who did it.

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{Reader, TaskRow, Tx};

use crate::case::{self, CaseId, Names, Verb, is_visible, not_found};
use crate::clocks::{self, DeadlineId};
use crate::decision;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// Characters a title or a note has at most.
const LONGEST: usize = 2_000;

/// A task of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its number in the case, from 1.
    pub number: i64,
    /// What has to be done.
    pub title: String,
    /// Name of whoever does it; empty for nobody yet.
    pub owner: String,
    /// By when.
    pub due: Option<Timestamp>,
    /// The same in local time, with offset and zone; empty without one.
    pub due_local: String,
    /// The deadline it serves, such as `D-05`; may be empty.
    pub clock: String,
    /// Key of the decision's task it comes from; empty for one made by hand.
    pub origin: String,
    /// `open`, `done` or `dropped`.
    pub state: String,
    /// Name of whoever made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Name of whoever did or dropped it; empty before.
    pub ended_by: String,
    /// When.
    pub ended_at: Option<Timestamp>,
    /// What was said at its end; may be empty.
    pub note: String,
}

/// A task to be made.
#[derive(Debug, Clone, Default)]
pub struct NewTask {
    /// What has to be done; without it, the words of `origin`.
    pub title: String,
    /// Name of whoever does it.
    pub owner: Option<String>,
    /// By when.
    pub due: Option<Timestamp>,
    /// The deadline it serves; where it runs in the case, its end is the
    /// task's too.
    pub clock: Option<DeadlineId>,
    /// Key of a decision's task, such as `explain_dispute`.
    pub origin: Option<String>,
}

/// How a task ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskEnd {
    /// Somebody did it.
    Done,
    /// It need not be done.
    Dropped,
}

impl TaskEnd {
    fn as_str(self) -> &'static str {
        match self {
            TaskEnd::Done => "done",
            TaskEnd::Dropped => "dropped",
        }
    }
}

impl Desk {
    /// Makes a task in a case.
    ///
    /// Refuses: one without words, an owner who is not on the case, a key no
    /// decision knows.
    /// Source: process sections 2.3 and 3.4, where outcomes and breaches ask
    /// for tasks.
    pub fn add_task(&self, actor: &Actor, id: CaseId, new: &NewTask) -> Result<Task, Error> {
        check(actor, Action::Plan)?;
        let origin = new.origin.as_deref().map(from_decision).transpose()?;
        let title = match (new.title.trim(), origin) {
            ("", Some(task)) => task.words.to_owned(),
            ("", None) => {
                return Err(
                    Refusal::invalid("title", "it is empty: say what has to be done").into(),
                );
            }
            (title, _) => short("title", title)?,
        };
        let (actor, new) = (actor.clone(), new.clone());
        let timing = self.timing()?;
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let due = match (new.due, new.clock) {
                (Some(due), _) => Some(due),
                (None, Some(clock)) => end_of(tx, id, clock)?,
                (None, None) => None,
            };
            let owner = new.owner.as_deref().map(|name| member(tx, id, name));
            let mut row = TaskRow {
                case_id: id.number(),
                number: 0,
                title: title.clone(),
                owner: owner.transpose()?.unwrap_or_default(),
                due,
                clock: new.clock.map(|clock| clock.to_string()).unwrap_or_default(),
                origin: origin.map_or("", |task| task.key).to_owned(),
                state: "open".into(),
                made_by: actor.id().to_owned(),
                made_at: tx.now(),
                ended_by: String::new(),
                ended_at: None,
                note: String::new(),
            };
            row.number = tx.insert_task(&row)?;
            let detail = json!({"task": row.number, "origin": row.origin});
            case::record(tx, &actor, id, "task-made", "task.add", detail);
            let names = Names::load(tx)?;
            Ok(view(row, &names, &timing))
        })
    }

    /// The tasks of a case, in the order they were made.
    ///
    /// Takes: `all`, also those that have ended.
    pub fn tasks(&self, actor: &Actor, id: CaseId, all: bool) -> Result<Vec<Task>, Error> {
        check(actor, Action::See)?;
        let timing = self.timing()?;
        self.store.snapshot(|reader| {
            if !is_visible(reader, actor, id.number())? {
                return Err(not_found(id).into());
            }
            let names = Names::load(reader)?;
            let rows = reader.tasks(id.number())?.into_iter();
            let wanted = rows.filter(|row| all || row.state == "open");
            Ok(wanted.map(|row| view(row, &names, &timing)).collect())
        })
    }

    /// Ends a task; who did so and when is kept.
    ///
    /// Refuses: a task that is not there or has ended; one dropped without a
    /// reason.
    pub fn end_task(
        &self,
        actor: &Actor,
        id: CaseId,
        number: i64,
        end: TaskEnd,
        note: &str,
    ) -> Result<(), Error> {
        check(actor, Action::Plan)?;
        let note = short("note", note.trim())?;
        if end == TaskEnd::Dropped && note.is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let known = tx.tasks(id.number())?;
            let task = known.iter().find(|task| task.number == number);
            let task =
                task.ok_or_else(|| Refusal::not_found(format!("task {number} of case {id}")))?;
            if !tx.end_task(id.number(), number, end.as_str(), actor.id(), &note)? {
                let problem = format!("task {number} is {} already", task.state);
                return Err(Refusal::invalid("task", problem).into());
            }
            let detail = json!({"task": number});
            let action = format!("task.{}", end.as_str());
            case::record(tx, &actor, id, "task-ended", &action, detail);
            Ok(())
        })
    }
}

/// Id of somebody on the case, by name.
///
/// Refuses: whoever is not on it, as whoever is not there.
pub(crate) fn member(tx: &mut Tx<'_>, id: CaseId, name: &str) -> Result<String, Error> {
    let person = tx.person_by_name(name)?.filter(|person| person.active);
    let person = match person {
        Some(person) if tx.is_member(id.number(), &person.id)? => Some(person.id),
        _ => None,
    };
    Ok(person.ok_or_else(|| {
        let problem =
            format!("`{name}` is not on case {id}: expected one of its members (`cna case show`)");
        Refusal::invalid("person", problem)
    })?)
}

/// A text that is no longer than what people write by hand.
pub(crate) fn short(field: &str, text: &str) -> Result<String, Refusal> {
    let long = text.chars().count();
    if long <= LONGEST {
        return Ok(text.to_owned());
    }
    let problem = format!("it has {long} characters: expected at most {LONGEST}");
    Err(Refusal::invalid(field, problem))
}

fn from_decision(key: &str) -> Result<&'static decision::Task, Refusal> {
    let found = decision::TASKS.iter().find(|task| task.key == key);
    found.ok_or_else(|| {
        let known: Vec<_> = decision::TASKS.iter().map(|task| task.key).collect();
        let problem = format!(
            "`{key}` is not a task of a decision: expected one of {}",
            known.join(", ")
        );
        Refusal::invalid("origin", problem)
    })
}

/// The soonest end of a deadline that runs in the case.
fn end_of(
    reader: &mut Reader<'_>,
    id: CaseId,
    clock: DeadlineId,
) -> Result<Option<Timestamp>, Error> {
    let timing = clocks::timing(reader)?;
    let running = clocks::of_case(reader, id.number(), &timing)?;
    let mine = running
        .iter()
        .filter(|deadline| deadline.id == clock && deadline.stopped.is_none());
    Ok(mine.map(|deadline| deadline.due).min())
}

fn view(row: TaskRow, names: &Names, timing: &clocks::Timing) -> Task {
    let due_local = row.due.map(|due| timing.calendar.show(due));
    Task {
        number: row.number,
        title: row.title,
        owner: names.of(&row.owner),
        due: row.due,
        due_local: due_local.unwrap_or_default(),
        clock: row.clock,
        origin: row.origin,
        state: row.state,
        made_by: names.of(&row.made_by),
        made_at: row.made_at,
        ended_by: names.of(&row.ended_by),
        ended_at: row.ended_at,
        note: row.note,
    }
}
