-- schema --
-- A draft belongs to one browser session; it becomes a request when the citizen confirms it.
create table if not exists draft (
    id text primary key,
    consented_at text not null,
    identity text,
    request_id text unique
) strict;

create table if not exists turn (
    draft text not null references draft (id) on delete cascade,
    number integer not null,
    question text not null,
    text text not null,
    said_at text not null,
    primary key (draft, number)
) strict, without rowid;

-- The health worker who types for the citizen of a draft; no row when they type themselves.
create table if not exists enterer (
    draft text primary key references draft (id) on delete cascade,
    name text not null,
    dni text not null
) strict, without rowid;

-- The citizen's yes to a language model, by the name and place she was shown; no row where she gave none.
create table if not exists model_permission (
    draft text primary key references draft (id) on delete cascade,
    model text not null,
    given_at text not null,
    withdrawn_at text
) strict, without rowid;

-- What that model heard in a turn beside the rules: `facts` is JSON, each with its quote; `silence` is why it
-- has no part in the turn.
create table if not exists heard (
    draft text not null,
    turn integer not null,
    source text not null,
    facts text not null,
    suggested text,
    discarded integer not null,
    silence text not null,
    primary key (draft, turn),
    foreign key (draft, turn) references turn (draft, number) on delete cascade
) strict, without rowid;

-- The reply to a turn, where a model had a part in it; "" is for what the rules do alone.
create table if not exists reply (
    draft text not null,
    turn integer not null,
    question text not null,
    opening text not null,
    language text not null,
    translation text not null,
    primary key (draft, turn),
    foreign key (draft, turn) references turn (draft, number) on delete cascade
) strict, without rowid;

create table if not exists request (
    id text primary key,
    state text not null,
    sequence integer not null,
    return_code_hash blob not null,
    failed_count integer not null default 0,
    failed_at text,
    facility text not null,
    level text not null,
    created_at text not null,
    intake blob not null
) strict;

-- One line for each change of state that was applied; sequence 0 is the citizen's own sending.
create table if not exists timeline (
    request text not null references request (id),
    sequence integer not null,
    state text not null,
    sentence text not null,
    at text not null,
    primary key (request, sequence)
) strict, without rowid;

-- Events that came before their turn, until the gap is filled.
create table if not exists early_event (
    request text not null references request (id),
    sequence integer not null,
    content blob not null,
    primary key (request, sequence)
) strict, without rowid;

-- Events that could not be applied, kept for a person; one line for each time.
create table if not exists refused_event (
    event_key text not null,
    content blob not null,
    reason text not null,
    at text not null
) strict;
create index if not exists refused_event_key on refused_event (event_key);

-- insert_draft --
insert into draft (id, consented_at) values (?, ?);

-- insert_enterer --
insert into enterer (draft, name, dni) values (?, ?, ?);

-- read_enterer --
select name, dni from enterer where draft = ?;

-- read_draft --
select consented_at, identity, request_id from draft where id = ?;

-- read_turns --
select question, text, said_at from turn where draft = ? order by number;

-- insert_turn --
insert into turn (draft, number, question, text, said_at) values (?, ?, ?, ?, ?) on conflict do nothing;

-- insert_heard --
insert into heard (draft, turn, source, facts, suggested, discarded, silence)
values (:draft, :turn, :source, :facts, :suggested, :discarded, :silence);

-- read_heard --
select turn, source, facts, suggested, discarded, silence from heard where draft = ? order by turn;

-- insert_reply --
insert into reply (draft, turn, question, opening, language, translation)
values (:draft, :turn, :question, :opening, :language, :translation);

-- read_replies --
select turn, question, opening, language, translation from reply where draft = ? order by turn;

-- insert_model_permission --
insert into model_permission (draft, model, given_at) values (?, ?, ?);

-- withdraw_model_permission --
update model_permission set withdrawn_at = ? where draft = ? and withdrawn_at is null;

-- read_model_permission --
select model, given_at, withdrawn_at from model_permission where draft = ?;

-- set_identity --
update draft set identity = ? where id = ? and request_id is null;

-- set_request --
update draft set request_id = ? where id = ? and request_id is null;

-- delete_draft --
delete from draft where id = ? and request_id is null;

-- delete_abandoned --
delete from draft where request_id is null and unixepoch(?) >
    unixepoch(coalesce((select max(said_at) from turn where turn.draft = draft.id), consented_at));

-- insert_request --
insert into request (id, state, sequence, return_code_hash, facility, level, created_at, intake)
values (:id, :state, 0, :return_code_hash, :facility, :level, :created_at, :intake);

-- read_request --
select id, state, sequence, facility, level, created_at from request where id = ?;

-- read_intake --
select intake from request where id = ?;

-- read_return_code --
select return_code_hash, failed_count, failed_at from request where id = ?;

-- count_failure --
update request set failed_count = ?, failed_at = ? where id = ?;

-- set_state --
update request set state = ?, sequence = ? where id = ?;

-- insert_timeline --
insert into timeline (request, sequence, state, sentence, at) values (?, ?, ?, ?, ?);

-- read_timeline --
select sequence, state, sentence, at from timeline where request = ? order by sequence;

-- insert_early --
insert into early_event (request, sequence, content) values (?, ?, ?) on conflict do nothing;

-- take_early --
delete from early_event where request = ? and sequence = ? returning content;

-- last_early --
select coalesce(max(sequence), 0) from early_event where request = ?;

-- insert_refused --
insert into refused_event (event_key, content, reason, at) values (?, ?, ?, ?);

-- is_refused --
select exists (select 1 from refused_event where event_key = ?);

-- count_requests --
select count(*) from request;

-- count_gaps --
select count(distinct request) from early_event;

-- count_refused --
select count(distinct event_key) from refused_event;

-- count_outbox --
select count(*) from outbox where state = ?;
