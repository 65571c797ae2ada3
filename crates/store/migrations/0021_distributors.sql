-- Private distributors, and what they are told of a case under embargo.

-- Who gets notice before a disclosure. `removed_at` is empty for whoever does.
create table distributors (
    name text not null,
    address text not null,
    product text not null,
    added_by text not null,
    added_at text not null,
    removed_at text not null,
    primary key (name)
);

-- A text for them with its files, never changed but for approval and sending.
-- `kind` is `first` or `final`; `by_hand` is 1 where a person sent it.
create table packages (
    case_id bigint not null references cases (id),
    number bigint not null,
    kind text not null,
    subject text not null,
    body text not null,
    digest text not null,
    author text not null,
    at text not null,
    approved_by text not null,
    approved_at text not null,
    mode text not null,
    sent_by text not null,
    sent_at text not null,
    by_hand bigint not null,
    primary key (case_id, number)
);

-- The files of a package, by what they were when it was made.
create table package_files (
    case_id bigint not null,
    number bigint not null,
    place bigint not null,
    name text not null,
    digest text not null,
    primary key (case_id, number, place)
);

-- Where a package goes, each with the follow-up that mails it.
create table package_mails (
    case_id bigint not null,
    number bigint not null,
    recipient text not null,
    followup text not null,
    primary key (followup)
);

-- Whom a package reaches, as they were when it was made.
create table package_members (
    case_id bigint not null,
    number bigint not null,
    name text not null,
    address text not null,
    product text not null,
    primary key (case_id, number, name)
);

-- Append-only: what a member answered to a package; the newest counts.
create table package_answers (
    case_id bigint not null,
    number bigint not null,
    answer bigint not null,
    member text not null,
    words text not null,
    at text not null,
    noted_by text not null,
    primary key (case_id, number, answer)
);
