//! Records: show, publish, update, reject, enrich; and whole, by the Secretariat.

use std::sync::Arc;

use cve::check::{Kind, server};
use cve::id::CveId;
use cve::time::Timestamp;
use serde_json::{Map, Value, json};
use store::{
    AuditEvent, FoundId, IdRow, IdState, Publish, PublishRefusal, RecordBody, RecordRow,
    RecordState, RecordVersion, Stamped, Tx, Visibility,
};

use crate::answer::{self, Answer};
use crate::call::Call;
use crate::caller::{AdpCaller, Anyone, Caller, CnaCaller, Secretariat};
use crate::error::{Error, Refusal};
use crate::ids;
use crate::parameters::{self, Checks};
use crate::plain::Plain;
use crate::router::{Authority, Compat};
use crate::routes::Step;
use crate::submission::{self, Demands, Submission};
use crate::{schema, stamp};

/// How often a record is made anew because its ID or record changed
/// meanwhile, before the caller is asked to come back.
const TRIES: usize = 8;

/// GET /cve/:id: the record, byte for byte; not even read for a client that
/// has it already.
///
/// Source: cve-services section 6.2.
pub(crate) fn show(authority: &Authority, _: Anyone, call: &mut Call) -> Result<Answer, Error> {
    call.check(&parameters::ONE_ID)?;
    let missing = || Refusal::NoRecord(404);
    let id = call.id().ok_or_else(missing)?;
    if let Some(tag) = call.kept.as_ref().map(tag)
        && call.knows(&tag)
    {
        return Ok(Answer::unchanged(tag));
    }
    // Kept for clients that come back with what they have; others do not ask.
    let unchanged = |version: RecordVersion, tag: String| {
        authority.store.keep_version(id, version, call.mark);
        Answer::unchanged(tag)
    };
    if let Some(found) = call.found.record.take() {
        let (version, text) = found.ok_or_else(missing)?;
        let tag = tag(&version);
        return Ok(match call.knows(&tag) {
            true => unchanged(version, tag),
            false => Answer::text(text).tagged(tag),
        });
    }
    call.asks(&authority.store)?;
    if call.knows_something() {
        let version = authority.store.read(|reader| reader.record_version(id))?;
        let version = version.ok_or_else(missing)?;
        let tag = tag(&version);
        if call.knows(&tag) {
            return Ok(unchanged(version, tag));
        }
    }
    let record = authority.store.read(|reader| reader.record_text(id))?;
    let (version, text) = record.ok_or_else(missing)?;
    Ok(Answer::text(text).tagged(tag(&version)))
}

/// The weak validator of a record: which version it is.
pub(crate) fn tag(version: &RecordVersion) -> String {
    format!("W/\"{}-{}\"", version.revision, version.modified)
}

/// POST /cve/:id/cna: the first record of an ID.
pub(crate) fn publish(
    authority: &Arc<Authority>,
    CnaCaller(caller): CnaCaller,
    call: &mut Call,
) -> Result<Step, Error> {
    let now = authority.world.now();
    let (container, demands) = match call.plain.take() {
        Some(plain) => {
            call.check(publish_checks(authority))?;
            check_enriched(authority, call, || {
                server::is_enriched(Kind::PublishedBody, &call.sent)
            })?;
            let provider = serde_json::to_vec(&stamp::provider(&caller, now))
                // Texts and times can always be written.
                .map_err(|_| Refusal::Unavailable)?;
            // It is asked for nothing that it has not.
            (Container::Plain(plain, provider), Demands::default())
        }
        None => {
            let (container, demands) = published_container(authority, call)?;
            (Container::Tree(container), demands)
        }
    };
    let first = First {
        state: RecordState::Published,
        exists: Refusal::RecordExists(403),
        demands,
        caller,
        id: call.path("id").to_owned(),
        container,
        now,
    };
    first.begin(authority, call)
}

/// POST /cve/:id/reject: the first record of an ID, saying it must not be used.
///
/// Gives: of the container only what a rejection needs; `x_` keys are dropped.
pub(crate) fn reject(
    authority: &Arc<Authority>,
    CnaCaller(caller): CnaCaller,
    call: &mut Call,
) -> Result<Step, Error> {
    let (container, _) = rejected_container(authority, call)?;
    let mut kept = Map::new();
    for key in ["rejectedReasons", "replacedBy"] {
        if let Some(value) = container.get(key) {
            kept.insert(key.into(), value.clone());
        }
    }
    let first = First {
        state: RecordState::Rejected,
        exists: Refusal::RecordExists(400),
        // What could not be stored is not kept.
        demands: Demands::default(),
        caller,
        id: call.path("id").to_owned(),
        container: Container::Tree(Value::Object(kept)),
        now: authority.world.now(),
    };
    first.begin(authority, call)
}

