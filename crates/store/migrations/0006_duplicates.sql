-- What people said of the cases and CVE IDs that a case may be a duplicate of.

-- Append-only: a change of mind is a row with a higher number. `candidate` is
-- a CVE ID, or `case N`; `score` and `reasons`, as JSON, are those the person
-- saw.
create table duplicate_verdicts (
    case_id bigint not null references cases (id),
    number bigint not null,
    candidate text not null,
    verdict text not null,
    reason text not null,
    score bigint not null,
    reasons text not null,
    person text not null,
    at text not null,
    primary key (case_id, number)
);

create index duplicate_verdicts_candidate on duplicate_verdicts (candidate);

-- When the key of an account was last set; empty means, when it was added.
alter table accounts add column key_set text not null default '';

-- What a team's own sheet said of an ID and the ledger has no column for, as a
-- JSON object of texts.
create table ledger_notes (
    cve_id text primary key references ledger (cve_id),
    notes text not null,
    modified text not null
);
