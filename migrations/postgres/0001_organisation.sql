-- People, units, and how they sign in.
create table organisation (
  id uuid primary key,
  name text not null,
  time_zone text not null,
  week_start smallint not null default 1 check (week_start between 1 and 7),
  workdays jsonb not null, -- ISO weekdays, [1,2,3,4,5]
  fiscal_year_start smallint not null default 1 check (fiscal_year_start between 1 and 12),
  check_in_weekdays jsonb not null, -- ISO weekdays, [2,4]
  due_local_time text not null default '16:00',
  grace_minutes integer not null default 60 check (grace_minutes >= 0),
  review_due_hours integer not null default 24 check (review_due_hours > 0),
  limit_ms bigint not null default 180000 check (limit_ms between 1000 and 180000),
  takes smallint not null default 2 check (takes between 1 and 2),
  allowed_origins jsonb not null, -- who may frame an embed, besides Slack, Teams and Confluence
  revision bigint not null default 1,
  created_at timestamptz not null
);

create table person (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  name text not null,
  handle text not null,
  email text not null, -- lower case
  title text not null default '',
  manager uuid references person (id),
  role text not null check (role in ('admin', 'member', 'guest')),
  state text not null check (state in ('active', 'left')),
  time_zone text, -- the organisation's when null
  workdays jsonb,
  deep_work jsonb, -- [{"days":[1,2],"from":"09:00","to":"11:30"}]
  settings jsonb not null, -- of the interface: theme, single-letter keys
  password_hash text,
  quota_bytes bigint,
  revision bigint not null default 1,
  created_at timestamptz not null
);
create unique index person_email on person (organisation, email);
create unique index person_handle on person (organisation, handle);
create index person_name on person (organisation, name, id);
create index person_manager on person (manager) where manager is not null;

create table unit (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  kind text not null check (kind in ('company', 'division', 'team')),
  parent uuid references unit (id),
  lead uuid references person (id),
  name text not null,
  slug text not null,
  revision bigint not null default 1,
  created_at timestamptz not null
);
create unique index unit_slug on unit (organisation, slug);
create index unit_parent on unit (parent) where parent is not null;

create table unit_member (
  unit uuid not null references unit (id),
  person uuid not null references person (id),
  primary key (unit, person)
);
create index unit_member_person on unit_member (person);

create table absence (
  id uuid primary key,
  person uuid not null references person (id),
  first_day date not null,
  last_day date not null,
  note text not null default '',
  created_at timestamptz not null,
  check (first_day <= last_day)
);
create index absence_person on absence (person, last_day);

-- Links that make an account: the set-up link (role admin, no organisation yet) and invitations. Tokens are kept hashed.
create table invitation (
  id uuid primary key,
  organisation uuid references organisation (id),
  token_hash bytea not null unique,
  name text not null default '',
  email text not null default '',
  role text not null check (role in ('admin', 'member', 'guest')),
  manager uuid references person (id),
  unit uuid references unit (id),
  created_by uuid references person (id),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  used_by uuid references person (id)
);
create index invitation_open on invitation (organisation, id) where used_at is null;

create table session (
  id uuid primary key,
  token_hash bytea not null unique,
  person uuid not null references person (id),
  user_agent text not null default '',
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_person on session (person) where revoked_at is null;

create table api_token (
  id uuid primary key,
  token_hash bytea not null unique,
  person uuid not null references person (id),
  name text not null,
  created_at timestamptz not null,
  used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz
);
create index api_token_person on api_token (person) where revoked_at is null;

-- Keys that every node must share: signing key for playback tokens and share links, whatever else is made once.
create table secret (
  name text primary key,
  value bytea not null,
  created_at timestamptz not null
);

create table audit_event (
  id uuid primary key,
  organisation uuid references organisation (id),
  actor uuid references person (id),
  action text not null,
  subject_kind text not null,
  subject uuid,
  detail jsonb not null,
  at timestamptz not null
);
create index audit_event_subject on audit_event (subject, id);
create index audit_event_organisation on audit_event (organisation, id);