fn appears(authority: &Authority) -> String {
    let site = &authority.settings.public_site;
    format!("This submission should appear on {site} within 15 minutes.")
}

/// Trims, checks and normalises a container that is to be published.
///
/// Source: cve-services section 6.2, the common pipeline, and 13.
fn published_container(authority: &Authority, call: &mut Call) -> Result<(Value, Demands), Error> {
    let compat = authority.settings.compat;
    let submission = Submission::sent(Kind::PublishedBody, call.body.take(), &call.sent, compat)?;
    submission
        .check_schema(compat)
        .map_err(Refusal::InvalidContainer)?;
    let demands = checked(authority, call, &submission, publish_checks(authority))?;
    check_enriched(authority, call, || submission.is_enriched())?;
    let mut container = submission.into_document()["cnaContainer"].take();
    if compat == Compat::Current {
        submission::in_utc(&mut container);
    }
    Ok((container, demands))
}

/// What is checked of the parameters of a publication.
fn publish_checks(authority: &Authority) -> &'static Checks {
    match authority.settings.compat {
        Compat::V2_3 => &parameters::ONE_ID,
        Compat::Current => &parameters::PUBLISH,
    }
}

/// Refuses a container without a score and a weakness when the caller wants it
/// refused.
///
/// Source: cve-services section 13, `erlcheck`.
fn check_enriched(
    authority: &Authority,
    call: &Call,
    is_enriched: impl FnOnce() -> bool,
) -> Result<(), Refusal> {
    let asks = authority.settings.compat == Compat::Current
        && call.text("erlcheck").and_then(parameters::truth) == Some(true);
    if asks && !is_enriched() {
        return Err(Refusal::NotEnriched);
    }
    Ok(())
}

fn rejected_container(authority: &Authority, call: &mut Call) -> Result<(Value, Demands), Error> {
    let compat = authority.settings.compat;
    let submission = Submission::sent(Kind::RejectedBody, call.body.take(), &call.sent, compat)?;
    submission
        .check_schema(compat)
        .map_err(Refusal::InvalidRecord)?;
    let demands = checked(authority, call, &submission, &parameters::ONE_ID)?;
    let mut container = submission.into_document()["cnaContainer"].take();
    if authority.settings.compat == Compat::Current {
        submission::in_utc(&mut container);
    }
    Ok((container, demands))
}

/// Checks what the server asks of a submission, and then the parameters.
fn checked(
    authority: &Authority,
    call: &Call,
    submission: &Submission,
    checks: &Checks,
) -> Result<Demands, Error> {
    let mut demands = submission.demands(authority);
    call.check_after(checks, std::mem::take(&mut demands.bad))?;
    Ok(demands)
}

/// A CNA container on its way into a first record.
enum Container {
    /// As it was sent, and who provides it.
    Plain(Plain, Vec<u8>),
    Tree(Value),
}

/// The first record of an ID.
struct First {
    state: RecordState,
    /// What is said when there is one.
    exists: Refusal,
    demands: Demands,
    caller: Caller,
    /// The ID as it was written.
    id: String,
    container: Container,
    now: Timestamp,
}

impl First {
    /// Has the record stored and answers when it is.
    fn begin(self, authority: &Arc<Authority>, call: &Call) -> Result<Step, Error> {
        let not_owner = || ids::not_owner(&self.caller, &self.id);
        let id: CveId = self.id.parse().map_err(|_| not_owner())?;
        if self.demands.cannot_be_stored {
            call.asks(&authority.store)?;
            return Err(self.unstorable(authority, id));
        }
        let compat = authority.settings.compat;
        let first = Arc::new(self);
        let stamping = first.clone();
        let stored = authority.store.begin_publish(Publish {
            id,
            state: first.state,
            at: first.now,
            stamp: Box::new(move |found| stamping.stamped(found, compat).ok()),
            actor: first.caller.user.username.clone(),
            caller_org: first.caller.org.uuid.clone(),
        });
        let authority = authority.clone();
        Ok(Step::Later(Box::pin(async move {
            match stored.await? {
                Ok(record) => Ok(first.answer(&authority, id, record)),
                Err(PublishRefusal::RecordExists) => Err(first.exists.clone().into()),
                Err(PublishRefusal::Declined(found)) => {
                    let declined = found.map_or_else(
                        || ids::not_owner(&first.caller, &first.id),
                        |found| match first.stamped(&found, compat) {
                            Err(refusal) => refusal,
                            // It was refused for a fault of ours.
                            Ok(_) => Refusal::Unavailable,
                        },
                    );
                    Err(declined.into())
                }
            }
        })))
    }

