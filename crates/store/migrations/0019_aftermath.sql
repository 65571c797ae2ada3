-- What follows a publication: retrospectives with their text, and looks at the
-- copies of a record.

-- Append-only: each text of a retrospective; the newest counts.
create table retrospectives (
    case_id bigint not null references cases (id),
    number bigint not null,
    body text not null,
    author text not null,
    at text not null,
    primary key (case_id, number)
);

-- Append-only: each look at a copy of the record, and what was seen of it.
create table copy_looks (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    source text not null,
    state text not null,
    words text not null,
    digest text not null,
    updated text not null,
    seen_by text not null,
    at text not null,
    primary key (cve_id, number)
);
