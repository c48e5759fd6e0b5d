-- As `sqlite_3.sql`, so that both databases have the same versions.
drop index delivery_stopped;
create index delivery_stopped on delivery (state, id)
    where state = 'refused' or state = 'stalled' or state = 'unknown' or state = 'set-aside';
