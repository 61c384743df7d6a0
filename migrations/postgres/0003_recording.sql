-- Take sessions, takes, recordings and the links to them.
create table take_session (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  author uuid not null references person (id),
  subject_kind text not null check (subject_kind in ('free', 'goal', 'check_in', 'post', 'comment', 'review')),
  subject uuid,
  title text not null default '',
  limit_ms bigint not null,
  takes smallint not null,
  keeps_itself boolean not null default false, -- opened by an upload: its first ready take is published without asking
  state text not null check (state in ('open', 'kept', 'discarded')),
  revision bigint not null default 1,
  created_at timestamptz not null,
  closed_at timestamptz
);
create index take_session_author on take_session (author, id);

-- The stable thing a link names. It exists from the session's first take, so that the link can be copied when Stop is
-- pressed; it is listed once published.
create table recording (
  id uuid primary key,
  slug text not null unique,
  organisation uuid not null references organisation (id),
  author uuid not null references person (id),
  session uuid not null unique references take_session (id),
  take uuid,
  title text not null default '',
  description text not null default '',
  state text not null check (state in ('draft', 'published', 'deleted')),
  published_at timestamptz,
  revision bigint not null default 1,
  created_at timestamptz not null
);
create index recording_author on recording (author, published_at desc, id desc) where state = 'published';
create index recording_published on recording (organisation, published_at desc, id desc) where state = 'published';

create table take (
  id uuid primary key,
  session uuid not null references take_session (id),
  recording uuid not null references recording (id),
  author uuid not null references person (id),
  ordinal smallint not null check (ordinal in (1, 2)),
  source text not null check (source in ('browser', 'upload')),
  state text not null check (state in ('receiving', 'processing', 'ready', 'refused', 'failed')),
  began boolean not null default false, -- media has arrived: from here on it counts
  watchable boolean not null default false,
  code text,
  detail text,
  filename text not null default '',
  declared_ms bigint,
  measured_ms bigint,
  progress double precision not null default 0,
  phase text not null default '',
  seconds_left double precision,
  job uuid,
  attempt text, -- the published set of outputs: takes/<take>/<attempt>/…
  width integer,
  height integer,
  media jsonb, -- what the player needs: renditions, files with sizes and types
  media_bytes bigint not null default 0,
  original_bytes bigint not null default 0,
  created_at timestamptz not null,
  received_at timestamptz,
  finished_at timestamptz,
  discarded_at timestamptz, -- bytes gone or going; the row stays
  sweep_at timestamptz -- when to look for sets of files that nobody needs any more; null: there are none
);
-- A refused or failed take gives its place back, and so does one that was replaced before its first byte. A counted one never
-- does, not even when its author cancels it in the middle: that would be a third take by another name.
create unique index take_ordinal on take (session, ordinal)
  where state not in ('refused', 'failed') or (began and code = 'upload_cancelled');
create index take_unfinished on take (state, id) where state in ('receiving', 'processing');
create index take_sweep on take (sweep_at) where sweep_at is not null;
create index take_author on take (author, id);

-- Sets of files that were a take's, or were named by such a set, and are still read by who began to watch before they were
-- replaced. A row goes with its files: at most a few a take.
create table replaced_set (
  take uuid not null references take (id),
  attempt text not null,
  replaced_at timestamptz not null,
  primary key (take, attempt)
);

-- What of a take can be watched before it is ready: the master playlist, and for each rendition runs of segments,
-- {"720": [{"attempt": …, "init": [attempt, name], "entries": [[name, ticks of 1/90000 s], …]}, …], …}. Only ever added to.
create table live (
  take uuid primary key references take (id),
  master text not null,
  renditions jsonb not null
);

create table share_link (
  id uuid primary key,
  recording uuid not null references recording (id),
  audience text not null check (audience in ('organisation', 'link')),
  token_hash bytea not null unique,
  allowed_origins jsonb, -- null: anywhere
  password_hash text,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_by uuid not null references person (id),
  created_at timestamptz not null
);
create index share_link_recording on share_link (recording, id);

-- Opened, watched and acknowledged are three facts; these are the first two. Ranges are [[from_ms, to_ms], …].
create table view (
  recording uuid not null references recording (id),
  person uuid not null references person (id),
  opened_at timestamptz not null,
  seen_at timestamptz not null,
  position_ms bigint not null default 0,
  watched jsonb not null,
  watched_ms bigint not null default 0,
  revision bigint not null default 1,
  primary key (recording, person)
);
create index view_person on view (person, seen_at);
