-- What a committee gives to whoever reported: proposed by one person, decided
-- by another.

-- One row for each proposal, never changed but for its end. `state` is
-- `proposed`, `approved`, `refused` or `replaced`; `decided_by` and
-- `decided_at` are empty while it waits, `reason` says why it was refused.
create table awards (
    case_id bigint not null references cases (id),
    number bigint not null,
    amount text not null,
    currency text not null,
    note text not null,
    state text not null,
    proposed_by text not null,
    proposed_at text not null,
    decided_by text not null,
    decided_at text not null,
    reason text not null,
    primary key (case_id, number)
);
