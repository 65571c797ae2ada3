-- Votes, plans, the checklist, announcements, and what the public side is
-- made again from.

-- A vote counts for the revision it was given on, and says how many were
-- needed then and whether it was out of the ordinary: `solo` or `emergency`.
alter table reviews add column revision bigint not null default 0;
alter table reviews add column needed bigint not null default 1;
alter table reviews add column mode text not null default '';

-- One line a plan to publish, kept for ever.
create table release_plans (
    id text primary key,
    cve_id text not null references ledger (cve_id),
    case_id bigint not null,
    revision bigint not null,
    digest text not null,
    state text not null,
    starts text not null,
    run_at text not null,
    local text not null,
    zone text not null,
    url text not null,
    followup text not null,
    answer text not null,
    planned_by text not null,
    created text not null,
    modified text not null
);

create index release_plans_cve on release_plans (cve_id, created);
create index release_plans_state on release_plans (state, run_at);

-- Append-only: what became of a plan, in words.
create table release_plan_log (
    plan text not null references release_plans (id),
    number bigint not null,
    at text not null,
    author text not null,
    words text not null,
    primary key (plan, number)
);

-- Append-only: what a person said of an item of the checklist.
create table checklist_ticks (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    item text not null,
    kind text not null,
    note text not null,
    author text not null,
    at text not null,
    primary key (cve_id, number)
);

-- Sets of announcements, each bound to its digest.
create table announcement_sets (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    revision bigint not null,
    digest text not null,
    author text not null,
    at text not null,
    approved_by text not null,
    approved_at text not null,
    mode text not null,
    primary key (cve_id, number)
);

create table announcements (
    id text primary key,
    cve_id text not null,
    set_number bigint not null,
    template text not null,
    recipient text not null,
    subject text not null,
    body text not null,
    sent_by text not null,
    sent_at text not null
);

create index announcements_set on announcements (cve_id, set_number);

-- Append-only: each time an advisory became public with another content.
create table disclosures (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    advisory text not null,
    digest text not null,
    at text not null,
    primary key (cve_id, number)
);

insert into disclosures (cve_id, number, advisory, digest, at)
select a.cve_id, 1, a.id, coalesce((select p.digest from publications p
where p.cve_id = a.cve_id and p.number = 1), l.approved_digest), a.published
from advisories a join ledger l on l.cve_id = a.cve_id;

insert into disclosures (cve_id, number, advisory, digest, at)
select a.cve_id, 2, a.id, coalesce((select p.digest from publications p
where p.cve_id = a.cve_id order by p.number desc limit 1), l.approved_digest), a.modified
from advisories a join ledger l on l.cve_id = a.cve_id where a.modified <> a.published;

-- The record as it was last read, beside the documents made from it.
create table live_records (
    cve_id text primary key references ledger (cve_id),
    body bytes not null,
    at text not null
);

insert into live_records (cve_id, body, at)
select a.cve_id, d.body, d.modified from documents d
join advisories a on a.id = d.advisory where d.kind = 'cve.json';

-- The products of an advisory, for lists at stable addresses.
create table advisory_products (
    advisory text not null,
    slug text not null,
    name text not null,
    primary key (advisory, slug)
);

create index advisory_products_slug on advisory_products (slug, advisory);
