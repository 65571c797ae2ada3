//! Tags, and what is known beside the record.

use serde_json::Value;

use super::{Parts, Prose, Walk, english, quoted};
use crate::check::Key;
use crate::lint::clues::Clue;
use crate::lint::context::{Case, Link, RegisteredProduct, Relation};
use crate::lint::settings::Organisation;
use crate::lint::table::Id;
use crate::versions::{Decider, Status, status};

impl<'a> Walk<'a, '_> {
    pub(super) fn tags(&mut self, parts: &Parts, prose: &Prose<'_>) {
        let says = |clue| prose.clues.has(clue);
        if parts.tags.is_none() && !says(Clue::Disputed) && !says(Clue::Unsupported) {
            return;
        }
        let at = parts.descriptions.unwrap_or(parts.container);
        let disputed = self.has_tag(parts, "disputed");
        let says_disputed = says(Clue::Disputed);
        // The prefix of former times says that there is a dispute, not whose.
        let prefixes = prose.text.matches("** disputed **").count();
        let is_explained = prose.text.contains("note:")
            || prose.text.contains("vendor states")
            || (says_disputed && prose.text.matches("disput").count() != prefixes)
            || (says_disputed && prefixes == 0);
        if disputed && !is_explained {
            let at = parts.tags.unwrap_or(at);
            self.sink.hit(
                Id::DisputeUnexplained,
                at,
                || "the record is disputed, and the description does not say by whom and why",
            );
        }
        let certain = [
            "disputes this",
            "is disputed",
            "has been disputed",
            "disputed because",
        ];
        if !disputed && says_disputed && certain.iter().any(|phrase| prose.text.contains(phrase)) {
            self.sink.hit(
                Id::DisputeUntagged,
                at,
                || "the description speaks of a dispute, the tag `disputed` is missing",
            );
        }
        let unsupported = self.has_tag(parts, "unsupported-when-assigned");
        if !unsupported && says(Clue::Unsupported) {
            let phrase = prose.clues.first(Clue::Unsupported, prose.text).0;
            self.sink.hit(Id::UnsupportedText, at, || {
                format!("the text says `{phrase}`, the tag `unsupported-when-assigned` is missing")
            });
        }
    }

    fn has_tag(&self, parts: &Parts, word: &str) -> bool {
        let doc = self.document;
        let mut tags = parts.tags.into_iter().flat_map(|list| doc.items(list));
        tags.any(|tag| doc.text(tag) == Some(word))
    }

    pub(super) fn published_facts(&mut self, parts: &Parts, id: Option<&str>, prose: &Prose<'_>) {
        if self.organisation == Some(Organisation::Kubernetes) {
            self.kubernetes(parts, prose);
        }
        if let Some(products) = self.context.products {
            self.registry(parts, products);
        }
        if let Some(links) = self.context.links {
            self.links(parts, links);
        }
        if let Some(case) = self.context.case {
            self.case(parts, case, prose);
        }
        self.advisory(parts);
        self.others(parts, id, prose);
    }

    /// Source: process REC-066.
    fn kubernetes(&mut self, parts: &Parts, prose: &Prose<'_>) {
        let doc = self.document;
        let references = parts.references.unwrap_or(parts.container);
        let has = |word: &str| {
            let items = parts
                .references
                .into_iter()
                .flat_map(|list| doc.items(list));
            let mut tags = items
                .filter_map(|item| doc.get(item, Key::Tags))
                .flat_map(|tags| doc.items(tags));
            tags.any(|tag| doc.text(tag) == Some(word))
        };
        if !has("issue-tracking") {
            self.sink.hit(
                Id::KubernetesIssue,
                references,
                || "no reference has the tag `issue-tracking`",
            );
        }
        if !has("mailing-list") {
            self.sink.hit(
                Id::KubernetesList,
                references,
                || "no reference has the tag `mailing-list`",
            );
        }
        let source = parts.source.map(|at| doc.source(at));
        let source: Option<Value> = source.and_then(|text| serde_json::from_slice(text).ok());
        let discovery = source
            .as_ref()
            .and_then(|source| source["discovery"].as_str());
        if !matches!(discovery, Some("INTERNAL" | "EXTERNAL")) {
            let at = parts.source.unwrap_or(parts.container);
            self.sink.hit(
                Id::KubernetesDiscovery,
                at,
                || "`source.discovery` is not `INTERNAL` or `EXTERNAL`",
            );
        }
        let text = prose.text;
        let first =
            text.contains("a security issue was discovered in") && text.contains("may be able to");
        let second = text.starts_with("the kubernetes ") && text.contains(" in versions ");
        if !first && !second {
            let at = parts.descriptions.unwrap_or(parts.container);
            self.sink.hit(
                Id::KubernetesPhrase,
                at,
                || "the description follows neither of the committee's sentences",
            );
        }
    }

    /// Source: process REC-016, REC-061, REC-062.
    fn registry(&mut self, parts: &Parts, products: &[RegisteredProduct]) {
        let doc = self.document;
        let (mut all_hosted, mut found) = (true, false);
        let (mut hits_supported, mut hits_unsupported) = (false, false);
        for item in parts.affected.into_iter().flat_map(|list| doc.items(list)) {
            let same = |key, name: &str| {
                doc.text_at(item, key)
                    .is_some_and(|own| own.trim().eq_ignore_ascii_case(name))
            };
            let known = products.iter().find(|known| {
                same(Key::Product, &known.product) && same(Key::Vendor, &known.vendor)
            });
            let Some(known) = known else {
                all_hosted = false;
                continue;
            };
            found = true;
            all_hosted &= known.is_hosted;
            let affected: Value = serde_json::from_slice(doc.source(item)).unwrap_or_default();
            for line in &known.lines {
                let (word, decided) = status_of_line(&affected, &line.name);
                if !decided && line.is_supported {
                    self.sink.hit(Id::LineMissing, item, || {
                        format!("the supported line {} has no status", quoted(&line.name))
                    });
                }
                if word == Status::Affected {
                    hits_supported |= line.is_supported;
                    hits_unsupported |= !line.is_supported;
                }
            }
        }
        if !found {
            return;
        }
        let at = parts.tags.unwrap_or(parts.container);
        let hosted = self.has_tag(parts, "exclusively-hosted-service");
        if hosted != all_hosted {
            self.sink.hit(Id::HostedTag, at, || match hosted {
                true => {
                    "the record is tagged `exclusively-hosted-service`, and a product is not hosted"
                }
                false => "every product is hosted, the tag `exclusively-hosted-service` is missing",
            });
        }
        let unsupported = self.has_tag(parts, "unsupported-when-assigned");
        let should = hits_unsupported && !hits_supported;
        if (hits_supported || hits_unsupported) && unsupported != should {
            self.sink.hit(Id::UnsupportedTag, at, || match unsupported {
                true => "the record is tagged `unsupported-when-assigned`, and an affected line was supported",
                false => "no affected line was supported, the tag `unsupported-when-assigned` is missing",
            });
        }
    }

    /// Source: process REC-042, REC-045, REC-046.
    fn links(&mut self, parts: &Parts, links: &[Link]) {
        let doc = self.document;
        let Some(list) = parts.references else { return };
        let (mut answers, mut archived, mut any) = (false, false, false);
        for at in doc.items(list).filter_map(|item| doc.get(item, Key::Url)) {
            let url = doc.text(at).unwrap_or_default();
            let Some(link) = links.iter().find(|link| link.url == url) else {
                continue;
            };
            any = true;
            let is_open = link.status == Some(200) && !link.needs_login;
            answers |= is_open;
            archived |= link.is_archived;
            if link.is_own_advisory && is_open && !link.names_id {
                self.sink.hit(Id::AdvisorySilent, at, || {
                    format!("the advisory at {} does not name the ID", quoted(url))
                });
            } else if !link.is_own_advisory && is_open && !link.names_id && !link.names_product {
                self.sink.hit(Id::ReferenceSilent, at, || {
                    format!("{} names neither the ID nor the product", quoted(url))
                });
            }
        }
        if any && !answers {
            self.sink.hit(
                Id::NoneAnswers,
                list,
                || "no reference answered with status 200 and without a login",
            );
        }
        if any && !archived {
            self.sink
                .hit(Id::NotArchived, list, || "no reference is archived");
        }
    }

    /// Source: process REC-043, REC-068.
    fn case(&mut self, parts: &Parts, case: &Case, prose: &Prose<'_>) {
        let doc = self.document;
        if let Some(free) = &case.freest_url {
            let items = parts
                .references
                .into_iter()
                .flat_map(|list| doc.items(list));
            let mut urls = items.filter_map(|item| doc.text_at(item, Key::Url));
            if !urls.any(|url| url == free) {
                let at = parts.references.unwrap_or(parts.container);
                self.sink.hit(Id::FreestMissing, at, || {
                    format!(
                        "the freest address, {}, is not among the references",
                        quoted(free)
                    )
                });
            }
        }
        let at = parts.descriptions.unwrap_or(parts.container);
        for (relation, other) in &case.relations {
            if !prose.text.contains(&other.to_lowercase()) {
                self.sink.hit(Id::RelationNote, at, || {
                    let note = match relation {
                        Relation::IncompleteFix => {
                            "this issue exists because of an incomplete fix for"
                        }
                        Relation::Regression => "this issue exists because of a regression of",
                        Relation::Split => "this vulnerability was SPLIT from",
                        Relation::Overlap => "this may overlap",
                        Relation::Related => "this CVE Record is related to",
                    };
                    format!("the description has no `NOTE: {note} {other}.`")
                });
            }
        }
    }

    /// Source: process REC-067.
    fn advisory(&mut self, parts: &Parts) {
        let Some(advisory) = self.context.advisory else {
            return;
        };
        let doc = self.document;
        let affected = parts.affected.unwrap_or(parts.container);
        let record = doc.source(affected);
        for version in &advisory.fixed_versions {
            let quoted_version = format!("\"{version}\"");
            if memchr::memmem::find(record, quoted_version.as_bytes()).is_none() {
                self.sink.hit(Id::AdvisoryVersions, affected, || {
                    format!(
                        "the advisory says that {} is fixed, `affected` does not have it",
                        quoted(version)
                    )
                });
            }
        }
        if let (Some(theirs), Some(at)) = (&advisory.title, parts.title)
            && doc.text(at).map(str::trim) != Some(theirs.trim())
        {
            self.sink.hit(Id::AdvisoryTitle, at, || {
                format!("the advisory is called {}", quoted(theirs))
            });
        }
        if let Some(theirs) = &advisory.severity {
            let metrics = parts.metrics.into_iter().flat_map(|list| doc.items(list));
            let mut words = metrics
                .filter(|metric| doc.is_object(*metric))
                .flat_map(|metric| doc.inside(metric))
                .filter_map(|rating| doc.text_at(rating, Key::BaseSeverity))
                .peekable();
            if words.peek().is_some() && !words.any(|word| word.eq_ignore_ascii_case(theirs)) {
                let at = parts.metrics.unwrap_or(parts.container);
                self.sink.hit(Id::AdvisorySeverity, at, || {
                    format!(
                        "the advisory says {}, the record another severity",
                        quoted(theirs)
                    )
                });
            }
        }
        for name in &advisory.credits {
            let credits = parts.credits.into_iter().flat_map(|list| doc.items(list));
            let mut names = credits.filter_map(|item| doc.text_at(item, Key::Value));
            if !names.any(|own| own.to_lowercase().contains(&name.to_lowercase())) {
                let at = parts.credits.unwrap_or(parts.container);
                self.sink.hit(Id::AdvisoryCredit, at, || {
                    format!("the advisory thanks {}, `credits` does not", quoted(name))
                });
            }
        }
    }

    /// Source: process REC-050.
    fn others(&mut self, parts: &Parts, id: Option<&str>, prose: &Prose<'_>) {
        let Some(others) = self.context.others else {
            return;
        };
        let doc = self.document;
        if prose.text.contains("note:") {
            return;
        }
        let products = || parts.affected.into_iter().flat_map(|list| doc.items(list));
        let cwe = parts
            .problem_types
            .into_iter()
            .flat_map(|list| doc.items(list))
            .filter_map(|item| doc.get(item, Key::Descriptions))
            .flat_map(|list| doc.items(list))
            .find_map(|item| doc.text_at(item, Key::CweId));
        for other in others
            .iter()
            .filter(|other| !other.is_rejected && Some(other.id.as_str()) != id)
        {
            let same_product = products().any(|item| {
                doc.text_at(item, Key::Product)
                    .is_some_and(|own| own.eq_ignore_ascii_case(&other.product))
            });
            if same_product
                && other.cwe.as_deref() == cwe
                && likeness(prose.text, &other.description.to_lowercase()) >= 0.9
            {
                let at = parts
                    .descriptions
                    .and_then(|list| english(&doc, list).next())
                    .map_or(parts.container, |(at, _)| at);
                self.sink.hit(Id::NotDistinguishable, at, || {
                    format!(
                        "{} has the same product and weakness and nearly the same text",
                        other.id
                    )
                });
            }
        }
    }
}

