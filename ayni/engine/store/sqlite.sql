-- Times are microseconds since 1970 (UTC). Bytes that a sender or a partner wrote are never rewritten, only
-- deleted when their time is over (content first, the row later). A state is one of a few, said with `or`: for
-- more than two in a list SQLite makes a table in memory at every row.

-- One row per message a source received, exactly as it arrived.
-- is_keyed: known by (channel, sender, control_id). parent_id, link: made from another one by handover, replay
-- or edit. ms: from its last byte to this row. repeat_count: how often the same refused bytes came again.
create table if not exists message (
    id integer primary key autoincrement,
    channel text not null,
    revision text not null,
    source text not null,
    sender text not null,
    control_id text not null,
    correlation_id text not null,
    document text not null,
    kind text not null,
    raw blob,
    content_hash blob not null,
    answer blob,
    received_at integer not null,
    ms real not null,
    state text not null check (state = 'accepted' or state = 'filtered' or state = 'refused'),
    is_keyed integer not null,
    code text,
    place text,
    text text,
    parent_id integer,
    link text not null,
    repeat_count integer not null default 0,
    is_held integer not null default 0
) strict;
create unique index if not exists message_key on message (control_id, sender, channel) where is_keyed = 1;
create unique index if not exists message_refused on message (content_hash, channel) where state = 'refused';
create index if not exists message_by_control_id on message (control_id) where is_keyed = 0;
create index if not exists message_by_channel on message (channel, received_at);
create index if not exists message_by_correlation on message (correlation_id, id) where correlation_id <> '';
create index if not exists message_by_document on message (document, id) where document <> '';
create index if not exists message_by_parent on message (parent_id) where parent_id is not null;
create index if not exists message_not_accepted on message (state, received_at) where state <> 'accepted';

-- One row per message and destination: its own content, its own state. places: [[lane id, number], ...], which
-- it keeps while is_waiting. keys: of the lanes it let pass when it stopped, so that it can join them again.
create table if not exists delivery (
    id integer primary key autoincrement,
    message_id integer not null,
    channel text not null,
    destination text not null,
    correlation_id text not null,
    control_id text not null,
    content blob,
    places text not null,
    keys text,
    is_waiting integer not null default 1,
    state text not null check (state = 'pending' or state = 'sending' or state = 'unknown' or state = 'delivered'
        or state = 'refused' or state = 'stalled' or state = 'set-aside'),
    attempt_count integer not null default 0,
    settled_at integer
) strict;
create index if not exists delivery_by_message on delivery (message_id);
create index if not exists delivery_stopped on delivery (state, id)
    where state = 'refused' or state = 'stalled' or state = 'unknown' or state = 'set-aside';

-- One row per try, with what the other side said.
create table if not exists attempt (
    id integer primary key autoincrement,
    delivery_id integer not null,
    started_at integer not null,
    ms real not null,
    outcome text not null check (outcome = 'delivered' or outcome = 'not-taken' or outcome = 'unknown' or outcome = 'refused'),
    reason text not null,
    answer blob
) strict;
create index if not exists attempt_by_delivery on attempt (delivery_id);

-- One row per destination and key. Numbers are given under this row's lock and never again.
-- due_at: when its head may be sent. While owner has it, when the lease ends. Far away while it is held.
create table if not exists lane (
    id integer primary key autoincrement,
    destination text not null,
    key text not null,
    last_number integer not null,
    waiting_count integer not null,
    token integer not null default 0,
    owner text,
    due_at integer not null,
    unique (destination, key)
) strict;
create index if not exists lane_due on lane (destination, due_at) where waiting_count > 0;

-- Who waits in a lane: the lowest number is its head. This is the whole queue, so history costs it nothing.
create table if not exists place (
    lane_id integer not null,
    number integer not null,
    delivery_id integer not null,
    primary key (lane_id, number)
) strict, without rowid;

-- Who keeps a message beyond its time and why. While there is one, message.is_held says so to the pruner.
create table if not exists legal_hold (
    message_id integer not null,
    reason text not null,
    who text not null,
    held_at integer not null,
    primary key (message_id, reason)
) strict, without rowid;
create index if not exists legal_hold_by_reason on legal_hold (reason, message_id);

-- How many there have been of each, kept in the same commits; '' as destination counts messages.
-- last_at: when the last of them came, as far as the commit that counted it knew.
create table if not exists tally (
    channel text not null,
    destination text not null,
    state text not null,
    count integer not null,
    last_at integer not null,
    primary key (channel, destination, state)
) strict, without rowid;

-- How many of each were deleted when their time was over: what the tallies know and the rows no longer show.
create table if not exists pruned (
    channel text not null,
    destination text not null,
    state text not null,
    count integer not null,
    primary key (channel, destination, state)
) strict, without rowid;
