//! A mail as it comes in, taken apart. Pure: bytes in, parts out.

use cve::hash::Digest;
use cve::time::Timestamp;
use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _};

use super::automatic::Automatic;
use crate::attachments::File;
use crate::error::Refusal;

/// Bytes a mail may have.
///
/// Source: our choice; what most mail servers let through.
pub const MAX_MAIL_BYTES: usize = 25 * 1024 * 1024;

/// Characters of a title, as reports have them.
const TITLE: usize = 256;

/// Bytes of text that become the message; a longer text is attached whole.
const TEXT_BYTES: usize = 256 * 1024;

/// Mails that one answers, at most; the newest are the ones that count.
const MOST_ANSWERED: usize = 64;

/// A mail, taken apart. It has no text in its `Debug`.
#[derive(Clone)]
pub struct IncomingMail {
    /// Digest of its Message-ID, or of its bytes where it has none.
    pub(crate) digest: Digest,
    /// Its Message-ID, without brackets; may be empty.
    pub(crate) id: String,
    /// The Message-IDs it answers, the nearest first.
    pub(crate) answers: Vec<String>,
    /// Its subject in a line; never empty.
    pub(crate) title: String,
    /// Name of who wrote it; the address without one; may be empty.
    pub(crate) name: String,
    /// Address of who wrote it; may be empty.
    pub(crate) address: String,
    /// When it was written, as it says.
    pub(crate) date: Option<Timestamp>,
    /// Its words; never empty.
    pub(crate) text: String,
    /// Its files, in their order.
    pub(crate) files: Vec<File>,
    /// Whether it brings any.
    pub(crate) has_files: bool,
    /// That a machine wrote it.
    pub(crate) automatic: Option<Automatic>,
}

impl std::fmt::Debug for IncomingMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IncomingMail({})", self.digest)
    }
}

impl IncomingMail {
    /// Takes a mail apart.
    ///
    /// Takes: the mail as it was delivered, at most [`MAX_MAIL_BYTES`].
    /// Gives: the words of its first text part, without markup where it is
    /// HTML; a further text part, and a text that is too long, as files.
    /// Refuses: bytes that are no mail: without any of the headers that each
    /// has.
    /// Source: RFC 5322 section 3.6, RFC 2045 to 2047.
    pub fn parse(bytes: &[u8]) -> Result<IncomingMail, Refusal> {
        if bytes.len() > MAX_MAIL_BYTES {
            let problem = format!(
                "it has {} bytes, expected at most {MAX_MAIL_BYTES}",
                bytes.len()
            );
            return Err(Refusal::invalid("mail", problem));
        }
        let message = MessageParser::default().parse(bytes);
        let message = message.filter(is_mail).ok_or_else(|| {
            let problem = "it is no mail: expected headers such as `From`, `Date` and `Subject` \
                           (RFC 5322)";
            Refusal::invalid("mail", problem)
        })?;
        let id = message.message_id().map(one_line).unwrap_or_default();
        let (name, address) = author(&message);
        let mut mail = IncomingMail {
            digest: digest_of(&id, bytes),
            id,
            answers: answered(&message),
            title: title(message.subject().unwrap_or_default()),
            name,
            address,
            date: message.date().and_then(|date| {
                let ms = date.is_valid().then(|| date.to_timestamp())?;
                Timestamp::from_unix_ms(ms.checked_mul(1000)?)
            }),
            text: String::new(),
            files: Vec::new(),
            has_files: message.attachment_count() > 0,
            automatic: Automatic::of(&message),
        };
        mail.take_texts(&message);
        for part in message.attachments() {
            mail.files.push(file(part));
        }
        Ok(mail)
    }

    /// Takes the first text as the words, and the others as files.
    fn take_texts(&mut self, message: &Message<'_>) {
        let mut count = 0;
        for place in 0..message.text_body_count() {
            // An image between the texts is among the attachments, too.
            let Some(text) = message.body_text(place) else {
                continue;
            };
            let text = readable(&text);
            if text.is_empty() {
                continue;
            }
            count += 1;
            if count == 1 {
                self.text = text;
            } else {
                self.files.push(File {
                    name: format!("text-{count}.txt"),
                    bytes: text.into_bytes(),
                });
            }
        }
        if self.text.is_empty() {
            self.text = "(The mail has no text.)".to_owned();
        }
        if self.text.len() > TEXT_BYTES {
            let mut end = TEXT_BYTES;
            while !self.text.is_char_boundary(end) {
                end -= 1;
            }
            let whole = self.text.clone();
            self.text.truncate(end);
            self.text
                .push_str("\n\n(The text goes on: it is attached as `text.txt`.)");
            self.files.push(File {
                name: "text.txt".to_owned(),
                bytes: whole.into_bytes(),
            });
        }
    }

