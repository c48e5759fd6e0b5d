-- What waits for a destination, and what holds its lanes, is asked often: it must not be looked for in the queue.
create index delivery_waiting on delivery (destination, id) where is_waiting = 1;
create index delivery_held on delivery (destination) where is_waiting = 1 and state in ('refused', 'stalled');
