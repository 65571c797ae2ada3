-- Reviews of a place in a draft, suggestions, acknowledged warnings, and
-- which revisions were published.

alter table reviews add column pointer text not null default '';
alter table reviews add column suggestion text not null default '';
alter table reviews add column acknowledged text not null default '{}';

-- Whose suggestion a revision took; it is theirs as much as its author's.
alter table drafts add column suggested_by text not null default '';

-- Append-only: each time a record was read back equal to what was approved.
create table publications (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    digest text not null,
    at text not null,
    primary key (cve_id, number)
);

insert into publications (cve_id, number, digest, at)
select cve_id, 1, approved_digest, published_at from ledger where published_at <> '';
