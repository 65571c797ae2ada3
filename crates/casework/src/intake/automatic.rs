//! Mails that no person wrote: automatic replies, delivery reports, what goes
//! to many. Pure: headers in, a reason out.
//!
//! Nothing of them becomes a case, an answer or the stop of a clock, and
//! nobody answers them, so that two machines never write to each other.
//!
//! Source: RFC 3834 section 2 and 5, RFC 3464, RFC 6522, RFC 2076 section 3.9.

use mail_parser::{Message, MessageParser, MimeHeaders as _};

/// Bytes of the longest code there is, `5.999.999`.
///
/// Source: RFC 3463 section 2.
const LONGEST_CODE: usize = 9;

/// A mail of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Automatic {
    /// How it shows, for people.
    pub(crate) reason: String,
    /// Whether only its `Precedence` says so: security addresses are often
    /// lists, so a report may come like this.
    pub(crate) is_list: bool,
    /// Whether it came over a list, which marks what people write too: their
    /// answers are answers. Old programs mark automatic replies as bulk or junk.
    pub(crate) may_answer: bool,
    /// The mails it says were not delivered.
    pub(crate) bounced: Vec<Bounced>,
}

/// A mail that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bounced {
    /// Its Message-ID, without brackets.
    pub(crate) id: String,
    /// That it failed, with the other server's codes.
    pub(crate) answer: String,
}

impl Automatic {
    /// Says whether a mail is one of a machine, and how that shows.
    pub(super) fn of(message: &Message<'_>) -> Option<Automatic> {
        let raw = |name: &'static str| {
            let text = message.header_raw(name).unwrap_or_default();
            super::mail::one_line(text).to_lowercase()
        };
        let word = |text: &str| {
            let word = text.split([';', ' ', '(']).next().unwrap_or_default();
            word.to_owned()
        };
        let is_report = message.content_type().is_some_and(|kind| {
            let part = kind.subtype().unwrap_or_default();
            kind.ctype().eq_ignore_ascii_case("multipart") && part.eq_ignore_ascii_case("report")
        });
        let submitted = word(&raw("Auto-Submitted"));
        let precedence = word(&raw("Precedence"));
        let path = raw("Return-Path").replace(' ', "");
        let mut is_list = false;
        let reason = if is_report {
            "it is a report of a mail server (`multipart/report`)".to_owned()
        } else if !matches!(submitted.as_str(), "" | "no") {
            "a machine wrote it (`Auto-Submitted`)".to_owned()
        } else if path == "<>" {
            "it can have no answer (empty `Return-Path`)".to_owned()
        } else if matches!(precedence.as_str(), "bulk" | "junk" | "list") {
            is_list = true;
            format!("it goes to many (`Precedence: {precedence}`) and has nothing of a report")
        } else {
            return None;
        };
        Some(Automatic {
            reason,
            is_list,
            may_answer: is_list && precedence == "list",
            bounced: match is_report {
                true => bounced(message),
                false => Vec::new(),
            },
        })
    }
}

/// The mails a delivery report says were not delivered.
///
/// A report of a delay, or of a delivery, gives none.
fn bounced(message: &Message<'_>) -> Vec<Bounced> {
    let is = |part: &mail_parser::MessagePart<'_>, kind: &str, sub: &str| {
        part.content_type().is_some_and(|found| {
            found.ctype().eq_ignore_ascii_case(kind)
                && found
                    .subtype()
                    .unwrap_or_default()
                    .eq_ignore_ascii_case(sub)
        })
    };
    let status = message
        .parts
        .iter()
        .find(|part| is(part, "message", "delivery-status"));
    let Some(answer) = status.and_then(|part| failure(part.contents())) else {
        return Vec::new();
    };
    let mut ids = Vec::new();
    for part in &message.parts {
        let found = if let Some(inner) = part.message() {
            inner.message_id().map(str::to_owned)
        } else if is(part, "text", "rfc822-headers") || is(part, "message", "rfc822") {
            let inner = MessageParser::default().parse_headers(part.contents());
            inner.and_then(|inner| inner.message_id().map(str::to_owned))
        } else {
            None
        };
        ids.extend(found.map(|id| super::mail::one_line(&id)));
    }
    ids.retain(|id| !id.is_empty());
    ids.dedup();
    let of = |id| Bounced {
        id,
        answer: answer.clone(),
    };
    ids.into_iter().map(of).collect()
}

