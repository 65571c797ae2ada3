-- A CVE Services: organisations, users, numbers, records.

create table orgs (
    uuid text primary key,
    short_name text not null unique,
    name text not null,
    roles text not null,
    id_quota bigint not null,
    reserved bigint not null,
    created text not null,
    modified text not null
);

create table users (
    uuid text primary key,
    org text not null references orgs (uuid),
    username text not null,
    active bigint not null,
    name_first text not null,
    name_last text not null,
    name_middle text not null,
    name_suffix text not null,
    roles text not null,
    key_hash text not null,
    key_created text not null,
    created text not null,
    modified text not null,
    unique (org, username)
);

create table id_ranges (
    year bigint primary key,
    priority_top bigint not null,
    priority_start bigint not null,
    priority_end bigint not null,
    general_top bigint not null,
    general_start bigint not null,
    general_end bigint not null
);

-- `owner` and the requesters are UUIDs; answers show today's names.
create table cve_ids (
    cve_id text primary key,
    year bigint not null,
    number bigint not null,
    state text not null,
    owner text not null,
    requester_org text not null,
    requester_user text not null,
    reserved text not null,
    created text not null,
    modified text not null
) clustered;

-- With the state, so that a count need not look at the rows.
create index cve_ids_owner on cve_ids (owner, cve_id, state);
-- Only the pool is looked up this way.
create index cve_ids_available on cve_ids (year, number) where state = 'AVAILABLE';

-- `body` is the record, byte for byte as it is answered; the other columns are
-- taken from it for filters. `revision` grows with every change. The body stands
-- last, so that the columns before it are read without it.
create table records (
    cve_id text primary key,
    state text not null,
    assigner_org text not null,
    assigner_name text not null,
    cna_modified text not null,
    revision bigint not null,
    created text not null,
    modified text not null,
    body bytes not null
);

create index records_created on records (created, cve_id);
create index records_modified on records (modified);

-- How many entries a list has, by the beginning of their CVE IDs: in all (level
-- 0), by year, and by the first two and three digits of the number.
create table tallies (
    level bigint not null,
    list text not null,
    block text not null,
    entries bigint not null,
    primary key (level, list, block)
) clustered;

-- Short names of the ADPs with a container in a record.
create table record_adps (
    cve_id text not null references records (cve_id),
    short_name text not null,
    primary key (cve_id, short_name)
);
