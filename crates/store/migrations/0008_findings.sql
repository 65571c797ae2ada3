-- Findings of a case, answers about them, confirmed counts, which vulnerability
-- an ID serves, and cases closed by hand.

-- `products` is JSON; an empty list means the product of the report.
create table findings (
    case_id bigint not null references cases (id),
    number bigint not null,
    name text not null,
    products text not null,
    supplier text not null,
    implementations bigint not null,
    created_by text not null,
    created text not null,
    removed text not null,
    modified text not null,
    primary key (case_id, number)
);

insert into findings (case_id, number, name, products, supplier, implementations, created_by, created, removed, modified)
select id, 1, title, '[]', '', 0, '', created, '', created from cases;

-- What an answer is about: numbers of findings; 0 and 0 for the whole report.
alter table answers add column about bigint not null default 0;
alter table answers add column about_other bigint not null default 0;
alter table answers add column evidence text not null default '[]';
alter table answers add column names text not null default '[]';
alter table answers add column overriding text not null default '';
alter table answers add column exception text not null default '';
alter table answers add column trained bigint not null default 0;

-- Append-only: who confirmed how many vulnerabilities there are. `digest` is of
-- the determination, `answers` how many answers there were.
create table confirmations (
    case_id bigint not null references cases (id),
    number bigint not null,
    digest text not null,
    ids bigint not null,
    answers bigint not null,
    person text not null,
    comment text not null,
    at text not null,
    primary key (case_id, number)
);

-- The vulnerability an ID serves: the first finding of its group, and the place
-- in it where a group takes several.
create table assignments (
    cve_id text primary key references ledger (cve_id),
    case_id bigint not null references cases (id),
    finding bigint not null,
    part bigint not null,
    unique (case_id, finding, part)
);

insert into assignments (cve_id, case_id, finding, part)
select min(cve_id), case_id, 1, 1 from ledger where case_id is not null group by case_id;

-- Append-only: a case closed by hand, or opened again. `answers` is how many
-- there were then.
create table closings (
    case_id bigint not null references cases (id),
    number bigint not null,
    verb text not null,
    reason text not null,
    answers bigint not null,
    person text not null,
    at text not null,
    primary key (case_id, number)
);
