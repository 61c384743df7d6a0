-- A slot is a dated duty, made ahead; its outcome is a fact and never rewritten.
create table check_in_slot (
  id blob primary key,
  organisation blob not null references organisation (id),
  person blob not null references person (id),
  reviewer blob references person (id), -- frozen when the slot opens
  local_date text not null,
  time_zone text not null,
  opens_at text not null,
  due_at text not null,
  grace_until text not null,
  state text not null check (state in ('ahead', 'open', 'submitted', 'late', 'missed', 'excused')),
  decided_at text,
  created_at text not null,
  unique (person, local_date)
);
create index check_in_slot_open on check_in_slot (grace_until, id) where state in ('ahead', 'open');
create index check_in_slot_ahead on check_in_slot (opens_at, id) where state = 'ahead';
create index check_in_slot_organisation on check_in_slot (organisation, local_date desc, id desc);

create table check_in (
  id blob primary key,
  organisation blob not null references organisation (id),
  author blob not null references person (id),
  slot blob unique references check_in_slot (id), -- null: an extra one
  reviewer blob references person (id),
  state text not null check (state in ('draft', 'published')),
  headline text not null default '',
  wins text not null default '',
  next_actions text not null default '',
  recording blob references recording (id),
  local_date text not null,
  revision integer not null default 1,
  created_at text not null,
  published_at text
);
-- At most one extra check-in is being written by a person.
create unique index check_in_extra_draft on check_in (author) where state = 'draft' and slot is null;
create index check_in_author on check_in (author, published_at desc, id desc) where state = 'published';
create index check_in_published on check_in (organisation, published_at desc, id desc) where state = 'published';
create index check_in_recording on check_in (recording) where recording is not null;

create table check_in_goal (
  check_in blob not null references check_in (id),
  goal blob not null references goal (id),
  status text check (status in ('on_track', 'caution', 'off_track', 'done')),
  no_change boolean not null default false,
  confidence integer check (confidence between 1 and 10),
  note text not null default '',
  metrics text not null, -- [{"metric", "name", "previous", "value"}], frozen
  primary key (check_in, goal)
);
create index check_in_goal_goal on check_in_goal (goal, check_in);

create table blocker (
  id blob primary key,
  organisation blob not null references organisation (id),
  goal blob references goal (id),
  check_in blob not null references check_in (id), -- raised in
  author blob not null references person (id),
  at_ms integer,
  text text not null,
  asks blob references person (id),
  state text not null check (state in ('open', 'escalated', 'resolved', 'withdrawn')),
  answer text not null default '',
  slots_carried integer not null default 0,
  revision integer not null default 1,
  created_at text not null,
  resolved_at text
);
create index blocker_check_in on blocker (check_in, id);
create index blocker_author on blocker (author, created_at);
create index blocker_open on blocker (author, id) where state in ('open', 'escalated');
create index blocker_asks on blocker (asks, id) where state in ('open', 'escalated');

create table review (
  id blob primary key,
  check_in blob not null unique references check_in (id),
  reviewer blob not null references person (id),
  decision text check (decision in ('acknowledged', 'discuss', 'change_asked')),
  note text not null default '',
  recording blob references recording (id),
  due_at text not null,
  reviewed_at text,
  created_at text not null
);
create index review_due on review (reviewer, due_at, id) where reviewed_at is null;
