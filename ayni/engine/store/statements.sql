-- insert_message --
-- Nothing is written when the key is known.
insert into message (channel, revision, source, sender, control_id, correlation_id, document, kind, raw,
    content_hash, answer, received_at, ms, state, is_keyed, code, place, text, parent_id, link)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (control_id, sender, channel) where is_keyed = 1 do nothing;

-- insert_refused --
-- The same refused bytes again are the same row: a sender that repeats for ever fills no disk.
insert into message (channel, revision, source, sender, control_id, correlation_id, document, kind, raw,
    content_hash, answer, received_at, ms, state, is_keyed, code, place, text, parent_id, link)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (content_hash, channel) where state = 'refused' do update set repeat_count = message.repeat_count + 1
returning id, repeat_count;

-- earlier --
-- The one that has the key; before it the one that came under the same name with this content, taken as new.
select id, answer, content_hash from (
    select id, answer, content_hash, is_keyed from message
     where control_id = ? and sender = ? and channel = ? and is_keyed = 1
    union all
    select id, answer, content_hash, is_keyed from message
     where control_id = ? and is_keyed = 0 and sender = ? and channel = ? and content_hash = ?
       and link = '' and state <> 'refused') as known
 order by is_keyed, id limit 1;

-- insert_delivery --
insert into delivery (message_id, channel, destination, correlation_id, control_id, content, places, state)
values (?, ?, ?, ?, ?, ?, ?, 'pending');

-- lane_of --
select id, last_number, waiting_count, token from lane where destination = ? and key = ?;

-- new_lane --
-- With its first place.
insert into lane (destination, key, last_number, waiting_count, token, owner, due_at) values (?, ?, 1, 1, ?, ?, ?);

-- join_empty_lane --
update lane set last_number = last_number + 1, waiting_count = 1, token = ?, owner = ?, due_at = ? where id = ?;

-- join_lane --
-- Where somebody waits the head decides when it is due.
update lane set last_number = last_number + 1, waiting_count = waiting_count + 1 where id = ?;

-- take_place --
insert into place (lane_id, number, delivery_id) values (?, ?, ?);

-- leave_place --
delete from place where lane_id = ? and number = ?;

-- head_number --
select min(number) from place where lane_id = ?;

-- lease_lanes --
-- Due lanes, the longest due first, leased to one owner with a new token.
update lane set token = token + 1, owner = ?, due_at = ?
 where id in (select id from lane where destination = ? and waiting_count > 0 and due_at <= ?
               order by due_at limit ?)
returning id, token, key;

-- lease_lane --
-- A lane that the same message heads too. Its owner may be this node, which has just leased it as due.
update lane set token = token + 1, owner = ?, due_at = ? where id = ? and (owner is null or owner = ?)
returning token;

-- heads_of_lanes --
-- Given as a JSON array of their numbers.
select asked.value, delivery.id, delivery.message_id, delivery.channel, delivery.correlation_id, delivery.control_id,
       delivery.content, delivery.attempt_count, delivery.places
  from json_each(?) as asked join delivery on delivery.id = (
    select delivery_id from place where lane_id = asked.value order by number limit 1);

-- owned_lane --
-- Asked of each lane before the first of several is settled: either all are, or none.
select 1 from lane where id = ? and token = ? and owner is not null;

-- settle_lane --
-- Fenced: changes nothing when the lane has had another token since, or was settled with this one before.
update lane set owner = null, waiting_count = waiting_count - ?, due_at = ?
 where id = ? and token = ? and owner is not null;

-- free_lane --
-- A person, or a node that gives back what it leased.
update lane set owner = null, waiting_count = waiting_count - ?, due_at = ? where id = ?;

-- insert_attempt --
insert into attempt (delivery_id, started_at, ms, outcome, reason, answer) values (?, ?, ?, ?, ?, ?);

-- settle_delivery --
update delivery set state = ?, attempt_count = attempt_count + ?, settled_at = ?, is_waiting = ? where id = ?;

-- leased_to --
select lane.id, (select delivery_id from place where lane_id = lane.id order by number limit 1)
  from lane where owner = ?;

-- doubt --
update delivery set state = 'unknown' where id = ? and state = 'pending';

-- be_due --
-- When an engine starts: all that waits for its time, not for a person and not in anybody's hands.
update lane set due_at = ?
 where owner is null and waiting_count > 0 and due_at > ? and due_at < 4611686018427387904;

-- message_of --
select channel, destination, message_id from delivery where id = ?;

-- finished --
-- A message of which nothing is to be done any more. What was replayed or handed over has no sender outside.
select raw, correlation_id,
       (select count(*) from delivery where message_id = message.id and state = 'set-aside')
  from message where id = ? and state = 'accepted' and link = '' and raw is not null
   and not exists (select 1 from delivery where message_id = message.id
                                            and state not in ('delivered', 'set-aside'));

-- lane_keys --
select key from lane where id = ?;

-- remember_keys --
update delivery set keys = ? where id = ?;

-- stopped_delivery --
select channel, destination, places, keys, is_waiting, state, content is not null from delivery
 where id = ? and state in ('refused', 'stalled');

-- decide_delivery --
update delivery set state = ?, places = ?, is_waiting = ?, attempt_count = 0 where id = ?;

