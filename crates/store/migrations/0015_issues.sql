-- Looks at the public issue of an ID, which are evidence for its checklist.

-- Append-only: each look that had an answer. Where the tracker said that there
-- is no such issue, `problem` says so and the rest is empty.
create table issue_looks (
    cve_id text not null references ledger (cve_id),
    number bigint not null,
    url text not null,
    revision bigint not null,
    is_public bigint not null,
    title text not null,
    labels text not null,
    state text not null,
    reason text not null,
    faults text not null,
    problem text not null,
    seen_by text not null,
    at text not null,
    primary key (cve_id, number)
);
