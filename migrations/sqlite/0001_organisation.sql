-- People, units, and how they sign in.
create table organisation (
  id blob primary key,
  name text not null,
  time_zone text not null,
  week_start integer not null default 1 check (week_start between 1 and 7),
  workdays text not null, -- ISO weekdays, [1,2,3,4,5]
  fiscal_year_start integer not null default 1 check (fiscal_year_start between 1 and 12),
  check_in_weekdays text not null, -- ISO weekdays, [2,4]
  due_local_time text not null default '16:00',
  grace_minutes integer not null default 60 check (grace_minutes >= 0),
  review_due_hours integer not null default 24 check (review_due_hours > 0),
  limit_ms integer not null default 180000 check (limit_ms between 1000 and 180000),
  takes integer not null default 2 check (takes between 1 and 2),
  allowed_origins text not null, -- who may frame an embed, besides Slack, Teams and Confluence
  revision integer not null default 1,
  created_at text not null
);

create table person (
  id blob primary key,
  organisation blob not null references organisation (id),
  name text not null,
  handle text not null,
  email text not null, -- lower case
  title text not null default '',
  manager blob references person (id),
  role text not null check (role in ('admin', 'member', 'guest')),
  state text not null check (state in ('active', 'left')),
  time_zone text, -- the organisation's when null
  workdays text,
  deep_work text, -- [{"days":[1,2],"from":"09:00","to":"11:30"}]
  settings text not null, -- of the interface: theme, single-letter keys
  password_hash text,
  quota_bytes integer,
  revision integer not null default 1,
  created_at text not null
);
create unique index person_email on person (organisation, email);
create unique index person_handle on person (organisation, handle);
create index person_name on person (organisation, name, id);
create index person_manager on person (manager) where manager is not null;

create table unit (
  id blob primary key,
  organisation blob not null references organisation (id),
  kind text not null check (kind in ('company', 'division', 'team')),
  parent blob references unit (id),
  lead blob references person (id),
  name text not null,
  slug text not null,
  revision integer not null default 1,
  created_at text not null
);
create unique index unit_slug on unit (organisation, slug);
create index unit_parent on unit (parent) where parent is not null;

create table unit_member (
  unit blob not null references unit (id),
  person blob not null references person (id),
  primary key (unit, person)
);
create index unit_member_person on unit_member (person);

create table absence (
  id blob primary key,
  person blob not null references person (id),
  first_day text not null,
  last_day text not null,
  note text not null default '',
  created_at text not null,
  check (first_day <= last_day)
);
create index absence_person on absence (person, last_day);

-- Links that make an account: the set-up link (role admin, no organisation yet) and invitations. Tokens are kept hashed.
create table invitation (
  id blob primary key,
  organisation blob references organisation (id),
  token_hash blob not null unique,
  name text not null default '',
  email text not null default '',
  role text not null check (role in ('admin', 'member', 'guest')),
  manager blob references person (id),
  unit blob references unit (id),
  created_by blob references person (id),
  created_at text not null,
  expires_at text not null,
  used_at text,
  used_by blob references person (id)
);
create index invitation_open on invitation (organisation, id) where used_at is null;

create table session (
  id blob primary key,
  token_hash blob not null unique,
  person blob not null references person (id),
  user_agent text not null default '',
  created_at text not null,
  seen_at text not null,
  expires_at text not null,
  revoked_at text
);
create index session_person on session (person) where revoked_at is null;

create table api_token (
  id blob primary key,
  token_hash blob not null unique,
  person blob not null references person (id),
  name text not null,
  created_at text not null,
  used_at text,
  expires_at text,
  revoked_at text
);
create index api_token_person on api_token (person) where revoked_at is null;

-- Keys that every node must share: signing key for playback tokens and share links, whatever else is made once.
create table secret (
  name text primary key,
  value blob not null,
  created_at text not null
);

create table audit_event (
  id blob primary key,
  organisation blob references organisation (id),
  actor blob references person (id),
  action text not null,
  subject_kind text not null,
  subject blob,
  detail text not null,
  at text not null
);
create index audit_event_subject on audit_event (subject, id);
create index audit_event_organisation on audit_event (organisation, id);
