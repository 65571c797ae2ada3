//! Candidates for a case: from the actor's own cases, the ledger, the public
//! advisories and the CVE List; and the verdicts on them.
//!
//! A case the actor is not on is no candidate, and neither is an ID that is
//! tied to it, until its advisory is public.

use std::collections::{BTreeMap, BTreeSet};

use cve::id::CveId;
use cve::reference;
use serde::Serialize;
use serde_json::json;
use store::cve_list::{self, CveList, ListEntry, ListQuery};
use store::{AuditEvent, Reader, VerdictRow};

use super::{Candidate, CandidateKey, Description, Judgement, ProductNames, Verdict, compare};
use crate::case::{self, CaseId, Verb, stored_report};
use crate::desk::{Desk, Product};
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::report::Report;

/// The most candidates that are given.
const MOST: usize = 50;

/// How many records of the CVE List each question brings.
const RECORDS: usize = 30;

/// How many words of a report the CVE List is asked for.
const WORDS: usize = 14;

/// The longest reason of a verdict, in bytes.
const REASON_BYTES: usize = 4_000;

/// What a case may be a duplicate of.
#[derive(Debug, Clone, Serialize)]
pub struct Duplicates {
    /// Candidates, the likeliest first.
    pub duplicates: Vec<Candidate>,
    /// Verdicts that stand on what is no candidate (any more).
    pub other_verdicts: Vec<Verdict>,
    /// Whether the CVE List was compared too.
    pub cve_list: ListStanding,
}

