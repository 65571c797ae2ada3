//! The desk's REST API under `/desk/v1`: one table, one envelope for errors.

mod accounts;
mod aftermath;
mod awards;
mod body;
mod cases;
mod catalogue;
mod clocks;
mod distributors;
mod documents;
mod duplicates;
mod findings;
mod followups;
mod forms;
mod id_life;
mod ids;
mod intake;
mod issues;
mod letters;
mod mails;
mod office;
mod people;
mod records;
mod release;
mod roster;
mod routing;
mod setup;
mod severity;
mod status;

pub(crate) use cases::case_id;
pub(crate) use records::{cve_id, digest};

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Router, middleware::Next};

use crate::door::Door;
use crate::headers;
use crate::route::{Audience, Line, Route, mounted, only_routes};
use crate::stop::Stop;

const PREFIX: &str = "/desk/v1";

/// The router of the API, to be nested under its prefix.
pub(crate) fn router(door: Door) -> Router {
    mounted(lines(), PREFIX)
        .fallback(unknown)
        .layer(middleware::from_fn(headers::in_time))
        .layer(middleware::from_fn(enveloped))
        .with_state(door)
}

/// Every route of the API with its handler.
pub(crate) fn lines() -> Vec<Line<Door>> {
    let mut lines = case_lines();
    lines.extend(finding_lines());
    lines.extend(record_lines());
    lines.extend(release_lines());
    lines.extend(letter_lines());
    lines.extend(routing_lines());
    lines.extend(aftermath_lines());
    lines.extend(issue_lines());
    lines.extend(form_lines());
    lines.extend(clock_lines());
    lines.extend(people_lines());
    lines.extend(setup_lines());
    lines.extend(id_lines());
    lines.extend(id_life_lines());
    lines.extend(intake_lines());
    lines.extend(mail_lines());
    lines.extend(office_lines());
    lines.extend(catalogue_lines());
    lines.extend(award_lines());
    lines.extend(distributor_lines());
    lines.extend(severity_lines());
    lines
}

#[rustfmt::skip]
fn severity_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/cases/{id}/severity-answers", "", "200 `{profile, source, questions, score, rounds}`", "Shows the questions of the profile about severity, with the score and what was answered", get(severity::questions)),
        line("POST", "/desk/v1/cases/{id}/severity-answers", "`{answers: {question: word}, note?}`", "201 the round, with tier, tracks and score", "Answers the questions about severity once more; the score stays as it is", post(severity::answer)),
    ]
}

#[rustfmt::skip]
fn distributor_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/distributors", "", "200 `{list, members}`", "Lists the private distributors, and the address of their list", get(distributors::list)),
        line("POST", "/desk/v1/distributors", "`{name, address, product}`", "204", "Adds a private distributor, or changes the one of that name", post(distributors::put)),
        line("POST", "/desk/v1/distributors/remove", "`{name}`", "204", "Removes a private distributor", post(distributors::remove)),
        line("PUT", "/desk/v1/distributors/list", "`{address}`; empty for none", "204", "Sets the address of the distributors' list", put(distributors::set_list)),
        line("GET", "/desk/v1/cases/{id}/packages", "", "200 `{packages}`", "Lists what private distributors are told, oldest first, with their answers", get(distributors::packages)),
        line("POST", "/desk/v1/cases/{id}/packages", "`{final?, files?, values?}`, files of the case by name or number", "201 the package", "Writes a package for the private distributors; nothing is sent", post(distributors::write)),
        line("POST", "/desk/v1/cases/{id}/packages/{number}/approve", "`{digest}`", "200 the package", "Approves the package with this digest", post(distributors::approve)),
        line("POST", "/desk/v1/cases/{id}/packages/{number}/send", "`{by_hand?}`", "200 the package", "Sends an approved package, or keeps that it was sent by hand (D-16, D-17)", post(distributors::send)),
        line("POST", "/desk/v1/cases/{id}/packages/{number}/answers", "`{member, words, at?}`", "201 the package", "Notes what a distributor answered", post(distributors::answer)),
    ]
}

#[rustfmt::skip]
fn award_lines() -> Vec<Line<Door>> {
    vec![
        line("POST", "/desk/v1/cases/{id}/awards", "`{amount, currency, note?}`, an amount such as `1500.50`", "201 the award", "Proposes a bounty award; one that waits is replaced", post(awards::propose)),
        line("POST", "/desk/v1/cases/{id}/awards/{number}/approve", "", "200 the award", "Approves a bounty award that somebody else proposed", post(awards::approve)),
        line("POST", "/desk/v1/cases/{id}/awards/{number}/refuse", "`{reason}`", "200 the award", "Refuses a bounty award that waits", post(awards::refuse)),
    ]
}

