-- What the desk knows beside a case's own rows.

-- Records of the imported CVE List that a correction may be about, with the
-- day each was published, as the List said when the question was answered.
create table case_records (
    case_id bigint not null references cases (id),
    cve_id text not null,
    published text not null,
    primary key (case_id, cve_id)
);
