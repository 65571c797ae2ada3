-- What was answered to the questions about severity, beside the score.

-- Append-only: each round of answers; the newest counts. `vector` is the one
-- that stood beside it, empty where there was none.
create table severity_rounds (
    case_id bigint not null references cases (id),
    number bigint not null,
    profile text not null,
    answers text not null,
    tier text not null,
    vector text not null,
    note text not null,
    author text not null,
    at text not null,
    primary key (case_id, number)
);