#[rustfmt::skip]
fn case_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/me", "", "200 `{name, roles}`", "Says who is asking", get(people::me)),
        line("POST", "/desk/v1/cases", "`text/markdown`: a report; or `{report}`, its text", "201 `{id, reference, duplicates?, …}`, `Location`", "Files a report as a case", post(cases::receive)),
        line("GET", "/desk/v1/cases", "`?offset=&limit=`, at most 500", "200 `{cases}`", "Lists the cases the person is on, newest first", get(cases::list)),
        line("GET", "/desk/v1/cases/{id}", "", "200 the case", "Shows a case", get(cases::show)),
        line("POST", "/desk/v1/cases/{id}/take", "", "200 `{state}`", "Takes a case", post(cases::take)),
        line("POST", "/desk/v1/cases/{id}/assign", "`{year?}`", "200 `{assignment, cve_id, cve_ids, followup?}` or `{assignment, followup}`", "Assigns a CVE ID to each vulnerability, reserving where needed", post(cases::assign)),
        line("POST", "/desk/v1/cases/{id}/messages", "`{body}`", "204", "Writes an internal message", post(cases::comment)),
        line("GET", "/desk/v1/cases/{id}/duplicates", "", "200 `{duplicates, other_verdicts, cve_list}`", "Lists what a case may be a duplicate of, with reasons", get(duplicates::list)),
        line("POST", "/desk/v1/cases/{id}/duplicates", "`{candidate, verdict, reason}`; a verdict is `same`, `related` or `different`", "200 the verdict", "Keeps what somebody says of a candidate", post(duplicates::judge)),
        line("POST", "/desk/v1/cases/{id}/followups/{followup}/retry", "", "204", "Tries a held or failed follow-up again", post(cases::retry)),
        line("POST", "/desk/v1/cases/{id}/followups/{followup}/reservation", "`{ids}`", "204", "Says which IDs of a reservation whose answer was lost are ours", post(cases::settle_reservation)),
    ]
}

#[rustfmt::skip]
fn finding_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/cases/{id}/findings", "", "200 `{findings}`", "Lists what the report claims, one by one", get(findings::list)),
        line("POST", "/desk/v1/cases/{id}/findings", "`{name, products?, supplier?, implementations?}`; a product is `{product, affected?, codebases?}`", "201 the finding", "Adds a finding to a case that is not determined", post(findings::add)),
        line("POST", "/desk/v1/cases/{id}/findings/edit", "`{finding, change: {name?, products?, supplier?, implementations?}}`", "200 the finding", "Renames a finding, or changes what it affects", post(findings::edit)),
        line("POST", "/desk/v1/cases/{id}/findings/remove", "`{finding}`", "204", "Removes a finding; the answers about it stay and count no more", post(findings::remove)),
        line("POST", "/desk/v1/cases/{id}/answers", "`{node, value, reason?, finding? or pair?, evidence?, names?, override?, exception?}`; about the whole report without finding or pair", "200 the decision: `{path, next, next_about, outcome, ruling, count, open, verdicts, groups, …}`", "Answers a question of the decision tree", post(findings::answer)),
        line("POST", "/desk/v1/cases/{id}/confirm", "`{digest, comment?}`, the digest of the decision", "200 the decision", "Confirms the number of vulnerabilities (D8), as a second trained person", post(findings::confirm)),
        line("POST", "/desk/v1/cases/{id}/close", "`{reason}`", "200 `{state}`", "Closes a case that was handed on, whose reporter is silent, or that is published", post(findings::close)),
        line("POST", "/desk/v1/cases/{id}/reopen", "`{reason}`", "200 `{state}`", "Opens a case again because of new information", post(findings::reopen)),
        line("GET", "/desk/v1/decision/settings", "", "200 `{profile, overlays, organisations}`", "Shows profile, overlays and hierarchy, by which cases are decided", get(findings::settings)),
        line("PUT", "/desk/v1/decision/settings", "`{profile?, overlays?, organisations?}`", "200 the same", "Sets them, and decides every case anew", put(findings::set_settings)),
    ]
}

#[rustfmt::skip]
fn form_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/records/{cve_id}/forms/{format}", "`{format}`: `toml`, `yaml` or `json`; `?revision=`, a number", "200 `{revision, format, text}`", "Shows a revision as a form, with the comments it was written with", get(forms::show)),
        line("POST", "/desk/v1/records/{cve_id}/forms/{format}", "`{text, base?}`, the number of the revision it was made from", "201 `{cve_id, revision, digest, findings}`", "Saves a form as a further revision of the draft", post(forms::save)),
        line("POST", "/desk/v1/records/{cve_id}/forms/{format}/check", "`{text}`", "200 `{fault, findings}`, with the line of each", "Says what is wrong with a form, and saves nothing", post(forms::check)),
        line("POST", "/desk/v1/records/{cve_id}/starts", "one of `{clone: CVE-ID}`, `{document, source?}`, `{template: PRODUCT}`, `{reported: {attachment?}}`, a number", "201 `{cve_id, revision, digest, findings}`", "Begins the draft with another draft, a document of others, also one attached to the case, or the template of a product", post(forms::start)),
        line("POST", "/desk/v1/records/{cve_id}/description", "`{type, component?, vendor?, product?, versions?, root_cause?, attacker?, impact?, vector?, note?}`", "201 `{cve_id, revision, digest, findings}`", "Writes the description from its key details", post(forms::describe)),
        line("POST", "/desk/v1/records/{cve_id}/ranges", "`{versions, product?, repo?}`, entries of the Record Format", "201 `{cve_id, revision, digest, findings}`", "Replaces the ranges of a product in the draft", post(forms::ranges)),
        line("GET", "/desk/v1/products/{name}/template", "", "200 `{template}`, null where there is none", "Shows what drafts of a product begin with", get(forms::template)),
        line("PUT", "/desk/v1/products/{name}/template", "`{template}`, a part of a CNA container", "204", "Sets what drafts of a product begin with", put(forms::put_template)),
    ]
}