/// How a delivery status says that its first recipient failed, in codes; nothing
/// when none failed.
///
/// Its words are left out, as those of our own mail server are: a server may
/// repeat what was sent, and the answer of a follow-up is read by people who
/// are not on the case.
fn failure(status: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(status).replace("\r\n", "\n");
    text.split("\n\n").find_map(|group| {
        let field = |name: &str| {
            let mut lines = group.lines().filter_map(|line| line.split_once(':'));
            let found = lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
            found.map_or("", |(_, value)| value.trim())
        };
        if !field("Action").eq_ignore_ascii_case("failed") {
            return None;
        }
        let status = code(field("Status"));
        let smtp = field("Diagnostic-Code").split_once(';');
        let smtp = smtp.filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("smtp"));
        let smtp = smtp.map_or("", |(_, said)| code(said.trim_start()));
        Some(match (status, smtp) {
            ("", "") => "not delivered".to_owned(),
            (status, "") => format!("not delivered: {status}"),
            ("", smtp) => format!("not delivered: SMTP {smtp}"),
            (status, smtp) => format!("not delivered: {status}, SMTP {smtp}"),
        })
    })
}

/// The code a text begins with, such as `550` or `5.1.1`; nothing of its words.
fn code(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let code = &text[..end.unwrap_or(text.len())];
    if code.len() > LONGEST_CODE { "" } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &str) -> Option<Automatic> {
        let text = format!("From: a@example.org\nSubject: x\n{head}\nWords.\n");
        Automatic::of(&MessageParser::default().parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_mail_of_a_person_is_none() {
        for head in [
            "",
            "Auto-Submitted: no\n",
            "Return-Path: <a@example.org>\n",
            "Precedence: first-class\n",
        ] {
            assert_eq!(of(head), None, "{head}");
        }
    }

    #[test]
    fn each_mark_of_a_machine_is_one() {
        for (head, is_list) in [
            ("Auto-Submitted: auto-replied\n", false),
            ("Auto-Submitted: Auto-Generated; owner=x\n", false),
            ("Return-Path: <>\n", false),
            ("Precedence: Bulk\n", true),
            ("Precedence: list\n", true),
            ("Precedence: junk\n", true),
        ] {
            assert_eq!(of(head).map(|found| found.is_list), Some(is_list), "{head}");
        }
    }

    #[test]
    fn only_what_failed_was_not_delivered() {
        let failed = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.example\n\
                      Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such\n user\n";
        assert_eq!(
            failure(failed.as_bytes()).unwrap(),
            "not delivered: 5.1.1, SMTP 550"
        );
        let delayed = failed.replace("failed", "delayed");
        assert_eq!(failure(delayed.as_bytes()), None);
    }

    #[test]
    fn no_word_of_a_server_is_kept() {
        for (fields, kept) in [
            (
                "Status: secret\nDiagnostic-Code: smtp; secret\n",
                "not delivered",
            ),
            ("Status: 5.7.1 (secret)\n", "not delivered: 5.7.1"),
            (
                "Diagnostic-Code: smtp; 554-5.7.1 secret\n",
                "not delivered: SMTP 554",
            ),
            ("Diagnostic-Code: x-unix; 554 secret\n", "not delivered"),
            ("Status: 1234567890\n", "not delivered"),
        ] {
            let status = format!("Action: failed\n{fields}");
            assert_eq!(failure(status.as_bytes()).unwrap(), kept, "{fields}");
        }
    }
}
