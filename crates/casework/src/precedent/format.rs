//! The closed format of scenario files; `docs/scenarios.md` explains it.
//!
//! Every key is known here, and an unknown one is refused. What a scenario
//! expects is read as a plain value, because each key of it is compared with
//! what the engine says under the same key.

use std::collections::BTreeMap;
use std::fmt;

use cve::time::Timestamp;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::clocks::Calendar;

/// A scenario: what is given, what happens, what is answered, what is expected.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Scenario {
    /// Its name; nothing depends on it.
    pub(crate) scenario: String,
    /// What it is about.
    pub(crate) title: String,
    /// The facts in prose, for people.
    pub(crate) facts: Text,
    /// Whether it is a public case.
    pub(crate) real: bool,
    /// What is not known for sure, for people.
    pub(crate) uncertain: Text,
    /// The rules it is about; each is looked up.
    pub(crate) rules: Vec<Text>,
    /// Version of the rules, where the case's date does not tell.
    pub(crate) ruleset: Option<Text>,
    /// The case's date.
    pub(crate) at: Option<Moment>,
    /// When it is looked at; the last event unless given.
    pub(crate) now: Option<Moment>,
    /// A file beside it whose `given` comes first.
    pub(crate) like: Option<String>,
    /// What is so.
    pub(crate) given: Map<String, Value>,
    /// What happens, in order of time.
    pub(crate) events: Vec<Happening>,
    /// Answers about the whole report.
    pub(crate) answers: BTreeMap<String, ReplyText>,
    /// Answers about findings, by their name.
    pub(crate) finding_answers: BTreeMap<String, BTreeMap<String, ReplyText>>,
    /// Answers about two findings, `x, y`.
    pub(crate) pair_answers: BTreeMap<String, BTreeMap<String, ReplyText>>,
    /// What the engine must say.
    pub(crate) expect: Map<String, Value>,
    /// The same with something changed.
    pub(crate) variants: Vec<Variant>,
}

/// The same scenario with something changed; what it does not name stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Variant {
    /// What is different, for people.
    pub(crate) title: String,
    /// Version of the rules.
    pub(crate) ruleset: Option<Text>,
    /// The case's date.
    pub(crate) at: Option<Moment>,
    /// When it is looked at.
    pub(crate) now: Option<Moment>,
    /// Merged into what is given; `null` takes a key away.
    pub(crate) given: Map<String, Value>,
    /// Instead of the events.
    pub(crate) events: Option<Vec<Happening>>,
    /// After the events.
    pub(crate) more_events: Vec<Happening>,
    /// Merged into the answers; `null` takes one away.
    pub(crate) answers: BTreeMap<String, Option<ReplyText>>,
    /// Merged into the answers about findings; `null` takes those of one away.
    pub(crate) finding_answers: BTreeMap<String, Option<BTreeMap<String, ReplyText>>>,
    /// Merged into the answers about pairs; `null` takes those of one away.
    pub(crate) pair_answers: BTreeMap<String, Option<BTreeMap<String, ReplyText>>>,
    /// What the engine must say then.
    pub(crate) expect: Map<String, Value>,
}

