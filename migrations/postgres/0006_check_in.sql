-- A slot is a dated duty, made ahead; its outcome is a fact and never rewritten.
create table check_in_slot (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  person uuid not null references person (id),
  reviewer uuid references person (id), -- frozen when the slot opens
  local_date date not null,
  time_zone text not null,
  opens_at timestamptz not null,
  due_at timestamptz not null,
  grace_until timestamptz not null,
  state text not null check (state in ('ahead', 'open', 'submitted', 'late', 'missed', 'excused')),
  decided_at timestamptz,
  created_at timestamptz not null,
  unique (person, local_date)
);
create index check_in_slot_open on check_in_slot (grace_until, id) where state in ('ahead', 'open');
create index check_in_slot_ahead on check_in_slot (opens_at, id) where state = 'ahead';
create index check_in_slot_organisation on check_in_slot (organisation, local_date desc, id desc);

create table check_in (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  author uuid not null references person (id),
  slot uuid unique references check_in_slot (id), -- null: an extra one
  reviewer uuid references person (id),
  state text not null check (state in ('draft', 'published')),
  headline text not null default '',
  wins text not null default '',
  next_actions text not null default '',
  recording uuid references recording (id),
  local_date date not null,
  revision bigint not null default 1,
  created_at timestamptz not null,
  published_at timestamptz
);
-- At most one extra check-in is being written by a person.
create unique index check_in_extra_draft on check_in (author) where state = 'draft' and slot is null;
create index check_in_author on check_in (author, published_at desc, id desc) where state = 'published';
create index check_in_published on check_in (organisation, published_at desc, id desc) where state = 'published';
create index check_in_recording on check_in (recording) where recording is not null;

create table check_in_goal (
  check_in uuid not null references check_in (id),
  goal uuid not null references goal (id),
  status text check (status in ('on_track', 'caution', 'off_track', 'done')),
  no_change boolean not null default false,
  confidence smallint check (confidence between 1 and 10),
  note text not null default '',
  metrics jsonb not null, -- [{"metric", "name", "previous", "value"}], frozen
  primary key (check_in, goal)
);
create index check_in_goal_goal on check_in_goal (goal, check_in);

create table blocker (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  goal uuid references goal (id),
  check_in uuid not null references check_in (id), -- raised in
  author uuid not null references person (id),
  at_ms bigint,
  text text not null,
  asks uuid references person (id),
  state text not null check (state in ('open', 'escalated', 'resolved', 'withdrawn')),
  answer text not null default '',
  slots_carried integer not null default 0,
  revision bigint not null default 1,
  created_at timestamptz not null,
  resolved_at timestamptz
);
create index blocker_check_in on blocker (check_in, id);
create index blocker_author on blocker (author, created_at);
create index blocker_open on blocker (author, id) where state in ('open', 'escalated');
create index blocker_asks on blocker (asks, id) where state in ('open', 'escalated');

create table review (
  id uuid primary key,
  check_in uuid not null unique references check_in (id),
  reviewer uuid not null references person (id),
  decision text check (decision in ('acknowledged', 'discuss', 'change_asked')),
  note text not null default '',
  recording uuid references recording (id),
  due_at timestamptz not null,
  reviewed_at timestamptz,
  created_at timestamptz not null
);
create index review_due on review (reviewer, due_at, id) where reviewed_at is null;
