//! Leads the rules through a document.

use super::context::Context;
use super::settings::{Organisation, Profile};
use super::sink::Sink;
use super::table::Id;
use crate::check::{Document, Key, Kind};

/// One pass of the rules over a document.
pub(super) struct Walk<'a, 'c> {
    pub(super) document: Document<'a>,
    pub(super) sink: Sink<'a>,
    pub(super) context: &'a Context<'c>,
    pub(super) organisation: Option<Organisation>,
}

impl Walk<'_, '_> {
    pub(super) fn run(&mut self, kind: Kind, _profile: Profile) {
        let doc = self.document;
        let container = match kind {
            Kind::Record => doc
                .get(0, Key::Containers)
                .and_then(|all| doc.get(all, Key::Cna)),
            Kind::PublishedBody | Kind::RejectedBody => doc.get(0, Key::CnaContainer),
            Kind::AdpBody => doc.get(0, Key::AdpContainer),
            _ => Some(0),
        };
        let Some(container) = container else { return };
        if let Some(list) = doc.get(container, Key::References) {
            let mut seen: Vec<&str> = Vec::new();
            for item in doc.items(list) {
                let Some(at) = doc.get(item, Key::Url) else {
                    continue;
                };
                let Some(url) = doc.text(at) else { continue };
                if seen.contains(&url) {
                    self.sink
                        .hit(Id::ReferenceTwice, at, || format!("`{url}` stands twice"));
                }
                seen.push(url);
            }
        }
        if let Some(list) = doc.get(container, Key::Descriptions) {
            for item in doc.items(list) {
                let Some(at) = doc.get(item, Key::Value) else {
                    continue;
                };
                let Some(text) = doc.text(at) else { continue };
                if text.trim() != text {
                    self.sink
                        .hit(Id::DescriptionSpace, at, || "the text has space around it");
                }
            }
        }
    }
}
