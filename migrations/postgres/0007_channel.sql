create table channel (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  kind text not null check (kind in ('general', 'announcements', 'fun', 'recognition', 'training', 'project')),
  unit uuid references unit (id),
  slug text not null,
  name text not null,
  purpose text not null default '',
  audience text not null default 'everyone' check (audience in ('everyone', 'selected')),
  posting text not null check (posting in ('everyone', 'leads', 'listed')),
  acknowledgement text not null default 'off' check (acknowledgement in ('off', 'optional', 'always')),
  document_required boolean not null default false,
  archived_at timestamptz,
  revision bigint not null default 1,
  created_at timestamptz not null
);
create unique index channel_slug on channel (organisation, slug);
create index channel_unit on channel (unit) where unit is not null;

-- One person in one channel: added to it (the audience of a selected channel, and every guest), listed as allowed to post,
-- following it, and how far they have read. A row alone makes nobody a member.
create table channel_member (
  channel uuid not null references channel (id),
  person uuid not null references person (id),
  member boolean not null default false,
  may_post boolean not null default false,
  following boolean not null default true,
  read_at timestamptz,
  primary key (channel, person)
);
create index channel_member_person on channel_member (person);

create table post (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  channel uuid not null references channel (id),
  author uuid not null references person (id),
  title text not null,
  body text not null default '', -- Markdown
  document_url text,
  recording uuid references recording (id),
  state text not null check (state in ('draft', 'scheduled', 'published', 'retracted')),
  publish_at timestamptz,
  published_at timestamptz,
  acknowledge_by timestamptz, -- null: not asked for
  pinned_until timestamptz,
  revision bigint not null default 1,
  created_at timestamptz not null,
  edited_at timestamptz,
  retracted_at timestamptz
);
create index post_channel on post (channel, published_at desc, id desc) where state in ('published', 'retracted');
create index post_pinned on post (channel, pinned_until) where pinned_until is not null and state = 'published';
create index post_recent on post (organisation, published_at desc, id desc) where state = 'published';
create index post_author on post (author, id);
create index post_recording on post (recording) where recording is not null;

-- The audience frozen at publication, and what each person did: opened, watched (in view), acknowledged.
create table receipt (
  post uuid not null references post (id),
  person uuid not null references person (id),
  asked boolean not null default false,
  opened_at timestamptz,
  acknowledged_at timestamptz,
  primary key (post, person)
);
create index receipt_owed on receipt (person, post) where asked and acknowledged_at is null;
