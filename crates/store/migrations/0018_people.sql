-- What the desk keeps of its people beside their roles.

-- The day somebody was last trained in the rules of the Program, as a date.
create table trainings (
    person text primary key references people (id),
    day text not null,
    noted_by text not null,
    at text not null
);
