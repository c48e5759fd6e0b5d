-- Statements of a whole group. Rows come as one JSON array, bytes in it as base64. A join is written so that
-- it can only be made by looking each row up, whatever the planner knows about a table that was just made.

-- new_ids --
select nextval(sequence)
  from (select pg_get_serial_sequence(?, 'id')::regclass as sequence offset 0) as of_table, generate_series(1, ?);

-- make_lanes --
-- The lanes it needs that are not there yet, made in one order by everybody.
insert into lane (destination, key, last_number, waiting_count, due_at)
select destination, key, 0, 0, 0 from json_to_recordset(?) as asked (destination text, key text)
 order by destination, key
on conflict (destination, key) do nothing;

-- lock_lanes --
-- All lanes of a group, in one order for everybody: nobody waits for somebody who waits for them.
select id, destination, key, last_number, waiting_count, token, owner, due_at from lane
 where id = any(?::bigint[] || array(
    select found.id from json_to_recordset(?) as asked (destination text, key text)
     cross join lateral (
        select id from lane where lane.destination = asked.destination and lane.key = asked.key limit 1) as found))
 order by id for update;

-- insert_messages --
-- Those whose key is known are not written, and their numbers do not come back.
insert into message (id, channel, revision, source, sender, control_id, correlation_id, document, kind, raw,
    content_hash, answer, received_at, ms, state, is_keyed, code, place, text, parent_id, link)
overriding system value
select id, channel, revision, source, sender, control_id, correlation_id, document, kind, decode(raw, 'base64'),
       decode(content_hash, 'base64'), decode(answer, 'base64'), received_at, ms, state, is_keyed, code, place,
       text, parent_id, link
  from json_to_recordset(?) as given (
    id bigint, channel text, revision text, source text, sender text, control_id text, correlation_id text,
    document text, kind text, raw text, content_hash text, answer text, received_at bigint, ms double precision,
    state text, is_keyed bigint, code text, place text, text text, parent_id bigint, link text)
on conflict (control_id, sender, channel) where is_keyed = 1 do nothing
returning id;

-- insert_deliveries --
insert into delivery (id, message_id, channel, destination, correlation_id, control_id, content, places, state)
overriding system value
select id, message_id, channel, destination, correlation_id, control_id, decode(content, 'base64'), places,
       'pending'
  from json_to_recordset(?) as given (
    id bigint, message_id bigint, channel text, destination text, correlation_id text, control_id text,
    content text, places text);

-- take_places --
insert into place (lane_id, number, delivery_id)
select lane_id, number, delivery_id
  from json_to_recordset(?) as given (lane_id bigint, number bigint, delivery_id bigint);

-- leave_places --
delete from place using json_to_recordset(?) as given (lane_id bigint, number bigint)
 where place.lane_id = given.lane_id and place.number = given.number;

-- insert_attempts --
insert into attempt (delivery_id, started_at, ms, outcome, reason, answer)
select delivery_id, started_at, ms, outcome, reason, decode(answer, 'base64')
  from json_to_recordset(?) as given (
    delivery_id bigint, started_at bigint, ms double precision, outcome text, reason text, answer text);

-- settle_deliveries --
update delivery set state = given.state, attempt_count = attempt_count + given.counts,
    settled_at = given.settled_at, is_waiting = given.is_waiting, keys = coalesce(given.keys, delivery.keys)
  from json_to_recordset(?) as given (
    id bigint, state text, counts bigint, settled_at bigint, is_waiting bigint, keys text)
 where delivery.id = given.id;

-- write_lanes --
update lane set last_number = given.last_number, waiting_count = given.waiting_count, owner = given.owner,
    due_at = given.due_at
  from json_to_recordset(?) as given (
    id bigint, last_number bigint, waiting_count bigint, owner text, due_at bigint)
 where lane.id = given.id;

-- heads_of_lanes --
select asked.lane_id, delivery.id, delivery.message_id, delivery.channel, delivery.correlation_id,
       delivery.control_id, delivery.content, delivery.attempt_count, delivery.places
  from (select value::bigint as lane_id from json_array_elements_text(?::json)) as asked
 cross join lateral (
    select delivery_id from place where place.lane_id = asked.lane_id order by number limit 1) as head
 cross join lateral (select * from delivery where id = head.delivery_id limit 1) as delivery;