/// Everything that is so before anything happens.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Given {
    /// Who decides.
    pub(crate) us: String,
    /// The organisation profile: `default` or `kubernetes`.
    pub(crate) profile: Option<String>,
    /// What Roots add to the rules.
    pub(crate) overlays: Vec<crate::decision::Overlay>,
    /// Organisations by short name.
    pub(crate) organisations: BTreeMap<String, OrganisationText>,
    /// Our people by name.
    pub(crate) people: BTreeMap<String, PersonText>,
    /// Products by name.
    pub(crate) products: BTreeMap<String, ProductText>,
    /// Our business days.
    pub(crate) calendar: Option<Calendar>,
    /// The public holidays, zone and lengths we chose ourselves.
    pub(crate) clocks: Option<crate::clocks::Settings>,
    /// What the report claims, by name.
    pub(crate) findings: BTreeMap<String, FindingText>,
    /// What the report lacks.
    pub(crate) missing: Vec<String>,
    /// IDs by number.
    pub(crate) ids: BTreeMap<String, IdText>,
    /// Containers by ID: CNA container or rejected container, as the format has it.
    pub(crate) records: BTreeMap<String, Value>,
    /// The case as it stands.
    pub(crate) case: CaseText,
    /// Our advisory.
    pub(crate) advisory: Option<AdvisoryText>,
    /// What the pages behind references answer, by address.
    pub(crate) links: BTreeMap<String, LinkText>,
    /// Steps of the publish checklist a person attests.
    pub(crate) done: Vec<String>,
    /// Findings of the content rules somebody acknowledged.
    pub(crate) acknowledged: Vec<String>,
    /// The sweep of a year.
    pub(crate) year_end: Option<YearEndText>,
    /// IDs that may be one vulnerability.
    pub(crate) merge: Option<MergeText>,
    /// An ID that is several vulnerabilities.
    pub(crate) split: Option<SplitText>,
    /// The public issue.
    pub(crate) issue: Option<crate::lifecycle::issue::Issue>,
    /// An organisation that wants to become a CNA.
    pub(crate) candidate: Option<crate::lifecycle::readiness::Candidate>,
    /// A CNA that does nothing.
    pub(crate) inactivity: Option<InactivityText>,
    /// The pool of reserved IDs.
    pub(crate) pool: Option<crate::lifecycle::pool::Pool>,
    /// How many IDs were public in the last twelve months.
    pub(crate) rbp: Option<RbpText>,
    /// `production`, where example IDs are refused; anything else is practice.
    pub(crate) environment: Option<String>,
    /// Identifiers of the other system, or of ours.
    pub(crate) gcve: Vec<String>,
}

/// Our advisory as it can be reached.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AdvisoryText {
    /// Its address.
    pub(crate) url: String,
    /// What the server answers.
    pub(crate) status: Option<u16>,
    /// Whether it names the ID.
    pub(crate) names_id: bool,
    /// Whether it asks who is there.
    pub(crate) needs_login: bool,
    /// Whether its versions are those of the record.
    pub(crate) agrees: Option<bool>,
}

/// What the page behind a reference answers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LinkText {
    /// What the server answers; nothing when nobody does.
    pub(crate) status: Option<u16>,
    /// Whether it asks who is there.
    pub(crate) needs_login: bool,
    /// Whether it names the ID.
    pub(crate) names_id: bool,
    /// Whether it names the product.
    pub(crate) names_product: bool,
    /// Whether a copy is archived.
    pub(crate) archived: bool,
}

/// The sweep of a year.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct YearEndText {
    /// The year.
    pub(crate) year: u16,
    /// Reports of the year that are not triaged.
    pub(crate) open_reports: usize,
    /// Whether somebody wants to assign more of that year.
    pub(crate) wants_more: bool,
}

/// IDs that may be one vulnerability.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeText {
    /// How sure it is.
    pub(crate) sameness: crate::lifecycle::merge::Sameness,
    /// The IDs.
    pub(crate) candidates: Vec<crate::lifecycle::merge::Candidate>,
}

/// An ID that is several vulnerabilities.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SplitText {
    /// The ID.
    pub(crate) id: String,
    /// What it holds.
    pub(crate) pieces: Vec<crate::lifecycle::split::Piece>,
    /// The new IDs.
    pub(crate) new: Vec<String>,
}

/// IDs that are public.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RbpText {
    /// How many of them have no record.
    pub(crate) without_record: u64,
    /// How many there are.
    pub(crate) public: u64,
}

/// A CNA that does nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InactivityText {
    /// The day of its last sign of life.
    pub(crate) last: String,
    /// The day the Root begins.
    pub(crate) begins: String,
}

/// The case as it stands.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CaseText {
    /// Until when it is embargoed.
    pub(crate) embargo: Option<Moment>,
    /// Its severity: a word, which steers how it is fixed.
    pub(crate) severity: Option<String>,
    /// `private`, `semi_public`, `public` or `low`.
    pub(crate) track: Option<String>,
    /// Whether our committee supports the component itself.
    pub(crate) component_supported: Option<bool>,
    /// The record a correction or dispute is about.
    pub(crate) record: Option<String>,
    /// Whether the record that stays has what the rejected one had.
    pub(crate) target_updated: Option<bool>,
    /// Whether what a rejection removes was kept.
    pub(crate) archived: Option<bool>,
    /// Whether advisory or announcement still use a rejected ID.
    pub(crate) still_announced: Option<bool>,
    /// Whether the type of the vulnerability cannot be determined, and that is said.
    pub(crate) type_not_determinable: Option<bool>,
}

