//! `cna decision settings`: profile, overlays, hierarchy.

use anyhow::Context as _;
use casework::DecisionSettings;
use serde_json::Value;

use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

const PATH: &str = "/desk/v1/decision/settings";

/// Shows the settings, after setting those of a file.
pub(crate) fn run(transport: &Transport, file: Option<&str>) -> anyhow::Result<()> {
    let new = file.map(read).transpose()?;
    let link = Link::find(transport)?;
    let settings = match new {
        Some(new) => link.put(PATH, &serde_json::to_value(new)?)?,
        None => link.get(PATH)?,
    };
    if transport.json {
        line(&settings.to_string())?;
        return link.finish();
    }
    let text = |value: &Value| plain(value.as_str().unwrap_or_default());
    line(&format!("Profile        {}", text(&settings["profile"])))?;
    let overlays = settings["overlays"].as_array().into_iter().flatten();
    for overlay in overlays {
        let rules = overlay["rules"].as_array().map_or(0, Vec::len);
        line(&format!(
            "Overlay        {} with {rules} rules",
            text(&overlay["root"])
        ))?;
    }
    let organisations = settings["organisations"].as_object();
    let known = organisations.map_or(0, serde_json::Map::len);
    line(&format!("Organisations  {known}"))?;
    link.finish()
}

fn read(file: &str) -> anyhow::Result<DecisionSettings> {
    let reading = || format!("reading settings of the decision from `{file}`");
    let text = std::fs::read_to_string(file).with_context(reading)?;
    serde_saphyr::from_str(&text)
        .map_err(|error| {
            let first = error.to_string();
            anyhow::anyhow!("{}", first.lines().next().unwrap_or_default().to_owned())
        })
        .with_context(reading)
}