#[rustfmt::skip]
fn record_lines() -> Vec<Line<Door>> {
    vec![
        line("POST", "/desk/v1/records/{cve_id}/drafts", "`{from: \"report\"}` or `{document: {cna, advisory}, base?}`, the number of the revision it was made from", "201 `{cve_id, revision, digest, findings}`", "Saves a revision of the draft", post(records::draft)),
        line("POST", "/desk/v1/records/{cve_id}/fields", "`{pointer, value}`", "201 `{cve_id, revision, digest, findings}`", "Writes one field of the draft as a further revision", post(records::set_field)),
        line("GET", "/desk/v1/records/{cve_id}/drafts", "", "200 `{drafts}`", "Lists the revisions of the draft, oldest first", get(records::drafts)),
        line("GET", "/desk/v1/records/{cve_id}/drafts/{revision}", "`{revision}`: a number, or `newest`", "200 the revision, with its document and findings", "Shows a revision", get(records::revision)),
        line("GET", "/desk/v1/records/{cve_id}/changes", "`?from=&to=`, numbers of revisions", "200 `{from, to, changes}`", "Says what differs between two revisions, field by field", get(records::changes)),
        line("POST", "/desk/v1/records/{cve_id}/merge", "`{take?: \"ours\" or \"live\"}`", "200 `{revision, conflicts}`", "Merges the live record into the draft as a further revision", post(records::merge)),
        line("GET", "/desk/v1/records/{cve_id}/reviews", "", "200 `{reviews}`", "Lists what was said of the draft", get(records::reviews)),
        line("POST", "/desk/v1/records/{cve_id}/comments", "`{pointer?, comment, suggestion?}`", "201 `{number}`", "Says something of a place in the draft, and what should be there", post(records::comment)),
        line("POST", "/desk/v1/records/{cve_id}/comments/{number}/accept", "", "201 `{cve_id, revision, digest, findings}`", "Takes a suggestion into a further revision", post(records::accept)),
        line("POST", "/desk/v1/records/{cve_id}/approve", "`{digest, comment?, acknowledged?: {code: reason}}`", "200 `{state, votes}`", "Approves the revision with this digest, with a reason for each warning", post(records::approve)),
        line("POST", "/desk/v1/records/{cve_id}/return", "`{digest, comment}`", "200 `{state}`", "Returns the revision with this digest to its author", post(records::give_back)),
        line("GET", "/desk/v1/records/{cve_id}/plan", "", "200 `{revision, digest, is_update, obstacles, steps, checklist, approval}`", "Says what publishing would do, with the exact requests, and what stands in its way", get(records::preview)),
        line("POST", "/desk/v1/records/{cve_id}/publish", "", "200 `{cve_id, case, advisory, advisory_url, followup}`", "Makes the advisory public and sends the record after it", post(records::publish)),
        line("GET", "/desk/v1/ledger", "", "200 `{ledger}`", "Lists every CVE ID and its fate", get(records::ledger)),
    ]
}

#[rustfmt::skip]
fn release_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/release-rule", "", "200 `{approvals, solo, profile, distributors}`", "Says how the organisation releases", get(release::rule)),
        line("PUT", "/desk/v1/release-rule", "`{approvals?, solo?, reason?, profile?, distributors?}`", "200 the rule", "Sets how many approve, solo mode with its reason, and the profile of the checklist", put(release::set_rule)),
        line("GET", "/desk/v1/records/{cve_id}/votes", "", "200 `{revision, digest, by, needed, approved, mode, words}`", "Says who approved the newest revision, and how many are needed", get(release::votes)),
        line("POST", "/desk/v1/records/{cve_id}/override", "`{digest, reason, for?: \"publish\"}`", "200 `{state}`", "Approves in an emergency, with a review to follow within a business day", post(release::override_approval)),
        line("POST", "/desk/v1/records/{cve_id}/override/review", "`{comment}`", "204", "Keeps the review that follows an emergency", post(release::review_override)),
        line("GET", "/desk/v1/records/{cve_id}/checklist", "", "200 `{checklist}`", "Shows the publish checklist, item by item, with evidence", get(release::checklist)),
        line("POST", "/desk/v1/records/{cve_id}/checklist", "`{item, kind?: \"done\", \"waived\" or \"open\", note}`", "204", "Ticks or waives an item of the checklist", post(release::tick)),
        line("GET", "/desk/v1/records/{cve_id}/plans", "", "200 `{plans}`", "Shows the plans to publish, step by step, with what the other side said", get(release::plans)),
        line("POST", "/desk/v1/records/{cve_id}/plans", "`{at, zone?}` or `{when_answers}`", "201 the plan", "Plans to publish at an hour, or once an address answers with the ID", post(release::plan)),
        line("POST", "/desk/v1/records/{cve_id}/plans/cancel", "`{reason}`", "204", "Gives up the plan that waits", post(release::cancel_plan)),
        line("POST", "/desk/v1/cases/{id}/leak", "`{url, seen?, ours?}`", "200 `{case, state, begin_now, missing, words}`", "Records a leak: ends the embargo, starts the clocks, begins every plan of the case now", post(release::leak)),
        line("GET", "/desk/v1/records/{cve_id}/announcements", "", "200 `{set}`, null before the first", "Shows the newest set of announcements", get(release::announcements)),
        line("POST", "/desk/v1/records/{cve_id}/announcements", "`{templates?, values?: {NAME: text}}`", "201 the set", "Makes a set of announcements from the templates", post(release::announce)),
        line("POST", "/desk/v1/records/{cve_id}/announcements/approve", "`{digest}`", "204", "Approves the set with this digest", post(release::approve_announcements)),
        line("POST", "/desk/v1/records/{cve_id}/announcements/{announcement}/sent", "", "204", "Keeps that a person sent an announcement", post(release::sent)),
        line("POST", "/desk/v1/records/{cve_id}/announcements/{announcement}/send", "", "204", "Sends an announcement by mail, once, or once more where that failed; its follow-up has the same id. A template in the place of the id sends all made from it", post(release::send)),
        line("POST", "/desk/v1/records/{cve_id}/datamap", "`{prs, issue}`", "200 `{yaml}`", "Writes the data map of the fix for the release team", post(release::datamap)),
        line("GET", "/desk/v1/templates", "", "200 `{templates}`", "Lists the templates of announcements", get(release::templates)),
        line("POST", "/desk/v1/portal/rebuild", "", "200 `{advisories, documents}`", "Makes everything the public reads again, from nothing", post(release::rebuild)),
        line("PUT", "/desk/v1/security-txt", "`{contact, expires, policy?, preferred_languages?}`", "200 the same", "Sets whom researchers reach", put(release::set_security_txt)),
    ]
}

