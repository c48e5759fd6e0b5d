-- The tables of `sqlite.sql` in PostgreSQL's words; what a table or a column means is said there. Differences:
-- a tally has a row for each slot, so that two engines that write at the same time do not wait for each other.

create table if not exists message (
    id bigint generated always as identity primary key,
    channel text not null,
    revision text not null,
    source text not null,
    sender text not null,
    control_id text not null,
    correlation_id text not null,
    document text not null,
    kind text not null,
    raw bytea,
    content_hash bytea not null,
    answer bytea,
    received_at bigint not null,
    ms double precision not null,
    state text not null check (state in ('accepted', 'filtered', 'refused')),
    is_keyed bigint not null,
    code text,
    place text,
    text text,
    parent_id bigint,
    link text not null,
    repeat_count bigint not null default 0,
    is_held bigint not null default 0
);
create unique index if not exists message_key on message (control_id, sender, channel) where is_keyed = 1;
create unique index if not exists message_refused on message (content_hash, channel) where state = 'refused';
create index if not exists message_by_control_id on message (control_id) where is_keyed = 0;
create index if not exists message_by_channel on message (channel, received_at, id);
create index if not exists message_by_correlation on message (correlation_id, id) where correlation_id <> '';
create index if not exists message_by_document on message (document, id) where document <> '';
create index if not exists message_by_parent on message (parent_id) where parent_id is not null;
create index if not exists message_not_accepted on message (state, received_at) where state <> 'accepted';

create table if not exists delivery (
    id bigint generated always as identity primary key,
    message_id bigint not null,
    channel text not null,
    destination text not null,
    correlation_id text not null,
    control_id text not null,
    content bytea,
    places text not null,
    keys text,
    is_waiting bigint not null default 1,
    state text not null check (state in
        ('pending', 'sending', 'unknown', 'delivered', 'refused', 'stalled', 'set-aside')),
    attempt_count bigint not null default 0,
    settled_at bigint
) with (fillfactor = 80);
create index if not exists delivery_by_message on delivery (message_id);
create index if not exists delivery_stopped on delivery (state, id)
    where state in ('refused', 'stalled', 'unknown', 'set-aside');

create table if not exists attempt (
    id bigint generated always as identity primary key,
    delivery_id bigint not null,
    started_at bigint not null,
    ms double precision not null,
    outcome text not null check (outcome in ('delivered', 'not-taken', 'unknown', 'refused')),
    reason text not null,
    answer bytea
);
create index if not exists attempt_by_delivery on attempt (delivery_id);

-- Written several times for each message: room for new versions in the page, and swept long before the usual fifth.
create table if not exists lane (
    id bigint generated always as identity primary key,
    destination text not null,
    key text not null,
    last_number bigint not null,
    waiting_count bigint not null,
    token bigint not null default 0,
    owner text,
    due_at bigint not null,
    unique (destination, key)
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index if not exists lane_due on lane (destination, due_at) where waiting_count > 0;
create index if not exists lane_leased on lane (owner) where owner is not null;

create table if not exists place (
    lane_id bigint not null,
    number bigint not null,
    delivery_id bigint not null,
    primary key (lane_id, number)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

create table if not exists legal_hold (
    message_id bigint not null,
    reason text not null,
    who text not null,
    held_at bigint not null,
    primary key (message_id, reason)
);
create index if not exists legal_hold_by_reason on legal_hold (reason, message_id);

create table if not exists tally (
    channel text not null,
    destination text not null,
    state text not null,
    slot bigint not null,
    count bigint not null,
    last_at bigint not null,
    primary key (channel, destination, state, slot)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

create table if not exists pruned (
    channel text not null,
    destination text not null,
    state text not null,
    count bigint not null,
    primary key (channel, destination, state)
);
