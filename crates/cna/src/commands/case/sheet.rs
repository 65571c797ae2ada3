//! Answers from a file: by question, or a sheet about findings and pairs.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use casework::CaseId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::transport::Link;

/// The largest file of answers, in bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// An answer in a file: the value alone, or with what stands beside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum FileAnswer {
    Value(String),
    Number(u32),
    Given(GivenInFile),
}

/// An answer with what stands beside it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct GivenInFile {
    value: String,
    reason: String,
    evidence: Vec<String>,
    names: Vec<String>,
    #[serde(rename = "override")]
    overriding: Option<String>,
    exception: Option<String>,
}

impl FileAnswer {
    /// The answer as the desk takes it, without what it is about.
    fn body(&self, node: &str) -> Value {
        let given = match self {
            FileAnswer::Value(value) => GivenInFile {
                value: value.clone(),
                ..GivenInFile::default()
            },
            FileAnswer::Number(number) => GivenInFile {
                value: number.to_string(),
                ..GivenInFile::default()
            },
            FileAnswer::Given(given) => given.clone(),
        };
        json!({
            "node": node,
            "value": given.value,
            "reason": given.reason,
            "evidence": given.evidence,
            "names": given.names,
            "override": given.overriding,
            "exception": given.exception,
        })
    }
}

type ByNode = BTreeMap<String, FileAnswer>;

/// Answers about the report, findings and pairs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Sheet {
    /// Findings by name, with what the desk takes of them.
    findings: Map<String, Value>,
    answers: ByNode,
    finding_answers: BTreeMap<String, ByNode>,
    /// By `one, other`.
    pair_answers: BTreeMap<String, ByNode>,
}

/// What a file holds.
pub(super) enum Answers {
    /// Answers about the report, by question, as the desk takes them.
    ByQuestion(BTreeMap<String, Value>),
    /// All answers at once.
    Sheet(Sheet),
}

/// Reads a file of answers.
pub(super) fn read(file: &str) -> anyhow::Result<Answers> {
    let reading = || format!("reading answers from `{file}`");
    let size = std::fs::metadata(file).with_context(reading)?;
    if size.len() > MOST_BYTES {
        bail!("`{file}` is too long: expected at most {MOST_BYTES} bytes");
    }
    let text = std::fs::read_to_string(file).with_context(reading)?;
    let keys: Map<String, Value> = parsed(file, &text)?;
    let sections = ["findings", "answers", "finding_answers", "pair_answers"];
    if keys.keys().any(|key| sections.contains(&key.as_str())) {
        let sheet: Sheet = parsed(file, &text)?;
        let all = sheet
            .finding_answers
            .values()
            .chain(sheet.pair_answers.values());
        known(file, all.chain([&sheet.answers]).flat_map(BTreeMap::keys))?;
        for pair in sheet.pair_answers.keys() {
            both(pair).with_context(|| format!("`{file}`"))?;
        }
        return Ok(Answers::Sheet(sheet));
    }
    let answers: ByNode = parsed(file, &text)?;
    known(file, answers.keys())?;
    let answers = answers
        .iter()
        .map(|(node, answer)| (node.clone(), answer.body(node)));
    Ok(Answers::ByQuestion(answers.collect()))
}

fn parsed<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> anyhow::Result<T> {
    serde_saphyr::from_str(text)
        .map_err(|error| {
            let first = error.to_string();
            anyhow::anyhow!("{}", first.lines().next().unwrap_or_default().to_owned())
        })
        .with_context(|| {
            format!(
                "`{file}` holds no answers: expected YAML such as `B2: yes` or \
                 `B2: {{value: yes, reason: …}}`"
            )
        })
}

fn known<'a>(file: &str, nodes: impl Iterator<Item = &'a String>) -> anyhow::Result<()> {
    for node in nodes {
        if casework::node(node).is_none() {
            bail!("`{file}`: `{node}` is not a question of the decision tree");
        }
    }
    Ok(())
}

/// The two findings of a pair, `one, other`.
fn both(pair: &str) -> anyhow::Result<[&str; 2]> {
    let (one, other) = pair.split_once(", ").with_context(|| {
        format!("`{pair}` is not a pair: expected the names of two findings, `one, other`")
    })?;
    Ok([one, other])
}

impl Sheet {
    /// Brings the case's findings and answers to what the sheet says.
    ///
    /// Gives: where the decision stands then.
    pub(super) fn send(&self, link: &Link, id: CaseId) -> anyhow::Result<Value> {
        let path = format!("/desk/v1/cases/{id}");
        self.send_findings(link, &path)?;
        let mut stand = Value::Null;
        for node in casework::nodes() {
            for body in self.bodies(node.id)? {
                stand = link
                    .post(&format!("{path}/answers"), &body)
                    .with_context(|| format!("question {}", node.id))?;
            }
        }
        if stand.is_null() {
            stand = link.get(&path)?["determination"].clone();
        }
        Ok(stand)
    }

    /// Every answer to a question, as the desk takes it.
    fn bodies(&self, node: &str) -> anyhow::Result<Vec<Value>> {
        let mut bodies: Vec<Value> = Vec::new();
        bodies.extend(self.answers.get(node).map(|answer| answer.body(node)));
        for (finding, answers) in &self.finding_answers {
            if let Some(answer) = answers.get(node) {
                let mut body = answer.body(node);
                body["finding"] = json!(finding);
                bodies.push(body);
            }
        }
        for (pair, answers) in &self.pair_answers {
            if let Some(answer) = answers.get(node) {
                let mut body = answer.body(node);
                body["pair"] = json!(both(pair)?);
                bodies.push(body);
            }
        }
        Ok(bodies)
    }

    /// The finding of the report takes the name of the first one of the sheet
    /// that is new; the others are added.
    fn send_findings(&self, link: &Link, path: &str) -> anyhow::Result<()> {
        if self.findings.is_empty() {
            return Ok(());
        }
        let case = link.get(path)?;
        let names = case["findings"].as_array().into_iter().flatten();
        let mut names: Vec<String> = names
            .filter_map(|finding| finding["name"].as_str().map(str::to_owned))
            .collect();
        let untouched = names.len() == 1 && !self.findings.contains_key(&names[0]);
        let mut spare = untouched.then(|| names.remove(0));
        for (name, value) in &self.findings {
            let mut change = if value.is_null() {
                json!({})
            } else {
                value.clone()
            };
            let sending = || format!("finding `{name}`");
            if !change.is_object() {
                bail!("finding `{name}`: expected its products, supplier and implementations");
            }
            change["name"] = json!(name);
            let now = if names.contains(name) {
                Some(name.clone())
            } else {
                spare.take()
            };
            match now {
                Some(now) => {
                    let body = json!({"finding": now, "change": change});
                    link.post(&format!("{path}/findings/edit"), &body)
                        .with_context(sending)?;
                }
                None => {
                    link.post(&format!("{path}/findings"), &change)
                        .with_context(sending)?;
                }
            }
        }
        Ok(())
    }
}