#[rustfmt::skip]
fn letter_lines() -> Vec<Line<Door>> {
    vec![
        line("POST", "/desk/v1/cases/{id}/letters", "`{template, values?: {NAME: text}}`", "201 `{number, template, body}`", "Drafts a message to the reporter from a template; nothing is sent", post(letters::draft)),
    ]
}

#[rustfmt::skip]
fn aftermath_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/cases/{id}/retrospectives", "", "200 `{retrospectives}`", "Shows the texts of the retrospective of a case", get(aftermath::retrospectives)),
        line("POST", "/desk/v1/cases/{id}/retrospectives", "`{body}`", "201 `{number, body, author, at}`", "Keeps the text of the retrospective, and stops its clock", post(aftermath::keep_retrospective)),
        line("GET", "/desk/v1/records/{cve_id}/copies", "", "200 `{copies}`, empty before the first look", "Shows what was seen last of the copies of a published record, and asks nobody", get(aftermath::copies)),
        line("POST", "/desk/v1/records/{cve_id}/copies", "", "200 `{copies}`: `{source, state, words, updated, same_since, seen_by, seen_at}`", "Looks at the copies of a published record: the service's, and that of an imported CVE List", post(aftermath::look)),
    ]
}

#[rustfmt::skip]
fn issue_lines() -> Vec<Line<Door>> {
    vec![
        line("POST", "/desk/v1/records/{cve_id}/issue", "`{url?}`, an address, `owner/name#5` or a number; as at the last look without it", "200 `{url, title, labels, state, reason, feed, problem, is_public, revision, seen_by, seen_at, faults, items}`", "Looks at the public issue, as evidence for K-01 to K-04", post(issues::look)),
        line("POST", "/desk/v1/records/{cve_id}/issue/file", "", "202 `{cve_id, repository, followup}`", "Files the approved placeholder of the public issue, once", post(issues::file)),
        line("GET", "/desk/v1/records/{cve_id}/issue", "", "200 the same of the last look, or `null`", "Shows the last look at the public issue, and asks nobody", get(issues::seen)),
        line("GET", "/desk/v1/tracker", "", "200 `{repository, api, has_token}`, or `null`", "Says where public issues are", get(issues::tracker)),
        line("PUT", "/desk/v1/tracker", "`{repository, api?, token?}`, the token empty for none and left out for as before", "200 the same, without the token", "Sets where public issues are", put(issues::set_tracker)),
    ]
}

#[rustfmt::skip]
fn routing_lines() -> Vec<Line<Door>> {
    vec![
        line("PUT", "/desk/v1/partners", "the Program's list of partners", "200 `{partners}`, how many", "Keeps a list of partners in place of the one before", put(routing::set_partners)),
        line("GET", "/desk/v1/cases/{id}/routes", "`?product=&to=&public=`", "200 `{product, partners, routes, letter}`", "Ranks which partners may cover a case; with `to`, the letter to one of them", get(routing::show)),
        line("POST", "/desk/v1/cases/{id}/routes", "`{to, body}`", "201 `{number}`", "Drafts the letter that hands a case over; the clock on the answer (D-03) runs once it is sent", post(routing::draft)),
    ]
}