    /// The record, stamped from the ID as it was found.
    ///
    /// Source: cve-services sections 3, cnaMustOwnID, and 9.
    fn stamped(&self, found: &FoundId, compat: Compat) -> Result<Stamped, Refusal> {
        if !ids::may_write(&self.caller, &found.owner) {
            return Err(ids::not_owner(&self.caller, &self.id));
        }
        if found.state == IdState::Available {
            return Err(Refusal::UnknownId(400));
        }
        let container = |to: &mut Vec<u8>| match &self.container {
            Container::Plain(plain, provider) => {
                plain.write(provider, to);
                Ok(())
            }
            Container::Tree(container) => {
                let mut container = container.clone();
                stamp::provide(&mut container, &self.caller, self.now);
                serde_json::to_writer(to, &container)
            }
        };
        let body = stamp::first(found, container, self.state, self.now, compat)
            // Texts, times and values read from JSON can always be written.
            .map_err(|_| Refusal::Unavailable)?;
        let digest = stamp::digest(&body);
        Ok(Stamped { body, digest })
    }

    /// Why a record that no database keeps is refused: whose ID it is and
    /// whether it has one are told before.
    fn unstorable(&self, authority: &Authority, id: CveId) -> Error {
        let exists = authority.store.read(|reader| {
            let row = reader.cve_id(id)?;
            let owned = row.filter(|row| ids::owns(&self.caller, row));
            Ok::<_, Error>((owned.map(|row| row.state), reader.has_record(id)?))
        });
        match exists {
            Ok((None, _)) => ids::not_owner(&self.caller, &self.id).into(),
            Ok((Some(IdState::Available), _)) => Refusal::UnknownId(400).into(),
            Ok((_, true)) => self.exists.clone().into(),
            Ok((_, false)) => Refusal::CannotStore.into(),
            Err(error) => error,
        }
    }

    fn answer(&self, authority: &Authority, id: CveId, record: Stamped) -> Answer {
        let message = match self.state {
            RecordState::Published => format!(
                "{id} record was successfully created. {}",
                appears(authority)
            ),
            RecordState::Rejected => format!("{id} record was successfully submitted."),
        };
        let tag = answer::tag_of_record(&record);
        Answer::with_record(&message, "created", record.body).tagged(tag)
    }
}

/// PUT /cve/:id/cna: another CNA container, whole; publishes again what was
/// rejected.
pub(crate) fn update(
    authority: &Authority,
    CnaCaller(caller): CnaCaller,
    call: &mut Call,
) -> Result<Answer, Error> {
    let (mut container, demands) = published_container(authority, call)?;
    let now = authority.world.now();
    stamp::provide(&mut container, &caller, now);
    let compat = authority.settings.compat;
    let change = Change {
        kind: "record.updated",
        action: "record.update",
        touches_id: false,
        now,
    };
    for _ in 0..TRIES {
        let id = ids::owned(authority, &caller, call.path("id"))?;
        let before = record_of(authority, id.id)?.ok_or(Refusal::NoRecord(403))?;
        let mut record = parsed(&before)?;
        stamp::update(&mut record, container.clone(), now, compat);
        demands.storable()?;
        let body = stamp::stored(id.id, RecordState::Published, &record);
        schema::check(Kind::Record, &body.bytes, compat).map_err(Refusal::InvalidContainer)?;
        if let Some(stored) = change.store(authority, &caller, &id, &before, body)? {
            let message = format!(
                "{} record was successfully updated. {}",
                id.id,
                appears(authority)
            );
            return Ok(Answer::with_record(&message, "updated", stored));
        }
    }
    Err(Refusal::Unavailable.into())
}

/// PUT /cve/:id/reject: the record becomes a rejection, or another one.
pub(crate) fn reject_again(
    authority: &Authority,
    CnaCaller(caller): CnaCaller,
    call: &mut Call,
) -> Result<Answer, Error> {
    let (mut container, demands) = rejected_container(authority, call)?;
    let now = authority.world.now();
    stamp::provide(&mut container, &caller, now);
    let compat = authority.settings.compat;
    let change = Change {
        kind: "record.rejected",
        action: "record.reject",
        touches_id: compat == Compat::V2_3,
        now,
    };
    for _ in 0..TRIES {
        let id = ids::owned(authority, &caller, call.path("id"))?;
        let before = record_of(authority, id.id)?.ok_or(Refusal::NoRecord(400))?;
        let mut record = parsed(&before)?;
        stamp::reject(&mut record, container.clone(), now, compat);
        demands.storable()?;
        let body = stamp::stored(id.id, RecordState::Rejected, &record);
        schema::check(Kind::Record, &body.bytes, compat).map_err(Refusal::InvalidContainer)?;
        if let Some(stored) = change.store(authority, &caller, &id, &before, body)? {
            let message = format!("{} record was successfully submitted.", id.id);
            return Ok(Answer::with_record(&message, "updated", stored));
        }
    }
    Err(Refusal::Unavailable.into())
}

