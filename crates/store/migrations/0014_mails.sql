-- Mails that were taken in, so that none is taken twice and answers find
-- their case.

-- `digest` is that of the Message-ID, or of the mail where it has none: no
-- address and no text of a mail is here. `fate` is `case` for a mail that
-- became one, `reply` for one that was added to its case.
create table mails (
    digest text primary key,
    case_id bigint not null references cases (id),
    fate text not null,
    at text not null,
    taken_by text not null
);

create index mails_case on mails (case_id);
