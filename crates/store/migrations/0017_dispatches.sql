-- The follow-up that mails a message of a case, so that the message can say
-- how its mail fares; empty where nothing is mailed.
alter table outgoing add column followup text not null default '';