#[rustfmt::skip]
fn clock_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/status", "", "200 `{person, zone, needs}`", "Says what needs the person, in the order in which to look at it", get(status::show)),
        line("GET", "/desk/v1/digest", "`?day=`", "200 `{day, person, needs}`", "Shows the digest of a day, as it was written once that day", get(status::digest)),
        line("GET", "/desk/v1/clocks", "`?until=&offset=&limit=`, at most 500", "200 `{zone, clocks}`", "Lists the deadlines nothing has stopped, soonest first", get(clocks::list)),
        line("GET", "/desk/v1/clocks/settings", "", "200 `{calendar, clocks}`", "Shows zone, holidays and what the organisation chose about its clocks", get(clocks::settings)),
        line("PUT", "/desk/v1/clocks/settings", "`{calendar: {zone, holidays?}, clocks?}`", "200 the same", "Sets them", put(clocks::set)),
        line("GET", "/desk/v1/breaches", "`?limit=`, at most 500", "200 `{breaches}`", "Lists the deadlines that were not met, newest first", get(clocks::breaches)),
        line("POST", "/desk/v1/events", "`{kind, at?, subject?, date?, note?}`", "204", "Records what happened to the desk itself", post(clocks::record_of_desk)),
        line("GET", "/desk/v1/cases/{id}/clocks", "", "200 `{zone, clocks}`", "Lists every deadline of a case, also those that were met", get(clocks::of_case)),
        line("POST", "/desk/v1/cases/{id}/events", "`{kind, at?, subject?, date?, severity?, note?}`", "204", "Records what happened in a case, so that clocks start and stop", post(clocks::record)),
        line("GET", "/desk/v1/cases/{id}/embargo", "", "200 `{lifts_at, local, zone, …}`, or `null` where no hour is agreed", "Shows until when a case is under embargo", get(clocks::embargo)),
        line("PUT", "/desk/v1/cases/{id}/embargo", "`{until, zone?, conditions?}`", "200 the embargo, with warnings", "Puts a case under embargo until a local date and hour", put(clocks::set_embargo)),
        line("POST", "/desk/v1/cases/{id}/embargo/lift", "`{reason}`", "204", "Ends the embargo of a case", post(clocks::lift_embargo)),
    ]
}

#[rustfmt::skip]
fn people_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/people", "", "200 `{people}`", "Lists everybody, also who has left", get(people::list)),
        line("POST", "/desk/v1/people", "`{name, full_name?, roles}`", "201 the person", "Adds a person", post(people::add)),
        line("PUT", "/desk/v1/people/{name}/roles", "`{roles}`", "200 the person", "Gives a person these roles, in place of the ones before", put(people::set_roles)),
        line("POST", "/desk/v1/people/{name}/leave", "", "200 the person", "Notes that a person has left: nothing it holds works any more", post(people::leave)),
        line("PUT", "/desk/v1/people/{name}/training", "`{day?}`, today without one", "200 `{name, trained_on}`", "Notes the day somebody was trained", put(roster::trained)),
        line("POST", "/desk/v1/people/compare", "`{list}`, an address a line, or `Name <address>`", "200 `{agree, too_many, missing, without_address, is_same}`", "Compares the owners of a mailing list with the people of the desk", post(roster::compare)),
        line("POST", "/desk/v1/people/{name}/invitation", "", "201 `{url}`", "Makes a one-time sign-in link", post(people::invite)),
        line("GET", "/desk/v1/tokens", "`?person=`", "200 `{tokens}`, without secrets", "Lists tokens, one's own without a name", get(people::tokens)),
        line("POST", "/desk/v1/tokens", "`{label, scopes?, days?}`", "201 `{token, id, scopes, expires, …}`", "Makes a token for a program that acts as the person", post(people::token)),
        line("POST", "/desk/v1/tokens/{id}/revoke", "`{person?}`", "204", "Ends a token", post(people::revoke)),
    ]
}

#[rustfmt::skip]
fn setup_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/organisation", "", "200 the organisation", "Shows whose desk it is", get(setup::organisation)),
        line("PUT", "/desk/v1/organisation", "`{short_name, name, account}`", "200 the organisation", "Sets whose desk it is", put(setup::set_organisation)),
        line("GET", "/desk/v1/products", "", "200 `{products}`", "Lists the catalogue", get(setup::products)),
        line("PUT", "/desk/v1/products", "`{name, vendor, product, repository?, version_type}`", "200 the product", "Adds a product, or replaces the one of its name", put(setup::put_product)),
        line("GET", "/desk/v1/accounts", "", "200 `{accounts}`, without keys", "Lists the CVE Services accounts", get(setup::accounts)),
        line("POST", "/desk/v1/accounts", "`{name, environment, base_url, org, username, key}`", "201 the account, without its key", "Adds a CVE Services account", post(setup::add_account)),
    ]
}