/// A line of the ledger.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IdText {
    /// Its state in the ledger; `POOL` unless given.
    pub(crate) state: Option<String>,
    /// What CVE Services shows; follows from the state unless given.
    pub(crate) program: Option<String>,
    /// Whose it is; ours unless given.
    pub(crate) owner: Option<String>,
    /// Whether anybody outside was told of it.
    pub(crate) shared: bool,
    /// The finding it is assigned to.
    pub(crate) finding: Option<String>,
    /// When it was reserved.
    pub(crate) reserved: Option<Moment>,
    /// When its record was published.
    pub(crate) published: Option<Moment>,
    /// When it was rejected.
    pub(crate) rejected: Option<Moment>,
    /// The IDs to use instead.
    pub(crate) replaced_by: Vec<String>,
    /// When its disclosure is planned.
    pub(crate) planned: Option<Moment>,
    /// Why it will not be disclosed, when it will not.
    pub(crate) dropped: Option<String>,
    /// Whether the ID is named in public.
    pub(crate) seen: bool,
    /// Whether the ledger has it, and CVE Services.
    pub(crate) ledger: Option<bool>,
    pub(crate) services: Option<bool>,
    /// Tags of its record.
    pub(crate) tags: Vec<String>,
}

/// An organisation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OrganisationText {
    /// `cna`, `cna_lr`, `root`, `tl_root`, `secretariat`, `adp`, or nothing.
    pub(crate) roles: Vec<String>,
    /// Its Root.
    pub(crate) root: Option<String>,
    /// The top of its hierarchy.
    pub(crate) tl_root: Option<String>,
    /// Its CNA of last resort.
    pub(crate) last_resort: Option<String>,
    /// What it covers.
    pub(crate) scope: ScopeText,
}

/// A Scope Definition.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScopeText {
    /// Its words.
    pub(crate) text: String,
    /// `supplier`, `research`, `coordinator` or `mixed`.
    pub(crate) kind: Option<String>,
    /// What it says of products past their support: `included`, `excluded`,
    /// `silent`.
    pub(crate) end_of_life: Option<String>,
    /// Whether it covers third-party code in its products that no CNA covers.
    pub(crate) third_party: Option<bool>,
}

/// A person of ours.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PersonText {
    /// Roles, as in the table of section 3.5.
    pub(crate) roles: Vec<String>,
    /// Whether trained as a CNA; what analysts, reviewers and publishers are.
    pub(crate) trained: Option<bool>,
    /// The organisation; us unless given.
    pub(crate) org: Option<String>,
}

/// A product.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProductText {
    /// Who supplies it.
    pub(crate) supplier: Option<String>,
    /// `installed`, `hosted` or `both`.
    pub(crate) delivery: Option<String>,
    /// `public`, `beta` or `internal`.
    pub(crate) availability: Option<String>,
    /// Codebases it shares with others.
    pub(crate) codebases: Vec<String>,
    /// Its lines of releases: the day support ends, or `supported`.
    pub(crate) lines: BTreeMap<String, String>,
}

/// What a report claims.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FindingText {
    /// What it is, for people.
    pub(crate) text: Text,
    /// The products it affects.
    pub(crate) products: Vec<String>,
    /// The lines it affects, as `product line`.
    pub(crate) lines: Vec<String>,
    /// Known vulnerable implementations, where a specification is at fault.
    pub(crate) implementations: usize,
    /// What kind of mistake it is, of the closed list.
    pub(crate) mistake: Option<String>,
}

/// A text, or a scalar YAML takes for something else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        Ok(Text(
            scalar(&Value::deserialize(deserializer)?)
                .ok_or_else(|| de::Error::custom("expected one text, not a list or a map"))?,
        ))
    }
}

/// A scalar as its text; nothing for lists and maps.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

/// A moment: RFC 3339, to the minute or second, or a day at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl Moment {
    /// Reads a moment; a text without zone is in UTC.
    pub(crate) fn read(text: &str) -> Option<Timestamp> {
        let text = text.trim();
        if text.len() == 10 {
            return format!("{text}T00:00:00Z").parse().ok();
        }
        // To the minute, as people write: `2026-11-03T10:00Z`.
        let minute = text.get(16..).filter(|rest| !rest.starts_with(':'));
        match minute {
            Some(zone) => format!("{}:00{zone}", text.get(..16)?).parse().ok(),
            None => text.parse().ok(),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment = Moment::read(&text).map(Moment);
        moment.ok_or_else(|| {
            de::Error::custom(format_args!(
                "`{text}` is not a time: expected one such as `2026-11-03T10:00Z`"
            ))
        })
    }
}

