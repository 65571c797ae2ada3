//! Mail that leaves the desk: a follow-up each, at least once, under one
//! Message-ID.
//!
//! A mail says that a case needs somebody and where to look. What a case says
//! is in no mail, unless the operator said that mail may carry it, because the
//! server is inside or encrypts.

use std::time::Duration;

use cve::hash::Digest;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, Message, SmtpTransport, Transport as _};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, Claimed, Followup, Reader, Tx};

use crate::case::CaseId;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::lanes::Sending;
use crate::people::Actor;
use crate::policy::{Action, check};

/// The kind of follow-up that sends a mail.
pub(crate) const MAIL: &str = "mail.send";

/// What stands before the number in the subject of a mail about a case.
pub(crate) const ABOUT: &str = "About our case ";

const SETTING: &str = "mail";

/// Place the password is sealed for.
const LABEL: &str = "mail password";

/// How long the server may take for a step.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the connection to the server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// From the first byte (RFC 8314, port 465).
    Tls,
    /// After a first word; a server that cannot is refused (RFC 3207).
    StartTls,
    /// Not at all: for a server on this machine.
    None,
}

/// The mail server, as people see it: without the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: MailTls,
    /// Who the desk signs in as; empty for nobody.
    #[serde(default)]
    pub user: String,
    /// The sender's address.
    pub from: String,
    /// Whether mail may say what a case under embargo says.
    #[serde(default)]
    pub may_carry_texts: bool,
}

/// What is kept: the server, and its password sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    server: MailServer,
    sealed: Vec<u8>,
}

/// A mail as its follow-up keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Mail {
    to: String,
    subject: String,
    body: String,
    /// Files that go along; their bytes are read when the mail is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<MailFile>,
}

/// A file that goes along with a mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MailFile {
    /// Its name.
    pub(crate) name: String,
    /// sha-256 of its bytes, which are kept once.
    pub(crate) digest: Digest,
}

/// What became of a try.
pub(crate) enum Sent {
    /// The server took it.
    Taken(String),
    /// Try again.
    Later(String),
    /// It will never be taken as it is.
    Refused(String),
}

impl Desk {
    /// The mail server; nothing before one is set.
    pub fn mail_server(&self, actor: &Actor) -> Result<Option<MailServer>, Error> {
        check(actor, Action::Administer)?;
        self.store.read(server)
    }