/// PUT /cve/:id/adp: the container of an ADP, on any published record.
///
/// Source: cve-services section 6.2, in its order.
pub(crate) fn enrich(
    authority: &Authority,
    AdpCaller(caller): AdpCaller,
    call: &mut Call,
) -> Result<Answer, Error> {
    let submission = Submission::of(Kind::AdpBody, call.body.take())?;
    let demands = checked(authority, call, &submission, &parameters::ONE_ID)?;
    let submitted = submission.into_document();
    let now = authority.world.now();
    let compat = authority.settings.compat;
    let change = Change {
        kind: "record.updated",
        action: "record.enrich",
        touches_id: false,
        now,
    };
    for _ in 0..TRIES {
        let id = existing(authority, call)?.ok_or(Refusal::UnknownId(400))?;
        let before = record_of(authority, id.id)?.ok_or(Refusal::NoRecord(403))?;
        if before.state == RecordState::Rejected {
            return Err(Refusal::RecordRejected.into());
        }
        let container = submitted.get("adpContainer").cloned();
        let mut container = container.ok_or(Refusal::NoAdpContainer)?;
        stamp::provide(&mut container, &caller, now);
        if compat == Compat::Current {
            submission::in_utc(&mut container);
        }
        demands.storable()?;
        let mut record = parsed(&before)?;
        let had = stamp::enrich(&mut record, container, &caller.org.uuid, now, compat);
        let body = stamp::stored(id.id, RecordState::Published, &record);
        schema::check(Kind::Record, &body.bytes, compat).map_err(Refusal::InvalidAdp)?;
        if let Some(stored) = change.store(authority, &caller, &id, &before, body)? {
            let message = format!(
                "{} record had {} ADP container for org {} successfully inserted. {}",
                id.id,
                if had { "replacement" } else { "new" },
                caller.org.short_name,
                appears(authority)
            );
            return Ok(Answer::with_record(&message, "updated", stored));
        }
    }
    Err(Refusal::Unavailable.into())
}

/// The ID in the path, when it exists and is not in the pool.
fn existing(authority: &Authority, call: &Call) -> Result<Option<IdRow>, Error> {
    let Some(id) = call.id() else {
        return Ok(None);
    };
    let row = authority.store.read(|reader| reader.cve_id(id))?;
    Ok(row.filter(|row| row.state != IdState::Available))
}

fn record_of(authority: &Authority, id: CveId) -> Result<Option<RecordRow>, Error> {
    Ok(authority.store.read(|reader| reader.record(id))?)
}

/// The stored record as a document.
fn parsed(record: &RecordRow) -> Result<Value, Error> {
    serde_json::from_slice(&record.body).map_err(|error| {
        store::Error::Corrupt {
            statement: format!("the record of {}", record.id),
            column: 0,
            problem: error.to_string(),
        }
        .into()
    })
}

/// A change of a record that exists.
struct Change {
    kind: &'static str,
    action: &'static str,
    /// Whether the ID is written too when its state stays.
    touches_id: bool,
    now: Timestamp,
}

impl Change {
    /// Stores the new record in the place of `before`.
    ///
    /// Gives: its bytes; nothing when the ID or the record changed meanwhile.
    fn store(
        &self,
        authority: &Authority,
        caller: &Caller,
        id: &IdRow,
        before: &RecordRow,
        body: RecordBody,
    ) -> Result<Option<Vec<u8>>, Error> {
        let bytes = body.bytes.clone();
        let event = record_event(caller, self.action, &body);
        let (kind, touches_id, now) = (self.kind, self.touches_id, self.now);
        let (id, revision) = (id.clone(), before.revision);
        let stored = authority.store.write(move |tx| {
            let Some(row) = tx.take_cve_id(id.id)? else {
                return Ok(false);
            };
            let same = row.owner == id.owner && row.state == id.state;
            if !same || !tx.replace_record(&body, revision, now)? {
                return Ok(false);
            }
            let state = state_of(body.state);
            if touches_id || row.state != state {
                tx.change_cve_id(&row, state, &row.owner, now)?;
            }
            tell(tx, kind, &row, event.clone());
            Ok::<_, Error>(true)
        })?;
        Ok(stored.then_some(bytes))
    }
}

