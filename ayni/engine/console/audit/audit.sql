-- schema --
-- One row per look at content and per action; hash covers the row and the hash of the row before it.
create table if not exists entry (
    number integer primary key,
    at text not null,
    who text not null,
    role text not null,
    address text not null,
    action text not null,
    outcome text not null,
    messages text not null,
    details text not null,
    hash text not null
) strict;

-- Which entries name a message; can be made anew from the rows above, and is not covered by the hash.
create table if not exists entry_message (
    message_id integer not null,
    number integer not null,
    primary key (message_id, number)
) strict, without rowid;

create trigger if not exists entry_stays before update on entry begin select raise(abort, 'append only'); end;
create trigger if not exists entry_remains before delete on entry begin select raise(abort, 'append only'); end;

-- last --
select number, hash from entry order by number desc limit 1;

-- insert --
insert into entry (number, at, who, role, address, action, outcome, messages, details, hash)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name_message --
insert or ignore into entry_message (message_id, number) values (?, ?);

-- page --
select number, at, who, role, address, action, outcome, messages, details, hash from entry
 where number < ? and (? = '' or who = ?) order by number desc limit ?;

-- of_message --
select number, at, who, role, address, action, outcome, messages, details, hash from entry
 where number in (select number from entry_message where message_id = ?) order by number;

-- all --
select number, at, who, role, address, action, outcome, messages, details, hash from entry order by number;