#[rustfmt::skip]
fn id_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/ids", "`?state=&year=&older_than=`, days since an ID was assigned that has no record", "200 `{ids, pool}`", "Lists the IDs of the ledger, and how the pool stands", get(ids::list)),
        line("POST", "/desk/v1/ids/reservations", "`{amount?, year?, sequential?, reason?}`", "202 `{year, amount, followups}`", "Reserves IDs for the pool; without an amount, as many as the buffer lacks", post(ids::reserve)),
        line("GET", "/desk/v1/ids/sheet", "", "200 `{ids}`, each a line of the ledger with `known`, the other columns by name", "Gives the tracking sheet: the ledger with what is known of each vulnerability", get(ids::sheet)),
        line("GET", "/desk/v1/ids/sync", "`?account=&records=`", "200 `{accounts}`, each with its differences", "Compares the ledger with CVE Services, both ways", get(ids::sync)),
        line("POST", "/desk/v1/ids/import", "`{rows, account?, dry_run?}`; a row is `{row, cve_id, state?, title?, reserved_at?, reserved_by?, assigned_at?, advisory?, published_at?, notes?}`", "200 `{dry_run, added, completed, unchanged, unplaced}`", "Takes over a team's own sheet, and says what could not be placed", post(ids::import)),
        line("GET", "/desk/v1/ids/{cve_id}", "", "200 the line of the ledger", "Shows what became of an ID", get(ids::show)),
        line("GET", "/desk/v1/followups", "`?all=`", "200 `{followups}`", "Lists what waits to be said to other servers", get(followups::list)),
        line("GET", "/desk/v1/followups/{followup}", "", "200 the follow-up", "Shows a follow-up, with the last answer", get(followups::show)),
        line("POST", "/desk/v1/followups/{followup}/retry", "", "204", "Tries a held or failed follow-up again", post(followups::retry)),
        line("POST", "/desk/v1/followups/{followup}/cancel", "`{reason}`", "204", "Gives a follow-up up that is held, has failed or was never tried", post(followups::cancel)),
        line("POST", "/desk/v1/accounts/{name}/test", "", "200 `{name, environment, id_quota, total_reserved, available}`", "Asks the service whether it takes an account", post(accounts::test)),
        line("POST", "/desk/v1/accounts/{name}/key", "`{key}`", "200 as for `test`", "Puts another key in the place of an account's, once the service takes it", post(accounts::set_key)),
        line("POST", "/desk/v1/accounts/{name}/remove", "", "204", "Removes an account that nothing needs any more", post(accounts::remove)),
    ]
}

#[rustfmt::skip]
fn id_life_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/ids/{cve_id}/history", "", "200 `{line, shared, rejections, proposals, archived}`", "Shows everything that is known of an ID", get(id_life::history)),
        line("GET", "/desk/v1/ids/{cve_id}/archived", "", "200 `{records}`, whole, oldest first", "Shows the records that a rejection replaced, with their ADP containers", get(id_life::archived)),
        line("POST", "/desk/v1/ids/{cve_id}/shared", "`{with, note?}`", "204", "Records that somebody outside was told of an ID", post(id_life::share)),
        line("POST", "/desk/v1/ids/{cve_id}/hand-back", "`{reason}`", "201 the proposal", "Proposes to give an assigned ID back to the pool", post(id_life::hand_back)),
        line("POST", "/desk/v1/ids/{cve_id}/reject", "`{reason, replaced_by?, text?, state_only?}`", "201 the proposal", "Proposes to reject an ID, with the exact record", post(id_life::reject)),
        line("POST", "/desk/v1/ids/{cve_id}/reinstate", "`{reason, container?}`", "201 the proposal", "Proposes to undo a rejection", post(id_life::reinstate)),
        line("POST", "/desk/v1/ids/{cve_id}/transfer", "`{to, ground, reason}`; a ground is `scope` or `delay`", "201 the request, with its letter", "Asks that an ID become another organisation's", post(id_life::transfer)),
        line("GET", "/desk/v1/transfers", "", "200 `{transfers}`", "Lists the transfers that were asked for", get(id_life::transfers)),
        line("GET", "/desk/v1/proposals", "`?all=`", "200 `{proposals}`", "Lists what was proposed for IDs and is not over", get(id_life::proposals)),
        line("GET", "/desk/v1/proposals/{number}", "", "200 the proposal, with the document an approval binds to", "Shows a proposal", get(id_life::proposal)),
        line("POST", "/desk/v1/proposals/{number}/approve", "`{digest, comment?}`", "200 the proposal", "Approves the document with this digest; a hand-back is done with it", post(id_life::approve)),
        line("POST", "/desk/v1/proposals/{number}/withdraw", "`{reason}`", "200 the proposal", "Withdraws a proposal that was not begun", post(id_life::withdraw)),
        line("POST", "/desk/v1/proposals/{number}/proceed", "", "200 the proposal", "Begins what was approved, or goes on with it", post(id_life::proceed)),
        line("GET", "/desk/v1/year-ends/{year}", "", "200 `{year, is_frozen, obstacles, proposal, counts, rejected, left, stuck, kept}`", "Says how the rejection of a year's unused IDs stands", get(id_life::year_end)),
        line("POST", "/desk/v1/year-ends/{year}", "`{no_more_wanted, state_only?, drop?: {cve_id: reason}}`", "201 the proposal", "Freezes the pool of a year, and proposes what becomes of its reserved IDs", post(id_life::propose_year_end)),
        line("POST", "/desk/v1/year-ends/{year}/reopen", "`{reason}`", "204", "Opens the pool of a frozen year again", post(id_life::reopen)),
        line("GET", "/desk/v1/hits", "`?all=`", "200 `{hits, without_record, ratio}`", "Lists where our IDs were seen and nobody has read it", get(id_life::hits)),
        line("POST", "/desk/v1/hits", "`{seen: [{cve_id, source, line}]}`, at most 10,000", "200 `{new, known, ignored}`", "Keeps where IDs were seen, as far as they are ours and reserved", post(id_life::record_hits)),
        line("POST", "/desk/v1/hits/{number}", "`{confirm, details?, ours?, note?}`", "200 the hit", "Says what a hit means", post(id_life::decide_hit)),
        line("POST", "/desk/v1/ids/sync", "`{account?, records?, ids?}`", "200 `{mended, accounts}`", "Applies the mends that are sure, and compares again", post(id_life::mend)),
        line("POST", "/desk/v1/ids/refill", "", "202 `{year, amount, followups}`", "Fills a low pool, within the quota", post(id_life::refill)),
        line("GET", "/desk/v1/ids/refill", "", "200 `{refill}`", "Says whether a low pool is filled by itself", get(id_life::refill_setting)),
        line("PUT", "/desk/v1/ids/refill", "`{refill: \"auto\" or \"off\"}`", "200 the same", "Sets it", put(id_life::set_refill)),
    ]
}