fn state_of(state: RecordState) -> IdState {
    match state {
        RecordState::Published => IdState::Published,
        RecordState::Rejected => IdState::Rejected,
    }
}

fn record_event(caller: &Caller, action: &str, body: &RecordBody) -> AuditEvent {
    let digest = stamp::digest(&body.bytes);
    caller.did(action, &body.id.to_string(), json!({"sha256": digest}))
}

fn tell(tx: &mut Tx<'_>, kind: &str, id: &IdRow, event: AuditEvent) {
    tx.change(kind, &id.owner, &id.id.to_string(), Visibility::Public);
    tx.audit(event);
}

/// POST /cve/:id: a whole record, as the Secretariat sends it.
///
/// Source: cve-services section 6.3.3.
pub(crate) fn create_whole(
    authority: &Authority,
    Secretariat(caller): Secretariat,
    call: &mut Call,
) -> Result<Answer, Error> {
    let whole = whole_record(authority, call)?;
    let body = whole.clone();
    let event = record_event(&caller, "record.create", &body);
    let now = authority.world.now();
    authority.store.write(move |tx| {
        let id = tx.take_cve_id(body.id)?;
        let id = id.filter(|row| row.state != IdState::Available);
        let id = id.ok_or(Refusal::UnknownId(403))?;
        if tx.has_record(body.id)? {
            return Err(Refusal::RecordExists(400).into());
        }
        tx.insert_record(&body, now, now)?;
        tx.change_cve_id(&id, state_of(body.state), &id.owner, now)?;
        let kind = match body.state {
            RecordState::Published => "record.published",
            RecordState::Rejected => "record.rejected",
        };
        tell(tx, kind, &id, event.clone());
        Ok::<_, Error>(())
    })?;
    let message = format!("{} record was successfully created.", whole.id);
    Ok(Answer::with_record(&message, "created", whole.bytes))
}

/// PUT /cve/:id: a whole record in the place of another.
///
/// Source: cve-services section 6.3.4.
pub(crate) fn replace_whole(
    authority: &Authority,
    Secretariat(caller): Secretariat,
    call: &mut Call,
) -> Result<Answer, Error> {
    let whole = whole_record(authority, call)?;
    let change = Change {
        kind: "record.updated",
        action: "record.replace",
        touches_id: false,
        now: authority.world.now(),
    };
    for _ in 0..TRIES {
        let id = existing(authority, call)?.ok_or(Refusal::UnknownId(403))?;
        let before = record_of(authority, id.id)?.ok_or(Refusal::NoRecord(403))?;
        if let Some(stored) = change.store(authority, &caller, &id, &before, whole.clone())? {
            let message = format!("{} record was successfully updated.", whole.id);
            return Ok(Answer::with_record(&message, "updated", stored));
        }
    }
    Err(Refusal::Unavailable.into())
}

/// Trims and checks a whole record.
fn whole_record(authority: &Authority, call: &mut Call) -> Result<RecordBody, Error> {
    let compat = authority.settings.compat;
    let wrong = |sentence: &str| Refusal::InvalidRecord(json!([sentence]));
    let mut body = call.body.take();
    if !body.is_array() {
        let metadata = body.get("cveMetadata");
        let metadata = metadata.ok_or_else(|| wrong("instance.cveMetadata is not defined"))?;
        let state = metadata["state"].as_str().unwrap_or_default();
        if !["PUBLISHED", "RESERVED", "REJECTED"].contains(&state.trim()) {
            return Err(wrong("instance.cveMetadata.state is not one of enum values").into());
        }
        if body.get("dataVersion").is_none() {
            body["dataVersion"] = json!(stamp::data_version(compat));
        }
    }
    let submission = Submission::of(Kind::Record, body)?;
    submission
        .check_schema(compat)
        .map_err(Refusal::InvalidRecord)?;
    let demands = checked(authority, call, &submission, &parameters::ONE_ID)?;
    let metadata = &submission.document()["cveMetadata"];
    if metadata["cveId"].as_str() != Some(call.path("id")) {
        return Err(Refusal::IdMismatch.into());
    }
    demands.storable()?;
    let id = call.id().ok_or(Refusal::UnknownId(403))?;
    let state = match metadata["state"].as_str() {
        Some("REJECTED") => RecordState::Rejected,
        _ => RecordState::Published,
    };
    let mut record = submission.into_document();
    if compat == Compat::Current {
        submission::record_in_utc(&mut record);
    }
    Ok(stamp::stored(id, state, &record))
}
