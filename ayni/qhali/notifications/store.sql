-- schema --
-- How a citizen wants to hear of one request besides its page; the lowest rank is tried first.
create table if not exists contact (
    request text not null references request (id),
    channel text not null,
    rank integer not null,
    address text not null,
    added_at text not null,
    primary key (request, channel)
) strict, without rowid;

-- What a citizen is told, each thing once. `id` is that of its Communication. `outside` is what may be read
-- on a locked screen, null for what stays on the page; `token` confirms or answers this notice and no more.
create table if not exists notice (
    id text primary key,
    request text not null references request (id),
    kind text not null,
    text text not null,
    outside text,
    asks text,
    is_urgent integer not null,
    token text not null unique,
    created_at text not null,
    confirmed_at text,
    answer text,
    answered_at text
) strict;
create index if not exists notice_request on notice (request);

-- The outbox of notices: one row for each channel a notice is sent through, the page first. `due_at` is when
-- a pending row may be sent, and when a sent one has waited long enough to be confirmed.
create table if not exists attempt (
    notice text not null references notice (id),
    channel text not null,
    number integer not null,
    state text not null
        check (state in ('pending', 'sent', 'confirmed', 'failed', 'unconfirmed', 'withdrawn')),
    attempt_count integer not null default 0,
    due_at text not null,
    reference text,
    reason text,
    primary key (notice, channel)
) strict, without rowid;
create index if not exists attempt_due on attempt (state, due_at) where state in ('pending', 'sent');
create index if not exists attempt_reference on attempt (channel, reference) where reference is not null;

-- What has to be told when nothing happens until `due_at`; nothing any more after `until`.
create table if not exists timer (
    request text not null references request (id),
    kind text not null,
    due_at text not null,
    until text,
    text text not null,
    outside text not null,
    asks text,
    is_urgent integer not null,
    patient text,
    fired_at text,
    primary key (request, kind)
) strict, without rowid;
create index if not exists timer_due on timer (due_at) where fired_at is null;

-- That the staff is told of a clock that has struck. It goes with its clock: once the state has changed nobody
-- needs the letter. `due_at` is when it may be tried.
create table if not exists staff_letter (
    request text not null,
    kind text not null,
    attempt_count integer not null default 0,
    due_at text not null,
    sent_at text,
    primary key (request, kind),
    foreign key (request, kind) references timer (request, kind) on delete cascade
) strict, without rowid;
create index if not exists staff_letter_due on staff_letter (due_at) where sent_at is null;

-- insert_notice --
insert into notice (id, request, kind, text, outside, asks, is_urgent, token, created_at)
values (:id, :request, :kind, :text, :outside, :asks, :is_urgent, :token, :created_at);

-- read_notice --
select id, request, kind, text, outside, asks, is_urgent, token, created_at, confirmed_at, answer, answered_at
  from notice where id = ?;

-- read_notices --
select id, request, kind, text, outside, asks, is_urgent, token, created_at, confirmed_at, answer, answered_at
  from notice where request = ? order by created_at, rowid;

-- notice_of_token --
select id from notice where token = ?;

-- notice_of_reference --
select notice from attempt where channel = ? and reference = ?;

-- last_asked --
-- The newest question that went out through a channel to an address and has no answer yet.
select notice.id from notice
  join attempt on attempt.notice = notice.id and attempt.channel = :channel
  join contact on contact.request = notice.request and contact.channel = :channel
 where contact.address = :address and notice.asks is not null and notice.answer is null
 order by notice.created_at desc, notice.rowid desc limit 1;

-- unconfirmed_notices --
select id from notice where request = ? and confirmed_at is null;

-- confirm_notice --
update notice set confirmed_at = ? where id = ? and confirmed_at is null;

-- answer_notice --
update notice set answer = ?, answered_at = ? where id = ? and answer is null;

-- insert_attempt --
insert into attempt (notice, channel, number, state, due_at)
values (:notice, :channel, (select count(*) from attempt where notice = :notice), :state, :due_at);

-- next_contact --
select channel from contact
 where request = :request
   and not exists (select 1 from attempt where notice = :notice and attempt.channel = contact.channel)
 order by rank limit 1;

-- due_attempts --
select attempt.notice, attempt.channel, attempt.attempt_count, contact.address
  from attempt
  join notice on notice.id = attempt.notice
  left join contact on contact.request = notice.request and contact.channel = attempt.channel
 where attempt.state = 'pending' and attempt.due_at <= ?
 order by notice.is_urgent desc, attempt.due_at limit ?;