    /// The digest under which a mail with this Message-ID is known.
    pub(crate) fn digest_of_id(id: &str) -> Digest {
        Digest::of(format!("message-id:{id}").as_bytes())
    }
}

/// Says whether there is any header that every mail has one of.
fn is_mail(message: &Message<'_>) -> bool {
    message.from().is_some()
        || message.subject().is_some()
        || message.date().is_some()
        || message.message_id().is_some()
}

/// The digest of a Message-ID; of the bytes where there is none, whatever
/// the ends of their lines became on their way.
fn digest_of(id: &str, bytes: &[u8]) -> Digest {
    if !id.is_empty() {
        return IncomingMail::digest_of_id(id);
    }
    let lines: Vec<u8> = bytes.iter().copied().filter(|b| *b != b'\r').collect();
    Digest::of(lines.trim_ascii())
}

/// What a mail answers: what it says it does, then the thread backwards.
fn answered(message: &Message<'_>) -> Vec<String> {
    let ids = |value: &HeaderValue<'_>| -> Vec<String> {
        let list = value.as_text_list().unwrap_or_default();
        list.iter().map(|id| one_line(id)).collect()
    };
    let mut answers = ids(message.in_reply_to());
    let mut thread = ids(message.references());
    thread.reverse();
    for id in thread {
        if !answers.contains(&id) && answers.len() < MOST_ANSWERED {
            answers.push(id);
        }
    }
    answers.retain(|id| !id.is_empty());
    answers.truncate(MOST_ANSWERED);
    answers
}

fn author(message: &Message<'_>) -> (String, String) {
    let from = message.from().and_then(|from| from.first());
    let text = |text: Option<&str>| cut(&one_line(text.unwrap_or_default()), TITLE);
    let address = text(from.and_then(|from| from.address()));
    let name = text(from.and_then(|from| from.name()));
    let name = if name.is_empty() {
        address.clone()
    } else {
        name
    };
    (name, address)
}

fn title(subject: &str) -> String {
    let title = cut(&one_line(subject), TITLE);
    if title.is_empty() {
        return "(no subject)".to_owned();
    }
    title
}

fn file(part: &MessagePart<'_>) -> File {
    let name = part.attachment_name().unwrap_or_default();
    File {
        name: match (name, part.is_message()) {
            ("", true) => "forwarded.eml".to_owned(),
            ("", false) => "attachment".to_owned(),
            (name, _) => name.to_owned(),
        },
        bytes: part.contents().to_vec(),
    }
}

/// A text in one line, without what a terminal would obey.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn cut(text: &str, most: usize) -> String {
    text.chars()
        .take(most)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A text with plain ends of lines and no other control characters.