/// Something that happens, or that somebody tries.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Happening {
    /// When.
    pub(crate) at: Option<Moment>,
    /// What: an event of the clocks or an action of the lifecycle.
    #[serde(rename = "do")]
    pub(crate) what: String,
    /// Who does it.
    pub(crate) by: Option<String>,
    /// A name under which `expect.results` speaks of it.
    #[serde(rename = "as")]
    pub(crate) label: Option<String>,
    /// What it is done to: an ID, an organisation, a dispute.
    pub(crate) of: Option<String>,
    /// Several of them.
    pub(crate) ids: Vec<String>,
    /// The finding it is about.
    pub(crate) finding: Option<String>,
    /// The date it names.
    pub(crate) date: Option<Moment>,
    /// How severe from now on.
    pub(crate) severity: Option<crate::clocks::Severity>,
    /// A question, for `answer`.
    pub(crate) node: Option<String>,
    /// Its answer.
    pub(crate) answer: Option<ReplyText>,
    /// Another person, role or organisation it concerns.
    pub(crate) to: Option<String>,
    /// A reason, or a code of one.
    pub(crate) reason: Option<String>,
    /// Words.
    pub(crate) text: Option<String>,
    /// The content, by its hash or name.
    pub(crate) content: Option<String>,
    /// What the record looks like then.
    pub(crate) record: Option<Value>,
}

/// An answer: one word, or a word with what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReplyText {
    pub(crate) value: String,
    pub(crate) reason: String,
    pub(crate) evidence: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) overriding: Option<String>,
    pub(crate) exception: Option<String>,
    pub(crate) by: Option<String>,
}

impl<'de> Deserialize<'de> for ReplyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ReplyText, D::Error> {
        deserializer.deserialize_any(ReplyVisitor)
    }
}

struct ReplyVisitor;

impl<'de> Visitor<'de> for ReplyVisitor {
    type Value = ReplyText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer: a word, or `value` with `reason`, `evidence`, `names`, `override`, `exception`, `by`")
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<ReplyText, E> {
        self.visit_str(if yes { "yes" } else { "no" })
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<ReplyText, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<ReplyText, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<ReplyText, E> {
        Ok(ReplyText {
            value: word.to_owned(),
            ..ReplyText::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ReplyText, A::Error> {
        let mut reply = ReplyText::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "value" => reply.value = map.next_value::<Text>()?.0,
                "reason" => reply.reason = map.next_value::<Text>()?.0,
                "evidence" => reply.evidence = map.next_value::<OneOrMany>()?.0,
                "names" => reply.names = map.next_value::<OneOrMany>()?.0,
                "override" => reply.overriding = Some(map.next_value::<Text>()?.0),
                "exception" => reply.exception = Some(map.next_value::<Text>()?.0),
                "by" => reply.by = Some(map.next_value()?),
                other => {
                    return Err(de::Error::unknown_field(
                        other,
                        &[
                            "value",
                            "reason",
                            "evidence",
                            "names",
                            "override",
                            "exception",
                            "by",
                        ],
                    ));
                }
            }
        }
        Ok(reply)
    }
}

/// One text or a list of them.
struct OneOrMany(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OneOrMany, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let texts = match &value {
            Value::Array(items) => items.iter().map(scalar).collect(),
            one => scalar(one).map(|text| vec![text]),
        };
        let texts: Option<Vec<String>> = texts;
        texts
            .map(OneOrMany)
            .ok_or_else(|| de::Error::custom("expected a text or a list of texts"))
    }
}

impl PersonText {
    /// Analysts, reviewers and publishers are trained unless said otherwise.
    ///
    /// Source: process section 3.5.
    pub(crate) fn is_trained(&self) -> bool {
        let role = |role: &String| matches!(role.as_str(), "analyst" | "reviewer" | "publisher");
        self.trained.unwrap_or_else(|| self.roles.iter().any(role))
    }
}