-- unanswered_attempts --
select notice, channel from attempt where state = 'sent' and due_at <= ? order by due_at limit ?;

-- give_up --
update attempt set state = 'unconfirmed' where notice = ? and channel = ? and state = 'sent';

-- claim_attempt --
update attempt set attempt_count = attempt_count + 1, due_at = ? where notice = ? and channel = ?;

-- settle_attempt --
-- A row that was confirmed or withdrawn while it was being sent stays so.
update attempt set state = :state, due_at = :due_at, reference = coalesce(:reference, reference),
       reason = :reason
 where notice = :notice and channel = :channel and state in ('pending', 'sent');

-- confirm_attempts --
update attempt set state = iif(state = 'sent', 'confirmed', 'withdrawn')
 where notice = ? and state in ('sent', 'pending');

-- withdraw_channel --
update attempt set state = 'withdrawn', reason = 'consent withdrawn'
 where channel = :channel and state in ('pending', 'sent')
   and notice in (select id from notice where request = :request);

-- read_attempts --
select channel, state, attempt_count, reason from attempt where notice = ? order by number;

-- read_contacts --
select channel, rank, address, added_at from contact where request = ? order by rank;

-- put_contact --
insert into contact (request, channel, rank, address, added_at)
values (:request, :channel, (select coalesce(max(rank), 0) + 1 from contact where request = :request),
        :address, :added_at)
on conflict (request, channel) do update set address = excluded.address, added_at = excluded.added_at;

-- first_contact --
update contact set rank = (select min(rank) - 1 from contact where request = :request)
 where request = :request and channel = :channel;

-- delete_contact --
delete from contact where request = ? and channel = ?;

-- read_intake --
select intake from request where id = ?;

-- read_level --
select level from request where id = ?;

-- put_timer --
insert into timer (request, kind, due_at, until, text, outside, asks, is_urgent, patient)
values (:request, :kind, :due_at, :until, :text, :outside, :asks, :is_urgent, :patient)
on conflict (request, kind) do update set due_at = excluded.due_at, until = excluded.until,
    text = excluded.text, outside = excluded.outside, fired_at = null
 where excluded.until is not timer.until;

-- read_timers --
select kind, due_at, fired_at from timer where request = ?;

-- delete_timer --
delete from timer where request = ? and kind = ?;

-- due_timers --
select request, kind, text, outside, asks, is_urgent, patient, due_at, until from timer
 where fired_at is null and due_at <= ? order by due_at limit ?;

-- fire_timer --
update timer set fired_at = ? where request = ? and kind = ?;

-- count_waiting --
select count(*) from attempt where state = 'pending';

-- overdue --
-- What citizens had to be told because nothing happened, and nothing has happened since; the oldest first.
select timer.kind, request.facility, count(*), min(timer.fired_at) from timer
  join request on request.id = timer.request
 where timer.fired_at is not null group by timer.kind, request.facility order by min(timer.fired_at);

-- next_answer_number --
select count(*) + 2 from outbox where request_id = ? and event_key like '%.Q%' and event_key not like '%.Q001';

-- answer_standing --
select state from outbox
 where request_id = ? and event_key like '%.Q%' and event_key not like '%.Q001'
 order by position desc limit 1;

-- end_silence --
update attempt set due_at = ?, reason = 'reported as not delivered'
 where channel = ? and reference = ? and state = 'sent';

-- requests_at --
select request from contact where channel = ? and address = ?;

-- current_notices --
-- A clock's row is there as long as its state is: what it told belongs to now.
select notice.id from notice
  join timer on timer.request = notice.request and timer.kind = notice.kind
 where notice.request = ? and timer.fired_at is not null and notice.created_at >= timer.fired_at;

-- insert_staff_letter --
insert into staff_letter (request, kind, due_at) values (?, ?, ?) on conflict do nothing;

-- due_staff_letters --
select staff_letter.request, staff_letter.kind, staff_letter.attempt_count, request.facility, request.state,
       timer.fired_at, timer.is_urgent
  from staff_letter
  join timer on timer.request = staff_letter.request and timer.kind = staff_letter.kind
  join request on request.id = staff_letter.request
 where staff_letter.sent_at is null and staff_letter.due_at <= ?
 order by timer.is_urgent desc, staff_letter.due_at limit ?;

-- claim_staff_letter --
update staff_letter set attempt_count = attempt_count + 1, due_at = ? where request = ? and kind = ?;

-- staff_letter_sent --
update staff_letter set sent_at = ? where request = ? and kind = ?;
