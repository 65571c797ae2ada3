//! Reports from outside: a door that can file a report and nothing else.

mod automatic;
mod document;
mod filed;
mod mail;
mod mailed;
mod throttle;

use cve::hash::Digest;
use cve::world::World;
use store::{EventRow, ReceiptRow, Store, Tx};

use crate::attachments::{self, File, MAX_ATTACHMENTS};
use crate::case::{self, CaseId};
use crate::clocks::EventKind;
use crate::desk::{Desk, Product};
use crate::error::{Error, Refusal};
use crate::people::Secret;
use crate::report::{Report, Reporter};

pub(crate) use filed::arrival_of;
pub use filed::{Arrived, Filed};
pub use mail::{IncomingMail, MAX_MAIL_BYTES};
pub use mailed::{MailFate, RefusedFile, TakenMail};
pub use throttle::{Busy, Throttle};

/// How a report came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// The public form.
    Form,
    /// Somebody of the desk filed it.
    Desk,
    /// A mail.
    Mail,
}

impl Channel {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Channel::Form => "form",
            Channel::Desk => "desk",
            Channel::Mail => "mail",
        }
    }
}

/// What is kept of how a report came in.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) channel: Channel,
    product: String,
    public_status: String,
    plan: String,
    consent: &'static str,
    confidential: String,
}

impl Arrival {
    pub(crate) fn new(channel: Channel, report: &Report) -> Arrival {
        Arrival {
            channel,
            product: report.product.clone(),
            public_status: String::new(),
            plan: String::new(),
            consent: if report.reporter.credit.is_empty() {
                ""
            } else {
                "yes"
            },
            confidential: String::new(),
        }
    }

    /// Writes the receipt of a case that has none.
    ///
    /// Gives: its reference.
    pub(crate) fn write(&self, tx: &mut Tx<'_>, id: CaseId) -> Result<String, Error> {
        let year = tx.now().year();
        let number = tx.next_in_series(&format!("receipt {year}"))?;
        let reference = format!("R-{year}-{number:06}");
        let at = tx.now();
        tx.insert_receipt(&ReceiptRow {
            case_id: id.number(),
            reference: reference.clone(),
            channel: self.channel.as_str().to_owned(),
            at,
            product: self.product.clone(),
            public_status: self.public_status.clone(),
            plan: self.plan.clone(),
            consent: self.consent.to_owned(),
            confidential: self.confidential.clone(),
            date_told: false,
        })?;
        Ok(reference)
    }
}

/// What the public form holds. It has no `Debug`, so that no log can show it.
#[derive(Clone, Default)]
pub struct FormReport {
    /// What it is about, in a line.
    pub title: String,
    /// The product, in the reporter's words.
    pub product: String,
    /// The part of it; may be empty.
    pub component: String,
    /// Affected versions; may be empty.
    pub versions: String,
    /// What happens, and what an attacker gains.
    pub what: String,
    /// How it was found, and the proof; may be empty.
    pub proof: String,
    /// `private`, `public` or empty for not said, and where.
    pub public_status: String,
    /// What will be published, and when; may be empty.
    pub plan: String,
    /// Name; may be empty.
    pub name: String,
    /// How to reach the reporter; may be empty.
    pub contact: String,
    /// Whether the reporter wants to be credited.
    pub wants_credit: bool,
    /// The name to credit; the name above when empty.
    pub credit: String,
    /// What few may read; may be empty.
    pub confidential: String,
    /// Whether a CVE ID is asked for.
    pub requests_id: bool,
}

/// What a reporter is given, once.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// What to call the report: `R-2026-000123`.
    pub reference: String,
    /// What opens its status page.
    pub secret: Secret,
}

/// A door that can file a report and nothing else: no method of it reads.
#[derive(Clone, Debug)]
pub struct Intake {
    store: Store,
    world: World,
}

/// Characters a line of the form may have.
const LINE: usize = 256;

/// Characters a text of the form may have.
const TEXT: usize = 50_000;

impl Desk {
    /// The side of this desk on which reports come in.
    pub fn intake(&self) -> Intake {
        Intake {
            store: self.store.clone(),
            world: self.world.clone(),
        }
    }
}

impl Intake {
    /// Says whether one more request may come from an address now, and counts
    /// it.
    pub fn admit(&self, throttle: &Throttle, address: std::net::IpAddr) -> Result<(), Busy> {
        throttle.admit(address, self.world.now())
    }

    /// Says whether one more report may be filed now, and counts it.
    pub fn admit_report(&self, throttle: &Throttle) -> Result<(), Busy> {
        throttle.admit_report(self.world.now())
    }

