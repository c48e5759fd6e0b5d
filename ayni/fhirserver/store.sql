-- schema --
-- One row per resource; what it was before is in history; searches touch the index tables only.
create table if not exists resource (
    key integer primary key,
    type text not null,
    id text not null,
    version integer not null,
    last_updated text not null,
    body blob not null,
    unique (type, id)
) strict;

create table if not exists history (
    resource integer not null references resource (key),
    version integer not null,
    body blob not null,
    primary key (resource, version)
) strict, without rowid;

create table if not exists token (
    parameter text not null,
    value text not null,
    system text not null,
    resource integer not null references resource (key),
    primary key (parameter, value, system, resource)
) strict, without rowid;
create index if not exists token_resource on token (resource);

create table if not exists reference (
    parameter text not null,
    target text not null,
    resource integer not null references resource (key),
    primary key (parameter, target, resource)
) strict, without rowid;
create index if not exists reference_resource on reference (resource);

create table if not exists instant (
    parameter text not null,
    at integer not null,
    resource integer not null references resource (key),
    primary key (parameter, at, resource)
) strict, without rowid;
create index if not exists instant_resource on instant (resource);

-- read_current --
select key, version, body from resource where type = :type and id = :id;

-- read_version --
select body from resource where key = :key and version = :version
union all
select body from history where resource = :key and version = :version;

-- read_history --
-- Newest first: the current version, then every one that it replaced.
select body, version from resource where key = :key
union all
select body, version from history where resource = :key
order by version desc;

-- insert_resource --
insert into resource (type, id, version, last_updated, body)
values (:type, :id, 1, :last_updated, :body)
on conflict (type, id) do nothing
returning key;

-- keep_replaced --
insert into history (resource, version, body) select key, version, body from resource where key = :key;

-- replace_resource --
update resource set version = :version, last_updated = :last_updated, body = :body where key = :key;

-- forget_tokens --
delete from token where resource = :key;

-- forget_references --
delete from reference where resource = :key;

-- forget_instants --
delete from instant where resource = :key;

-- index_token --
insert or ignore into token (parameter, system, value, resource) values (?, ?, ?, ?);

-- index_reference --
insert or ignore into reference (parameter, target, resource) values (?, ?, ?);

-- index_instant --
insert or ignore into instant (parameter, at, resource) values (?, ?, ?);

-- search --
-- The conditions below are joined to it with "and"; the oldest resource comes first.
select body from resource where type = ?

-- search_order --
order by key limit ?

-- match_token --
key in (select resource from token where parameter = ? and value = ? and system = ?)

-- match_token_of_any_system --
key in (select resource from token where parameter = ? and value = ?)

-- match_reference --
key in (select resource from reference where parameter = ? and target = ?)

-- match_instant_from --
key in (select resource from instant where parameter = ? and at >= ?)

-- match_instant_before --
key in (select resource from instant where parameter = ? and at < ?)

-- expunge_history --
delete from history where resource = :key;

-- expunge_resource --
delete from resource where key = :key;