#[rustfmt::skip]
fn office_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/cases/{id}/tasks", "`?all=true` for those that have ended too", "200 `{tasks}`", "Lists the tasks of a case", get(office::tasks)),
        line("POST", "/desk/v1/cases/{id}/tasks", "`{title?, owner?, due?, clock?, origin?}`", "201 the task", "Makes a task", post(office::add_task)),
        line("POST", "/desk/v1/cases/{id}/tasks/{number}/done", "`{note?}`", "204", "Notes that a task is done", post(office::task_done)),
        line("POST", "/desk/v1/cases/{id}/tasks/{number}/drop", "`{reason}`", "204", "Notes that a task need not be done", post(office::task_dropped)),
        line("GET", "/desk/v1/cases/{id}/links", "", "200 `{links}`", "Lists what a case has to do with other cases and pages", get(office::links)),
        line("POST", "/desk/v1/cases/{id}/links", "`{relation, target, note?}`; a target is a case or an address", "201 `{number}`", "Links a case", post(office::relate)),
        line("POST", "/desk/v1/cases/{id}/links/{number}/remove", "", "204", "Removes a link", post(office::unrelate)),
        line("GET", "/desk/v1/cases/{id}/hand-over", "", "200 `{to, by, comment, at}`, or `null`", "Shows the offer of a case that waits", get(office::offer)),
        line("POST", "/desk/v1/cases/{id}/hand-over", "`{to, comment}`", "204", "Offers a case to somebody on it", post(office::hand_over)),
        line("POST", "/desk/v1/cases/{id}/accept", "", "200 `{state}`", "Accepts a case that was offered", post(office::accept)),
        line("POST", "/desk/v1/cases/{id}/members", "`{person}`", "204", "Puts somebody on a case", post(office::add_member)),
        line("POST", "/desk/v1/cases/{id}/members/{person}/remove", "", "204", "Takes somebody off a case", post(office::remove_member)),
        line("POST", "/desk/v1/cases/{id}/severity", "`{severity, reason?}`", "204", "Says how severe a case is", post(office::severity)),
        line("GET", "/desk/v1/cases/{id}/outgoing", "", "200 `{outgoing}`", "Lists what was drafted for reporter and vendors, sent or not", get(office::outgoing)),
        line("POST", "/desk/v1/cases/{id}/outgoing", "`{lane, contact?, body}`; a lane is `reporter` or `vendors`", "201 `{number}`", "Drafts a message; nothing is sent", post(office::draft_message)),
        line("POST", "/desk/v1/cases/{id}/outgoing/{number}/send", "`{by_hand?}`, whether a person sent it", "200 `{followup, by_hand}`", "Sends a drafted message, mails one that failed once more, or keeps that a person sent it", post(office::send_message)),
        line("POST", "/desk/v1/cases/{id}/outgoing/{number}/drop", "", "204", "Drops a drafted message", post(office::drop_message)),
        line("GET", "/desk/v1/cases/{id}/vendors", "", "200 `{vendors}`", "Lists whom the lane of vendors reaches", get(office::vendors)),
        line("PUT", "/desk/v1/cases/{id}/vendors", "`{name, address?}`", "204", "Sets whom the lane of vendors reaches", put(office::put_vendor)),
        line("POST", "/desk/v1/cases/{id}/erase", "`{reason}`", "204", "Erases the reporter of a case and what it wrote", post(office::erase_reporter)),
        line("POST", "/desk/v1/people/{name}/erase", "`{reason}`", "200 `{name}`", "Erases somebody who has left", post(office::erase_person)),
        line("PUT", "/desk/v1/people/{name}/contact", "`{mail, zone?, hour?}`", "200 the same", "Sets where mail reaches somebody, and when its digest goes out", put(office::contact)),
        line("GET", "/desk/v1/clocks/reminders", "", "200 `{reminders}`", "Lists the reminders that are due, and why those that wait do", get(office::reminders)),
        line("POST", "/desk/v1/clocks/reminders", "", "200 `{mails}`", "Gives the reminders that are due now", post(office::give_reminders)),
    ]
}