    /// Sets the mail server.
    ///
    /// Takes: `password`, for `user`; it is sealed before it is stored.
    /// Refuses: an address that is none; a password sent in the clear to
    /// another machine.
    pub fn set_mail_server(
        &self,
        actor: &Actor,
        new: &MailServer,
        password: Option<&str>,
    ) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        address("from", &new.from)?;
        if new.host.trim().is_empty() || new.host.chars().any(char::is_whitespace) {
            let problem = format!(
                "`{}` is not a host: expected one such as `mail.example.org`",
                new.host
            );
            return Err(Refusal::invalid("host", problem).into());
        }
        let is_here = matches!(new.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if new.tls == MailTls::None && !is_here {
            let problem = format!(
                "`none` sends everything in the clear to `{}`: expected `tls` or `starttls`, or a \
                 server on this machine",
                new.host
            );
            return Err(Refusal::invalid("tls", problem).into());
        }
        if new.user.is_empty() != password.unwrap_or_default().is_empty() {
            let problem = "user and password go together: give both, or neither";
            return Err(Refusal::invalid("user", problem).into());
        }
        let password = password.unwrap_or_default();
        let sealed = self.settings.master_key.seal(&self.world, LABEL, password);
        let sealed = sealed.map_err(|error| Error::Broken(error.to_string()))?;
        let kept = Kept {
            server: new.clone(),
            sealed,
        };
        let text = json!(kept).to_string();
        let (server, by) = (new.clone(), actor.name().to_owned());
        self.store.write(move |tx| {
            tx.set(SETTING, &text)?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "mail.set".into(),
                object: "mail".into(),
                detail: json!(server),
            });
            Ok(())
        })
    }

    /// Leaves a mail to `to` that says that mail works.
    ///
    /// Gives: the id of its follow-up.
    pub fn test_mail(&self, actor: &Actor, to: &str) -> Result<String, Error> {
        check(actor, Action::Administer)?;
        address("to", to)?;
        let (by, id) = (actor.name().to_owned(), self.world.uuid());
        let mail = Mail {
            to: to.to_owned(),
            subject: "Mail of the desk works".into(),
            body: format!(
                "This is a test.\n\nThe desk at {} sends mail from here.\n",
                self.settings.portal_url
            ),
            files: Vec::new(),
        };
        self.store.write(move |tx| {
            if server(tx)?.is_none() {
                let problem = "no mail server is set: `cna mail set` sets one";
                return Err(Refusal::invalid("mail", problem).into());
            }
            leave(tx, &id, "mail", &mail)?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "mail.test".into(),
                object: "mail".into(),
                detail: json!({"followup": id}),
            });
            Ok(id.clone())
        })
    }

    /// Sends the mail of a follow-up. Neither its text nor the password is
    /// logged or kept as an answer.
    pub(crate) fn send_mail(&self, claimed: &Claimed) -> Result<Sent, Error> {
        let mail: Mail = serde_json::from_value(claimed.payload.clone()).map_err(|error| {
            Error::Broken(format!("payload of follow-up {}: {error}", claimed.id))
        })?;
        let Some(text) = self.store.read(|reader| reader.setting(SETTING))? else {
            let answer = "no mail server is set any more: `cna mail set` sets one";
            return Ok(Sent::Refused(answer.into()));
        };
        let kept = kept(&text)?;
        let password = self.settings.master_key.open(LABEL, &kept.sealed);
        let password = password.map_err(|error| Error::Broken(error.to_string()))?;
        let mut files = Vec::with_capacity(mail.files.len());
        for file in &mail.files {
            match self.store.read(|reader| reader.blob(file.digest))? {
                Some(bytes) => files.push((file.name.clone(), bytes)),
                None => return Ok(Sent::Refused("a file of it was erased".into())),
            }
        }
        let message = match message_of(&kept.server, &mail, files, &claimed.id) {
            Ok(message) => message,
            Err(problem) => return Ok(Sent::Refused(problem)),
        };
        let transport = match transport(&kept.server, password) {
            Ok(transport) => transport,
            Err(error) => return Ok(Sent::Later(error.to_string())),
        };
        Ok(match transport.send(&message) {
            Ok(answer) => Sent::Taken(format!("taken: {}", answer.code())),
            Err(error) if error.is_permanent() => Sent::Refused(said(&error)),
            Err(error) => Sent::Later(said(&error)),
        })
    }
}

/// What went wrong: the server's status, or why there was none. The words of
/// the server may repeat what was sent to it, and are left out.
fn said(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server did not answer in time".into(),
        None if error.is_tls() => "no encrypted connection to the mail server".into(),
        None => "no connection to the mail server".into(),
    }
}

fn transport(
    server: &MailServer,
    password: String,
) -> Result<SmtpTransport, lettre::transport::smtp::Error> {
    let tls = match server.tls {
        MailTls::Tls => Tls::Wrapper(TlsParameters::new(server.host.clone())?),
        MailTls::StartTls => Tls::Required(TlsParameters::new(server.host.clone())?),
        MailTls::None => Tls::None,
    };
    let mut builder = SmtpTransport::builder_dangerous(&server.host)
        .port(server.port)
        .tls(tls)
        .timeout(Some(PATIENCE));
    if !server.user.is_empty() {
        builder = builder.credentials(Credentials::new(server.user.clone(), password));
    }
    Ok(builder.build())
}

