-- The desk of one CNA: people, cases, decisions, drafts, the ledger.

create table people (
    id text primary key,
    name text not null unique,
    full_name text not null,
    roles text not null,
    active bigint not null,
    created text not null
);

-- Sign-in links, sessions and tokens: only their digests are kept.
create table tokens (
    digest text primary key,
    person text not null references people (id),
    kind text not null,
    label text not null,
    created text not null,
    expires text not null,
    used text not null
);

create index tokens_person on tokens (person);

-- CVE Services accounts. The key is sealed with a key kept outside the database.
create table accounts (
    name text primary key,
    environment text not null,
    base_url text not null,
    org text not null,
    username text not null,
    sealed_key bytes not null,
    created text not null
);

-- The last number given in each series, such as the advisories of a year.
create table series (
    name text primary key,
    last bigint not null
);

-- `state` follows from what is recorded below; it is kept so that lists can
-- filter.
create table cases (
    id bigint primary key,
    title text not null,
    state text not null,
    product text not null,
    severity text not null,
    embargoed bigint not null,
    owner text not null,
    report text not null,
    received text not null,
    created text not null,
    modified text not null
);

create index cases_state on cases (state, id);

-- Need to know: who may see a case.
create table case_members (
    case_id bigint not null references cases (id),
    person text not null references people (id),
    since text not null,
    primary key (case_id, person)
);

create index case_members_person on case_members (person, case_id);

create table messages (
    case_id bigint not null references cases (id),
    number bigint not null,
    lane text not null,
    author text not null,
    body text not null,
    at text not null,
    primary key (case_id, number)
);

-- Append-only: a change of mind writes a row that supersedes an earlier one.
create table answers (
    case_id bigint not null references cases (id),
    number bigint not null,
    node text not null,
    value text not null,
    reason text not null,
    ruleset text not null,
    rules text not null,
    answered_by text not null,
    answered_at text not null,
    supersedes bigint not null,
    primary key (case_id, number)
);

-- Every CVE ID and its fate.
create table ledger (
    cve_id text primary key,
    year bigint not null,
    state text not null,
    account text not null,
    case_id bigint,
    title text not null,
    reserved_at text not null,
    reserved_by text not null,
    assigned_at text not null,
    approved_digest text not null,
    approved_by text not null,
    approved_at text not null,
    advisory text not null,
    disclosed_at text not null,
    published_at text not null,
    modified text not null
);

create index ledger_case on ledger (case_id);
create index ledger_pool on ledger (account, state, cve_id);

-- Revisions of record and advisory together, kept for ever.
create table drafts (
    cve_id text not null references ledger (cve_id),
    revision bigint not null,
    digest text not null,
    document text not null,
    findings text not null,
    author text not null,
    at text not null,
    primary key (cve_id, revision)
);

-- Approvals and returns, each of one digest.
create table reviews (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    digest text not null,
    reviewer text not null,
    verdict text not null,
    comment text not null,
    at text not null,
    primary key (cve_id, number)
);

-- What the public may read, and nothing else: nothing embargoed is ever
-- written to the tables below.
create table advisories (
    id text primary key,
    cve_id text not null unique,
    title text not null,
    summary text not null,
    severity text not null,
    document text not null,
    published text not null,
    modified text not null
);

create index advisories_published on advisories (published, id);

-- The documents of an advisory, byte for byte as they are answered.
create table documents (
    advisory text not null references advisories (id),
    kind text not null,
    content_type text not null,
    body bytes not null,
    modified text not null,
    primary key (advisory, kind)
);

create table feed_items (
    seq bigint primary key,
    advisory text not null references advisories (id),
    at text not null
);
