//! The text of a package, made from a template.

use std::collections::BTreeMap;

use serde::Deserialize;
use store::{CaseRow, PackageFileRow, Reader};

use super::{FINAL, kind_of};
use crate::announce::template::{self, Filled};
use crate::announce::{self, Template};
use crate::case;
use crate::desk::{Desk, Organisation};
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::revision::document_of;

/// Ours, the first notice and the final one.
pub(crate) const PACKAGES: [(&str, &str); 2] = [
    ("distributors", include_str!("distributors.txt")),
    ("distributors-final", include_str!("distributors-final.txt")),
];

/// Names a package may use.
const NAMES: [&str; 21] = [
    "CVE",
    "SUMMARY",
    "DESCRIPTION",
    "SEVERITY",
    "VECTOR",
    "AFFECTED",
    "FIXED",
    "WORKAROUND",
    "DETECTION",
    "CONDITION",
    "IMPACT",
    "PRODUCT",
    "PATCHES",
    "DEPLOY",
    "PATCH_EMBARGO",
    "DATE",
    "TEXT",
    "LIST",
    "PERSON",
    "ORGANISATION",
    "CASE",
];

/// A package to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewPackage {
    /// The final notice with the public text, instead of the first.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Files of the case that go along, by name or number.
    pub files: Vec<String>,
    /// What the case does not say, by name: `DEPLOY`, `PATCH_EMBARGO`.
    pub values: BTreeMap<String, String>,
}

/// What a package is made with that is the desk's.
pub(super) struct Texts {
    template: Template,
    /// The public text, for the final notice.
    public: Template,
    organisation: Organisation,
    portal: String,
}

impl Desk {
    /// The templates of a package, once its values are known ones.
    pub(super) fn package_texts(
        &self,
        new: &NewPackage,
        organisation: Organisation,
    ) -> Result<Texts, Error> {
        if let Some(unknown) = new
            .values
            .keys()
            .find(|name| !NAMES.contains(&name.as_str()))
        {
            let shown: String = unknown.chars().take(64).collect();
            let problem = format!("`{shown}` is unknown, expected one of {}", NAMES.join(", "));
            return Err(Refusal::invalid("values", problem).into());
        }
        let find = |name: &str| {
            let found = self.text_template(name);
            found.ok_or_else(|| Error::Broken(format!("the template `{name}` is gone")))
        };
        let (first, last) = (PACKAGES[0].0, PACKAGES[1].0);
        Ok(Texts {
            template: find(if new.is_final { last } else { first })?,
            public: find("list")?,
            organisation,
            portal: self.settings.portal_url.clone(),
        })
    }
}

impl Texts {
    /// The text of a package of this case.
    ///
    /// Refuses: what cannot be filled, with the line of the template.
    pub(super) fn fill(
        &self,
        reader: &mut Reader<'_>,
        row: &CaseRow,
        actor: &Actor,
        to: &str,
        files: &[PackageFileRow],
        new: &NewPackage,
    ) -> Result<Filled, Error> {
        let names = NAMES.iter().map(|name| ((*name).to_owned(), String::new()));
        let mut values: BTreeMap<String, String> = names.collect();
        let patches = files
            .iter()
            .map(|file| format!("- {} ({})", file.name, file.digest));
        let date = reader.embargo(row.id)?.map(|embargo| {
            let local = embargo.local.replace('T', " ");
            format!("{local} ({})", embargo.zone)
        });
        for (name, value) in [
            ("SUMMARY", row.title.clone()),
            ("PRODUCT", row.product.clone()),
            ("PATCHES", patches.collect::<Vec<_>>().join("\n")),
            ("DATE", date.unwrap_or_default()),
            ("LIST", to.to_owned()),
            ("PERSON", actor.name().to_owned()),
            ("ORGANISATION", self.organisation.name.clone()),
            ("CASE", row.id.to_string()),
        ] {
            values.insert(name.to_owned(), value);
        }
        self.of_drafts(reader, row, actor, kind_of(new) == FINAL, &mut values)?;
        values.extend(new.values.clone());
        let refused = |fault: template::TemplateFault| {
            Error::from(Refusal::invalid("template", fault.to_string()))
        };
        template::fill_embargoed(&self.template.name, &self.template.text, &values).map_err(refused)
    }

    /// What the drafts of the case say. Of several IDs, each line says which.
    fn of_drafts(
        &self,
        reader: &mut Reader<'_>,
        row: &CaseRow,
        actor: &Actor,
        with_text: bool,
        values: &mut BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let mut lines = reader.ledger_of(row.id)?;
        lines.retain(|line| !case::is_gone(line));
        let ids: Vec<String> = lines.iter().map(|line| line.id.to_string()).collect();
        values.insert("CVE".to_owned(), ids.join(", "));
        let mut texts = Vec::new();
        for line in &lines {
            let Some(newest) = reader.draft(line.id)? else {
                continue;
            };
            let advisory = draft::read_document(&document_of(&newest)?, line.id)?;
            let short_name = self.organisation.short_name.as_str();
            let mut of_one = announce::fixed_values(&self.organisation.name, short_name);
            announce::of_advisory(&mut of_one, &advisory, &self.portal);
            for name in [
                "DESCRIPTION",
                "SEVERITY",
                "VECTOR",
                "AFFECTED",
                "FIXED",
                "WORKAROUND",
            ] {
                let said = of_one.get(name).cloned().unwrap_or_default();
                if said.is_empty() {
                    continue;
                }
                let said = match ids.len() {
                    1 => said,
                    _ => format!("{}: {said}", line.id),
                };
                let value = values.entry(name.to_owned()).or_default();
                if !value.is_empty() {
                    value.push('\n');
                }
                value.push_str(&said);
            }
            if ids.len() == 1 {
                values.insert("SUMMARY".to_owned(), advisory.title.clone());
            }
            if with_text {
                of_one.insert("LIST".into(), "-".into());
                of_one.insert("PERSON".into(), actor.name().to_owned());
                let filled = template::fill(&self.public.name, &self.public.text, &of_one)
                    .map_err(|fault| Refusal::invalid("template", fault.to_string()))?;
                texts.push(filled.body);
            }
        }
        values.insert("TEXT".to_owned(), texts.join("\n\n"));
        Ok(())
    }
}
