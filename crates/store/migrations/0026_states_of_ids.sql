-- The state of an ID changes when it is published, and the index by owner no
-- longer has to change with it. Whoever owns nothing is the pool.
update cve_ids set owner = '' where state = 'AVAILABLE' and owner <> '';

drop index cve_ids_owner;
create index cve_ids_owner on cve_ids (owner, cve_id);

-- Few IDs are rejected; those are counted and listed by themselves.
create index cve_ids_rejected on cve_ids (owner, cve_id) where state = 'REJECTED';