/// Whether the CVE List took part in a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum ListStanding {
    /// It was asked.
    Compared,
    /// None was imported.
    Missing,
    /// It could not be asked, for this reason.
    Unusable {
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// A candidate before it is compared.
struct Found {
    found_in: Vec<&'static str>,
    title: String,
    state: String,
    description: Description,
    /// A case under embargo, whose view is audited.
    is_embargoed: bool,
}

impl Desk {
    /// What a case may be a duplicate of, the likeliest first. The view of
    /// embargoed cases is written to the audit chain.
    ///
    /// Refuses: a case the actor is not on.
    /// Source: process section 2.3, nodes A4 and E4.
    pub fn duplicates(&self, actor: &Actor, id: CaseId) -> Result<Duplicates, Error> {
        check(actor, Action::See)?;
        let products = self.products()?;
        let (subject, own, verdicts, is_embargoed) = self.store.snapshot(|reader| {
            let (subject, is_embargoed) = subject(reader, actor, id, &products)?;
            let own = own_candidates(reader, actor, id, &products)?;
            let verdicts = verdicts(reader, actor, id)?;
            Ok::<_, Error>((subject, own, verdicts, is_embargoed))
        })?;
        let mut found = own;
        self.add_advisories(&mut found, &subject)?;
        let cve_list = self.add_from_list(&mut found, &subject)?;
        let mut seen = Vec::new();
        if is_embargoed {
            seen.push(id.object());
        }
        let mut standing = verdicts;
        let mut duplicates = Vec::new();
        for (candidate, found) in found {
            if subject.own_ids.contains(&candidate) {
                continue;
            }
            let Some(likeness) = compare(&subject.description, &found.description) else {
                continue;
            };
            let is_embargoed = found.is_embargoed;
            duplicates.push((
                is_embargoed,
                Candidate {
                    verdict: standing.remove(&candidate),
                    candidate,
                    found_in: found.found_in,
                    title: found.title,
                    state: found.state,
                    likeness,
                },
            ));
        }
        duplicates.sort_by(|(_, a), (_, b)| {
            let order = b.likeness.score.cmp(&a.likeness.score);
            order.then_with(|| b.candidate.cmp(&a.candidate))
        });
        duplicates.truncate(MOST);
        for (is_embargoed, candidate) in &duplicates {
            if let (true, CandidateKey::Case(other)) = (is_embargoed, &candidate.candidate) {
                seen.push(other.object());
            }
        }
        self.audit_views(actor, id, seen)?;
        Ok(Duplicates {
            duplicates: duplicates
                .into_iter()
                .map(|(_, candidate)| candidate)
                .collect(),
            other_verdicts: standing.into_values().collect(),
            cve_list,
        })
    }

    /// Keeps what the actor says of a candidate. An earlier verdict stays, and
    /// this one stands.
    ///
    /// Refuses: a case the actor is not on, as the case and as the candidate;
    /// the case itself; no reason.
    pub fn judge_duplicate(
        &self,
        actor: &Actor,
        id: CaseId,
        candidate: &CandidateKey,
        verdict: Judgement,
        reason: &str,
    ) -> Result<Verdict, Error> {
        check(actor, Action::Answer)?;
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        if reason.len() > REASON_BYTES {
            let problem = format!("it is too long: expected at most {REASON_BYTES} bytes");
            return Err(Refusal::invalid("reason", problem).into());
        }
        if *candidate == CandidateKey::Case(id) {
            let problem = format!("it is case {id} itself: name another");
            return Err(Refusal::invalid("candidate", problem).into());
        }
        let seen = self.duplicates(actor, id)?.duplicates;
        let seen = seen.into_iter().find(|seen| seen.candidate == *candidate);
        let (score, reasons) = match seen {
            Some(seen) => (seen.likeness.score, json!(seen.likeness.reasons)),
            None => (0, json!([])),
        };
        let (actor, candidate) = (actor.clone(), candidate.clone());
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            if let CandidateKey::Case(other) = &candidate
                && !case::is_visible(tx, &actor, other.number())?
            {
                return Err(case::not_found(*other).into());
            }
            let row = VerdictRow {
                number: 0,
                candidate: candidate.to_string(),
                verdict: verdict.as_str().to_owned(),
                reason: reason.clone(),
                score: i64::from(score),
                reasons: reasons.to_string(),
                person: actor.id().to_owned(),
                at: tx.now(),
            };
            let number = tx.insert_duplicate_verdict(id.number(), &row)?;
            let detail = json!({
                "candidate": row.candidate,
                "verdict": row.verdict,
                "reason": row.reason,
                "score": score,
                "number": number,
            });
            case::record(tx, &actor, id, "judged", "judge-duplicate", detail);
            Ok(Verdict {
                candidate: candidate.clone(),
                verdict,
                reason: reason.clone(),
                by: actor.name().to_owned(),
                at: row.at,
            })
        })
    }

    fn audit_views(&self, actor: &Actor, of: CaseId, seen: Vec<String>) -> Result<(), Error> {
        if seen.is_empty() {
            return Ok(());
        }
        let actor = actor.name().to_owned();
        self.store.write(move |tx| {
            for object in &seen {
                tx.audit(AuditEvent {
                    actor: actor.clone(),
                    org: String::new(),
                    action: "case.view".into(),
                    object: object.clone(),
                    detail: json!({"compared_with": of}),
                });
            }
            Ok(())
        })
    }

    /// Adds the public advisories, which say nothing an embargo covers.
    fn add_advisories(
        &self,
        found: &mut BTreeMap<CandidateKey, Found>,
        subject: &Subject,
    ) -> Result<(), Error> {
        let advisories = self
            .store
            .published(|reader| reader.advisories(0, ADVISORIES))?;
        for advisory in advisories {
            let key = CandidateKey::Cve(advisory.cve_id);
            let mut description = Description {
                ids: [advisory.cve_id].into(),
                title: advisory.title.clone(),
                text: advisory.summary.clone(),
                ..Description::default()
            };
            description.read_names(&advisory.summary);
            // Every advisory of the desk is about a product of its catalogue,
            // which its title or text names.
            description.products.extend(
                subject
                    .description
                    .products
                    .iter()
                    .filter(|product| {
                        let names =
                            format!("{} {}", advisory.title, advisory.summary).to_lowercase();
                        product
                            .names
                            .iter()
                            .any(|name| names.contains(&name.to_lowercase()))
                    })
                    .cloned(),
            );
            add(found, key, "advisory", "PUBLISHED", description);
        }
        Ok(())
    }

    fn add_from_list(
        &self,
        found: &mut BTreeMap<CandidateKey, Found>,
        subject: &Subject,
    ) -> Result<ListStanding, Error> {
        let Some(list) = &self.cve_list else {
            return Ok(ListStanding::Missing);
        };
        let entries = match from_list(list, &subject.description) {
            Ok(entries) => entries,
            Err(cve_list::Error::Missing) => return Ok(ListStanding::Missing),
            Err(error) => {
                tracing::warn!(%error, "the CVE List could not be compared");
                let problem = format!("{error}; `cna list status` says what to do");
                return Ok(ListStanding::Unusable { problem });
            }
        };
        for entry in entries {
            let key = CandidateKey::Cve(entry.cve_id);
            let state = entry.state.clone();
            add(found, key, "cve_list", &state, of_entry(entry));
        }
        Ok(ListStanding::Compared)
    }
}