#[rustfmt::skip]
fn intake_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/cases/{id}/intake", "", "200 `{reference, channel, at, product, …}`, or `null` for a case without a receipt", "Says how a case came in", get(intake::arrived)),
        line("GET", "/desk/v1/cases/{id}/confidential", "", "200 `{confidential}`", "Shows the confidential part of a report, to few", get(intake::confidential)),
        line("PUT", "/desk/v1/cases/{id}/product", "`{product}`", "204", "Says which product of the catalogue a case is about", put(intake::set_product)),
        line("POST", "/desk/v1/cases/{id}/questions", "`{body}`", "200 `{followup, by_hand}`, one of them empty", "Asks the reporter something, on the page of the reporter's link", post(intake::ask)),
        line("POST", "/desk/v1/cases/{id}/link", "`{only_revoke?}`", "200 `{reference, url}`; without `url` where it was only revoked", "Ends the reporter's links and makes a new one, which is shown once", post(intake::renew_link)),
        line("PUT", "/desk/v1/cases/{id}/date-told", "`{told}`", "204", "Says whether the reporter may see the planned date", put(intake::tell_date)),
        line("GET", "/desk/v1/cases/{id}/attachments", "", "200 `{attachments}`", "Lists the attachments of a case", get(intake::attachments)),
        line("POST", "/desk/v1/cases/{id}/attachments", "`?name=`; the bytes, whatever `Content-Type` says", "201 the attachment", "Attaches a file to a case", post(intake::attach)),
        line("GET", "/desk/v1/cases/{id}/attachments/{number}", "", "200 the bytes, as `application/octet-stream`", "Gives the bytes of an attachment", get(intake::attachment)),
    ]
}

#[rustfmt::skip]
fn mail_lines() -> Vec<Line<Door>> {
    vec![
        line("POST", "/desk/v1/mails", "`?product=&dry_run=`; the mail (RFC 5322), at most 25 MiB, whatever `Content-Type` says", "201, or 200 where it made no case, `{fate, case, reference, title, from, files, refused, message, answers, reason}`; a fate is `case`, `reply`, `known`, `own`, `aside` or `undelivered`", "Takes a mail in, once: as a case, or into the case it answers", post(mails::take)),
        line("POST", "/desk/v1/cases/documents", "`?name=&product=`; a GHSA, OSV, CSAF, CVE JSON or Vulnogram document, at most 10 MiB, whatever `Content-Type` says", "201 `{id, reference, duplicates?, …}`, `Location`", "Files a document of others as a report, and attaches it", post(documents::receive)),
    ]
}

#[rustfmt::skip]
fn catalogue_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/catalogue", "", "200 `{products}`", "Lists the catalogue with everything that is known", get(catalogue::list)),
        line("POST", "/desk/v1/catalogue", "`{products, dry_run?}`; a product is `{name, vendor, product, repository?, version_type, purl?, cpe?, delivery?, lines?, contacts?}`", "200 `{dry_run, added, changed, unchanged}`", "Adds products, or replaces those of their names; all or none", post(catalogue::import)),
        line("POST", "/desk/v1/catalogue/remove", "`{name}`", "204", "Takes a product out of the catalogue", post(catalogue::remove)),
        line("GET", "/desk/v1/mail", "", "200 the mail server without its password, or `null`", "Shows the mail server", get(catalogue::mail)),
        line("PUT", "/desk/v1/mail", "`{host, port, tls, user?, password?, from, may_carry_texts?}`; tls is `tls`, `starttls` or `none`", "200 the same without the password", "Sets the mail server", put(catalogue::set_mail)),
        line("POST", "/desk/v1/mail/test", "`{to}`", "202 `{followup}`", "Leaves a test mail", post(catalogue::test_mail)),
    ]
}

fn line(
    method: &'static str,
    path: &'static str,
    takes: &'static str,
    gives: &'static str,
    does: &'static str,
    handler: axum::routing::MethodRouter<Door>,
) -> Line<Door> {
    let audience = Audience::Api;
    let route = Route {
        audience,
        method,
        path,
        takes,
        gives,
        does,
    };
    Line::new(route, handler)
}

/// The routes of the API as a Markdown table, for the documentation.
pub fn api_table() -> String {
    let mut text = String::from("| request | takes | gives | does |\n|---|---|---|---|\n");
    for route in only_routes(lines()) {
        let Route {
            method,
            path,
            takes,
            gives,
            does,
            ..
        } = route;
        text.push_str(&format!(
            "| `{method} {path}` | {takes} | {gives} | {does} |\n"
        ));
    }
    text
}

async fn unknown() -> Stop {
    let message = "there is no such request: see the table in docs/api.md";
    Stop::request(StatusCode::NOT_FOUND, "not_found", message)
}

/// Puts errors the router beneath answers in plain text into the envelope:
/// a method that is not allowed, a path or query that cannot be decoded.
async fn enveloped(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let json = HeaderValue::from_static("application/json");
    let is_json = response.headers().get(CONTENT_TYPE) == Some(&json);
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (code, message) = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "this path does not take that method")
        }
        StatusCode::SERVICE_UNAVAILABLE => ("timed_out", "the request took too long"),
        status if status.is_server_error() => ("broken", "something broke on this server"),
        _ => ("invalid_request", "path or query cannot be read"),
    };
    let mut answer = Stop::request(status, code, message).into_response();
    if let Some(allow) = response.headers().get("allow") {
        answer.headers_mut().insert("allow", allow.clone());
    }
    answer
}
