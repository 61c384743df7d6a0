-- Both sides of a check-in as facts, blockers that pass up, and where somebody left a round.
alter table organisation add column escalate_after integer not null default 3 check (escalate_after between 1 and 20);

-- Lead metrics that moved away from their target for two slots while the status said on track, frozen; and why it was kept.
alter table check_in_goal add column against jsonb not null default '[]';
alter table check_in_goal add column reason text not null default '';

alter table blocker add column escalated_to uuid references person (id);
alter table blocker add column escalated_at timestamptz;
create index blocker_escalated on blocker (escalated_to, id) where state = 'escalated';

-- What became of the review by its due time; written once.
alter table review add column ended text check (ended in ('on_time', 'missed', 'excused'));
update review set ended = case when reviewed_at <= due_at then 'on_time' else 'missed' end where reviewed_at is not null;
create index review_waiting on review (due_at, id) where ended is null;
create index review_reviewer on review (reviewer, due_at);

create index check_in_day on check_in (organisation, local_date, published_at, id) where state = 'published';
create index check_in_author_day on check_in (author, local_date) where state = 'published';

create table round_place (
  person uuid not null references person (id),
  kind text not null check (kind in ('company', 'unit', 'manager', 'person')),
  circle uuid not null,
  local_date date not null,
  check_in uuid not null references check_in (id),
  at_ms bigint not null check (at_ms >= 0),
  speed integer not null check (speed between 25 and 400), -- hundredths
  finished boolean not null,
  updated_at timestamptz not null,
  primary key (person, kind, circle, local_date)
);
create index round_place_recent on round_place (person, updated_at desc);
