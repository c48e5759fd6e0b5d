-- One row per message a source received, exactly as it arrived. ms: from its last byte to this row.
create table if not exists message (
    id integer primary key autoincrement,
    channel text not null,
    revision text not null,
    source text not null,
    parent_id integer references message (id),
    control_id text not null,
    correlation_id text not null,
    kind text not null,
    raw blob not null,
    received_at text not null,
    ms real not null,
    state text not null check (state in ('accepted', 'refused')),
    error_code text,
    error_place text,
    error_text text
) strict;
create index if not exists message_by_correlation on message (correlation_id, id);
create index if not exists message_by_state on message (state);

-- One row per message and destination: its own content, its own state.
-- lane: what must keep its order at this destination. The lane's head is its lowest unsettled id.
create table if not exists delivery (
    id integer primary key autoincrement,
    message_id integer not null references message (id),
    destination text not null,
    lane text not null,
    control_id text not null,
    content blob not null,
    state text not null
        check (state in ('pending', 'sending', 'unknown', 'delivered', 'refused', 'set-aside')),
    attempt_count integer not null default 0,
    due_at text not null,
    settled_at text
) strict;
create index if not exists delivery_by_message on delivery (message_id);
create index if not exists delivery_unsettled on delivery (destination, lane, id)
    where state not in ('delivered', 'set-aside');
create index if not exists delivery_by_state on delivery (state, message_id);

-- One row per try, with what the other side said.
create table if not exists attempt (
    id integer primary key autoincrement,
    delivery_id integer not null references delivery (id),
    started_at text not null,
    ms real not null,
    outcome text not null check (outcome in ('delivered', 'not-taken', 'unknown', 'refused')),
    reason text not null,
    answer blob not null
) strict;
create index if not exists attempt_by_delivery on attempt (delivery_id);

-- The one delivery of each lane that may move: nothing younger overtakes it.
create view if not exists lane_head as
select * from delivery
 where state not in ('delivered', 'set-aside')
   and not exists (
    select 1 from delivery as earlier
     where earlier.destination = delivery.destination and earlier.lane = delivery.lane
       and earlier.id < delivery.id and earlier.state not in ('delivered', 'set-aside'));
