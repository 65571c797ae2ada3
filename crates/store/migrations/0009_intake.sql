-- How reports come in: receipts, links of reporters, attachments.

-- One a case: how it came in, and what its reporter set. `confidential` is
-- the part of a form that few may read; it is in no other table.
create table receipts (
    case_id bigint primary key references cases (id),
    reference text not null unique,
    channel text not null,
    at text not null,
    product text not null,
    public_status text not null,
    plan text not null,
    consent text not null,
    confidential text not null,
    date_told bigint not null
);

-- Links with which a reporter reads the status of a case; only their digests
-- are kept. `revoked` is empty while the link works.
create table status_links (
    digest text primary key,
    case_id bigint not null references cases (id),
    created text not null,
    created_by text not null,
    revoked text not null
);

create index status_links_case on status_links (case_id);

-- Bytes of attachments by what they are, each kept once.
create table blobs (
    digest text primary key,
    size bigint not null,
    body bytes not null
);

create table attachments (
    case_id bigint not null references cases (id),
    number bigint not null,
    digest text not null references blobs (digest),
    name text not null,
    kind text not null,
    author text not null,
    at text not null,
    primary key (case_id, number)
);
