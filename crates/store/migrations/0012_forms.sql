-- The text a revision of a draft was written as, comments and all.

create table draft_forms (
    cve_id text not null references ledger (cve_id),
    revision bigint not null,
    format text not null,
    form text not null,
    primary key (cve_id, revision, format)
);
