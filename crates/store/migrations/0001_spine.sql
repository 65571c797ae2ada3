-- What every instance has: the numbers, the log of changes, its readers, the
-- audit chain, and the work that waits for another server.

-- The last numbers given, and the last link of the audit chain. One row, locked
-- last by every batch that writes, so that numbers follow the order of commits.
create table spine (
    id bigint primary key,
    change bigint not null,
    audit bigint not null,
    head text not null
);

insert into spine (id, change, audit, head) values
    (1, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- Names that one node at a time may hold.
create table locks (
    name text primary key
);

insert into locks (name) values ('claim');

-- Settings of the whole instance, one word each.
create table settings (
    name text primary key,
    value text not null
);

-- Every committed change, in commit order, without gaps. The changes of one
-- commit, numbered `first` to `last`, lie in one row, as JSON.
create table changes (
    last bigint primary key,
    first bigint not null,
    changes text not null
);

-- How far each follower has read the log.
create table cursors (
    name text primary key,
    seq bigint not null
);

-- The hash chain. `actor`, `detail` and `salt` can be emptied by law; `digest`
-- stays, and with it the chain.
create table audit (
    seq bigint primary key,
    at text not null,
    actor text not null,
    org text not null,
    action text not null,
    object text not null,
    detail text not null,
    salt text not null,
    digest bytes not null,
    hash bytes not null
);

create index audit_object on audit (object, seq);

-- What is to be said to another server, written with its cause.
create table followups (
    id text primary key,
    kind text not null,
    subject text not null,
    lane text not null,
    payload text not null,
    progress text not null,
    state text not null,
    attempts bigint not null,
    not_before text not null,
    lease_owner text not null,
    lease_until text not null,
    last_answer text not null,
    created text not null,
    modified text not null
);

create index followups_due on followups (state, not_before);
create index followups_lane on followups (lane, state);
create index followups_subject on followups (subject);

-- Batches whose COMMIT may have to be proven after its answer was lost.
create table batches (
    id text primary key,
    at text not null
);