/// The most public advisories that are compared, newest first.
const ADVISORIES: u32 = 20_000;

/// The case that is looked at.
struct Subject {
    description: Description,
    /// Its own IDs, which are no candidates.
    own_ids: BTreeSet<CandidateKey>,
}

fn subject(
    reader: &mut Reader<'_>,
    actor: &Actor,
    id: CaseId,
    products: &[Product],
) -> Result<(Subject, bool), Error> {
    let row = reader.case(id.number())?;
    let is_visible = case::is_visible(reader, actor, id.number())?;
    let row = row
        .filter(|_| is_visible)
        .ok_or_else(|| case::not_found(id))?;
    let mut own_ids = BTreeSet::new();
    for line in reader.ledger_of(id.number())? {
        own_ids.insert(CandidateKey::Cve(line.id));
    }
    let report = stored_report(&row)?;
    let subject = Subject {
        description: of_report(&report, products),
        own_ids,
    };
    Ok((subject, row.embargoed))
}

/// Cases the actor is on, and IDs of the ledger that belong to no other.
fn own_candidates(
    reader: &mut Reader<'_>,
    actor: &Actor,
    id: CaseId,
    products: &[Product],
) -> Result<BTreeMap<CandidateKey, Found>, Error> {
    let mut found = BTreeMap::new();
    let mut lines: BTreeMap<i64, Vec<CveId>> = BTreeMap::new();
    for line in reader.ledger()? {
        let Some(case) = line.case_id else {
            // An ID whose story the ledger alone tells.
            if line.state != "POOL" && !line.title.is_empty() {
                let mut description = Description {
                    ids: [line.id].into(),
                    title: line.title.clone(),
                    ..Description::default()
                };
                description.read_names(&line.advisory);
                add(
                    &mut found,
                    CandidateKey::Cve(line.id),
                    "ledger",
                    &line.state,
                    description,
                );
            }
            continue;
        };
        lines.entry(case).or_default().push(line.id);
    }
    for row in reader.cases_of(actor.id(), 0, i32::MAX.unsigned_abs())? {
        if row.id == id.number() || !case::is_visible(reader, actor, row.id)? {
            continue;
        }
        let report = stored_report(&row)?;
        let mut description = of_report(&report, products);
        description
            .ids
            .extend(lines.remove(&row.id).unwrap_or_default());
        found.insert(
            CandidateKey::Case(CaseId::new(row.id)),
            Found {
                found_in: vec!["case"],
                title: row.title,
                state: row.state,
                description,
                is_embargoed: row.embargoed,
            },
        );
    }
    Ok(found)
}

/// The verdicts that stand, of candidates the actor may know.
fn verdicts(
    reader: &mut Reader<'_>,
    actor: &Actor,
    id: CaseId,
) -> Result<BTreeMap<CandidateKey, Verdict>, Error> {
    let people: BTreeMap<String, String> = reader
        .people()?
        .into_iter()
        .map(|person| (person.id, person.name))
        .collect();
    let mut standing = BTreeMap::new();
    for row in reader.duplicate_verdicts(id.number())? {
        let key: CandidateKey = row.candidate.parse().map_err(Error::Broken)?;
        if let CandidateKey::Case(other) = &key
            && !case::is_visible(reader, actor, other.number())?
        {
            continue;
        }
        let verdict = Verdict {
            candidate: key.clone(),
            verdict: row.verdict.parse().map_err(Error::Broken)?,
            reason: row.reason,
            by: people.get(&row.person).cloned().unwrap_or(row.person),
            at: row.at,
        };
        standing.insert(key, verdict);
    }
    Ok(standing)
}