fn readable(text: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    let kept: String = lines
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
        .collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> IncomingMail {
        IncomingMail::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_plain_mail_gives_its_words_author_and_moment() {
        let mail = parsed(
            "From: =?utf-8?q?Alex_R=C3=ADos?= <alex@example.org>\r\nDate: Tue, 3 Nov 2026 11:00:00 \
             +0100\r\nMessage-ID: <one@example.org>\r\nIn-Reply-To: <zero@example.org>\r\n\
             References: <a@example.org> <zero@example.org>\r\nSubject: =?utf-8?b?w4Q=?= flaw\r\n\
             \r\nIt reads any file.\r\nAlways.\r\n",
        );
        assert_eq!(mail.title, "\u{c4} flaw");
        assert_eq!(
            (mail.name.as_str(), mail.address.as_str()),
            ("Alex R\u{ed}os", "alex@example.org")
        );
        assert_eq!(mail.text, "It reads any file.\nAlways.");
        assert_eq!(mail.date.unwrap().to_string(), "2026-11-03T10:00:00.000Z");
        assert_eq!(mail.answers, ["zero@example.org", "a@example.org"]);
        assert_eq!(mail.digest, IncomingMail::digest_of_id("one@example.org"));
    }

    #[test]
    fn a_mail_of_nothing_but_markup_gives_its_words() {
        let mail = parsed(
            "From: a@example.org\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n<style>p \
             {color: red}</style><p>One &amp; <b>two</b></p><script>alert(1)</script>\n",
        );
        assert_eq!(mail.text, "One & two");
        assert_eq!(mail.name, "a@example.org");
    }

    #[test]
    fn files_and_further_texts_are_files_and_the_first_text_is_the_words() {
        let mail = parsed(
            "From: a@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
             Content-Type: multipart/alternative; boundary=c\n\n--c\n\nThe words.\n--c\n\
             Content-Type: text/html\n\n<p>The words.</p>\n--c--\n--b\nContent-Type: image/png\n\
             Content-Disposition: attachment; filename=\"shot.png\"\nContent-Transfer-Encoding: \
             base64\n\niVBORw0KGgo=\n--b\n\nA footer.\n--b--\n",
        );
        assert_eq!(mail.text, "The words.");
        let names: Vec<_> = mail.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["text-2.txt", "shot.png"]);
        assert_eq!(mail.files[1].bytes, b"\x89PNG\r\n\x1a\n");
    }

    #[test]
    fn a_mail_without_subject_sender_or_text_is_one_all_the_same() {
        let mail = parsed("Date: Tue, 3 Nov 2026 11:00:00 +0100\n\n");
        assert_eq!(mail.title, "(no subject)");
        assert_eq!((mail.name.as_str(), mail.answers.len()), ("", 0));
        assert_eq!(mail.text, "(The mail has no text.)");
    }

    #[test]
    fn without_a_message_id_the_bytes_tell_whatever_the_ends_of_lines() {
        let one = parsed("Subject: x\r\n\r\nWords.\r\n");
        let same = parsed("Subject: x\n\nWords.\n\n");
        let other = parsed("Subject: x\n\nOther words.\n");
        assert_eq!(one.digest, same.digest);
        assert_ne!(one.digest, other.digest);
    }

    #[test]
    fn a_text_that_is_too_long_is_attached_whole() {
        let long = "\u{e4}b ".repeat(TEXT_BYTES / 4 + 10);
        let mail = parsed(&format!("Subject: x\n\n{long}\n"));
        assert!(mail.text.ends_with("it is attached as `text.txt`.)"));
        assert_eq!(mail.files[0].bytes, long.trim().as_bytes());
    }

    #[test]
    fn bytes_that_are_no_mail_are_refused_with_what_was_expected() {
        for bytes in [&b""[..], b"\x89PNG\r\n\x1a\n", b"just words\n\nand more"] {
            let refused = IncomingMail::parse(bytes).unwrap_err().to_string();
            assert!(
                refused.starts_with("mail: it is no mail: expected headers"),
                "{refused}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_apart_or_refused_without_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let _ = IncomingMail::parse(&bytes);
        }

        #[test]
        fn whatever_a_mail_holds_title_and_text_are_never_empty(
            from in "\\PC{0,30}",
            kind in "(text/(plain|html)|multipart/(mixed|alternative|related); boundary=b|message/rfc822|image/png)",
            encoding in "(7bit|base64|quoted-printable|x)",
            charset in "(utf-8|iso-2022-jp|utf-7|latin1|x)",
            body in proptest::collection::vec(
                prop_oneof![
                    Just(b"\n--b\n".to_vec()), Just(b"\n--b--\n".to_vec()), Just(b"<p>".to_vec()),
                    Just(b"Content-Type: text/html\n\n".to_vec()), Just(b"=?utf-8?b?".to_vec()),
                    Just(b"<!--".to_vec()), Just(b"&#".to_vec()), Just(b"=C3".to_vec()),
                    proptest::collection::vec(any::<u8>(), 0..12),
                ],
                0..30,
            ),
        ) {
            let mut bytes = format!(
                "From: {from}\nSubject: {from}\nContent-Type: {kind}; charset={charset}\n\
                 Content-Transfer-Encoding: {encoding}\n\n"
            ).into_bytes();
            bytes.extend(body.concat());
            if let Ok(mail) = IncomingMail::parse(&bytes) {
                prop_assert!(!mail.title.is_empty() && !mail.text.is_empty());
                prop_assert!(!mail.text.contains('\0') && !mail.title.contains('\0'));
                prop_assert!(mail.title.chars().count() <= TITLE);
            }
        }
    }
}
