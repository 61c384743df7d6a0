-- Goals have no visibility setting: every member reads every goal.
create table goal (
  id blob primary key,
  organisation blob not null references organisation (id),
  scope text not null check (scope in ('company', 'division', 'manager', 'individual')),
  unit blob references unit (id),
  owner blob not null references person (id),
  reviewer blob references person (id),
  period_kind text not null check (period_kind in ('year', 'quarter', 'month', 'week')),
  period_start text not null,
  period_end text not null, -- last day
  parent blob references goal (id),
  title text not null,
  description text not null default '',
  state text not null check (state in ('draft', 'active', 'closed', 'cancelled')),
  status text check (status in ('on_track', 'caution', 'off_track', 'done')), -- as the last check-in said
  outcome text check (outcome in ('achieved', 'partly', 'missed', 'dropped')),
  closing_note text not null default '',
  closed_at text,
  carried_from blob references goal (id),
  revision integer not null default 1,
  created_by blob not null references person (id),
  created_at text not null,
  changed_by blob not null references person (id),
  changed_at text not null,
  check (period_start <= period_end),
  check (reviewer is null or reviewer <> owner),
  check (state <> 'closed' or (outcome is not null and closing_note <> ''))
);
create index goal_period on goal (organisation, period_kind, period_start desc, id desc);
create index goal_recent on goal (organisation, period_start desc, id desc);
create index goal_owner on goal (owner, period_start desc, id desc);
create index goal_scope on goal (organisation, scope, period_start desc, id desc);
create index goal_unit on goal (unit, period_start desc, id desc) where unit is not null;
create index goal_parent on goal (parent, period_start desc, id desc) where parent is not null;
create index goal_look on goal (organisation, period_start desc, id desc) where state = 'active' and status in ('caution', 'off_track');
-- An unfinished goal goes on as one goal, not as two.
create unique index goal_carried on goal (carried_from) where carried_from is not null and state <> 'cancelled';

create table metric (
  id blob primary key,
  goal blob not null references goal (id),
  name text not null,
  kind text not null check (kind in ('lead', 'lag')),
  format text not null check (format in ('number', 'percent', 'money', 'yes_no')),
  unit text not null default '',
  direction text not null check (direction in ('increase', 'decrease', 'stay_above', 'stay_below')),
  baseline real not null,
  target real not null,
  cadence text not null default 'week' check (cadence in ('day', 'week', 'month')),
  position integer not null default 0,
  value real, -- of its points that nothing supersedes, the last
  carried_from blob references metric (id),
  created_at text not null
);
create index metric_goal on metric (goal, position, id);

-- Append-only: a correction is a new point that names the one it supersedes.
create table metric_point (
  id blob primary key,
  metric blob not null references metric (id),
  at text not null,
  value real not null,
  note text not null default '',
  supersedes blob references metric_point (id),
  author blob not null references person (id),
  created_at text not null
);
create index metric_point_metric on metric_point (metric, at desc, id desc);
create unique index metric_point_supersedes on metric_point (supersedes) where supersedes is not null;

create table goal_link (
  id blob primary key,
  goal blob not null references goal (id),
  kind text not null check (kind in ('confluence', 'jira', 'monday', 'zendesk', 'document')),
  url text not null,
  title text not null default '',
  created_at text not null
);
create index goal_link_goal on goal_link (goal, id);

-- A video attached to a goal directly (a check-in's video reaches its goals through the check-in).
create table goal_clip (
  goal blob not null references goal (id),
  recording blob not null references recording (id),
  author blob not null references person (id),
  created_at text not null,
  primary key (goal, recording)
);
create index goal_clip_goal on goal_clip (goal, created_at desc, recording desc);
create index goal_clip_recording on goal_clip (recording);
