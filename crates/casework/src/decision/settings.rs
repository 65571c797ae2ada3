//! What the organisation set about deciding: profile, overlays, hierarchy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, Reader};

use super::hierarchy::{Hierarchy, Station};
use super::overlay::Overlay;
use super::pack::Pack;
use super::profile::profile;
use crate::case;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

const SETTING: &str = "deciding";

/// What the organisation set about deciding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionSettings {
    /// The organisation profile.
    pub profile: String,
    /// What Roots add to the rules.
    pub overlays: Vec<Overlay>,
    /// Organisations of the Program by short name, this one among them.
    pub organisations: BTreeMap<String, Station>,
}

impl Default for DecisionSettings {
    fn default() -> DecisionSettings {
        DecisionSettings {
            profile: "default".into(),
            overlays: Vec::new(),
            organisations: BTreeMap::new(),
        }
    }
}

impl DecisionSettings {
    /// Reads what is set; the default where nothing is.
    pub(crate) fn load(reader: &mut Reader<'_>) -> Result<DecisionSettings, Error> {
        let Some(text) = reader.setting(SETTING)? else {
            return Ok(DecisionSettings::default());
        };
        serde_json::from_str(&text)
            .map_err(|error| Error::Broken(format!("the setting `{SETTING}`: {error}")))
    }

    /// Who reports to whom.
    pub(crate) fn hierarchy(&self) -> Hierarchy {
        Hierarchy {
            stations: self.organisations.clone(),
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        profile(&self.profile).map_err(|problem| Refusal::invalid("profile", problem))?;
        let hierarchy = self.hierarchy();
        for overlay in &self.overlays {
            overlay
                .check(Pack::newest(), &hierarchy)
                .map_err(|error| Refusal::invalid("overlays", error.to_string()))?;
        }
        Ok(())
    }
}

impl Desk {
    /// What the organisation set about deciding.
    pub fn decision_settings(&self, actor: &Actor) -> Result<DecisionSettings, Error> {
        check(actor, Action::Audit)?;
        self.store.read(DecisionSettings::load)
    }

    /// Sets it. Every case is decided anew in the same unit of work, so that
    /// its state follows.
    ///
    /// Refuses: an unknown profile; an overlay that permits, that contradicts
    /// the base rules, or that nobody approved.
    pub fn set_decision_settings(
        &self,
        actor: &Actor,
        settings: &DecisionSettings,
    ) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        settings.check()?;
        let (text, by) = (json!(settings).to_string(), actor.name().to_owned());
        self.store.write(move |tx| {
            tx.set(SETTING, &text)?;
            case::settle_all(tx)?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "decision.settings".into(),
                object: "decision settings".into(),
                detail: serde_json::from_str(&text).unwrap_or_default(),
            });
            Ok(())
        })
    }
}