/// Adds a candidate, or what another place knows of it.
fn add(
    found: &mut BTreeMap<CandidateKey, Found>,
    key: CandidateKey,
    place: &'static str,
    state: &str,
    description: Description,
) {
    let title = match description.title.is_empty() {
        true => description.text.chars().take(120).collect(),
        false => description.title.clone(),
    };
    let known = found.entry(key).or_insert_with(|| Found {
        found_in: Vec::new(),
        title,
        state: state.to_owned(),
        description: Description::default(),
        is_embargoed: false,
    });
    known.found_in.push(place);
    let all = &mut known.description;
    all.ids.extend(description.ids);
    all.references.extend(description.references);
    all.commits.extend(description.commits);
    all.products.extend(description.products);
    if all.title.is_empty() {
        all.title = description.title;
    }
    all.text.push(' ');
    all.text.push_str(&description.text);
}

fn of_report(report: &Report, products: &[Product]) -> Description {
    let public = report.public.as_ref();
    let said = public.map_or("", |public| public.description.as_str());
    let mut description = Description {
        title: report.title.clone(),
        text: format!("{said}\n{}", report.body),
        ..Description::default()
    };
    description.read_names(&report.title);
    let text = description.text.clone();
    description.read_names(&text);
    for url in &report.references {
        description.read_names(url);
    }
    let listed = products
        .iter()
        .find(|product| product.name == report.product);
    let mut names = ProductNames {
        vendor: listed.map_or_else(String::new, |product| product.vendor.clone()),
        names: vec![report.product.clone()],
    };
    names
        .names
        .extend(listed.map(|product| product.product.clone()));
    description.products.push(names);
    description
}

fn of_entry(entry: ListEntry) -> Description {
    let references = entry.references.iter();
    Description {
        ids: [entry.cve_id].into(),
        references: references
            .filter_map(|url| reference::normal(url))
            .collect(),
        commits: entry.commits.into_iter().collect(),
        products: entry
            .products
            .into_iter()
            .map(|product| ProductNames {
                vendor: product.vendor,
                names: [product.product, product.package]
                    .into_iter()
                    .filter(|name| !name.is_empty())
                    .collect(),
            })
            .collect(),
        title: entry.title,
        text: entry.description,
    }
}

/// Asks the CVE List in every way that may bring a duplicate.
fn from_list(list: &CveList, subject: &Description) -> Result<Vec<ListEntry>, cve_list::Error> {
    let mut questions = Vec::new();
    let ask = || ListQuery {
        limit: RECORDS,
        ..ListQuery::default()
    };
    if !subject.ids.is_empty() {
        // A record is one ID, so each is a question.
        questions.extend(subject.ids.iter().take(RECORDS).map(|id| ListQuery {
            ids: vec![*id],
            ..ask()
        }));
    }
    questions.extend(
        subject
            .references
            .iter()
            .take(RECORDS)
            .map(|url| ListQuery {
                reference: Some(url.clone()),
                ..ask()
            }),
    );
    questions.extend(
        subject
            .commits
            .iter()
            .take(RECORDS)
            .map(|commit| ListQuery {
                commit: Some(commit.clone()),
                ..ask()
            }),
    );
    let wording = wording(subject);
    for product in subject.products.iter().flat_map(|product| &product.names) {
        questions.push(ListQuery {
            product: product.clone(),
            text: wording.clone(),
            any_word: true,
            ..ask()
        });
    }
    questions.push(ListQuery {
        text: wording,
        any_word: true,
        ..ask()
    });
    let mut entries: BTreeMap<CveId, ListEntry> = BTreeMap::new();
    for question in questions {
        for hit in list.search(&question)? {
            entries.entry(hit.entry.cve_id).or_insert(hit.entry);
        }
    }
    Ok(entries.into_values().collect())
}

/// The words the List is asked for: of the title, then of the text.
fn wording(subject: &Description) -> String {
    let mut words: Vec<String> = Vec::new();
    for text in [&subject.title, &subject.text] {
        for word in super::telling(text) {
            if words.len() < WORDS && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words.join(" ")
}
