//! Erasing what the law asks to be erased: texts go, numbers and digests stay.

use cve::hash::Digest;

use crate::error::Error;
use crate::params;
use crate::tx::Tx;

/// How a note begins that names the files of a mail that were not kept.
pub const NOT_KEPT: &str = "Not kept of the mail:";

impl Tx<'_> {
    /// Empties a person's names, contact, digests and tokens. `new_name` takes
    /// the place of its name, so that what refers to its id still has one.
    pub fn erase_person(&mut self, id: &str, new_name: &str) -> Result<(), Error> {
        self.execute(
            "update people set name = ?2, full_name = '', active = 0 where id = ?1",
            params![id, new_name],
        )?;
        for table in [
            "tokens",
            "person_contacts",
            "trainings",
            "digests",
            "mailed_digests",
        ] {
            let sql = format!("delete from {table} where person = ?1");
            self.execute(&sql, params![id])?;
        }
        Ok(())
    }

    /// Empties the texts somebody wrote into cases: messages, drafts of
    /// messages, notes. `mark` stands where a text was.
    pub fn erase_texts_by(&mut self, author: &str, mark: &str) -> Result<(), Error> {
        for (table, column, by) in [
            ("messages", "body", "author"),
            ("outgoing", "body", "author"),
            ("case_events", "note", "author"),
            ("retrospectives", "body", "author"),
            ("case_links", "note", "author"),
            ("awards", "note", "proposed_by"),
            ("awards", "reason", "decided_by"),
            ("package_answers", "words", "noted_by"),
            ("severity_rounds", "note", "author"),
            ("hand_overs", "comment", "offered_by"),
            ("tasks", "note", "ended_by"),
            ("reviews", "comment", "reviewer"),
            ("answers", "reason", "answered_by"),
            ("duplicate_verdicts", "reason", "person"),
        ] {
            let sql =
                format!("update {table} set {column} = ?2 where {by} = ?1 and {column} <> ''");
            self.execute(&sql, params![author, mark])?;
        }
        Ok(())
    }

    /// Writes another report into a case, in place of one that is erased, and
    /// empties what stands in its lane `reporter` and what the reporter wrote in
    /// another, the mails with these that are over, what its receipt holds in
    /// the reporter's words, and the notes that name files that were not kept.
    pub fn erase_report(&mut self, case_id: i64, report: &str, mark: &str) -> Result<(), Error> {
        self.execute(
            "update cases set report = ?2 where id = ?1",
            params![case_id, report],
        )?;
        for table in ["messages", "outgoing"] {
            let sql =
                format!("update {table} set body = ?2 where case_id = ?1 and lane = 'reporter'");
            self.execute(&sql, params![case_id, mark])?;
        }
        // A wish for credit is a note inside, of which a later one says nothing.
        self.execute(
            "update messages set body = ?2 where case_id = ?1 and author = 'reporter'",
            params![case_id, mark],
        )?;
        // The reporter may have had another address by then.
        self.execute(
            "update followups set payload = '{}', progress = '{}' \
             where state in ('done', 'cancelled', 'failed') and id in \
             (select followup from outgoing where case_id = ?1 and lane = 'reporter')",
            params![case_id],
        )?;
        for column in ["product", "public_status", "plan", "confidential"] {
            let sql =
                format!("update receipts set {column} = ?2 where case_id = ?1 and {column} <> ''");
            self.execute(&sql, params![case_id, mark])?;
        }
        let note = crate::erasure::NOT_KEPT;
        self.execute(
            "update messages set body = ?2 where case_id = ?1 and lane = 'internal' \
             and substr(body, 1, ?4) = ?3",
            params![
                case_id,
                format!("{note}\n\n{mark}"),
                note,
                note.chars().count() as i64
            ],
        )?;
        Ok(())
    }

    /// Writes `mark` in the place of a product that is in the reporter's words.
    pub fn erase_product(&mut self, case_id: i64, mark: &str) -> Result<(), Error> {
        self.execute(
            "update cases set product = ?2 where id = ?1",
            params![case_id, mark],
        )?;
        Ok(())
    }

    /// Writes `mark` where the title of a case stands that is its reporter's:
    /// in the case, in the findings and IDs that were named after it, in
    /// digests and among tasks.
    pub fn erase_title(&mut self, case_id: i64, title: &str, mark: &str) -> Result<(), Error> {
        for (table, column, key) in [
            ("cases", "title", "id"),
            ("findings", "name", "case_id"),
            ("ledger", "title", "case_id"),
            ("tasks", "title", "case_id"),
        ] {
            let sql =
                format!("update {table} set {column} = ?3 where {key} = ?1 and {column} = ?2");
            self.execute(&sql, params![case_id, title, mark])?;
        }
        let quoted = |title: &str| format!("\"title\":{}", serde_json::json!(title));
        self.execute(
            "update digests set body = replace(body, ?1, ?2)",
            params![quoted(title), quoted(mark)],
        )?;
        Ok(())
    }

    /// Puts `mark` in the place of a file beside a case: of its name, and of its
    /// bytes, unless another case has the same.
    pub fn erase_attachment(&mut self, case_id: i64, number: i64, mark: &str) -> Result<(), Error> {
        let Some(row) = self.first(
            "select digest from attachments where case_id = ?1 and number = ?2",
            params![case_id, number],
        )?
        else {
            return Ok(());
        };
        let old: Digest = row.parse(0)?;
        let new = Digest::of(mark.as_bytes());
        let size = i64::try_from(mark.len()).unwrap_or(i64::MAX);
        self.execute(
            "insert into blobs (digest, size, body) values (?1, ?2, ?3) \
             on conflict (digest) do nothing",
            params![new, size, mark.as_bytes()],
        )?;
        self.execute(
            "update attachments set digest = ?3, name = ?4, kind = 'text' \
             where case_id = ?1 and number = ?2",
            params![case_id, number, new, mark],
        )?;
        self.execute(
            "delete from blobs where digest = ?1 \
             and not exists (select 1 from attachments where attachments.digest = ?1)",
            params![old],
        )?;
        Ok(())
    }

    /// Replaces a name where it stands for what a change, a deadline, a breach
    /// or an event is about, and in what digests say of these.
    pub fn erase_subject(&mut self, old: &str, new: &str) -> Result<(), Error> {
        for table in ["case_events", "deadlines", "breaches"] {
            let sql = format!("update {table} set subject = ?2 where subject = ?1");
            self.execute(
                &sql,
                params![format!("person {old}"), format!("person {new}")],
            )?;
        }
        // Other changes are about things whose names may be the same: a case
        // has a number, and somebody may be called `12`.
        let left = |name: &str| format!("\"person.left\",\"\",\"{name}\",");
        for (table, column, old, new) in [
            (
                "deadlines",
                "body",
                format!("\"person {old}\""),
                format!("\"person {new}\""),
            ),
            ("changes", "changes", left(old), left(new)),
            (
                "digests",
                "body",
                format!("person {old} ("),
                format!("person {new} ("),
            ),
            (
                "digests",
                "body",
                format!("accept it from {old}\""),
                format!("accept it from {new}\""),
            ),
        ] {
            let sql = format!("update {table} set {column} = replace({column}, ?1, ?2)");
            self.execute(&sql, params![old, new])?;
        }
        Ok(())
    }

    /// Empties the events of the audit chain in which `actor` acted; their
    /// digests stay.
    pub fn erase_audit_by(&mut self, actor: &str) -> Result<u64, Error> {
        self.execute(
            "update audit set actor = '', detail = '', salt = '' where actor = ?1",
            params![actor],
        )
    }

    /// Empties the events of the audit chain whose circumstances are `word`,
    /// or have it as a value; their digests stay.
    pub fn erase_audit_naming(&mut self, word: &str) -> Result<u64, Error> {
        // A word in JSON stands between quotes.
        let quoted = serde_json::json!(word).to_string();
        self.execute(
            "update audit set actor = '', detail = '', salt = '' where salt <> '' \
             and replace(detail, ?1, '') <> detail",
            params![quoted],
        )
    }

    /// Empties the events of the audit chain whose `action` names `word` as
    /// `key` of its circumstances; their digests stay. Elsewhere the same word
    /// may mean something else.
    pub fn erase_audit_value(&mut self, action: &str, key: &str, word: &str) -> Result<u64, Error> {
        let value = format!("\"{key}\":{}", serde_json::json!(word));
        self.execute(
            "update audit set actor = '', detail = '', salt = '' where action = ?1 \
             and replace(detail, ?2, '') <> detail",
            params![action, value],
        )
    }

    /// Empties what follow-ups about `address` that are over had to know.
    pub fn erase_followups(&mut self, address: &str) -> Result<u64, Error> {
        let quoted = serde_json::json!(address).to_string();
        self.execute(
            "update followups set payload = '{}', progress = '{}', last_answer = '' \
             where state in ('done', 'cancelled', 'failed') and replace(payload, ?1, '') <> payload",
            params![quoted],
        )
    }

    /// Replaces the name of whoever cancelled follow-ups.
    pub fn erase_canceller(&mut self, old: &str, new: &str) -> Result<u64, Error> {
        self.execute(
            "update followups set last_answer = replace(last_answer, ?1, ?2)",
            params![
                format!("cancelled by {old}:"),
                format!("cancelled by {new}:")
            ],
        )
    }

    /// Replaces the object of erased events: a name that is no longer to be
    /// read. Their digests cover the object too, which is why only events
    /// whose salt is gone are touched.
    pub fn erase_audit_object(&mut self, object: &str, by: &str) -> Result<u64, Error> {
        self.execute(
            "update audit set object = ?2, actor = '', detail = '', salt = '' where object = ?1",
            params![object, by],
        )
    }
}
