-- The life of CVE IDs: what was proposed and approved, who was told of them,
-- rejections, frozen pools, transfers, and where IDs were seen.

-- What one person proposes and another approves. `document` is what is
-- approved, and `digest` its hash. `cve_id` is empty, and `case_id` null, for
-- a proposal about many IDs.
create table proposals (
    number bigint primary key,
    kind text not null,
    subject text not null,
    cve_id text not null,
    case_id bigint,
    account text not null,
    document text not null,
    digest text not null,
    reason text not null,
    author text not null,
    at text not null,
    state text not null,
    decided_by text not null,
    decided_at text not null,
    comment text not null
);

create index proposals_cve on proposals (cve_id, number);
create index proposals_state on proposals (state, number);

-- Who outside was told of an ID. Append-only.
create table shared_ids (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    told text not null,
    note text not null,
    author text not null,
    at text not null,
    primary key (cve_id, number)
);

-- Every rejection that was read back, and every one that was undone.
create table rejections (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    reason text not null,
    body text not null,
    replaced_by text not null,
    has_record bigint not null,
    undone bigint not null,
    proposal bigint not null,
    at text not null,
    primary key (cve_id, number)
);

-- Records as they were before they were replaced, with every container.
create table archived_records (
    cve_id text not null references ledger (cve_id),
    digest text not null,
    body bytes not null,
    at text not null,
    primary key (cve_id, digest)
);

-- Years whose pool gives nothing any more.
create table frozen_years (
    account text not null,
    year bigint not null,
    author text not null,
    at text not null,
    primary key (account, year)
);

-- Requests that an ID become another organisation's.
create table transfers (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    receiver text not null,
    ground text not null,
    reason text not null,
    letter text not null,
    author text not null,
    at text not null,
    seen_at text not null,
    primary key (cve_id, number)
);

-- Where an ID without a record was seen in public, each place once.
create table hits (
    number bigint primary key,
    cve_id text not null references ledger (cve_id),
    source text not null,
    line bigint not null,
    first_seen text not null,
    last_seen text not null,
    state text not null,
    has_details bigint not null,
    is_ours bigint not null,
    note text not null,
    decided_by text not null,
    decided_at text not null,
    unique (cve_id, source)
);

create index hits_state on hits (state, number);