/// The status of a line of releases, and whether the record decides it: some
/// version of the line is affected, or all are said to be something.
fn status_of_line(affected: &Value, line: &str) -> (Status, bool) {
    let versions = affected["versions"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let belongs = |version: &str| {
        version
            .strip_prefix(line)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let mut named = versions.iter().flat_map(|entry| {
        ["version", "lessThan", "lessThanOrEqual"]
            .into_iter()
            .filter_map(|key| Some((key, entry[key].as_str()?)))
            .filter(|(_, version)| belongs(version))
            .map(|(key, _)| (key, entry["status"].as_str().and_then(Status::of)))
    });
    if let Some((_, Some(status))) = named.find(|(_, status)| *status == Some(Status::Affected)) {
        return (status, true);
    }
    let first = [format!("{line}.0"), line.to_owned()].map(|version| status(affected, &version));
    let decided = first.iter().find(|answer| answer.by != Decider::Nothing);
    decided.map_or((Status::Unknown, false), |answer| (answer.status, true))
}

/// The share of words two texts have in common.
fn likeness(a: &str, b: &str) -> f64 {
    let words = |text: &str| -> std::collections::BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    let (both, all) = (a.intersection(&b).count(), a.union(&b).count());
    if all == 0 {
        0.0
    } else {
        both as f64 / all as f64
    }
}
