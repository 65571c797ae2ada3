//! Records as texts for people: Markdown, plain text for a mail, and a
//! fragment of HTML.
//!
//! The three say the same in the same order: what it is and how bad, what to
//! do first, what is affected, and then the rest. Texts of a record are plain
//! text, whatever their writers meant: in Markdown and HTML everything in
//! them is escaped, so that nothing of it can run, load or pretend.
//!
//! Source: our choice, after what CSAF, the CNA Operational Rules and readers
//! of advisories ask for.

mod clean;
mod html;
mod mail;
mod markdown;
mod view;

pub(super) use clean::{clean, escape_markup, one_line};
pub(super) use view::{View, filled};

use super::leftover::{Part, leftovers};
use super::record::Record;
use super::{Converted, Loss, Options, Refused, Target};
use crate::check::Severity;

/// What the texts hold of a CNA's container, and with them the entries of
/// feeds; and what they hold of the others'.
pub(super) const OF_CNA: &[Part] = &[
    Part::Title,
    Part::Descriptions,
    Part::Affected,
    Part::ProblemTypes,
    Part::References,
    Part::Impacts,
    Part::Metrics,
    Part::Configurations,
    Part::Workarounds,
    Part::Solutions,
    Part::Exploits,
    Part::Timeline,
    Part::Credits,
    Part::Tags,
    Part::DatePublic,
];
const OF_ADP: &[Part] = &[];

/// Makes the text of a record.
///
/// Refuses: a record that says neither what the vulnerability is nor why it
/// was rejected.
pub(super) fn convert(
    record: &Record,
    target: Target,
    options: &Options,
) -> Result<Converted, Refused> {
    let view = View::of(record, options);
    if view.summary.is_empty() && view.title.is_empty() {
        return Err(Refused::because(super::finding::finding(
            Severity::Error,
            "CONV-TEXT",
            "/containers/cna/descriptions",
            "the record has neither a title nor a text",
            "CNA Operational Rules: a record describes the vulnerability",
            "describe the vulnerability",
        )));
    }
    let (document, suffix) = match target {
        Target::Markdown => (markdown::write(&view), "md"),
        Target::Html => (html::write(&view), "html"),
        _ => (mail::write(&view), "txt"),
    };
    Ok(Converted {
        document,
        name: format!("{}.{suffix}", view.id.to_ascii_lowercase()),
        losses: losses(record, &view),
        findings: view.findings,
    })
}

/// What a text does not say.
fn losses(record: &Record, view: &View) -> Vec<Loss> {
    let mut losses = leftovers(record, OF_CNA, OF_ADP);
    losses.extend(view.losses.iter().cloned());
    losses
}

/// A record as the fragment of HTML, for a feed.
pub(super) fn fragment(view: &View) -> String {
    html::write(view)
}
