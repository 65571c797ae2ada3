-- The authority's administration: who answers for an organisation, whether it
-- may sign in, and when keys were used.

-- Only organisations that differ from the rule have a row: those under a Root,
-- and those that are disabled. `parent` is the UUID of the Root, `disabled`
-- the moment since when nobody of the organisation can sign in.
create table org_standing (
    org text primary key references orgs (uuid),
    parent text not null,
    disabled text not null,
    reason text not null
);

create index org_standing_parent on org_standing (parent);

-- When each key was last used, written now and then for many users at once.
create table key_uses (
    user_uuid text primary key references users (uuid),
    at text not null
);
