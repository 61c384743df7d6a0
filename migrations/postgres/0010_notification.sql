-- What a person is told: events, grouped by `key`. What they owe is computed, not kept. A row lies in the inbox at once; until
-- `shows_at` (deep work, days off) it is neither counted nor pushed.
create table notification (
  id uuid primary key,
  person uuid not null references person (id),
  kind text not null, -- no check: features add kinds, and the program knows them all
  subject_kind text not null check (subject_kind in ('post', 'check_in', 'recording', 'goal', 'slot', 'digest')),
  subject uuid not null,
  part uuid, -- the comment or blocker in it
  key text not null,
  actor uuid references person (id),
  count integer not null default 1 check (count > 0),
  created_at timestamptz not null,
  at timestamptz not null,
  shows_at timestamptz not null,
  read_at timestamptz,
  pushed_at timestamptz,
  changed_at timestamptz not null,
  revision bigint not null default 1 -- each change counts, so that readers tell two in one millisecond apart
);
create unique index notification_key on notification (person, key);
create index notification_list on notification (person, at desc, id desc);
create index notification_unread on notification (person, shows_at) where read_at is null;
create index notification_unpushed on notification (shows_at) where read_at is null and pushed_at is null;
create index notification_changed on notification (changed_at, id);
create index notification_read on notification (read_at) where read_at is not null;

-- One a person and day of theirs, also when there was nothing to say.
create table digest (
  id uuid primary key,
  person uuid not null references person (id),
  local_date date not null,
  content jsonb not null,
  made_at timestamptz not null
);
create unique index digest_day on digest (person, local_date);
create index digest_made on digest (made_at);

-- A browser that wants to be woken (RFC 8030). It ends with the session it was made in.
create table push_subscription (
  id uuid primary key,
  person uuid not null references person (id),
  session uuid references session (id),
  endpoint text not null,
  p256dh bytea not null,
  auth bytea not null,
  created_at timestamptz not null
);
create unique index push_subscription_endpoint on push_subscription (endpoint);
create index push_subscription_person on push_subscription (person, id);

-- Local time of the daily digest; null: none wanted.
alter table person add column digest_at text default '08:30';
