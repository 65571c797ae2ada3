-- The office of a case: tasks, links, hand-overs, what goes out of the house,
-- contacts, and reminders that were given.

-- What somebody has to do. `origin` is the key of the decision's task it comes
-- from, `clock` the deadline it serves; both may be empty.
create table tasks (
    case_id bigint not null references cases (id),
    number bigint not null,
    title text not null,
    owner text not null,
    due text not null,
    clock text not null,
    origin text not null,
    state text not null,
    made_by text not null,
    made_at text not null,
    ended_by text not null,
    ended_at text not null,
    note text not null,
    primary key (case_id, number)
);

create index tasks_owner on tasks (owner, state);

-- What a case has to do with another one, or with an address. `target_case`
-- is 0 where `target` is an address.
create table case_links (
    case_id bigint not null references cases (id),
    number bigint not null,
    kind text not null,
    target_case bigint not null,
    target text not null,
    note text not null,
    author text not null,
    at text not null,
    primary key (case_id, number)
);

create index case_links_target on case_links (target_case);

-- Offers to lead a case that wait to be accepted.
create table hand_overs (
    case_id bigint primary key references cases (id),
    person text not null,
    offered_by text not null,
    comment text not null,
    offered_at text not null
);

create index hand_overs_person on hand_overs (person);

-- What is to be said out of the house, until a person sends or drops it. What
-- is sent becomes a row of `messages`.
create table outgoing (
    case_id bigint not null references cases (id),
    number bigint not null,
    lane text not null,
    contact text not null,
    body text not null,
    state text not null,
    author text not null,
    at text not null,
    ended_by text not null,
    ended_at text not null,
    primary key (case_id, number)
);

-- Whom the lane `vendors` of a case reaches.
create table vendor_contacts (
    case_id bigint not null references cases (id),
    name text not null,
    address text not null,
    added_by text not null,
    added_at text not null,
    primary key (case_id, name)
);

-- Where mail reaches a person, and at which hour of which zone its digest.
create table person_contacts (
    person text primary key references people (id),
    address text not null,
    zone text not null,
    hour bigint not null
);

-- Every reminder that was given, once for each person, whichever node gave it.
create table reminders (
    case_id bigint not null,
    id text not null,
    subject text not null,
    starts text not null,
    at text not null,
    person text not null,
    given text not null,
    primary key (case_id, id, subject, starts, at, person)
);

-- Digests that went out by mail; one a person a day.
create table mailed_digests (
    person text not null references people (id),
    day text not null,
    at text not null,
    primary key (person, day)
);
