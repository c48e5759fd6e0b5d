-- schema --
-- That somebody was forgotten, without who: `mark` recognises a message about that request and nothing else.
create table if not exists erasure (
    mark blob primary key,
    at text not null,
    had_left integer not null
) strict, without rowid;

-- What is deleted is overwritten with zeros in the file, from the first row on. Last, because it answers with a
-- row, and whoever runs a script stops at the first one.
pragma secure_delete = on;

-- read_request --
select state, facility, level, created_at, intake from request where id = ?;

-- read_draft --
select id, identity from draft where request_id = ?;

-- read_turns --
select question, text, said_at from turn where draft = ? order by number;

-- read_timeline --
select state, sentence, at from timeline where request = ? order by sequence;

-- read_sent --
select event_key, state, content from outbox where request_id = ? order by position;

-- read_coming --
select kind, due_at, text from timer where request = ? and fired_at is null order by due_at;

-- read_unapplied --
select content, '' from early_event where request = :request
union all
select content, reason from refused_event where event_key glob :request || '.*';

-- has_left --
select exists (select 1 from outbox
 where request_id = ? and (state <> 'pending' or attempt_count > 0));

-- was_delivered --
select exists (select 1 from outbox where request_id = ? and event_key like '%.Q001' and state = 'delivered');

-- is_forgotten --
select exists (select 1 from erasure where mark = ?);

-- insert_erasure --
insert into erasure (mark, at, had_left) values (?, ?, ?);

-- forget_attempts --
delete from attempt where notice in (select id from notice where request = :request);

-- forget_notices --
delete from notice where request = :request;

-- forget_timers --
delete from timer where request = :request;

-- forget_contacts --
delete from contact where request = :request;

-- forget_early --
delete from early_event where request = :request;

-- forget_refused --
delete from refused_event where event_key glob :request || '.*';

-- forget_outbox --
delete from outbox where request_id = :request;

-- forget_received --
delete from received where control_id glob :request || '.*';

-- forget_timeline --
delete from timeline where request = :request;

-- forget_draft --
delete from draft where request_id = :request;

-- forget_request --
delete from request where id = :request;

-- forget_heard --
delete from heard where draft = (select id from draft where request_id = ?);

-- forget_replies --
delete from reply where draft = (select id from draft where request_id = ?);

-- stop_timers --
delete from timer where request = ?;