    /// Files what the form holds: case, message, attachments and receipt in
    /// one unit of work. A product that is not in the catalogue is taken as
    /// it was written.
    ///
    /// Refuses: an empty title, product or description; a text that is too
    /// long; a file that is not taken. Nothing is kept then.
    /// Source: process section 2.3, node A2.
    pub fn file(&self, form: &FormReport, files: Vec<File>) -> Result<Receipt, Error> {
        form.check()?;
        if files.len() > MAX_ATTACHMENTS {
            let problem = format!("{} files, expected at most {MAX_ATTACHMENTS}", files.len());
            return Err(Refusal::invalid("attachment", problem).into());
        }
        let files = files
            .into_iter()
            .map(attachments::checked)
            .collect::<Result<Vec<_>, _>>()?;
        let secret = Secret(self.world.random_hex::<32>());
        let digest = Digest::of(secret.reveal().as_bytes());
        let (form, mut report) = (form.clone(), form.report());
        let reference = self.store.write(move |tx| {
            report.product = catalogued(&form.product, &crate::desk::catalogue(tx)?);
            let arrival = form.arrival();
            let (id, reference) = case::open(tx, None, &report, &arrival)?;
            for file in &files {
                attachments::keep(tx, id, "reporter", file)?;
            }
            if form.requests_id {
                insert_event(tx, id, EventKind::IdRequested, "reporter")?;
            }
            tx.insert_status_link(digest, id.number(), "reporter")?;
            Ok::<_, Error>(reference)
        })?;
        Ok(Receipt { reference, secret })
    }
}

impl FormReport {
    fn check(&self) -> Result<(), Refusal> {
        for (field, text, problem) in [
            ("title", &self.title, "say in a line what it is about"),
            ("product", &self.product, "say which product it is in"),
            ("what", &self.what, "say what happens"),
        ] {
            if text.trim().is_empty() {
                return Err(Refusal::invalid(field, problem));
            }
        }
        let lines = [
            ("title", &self.title),
            ("product", &self.product),
            ("component", &self.component),
            ("public_status", &self.public_status),
            ("name", &self.name),
            ("contact", &self.contact),
            ("credit", &self.credit),
        ];
        let texts = [
            ("versions", &self.versions),
            ("what", &self.what),
            ("proof", &self.proof),
            ("plan", &self.plan),
            ("confidential", &self.confidential),
        ];
        let lines = lines.map(|(field, text)| (field, text, LINE));
        let texts = texts.map(|(field, text)| (field, text, TEXT));
        for (field, text, most) in lines.into_iter().chain(texts) {
            let length = text.chars().count();
            if length > most {
                let problem = format!("it has {length} characters, expected at most {most}");
                return Err(Refusal::invalid(field, problem));
            }
        }
        if self.wants_credit && self.credit.trim().is_empty() && self.name.trim().is_empty() {
            let problem = "say which name to credit, or take the wish for credit back";
            return Err(Refusal::invalid("credit", problem));
        }
        Ok(())
    }

    /// The report; its product is what was typed.
    fn report(&self) -> Report {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = line(&self.name);
        let credit = match (self.wants_credit, line(&self.credit)) {
            (false, _) => String::new(),
            (true, credit) if credit.is_empty() => name.clone(),
            (true, credit) => credit,
        };
        let mut body = self.what.trim().to_owned();
        for (head, text) in [
            ("Component", &self.component),
            ("Versions", &self.versions),
            ("How it was found, proof", &self.proof),
            ("Public already", &self.public_status),
            ("Plan to publish", &self.plan),
        ] {
            if !text.trim().is_empty() {
                body.push_str(&format!("\n\n**{head}**\n\n{}", text.trim()));
            }
        }
        Report {
            title: line(&self.title),
            product: line(&self.product),
            reporter: Reporter {
                name: if name.is_empty() {
                    "anonymous".to_owned()
                } else {
                    name
                },
                contact: line(&self.contact),
                credit,
            },
            received: None,
            embargoed: true,
            severity: String::new(),
            weakness: String::new(),
            cvss: String::new(),
            affected: Vec::new(),
            references: Vec::new(),
            public: None,
            answers: std::collections::BTreeMap::new(),
            body,
        }
    }

    fn arrival(&self) -> Arrival {
        Arrival {
            channel: Channel::Form,
            product: self.product.trim().to_owned(),
            public_status: self.public_status.trim().to_owned(),
            plan: self.plan.trim().to_owned(),
            consent: if self.wants_credit { "yes" } else { "no" },
            confidential: self.confidential.trim().to_owned(),
        }
    }
}

/// The name the catalogue has for a product; the text itself when it has none.
pub(crate) fn catalogued(text: &str, products: &[Product]) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = line.to_lowercase();
    let is_it = |product: &&Product| {
        let full = format!("{} {}", product.vendor, product.product);
        [&product.name, &product.product, &full]
            .iter()
            .any(|name| name.to_lowercase() == wanted)
    };
    let found: Vec<&Product> = products.iter().filter(is_it).collect();
    match found.as_slice() {
        [one] => one.name.clone(),
        // None, or more than one: a person says which.
        _ => line,
    }
}

/// Records that something happened just now, so that clocks start and stop.
pub(crate) fn insert_event(
    tx: &mut Tx<'_>,
    id: CaseId,
    kind: EventKind,
    author: &str,
) -> Result<(), Error> {
    let now = tx.now();
    tx.insert_case_event(
        id.number(),
        &EventRow {
            number: 0,
            kind: kind.to_string(),
            at: now,
            subject: String::new(),
            date: None,
            severity: String::new(),
            note: String::new(),
            author: author.to_owned(),
            recorded: now,
        },
    )?;
    Ok(())
}
