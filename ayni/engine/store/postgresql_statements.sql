-- What PostgreSQL says otherwise than `statements.sql`, by the same names and with the same values in the same
-- order: here several engines write at once, so what is read in order to be changed is locked.

-- insert_message --
insert into message (channel, revision, source, sender, control_id, correlation_id, document, kind, raw,
    content_hash, answer, received_at, ms, state, is_keyed, code, place, text, parent_id, link)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (control_id, sender, channel) where is_keyed = 1 do nothing
returning id;

-- insert_delivery --
insert into delivery (message_id, channel, destination, correlation_id, control_id, content, places, state)
values (?, ?, ?, ?, ?, ?, ?, 'pending')
returning id;

-- lane_of --
select id, last_number, waiting_count, token from lane where destination = ? and key = ? for update;

-- new_lane --
-- Nothing is written when another engine has just made it.
insert into lane (destination, key, last_number, waiting_count, token, owner, due_at) values (?, ?, 1, 1, ?, ?, ?)
on conflict (destination, key) do nothing
returning id;

-- lease_lanes --
-- Lanes that another engine is changing are passed over. What is passed over is a lane, never a message, so
-- that nothing overtakes.
update lane set token = token + 1, owner = ?, due_at = ?
 where id = any(array(
    select id from lane where destination = ? and waiting_count > 0 and due_at <= ?
     order by due_at limit ? for update skip locked))
returning id, token, key;

-- lease_lane --
update lane set token = token + 1, owner = ?, due_at = ?
 where id = (select id from lane where id = ? and (owner is null or owner = ?) for update skip locked)
returning token;

-- owned_lane --
select 1 from lane where id = ? and token = ? and owner is not null for update;

-- leased_to --
select lane.id, (select delivery_id from place where lane_id = lane.id order by number limit 1)
  from lane where owner = ? for update;

-- be_due --
update lane set due_at = ?
 where id = any(array(
    select id from lane where owner is null and waiting_count > 0 and due_at > ? and due_at < 4611686018427387904
     order by id for update skip locked));

-- stopped_delivery --
-- Two people may decide about the same one.
select channel, destination, places, keys, is_waiting, state, content is not null from delivery
 where id = ? and state in ('refused', 'stalled') for update;

-- add_to_tally --
insert into tally (channel, destination, state, count, last_at, slot)
values (?, ?, ?, ?, ?, pg_backend_pid() % 16)
on conflict (channel, destination, state, slot) do update set count = tally.count + excluded.count,
    last_at = greatest(tally.last_at, excluded.last_at);

-- tallies --
select channel, destination, state, sum(count) from tally
 group by channel, destination, state order by channel, destination, state;

-- is_waiting --
select 1 from tally where channel = ? and destination <> '' and state = 'pending' having sum(count) > 0;

-- newest_before --
select max((select id from message where channel = known.channel and received_at < ?
             order by received_at desc, id desc limit 1))
  from (select distinct channel from tally where destination = '') as known;
