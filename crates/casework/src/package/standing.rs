//! Where packages stand: for the head of a case, and for who has to ask again.

use cve::time::Timestamp;
use serde::Serialize;
use store::{Reader, SilentMemberRow};

use super::{FINAL, FIRST};
use crate::case::CaseId;
use crate::dispatch::{self, DispatchState};
use crate::error::Error;

/// Where a package stands, as a case shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageStanding {
    /// Its number in the case.
    pub number: i64,
    /// `first` or `final`.
    pub kind: String,
    /// `written`, `approved` or `sent`.
    pub state: &'static str,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// How many it reaches.
    pub reached: usize,
    /// Names of those who have not answered; empty before it is sent.
    pub silent: Vec<String>,
    /// Addresses whose mail failed, or was given up.
    pub failed: Vec<String>,
}

/// Where the newest package of each kind of a case stands.
pub(crate) fn standings(
    reader: &mut Reader<'_>,
    id: CaseId,
) -> Result<Vec<PackageStanding>, Error> {
    let rows = reader.packages(id.number())?;
    let mut standings = Vec::new();
    for kind in [FIRST, FINAL] {
        let Some(row) = rows.iter().rfind(|row| row.kind == kind) else {
            continue;
        };
        let members = reader.package_members(id.number(), row.number)?;
        let answers = reader.package_answers(id.number(), row.number)?;
        let reached = members.len();
        let mut silent = Vec::new();
        for (name, ..) in members {
            if row.sent_at.is_some() && !answers.iter().any(|answer| answer.member == name) {
                silent.push(name);
            }
        }
        let mut failed = Vec::new();
        let by_mail = row.sent_at.is_some() && !row.by_hand;
        for mail in reader.package_mails(id.number(), row.number)? {
            if dispatch::of(reader, &mail.followup, by_mail)?.state == DispatchState::Failed {
                failed.push(mail.recipient);
            }
        }
        standings.push(PackageStanding {
            number: row.number,
            kind: row.kind.clone(),
            state: match (row.sent_at, row.approved_by.as_str()) {
                (Some(_), _) => "sent",
                (None, "") => "written",
                (None, _) => "approved",
            },
            sent_at: row.sent_at,
            reached,
            silent,
            failed,
        });
    }
    Ok(standings)
}

/// What to do about a package whose mail failed or was given up.
pub(crate) fn again(id: CaseId, number: i64) -> String {
    format!(
        "mail it once more with `cna case notify send {id} {number}`, or send it by hand and say \
         so with `cna case notify send {id} {number} --by-hand`"
    )
}

/// Who has not answered which package, in words, with the case.
pub(crate) fn silent_in_words(rows: &[SilentMemberRow]) -> Vec<(i64, i64, String)> {
    let mut lines: Vec<(i64, i64, String, Vec<&str>)> = Vec::new();
    for row in rows {
        match lines.last_mut() {
            Some((case, number, _, names)) if (*case, *number) == (row.case_id, row.number) => {
                names.push(&row.name);
            }
            _ => lines.push((row.case_id, row.number, row.kind.clone(), vec![&row.name])),
        }
    }
    let words = |(case, number, kind, names): (i64, i64, String, Vec<&str>)| {
        let what = format!(
            "ask who has not answered the {kind} notice, and note it with `cna case notify answer \
             {case} {number} NAME -m TEXT`: {}",
            names.join(", ")
        );
        (case, number, what)
    };
    lines.into_iter().map(words).collect()
}
