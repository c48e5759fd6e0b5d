-- Said as queries say it now: with more than two states in a list each row that is written costs a table in memory.
drop index delivery_stopped;
create index delivery_stopped on delivery (state, id)
    where state = 'refused' or state = 'stalled' or state = 'unknown' or state = 'set-aside';
