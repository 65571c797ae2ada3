-- Records lie in the order in which they were stored first, so that a new one is
-- added behind the last and no index by that time is needed.
--
-- What an age is made of: crates/store/src/record_age.rs. Records of one moment
-- get one after the other, and push the next moment on when they are too many.
create table records_by_age (
    age bigint primary key,
    cve_id text not null unique,
    state text not null,
    assigner_org text not null,
    assigner_name text not null,
    cna_modified text not null,
    revision bigint not null,
    created text not null,
    modified text not null,
    body bytes not null
);

-- The days of the civil calendar are counted in years that begin in March.
insert into records_by_age (age, cve_id, state, assigner_org, assigner_name, cna_modified,
    revision, created, modified, body)
select place + max(first - place) over (order by place), cve_id, state, assigner_org,
    assigner_name, cna_modified, revision, created, modified, body
from (
    select row_number() over (order by created, cve_id) as place,
        ((365 * march + march / 4 - march / 100 + march / 400
            + (153 * ((month + 9) % 12) + 2) / 5 + day - 719469) * 86400000
            + ms) * 32768 as first, numbered.*
    from (
        select cast(substr(created, 1, 4) as bigint)
                - case when substr(created, 6, 2) < '03' then 1 else 0 end as march,
            cast(substr(created, 6, 2) as bigint) as month,
            cast(substr(created, 9, 2) as bigint) as day,
            cast(substr(created, 12, 2) as bigint) * 3600000
                + cast(substr(created, 15, 2) as bigint) * 60000
                + cast(substr(created, 18, 2) as bigint) * 1000
                + cast(substr(created, 21, 3) as bigint) as ms,
            records.*
        from records
    ) numbered
) placed
order by place;

create table record_adps_by_id (
    cve_id text not null,
    short_name text not null,
    primary key (cve_id, short_name)
);
insert into record_adps_by_id (cve_id, short_name) select cve_id, short_name from record_adps;

drop table record_adps;
drop table records;
alter table records_by_age rename to records;

create index records_changed on records (modified) where modified <> created;

create table record_adps (
    cve_id text not null references records (cve_id),
    short_name text not null,
    primary key (cve_id, short_name)
);
insert into record_adps (cve_id, short_name) select cve_id, short_name from record_adps_by_id;
drop table record_adps_by_id;
