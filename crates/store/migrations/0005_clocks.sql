-- Clocks and people: what starts and stops deadlines, breaches, embargoes;
-- since when people are gone, and what their tokens are good for.

-- What happened that has no row elsewhere and that a clock starts or stops
-- with. Append-only. Case 0 is the desk itself.
create table case_events (
    case_id bigint not null,
    number bigint not null,
    kind text not null,
    at text not null,
    subject text not null,
    date text not null,
    severity text not null,
    note text not null,
    author text not null,
    recorded text not null,
    primary key (case_id, number)
);

-- Until when a case is under embargo: the moment, and the local hour and zone
-- it was agreed in.
create table embargoes (
    case_id bigint primary key references cases (id),
    lifts_at text not null,
    local text not null,
    zone text not null,
    conditions text not null,
    set_by text not null,
    set_at text not null
);

-- The deadlines of cases that nothing has stopped. They follow from what is
-- recorded elsewhere and are kept so that lists can filter and sort. `noted`
-- is 1 where no breach is to be recorded any more, or ever.
create table deadlines (
    case_id bigint not null,
    id text not null,
    subject text not null,
    kind text not null,
    starts text not null,
    due text not null,
    body text not null,
    noted bigint not null,
    primary key (case_id, id, subject, kind, starts)
);

create index deadlines_due on deadlines (due, case_id);
create index deadlines_kind on deadlines (kind, due, case_id);
create index deadlines_noted on deadlines (noted, due);

-- Every breach, once. It stays when the deadline was met late.
create table breaches (
    case_id bigint not null,
    id text not null,
    subject text not null,
    kind text not null,
    starts text not null,
    due text not null,
    recorded text not null,
    primary key (case_id, id, subject, kind, starts)
);

-- The desk's own deadlines ask for the last activity and for what is left.
create index ledger_assigned on ledger (assigned_at);
create index ledger_published on ledger (published_at);
create index ledger_state on ledger (state, year);

-- Messages for a person that wait to be read: the digest of a day.
create table digests (
    person text not null references people (id),
    day text not null,
    body text not null,
    written text not null,
    primary key (person, day)
);

-- Empty for whoever is still there, and for whoever was never seen.
alter table people add column left_at text not null default '';
alter table people add column seen_at text not null default '';

-- Words separated by spaces; `*` is everything the person may do.
alter table tokens add column scopes text not null default '*';