/// The mail with the Message-ID that every repetition has too.
fn message_of(
    server: &MailServer,
    mail: &Mail,
    files: Vec<(String, Vec<u8>)>,
    id: &str,
) -> Result<Message, String> {
    let from = mailbox(&server.from)?;
    let domain = from.email.domain().to_owned();
    let builder = Message::builder()
        .from(from)
        .to(mailbox(&mail.to)?)
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{id}@{domain}>")));
    let message = if files.is_empty() {
        let builder = builder.header(ContentType::TEXT_PLAIN);
        builder.body(mail.body.clone())
    } else {
        let bytes_alone = ContentType::parse("application/octet-stream")
            .map_err(|error| format!("it is no mail: {error}"))?;
        let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(mail.body.clone()));
        for (name, bytes) in files {
            // In base64 whatever they are: a relay may change the ends of lines,
            // and a patch is its bytes.
            let body = Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
                .map_err(|_| format!("the file `{name}` cannot be encoded"))?;
            parts = parts.singlepart(Attachment::new(name).body(body, bytes_alone.clone()));
        }
        builder.multipart(parts)
    };
    message.map_err(|error| format!("it is no mail: {error}"))
}

fn mailbox(address: &str) -> Result<Mailbox, String> {
    let address: Address = address
        .parse()
        .map_err(|_| "the address cannot be read".to_owned())?;
    Ok(Mailbox::new(None, address))
}

/// Refuses what is not a mail address.
pub(crate) fn address(field: &str, text: &str) -> Result<(), Refusal> {
    if text.parse::<Address>().is_ok() {
        return Ok(());
    }
    let shown: String = text.chars().take(64).collect();
    let problem =
        format!("`{shown}` is not a mail address: expected one such as `ann@example.org`");
    Err(Refusal::invalid(field, problem))
}

/// The mail server; nothing before one is set.
pub(crate) fn server(reader: &mut Reader<'_>) -> Result<Option<MailServer>, Error> {
    let text = reader.setting(SETTING)?;
    text.map(|text| Ok(kept(&text)?.server)).transpose()
}

fn kept(text: &str) -> Result<Kept, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Broken(format!("the setting `{SETTING}` cannot be read: {error}")))
}

/// Leaves a mail, in the unit of work that causes it.
fn leave(tx: &mut Tx<'_>, id: &str, subject: &str, mail: &Mail) -> Result<(), Error> {
    tx.insert_followup(&Followup {
        id: id.to_owned(),
        kind: MAIL.to_owned(),
        subject: subject.to_owned(),
        lane: String::new(),
        payload: json!(mail),
    })?;
    Ok(())
}

/// Leaves a mail that a person of the desk gets.
pub(crate) fn notice(
    tx: &mut Tx<'_>,
    id: &str,
    about: &str,
    to: &str,
    subject: &str,
    body: &str,
) -> Result<(), Error> {
    let mail = Mail {
        to: to.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        files: Vec::new(),
    };
    leave(tx, id, about, &mail)
}

/// Leaves a mail with files; whoever calls has seen to it that mail may carry
/// them.
pub(crate) fn with_files(
    tx: &mut Tx<'_>,
    id: &str,
    about: &str,
    to: &str,
    (subject, body): (&str, &str),
    files: &[MailFile],
) -> Result<(), Error> {
    let mail = Mail {
        to: to.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        files: files.to_vec(),
    };
    leave(tx, id, about, &mail)
}

/// Leaves a mail with a message of a case, where it may go by mail.
pub(crate) fn message(
    tx: &mut Tx<'_>,
    id: &str,
    case: CaseId,
    embargoed: bool,
    to: &str,
    body: &str,
) -> Result<Sending, Error> {
    let by_hand = |why: &str| {
        Ok(Sending {
            followup: String::new(),
            by_hand: why.to_owned(),
        })
    };
    let Some(server) = server(tx)? else {
        return by_hand("no mail server is set (`cna mail set`)");
    };
    if to.parse::<Address>().is_err() {
        return by_hand("no mail address is known");
    }
    if embargoed && !server.may_carry_texts {
        return by_hand("the case is under embargo, and mail may not carry its texts");
    }
    let mail = Mail {
        to: to.to_owned(),
        subject: format!("{ABOUT}{case}"),
        body: body.to_owned(),
        files: Vec::new(),
    };
    leave(tx, id, &case.object(), &mail)?;
    Ok(Sending {
        followup: id.to_owned(),
        by_hand: String::new(),
    })
}
