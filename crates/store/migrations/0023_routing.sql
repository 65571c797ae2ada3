-- The organisation whose time to answer begins when a message is sent: of the
-- letter that hands a report over; empty for every other.
alter table outgoing add column clock text not null default '';