-- add_to_tally --
insert into tally (channel, destination, state, count, last_at) values (?, ?, ?, ?, ?)
on conflict (channel, destination, state) do update set count = tally.count + excluded.count,
    last_at = case when excluded.last_at > tally.last_at then excluded.last_at else tally.last_at end;

-- next_due --
-- What is far away waits for a person or for another lane.
select min(due_at) from lane
 where destination = ? and waiting_count > 0 and due_at < 4611686018427387904;

-- tallies --
select channel, destination, state, count from tally order by channel, destination, state;

-- recounted_messages --
select channel, '' as destination, state, count(*) as count from message group by channel, state;

-- recounted_deliveries --
select channel, destination,
       case when state in ('sending', 'unknown') then 'pending' else state end as state, count(*) as count
  from delivery group by 1, 2, 3;

-- pruned --
select channel, destination, state, count from pruned;

-- strays --
-- What one table says and another one denies: nothing, while every change is one transaction.
select 'lane' as what, id from lane
 where waiting_count <> (select count(*) from place where lane_id = lane.id)
union all
select 'place', delivery_id from place where not exists (
    select 1 from delivery where id = place.delivery_id and is_waiting = 1
       and state in ('pending', 'unknown', 'refused', 'stalled'))
union all
select 'delivery', id from delivery
 where (is_waiting = 1 and id not in (select delivery_id from place))
    or (is_waiting = 0 and state in ('pending', 'unknown'))
    or not exists (select 1 from message where id = delivery.message_id);

-- waiting --
select destination, sum(count) from tally
 where destination <> '' and state = 'pending' group by destination having sum(count) > 0;

-- held --
-- Those a person has to decide about and that hold their lanes.
select destination, count(*) from delivery
 where is_waiting = 1 and state in ('refused', 'stalled') group by destination;

-- oldest_waiting --
-- Deliveries are numbered as their messages came.
select received_at from message where id = (
    select message_id from delivery where destination = ? and is_waiting = 1 order by id limit 1);

-- hold_message --
update message set is_held = 1 where id = ?;

-- insert_hold --
insert into legal_hold (message_id, reason, who, held_at) values (?, ?, ?, ?)
on conflict (message_id, reason) do nothing;

-- lock_message --
-- Who lifts and who holds the same message follow one another: the later one sees what the earlier one did.
update message set is_held = is_held where id = ?;

-- delete_hold --
delete from legal_hold where message_id = ? and reason = ?;

-- release_message --
update message set is_held = 0 where id = ? and not exists (select 1 from legal_hold where message_id = ?);

-- holds --
select reason, count(*), min(held_at),
       (select who from legal_hold as first where first.reason = legal_hold.reason
         order by held_at, message_id limit 1)
  from legal_hold group by reason order by min(held_at), reason;

-- held_for --
select message_id from legal_hold where reason = ? and message_id > ? order by message_id limit ?;

-- newest_before --
-- The number up to which messages are old enough, by the newest of each channel.
select max((select id from message where channel = tally.channel and received_at < ?
             order by received_at desc limit 1)) from tally where destination = '';

-- end_of_span --
-- So many rows further: what is looked through in one go, whether anything in it is found or not.
select max(id) from (select id from message where id > ? order by id limit ?) as span;

-- content_to_prune --
-- Messages of which nothing waits, oldest first; who is held or waits is passed over.
select id from message where id > ? and id <= ? and received_at < ? and raw is not null and is_held = 0
   and not exists (select 1 from delivery where message_id = message.id and is_waiting = 1)
 order by id limit ?;

-- rows_to_prune --
select id from message where id > ? and id <= ? and received_at < ? and is_held = 0
   and not exists (select 1 from delivery where message_id = message.id and is_waiting = 1)
 order by id limit ?;

-- forget_message_content --
-- Asked again where it is done: since it was found somebody may have held it, or sent a delivery again.
-- Our own answer stays, so that a repeated message still gets it.
update message set raw = null where id = ? and is_held = 0
   and not exists (select 1 from delivery where message_id = message.id and is_waiting = 1);

-- forget_delivery_content --
update delivery set content = null where message_id = ?;

-- forget_attempt_content --
update attempt set answer = null where delivery_id in (select id from delivery where message_id = ?);

-- delete_message --
delete from message where id = ? and is_held = 0
   and not exists (select 1 from delivery where message_id = message.id and is_waiting = 1)
returning channel, state;

-- delete_attempts --
delete from attempt where delivery_id in (select id from delivery where message_id = ?);

-- delete_deliveries --
delete from delivery where message_id = ? returning channel, destination, state, places;

-- delete_lane --
-- A lane goes with the last delivery that had a place in it.
delete from lane where id = ? and last_number = ? and waiting_count = 0;

-- add_to_pruned --
insert into pruned (channel, destination, state, count) values (?, ?, ?, 1)
on conflict (channel, destination, state) do update set count = pruned.count + 1;

-- give_back_space --
-- Few enough pages that messages wait a few milliseconds for it.
pragma incremental_vacuum(500);

-- free_pages --
pragma freelist_count;

-- ask_journal_mode --
pragma journal_mode;

-- ask_synchronous --
pragma synchronous;

-- ask_auto_vacuum --
pragma auto_vacuum;

-- is_waiting --
select 1 from tally where channel = ? and destination <> '' and state = 'pending' and count > 0;

-- waiting_count --
select sum(count) from tally where destination <> '' and state = 'pending';

-- last_received --
select max(last_at) from tally where channel = ? and destination = '';
