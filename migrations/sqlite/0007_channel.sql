create table channel (
  id blob primary key,
  organisation blob not null references organisation (id),
  kind text not null check (kind in ('general', 'announcements', 'fun', 'recognition', 'training', 'project')),
  unit blob references unit (id),
  slug text not null,
  name text not null,
  purpose text not null default '',
  audience text not null default 'everyone' check (audience in ('everyone', 'selected')),
  posting text not null check (posting in ('everyone', 'leads', 'listed')),
  acknowledgement text not null default 'off' check (acknowledgement in ('off', 'optional', 'always')),
  document_required boolean not null default false,
  archived_at text,
  revision integer not null default 1,
  created_at text not null
);
create unique index channel_slug on channel (organisation, slug);
create index channel_unit on channel (unit) where unit is not null;

-- One person in one channel: added to it (the audience of a selected channel, and every guest), listed as allowed to post,
-- following it, and how far they have read. A row alone makes nobody a member.
create table channel_member (
  channel blob not null references channel (id),
  person blob not null references person (id),
  member boolean not null default false,
  may_post boolean not null default false,
  following boolean not null default true,
  read_at text,
  primary key (channel, person)
);
create index channel_member_person on channel_member (person);

create table post (
  id blob primary key,
  organisation blob not null references organisation (id),
  channel blob not null references channel (id),
  author blob not null references person (id),
  title text not null,
  body text not null default '', -- Markdown
  document_url text,
  recording blob references recording (id),
  state text not null check (state in ('draft', 'scheduled', 'published', 'retracted')),
  publish_at text,
  published_at text,
  acknowledge_by text, -- null: not asked for
  pinned_until text,
  revision integer not null default 1,
  created_at text not null,
  edited_at text,
  retracted_at text
);
create index post_channel on post (channel, published_at desc, id desc) where state in ('published', 'retracted');
create index post_pinned on post (channel, pinned_until) where pinned_until is not null and state = 'published';
create index post_recent on post (organisation, published_at desc, id desc) where state = 'published';
create index post_author on post (author, id);
create index post_recording on post (recording) where recording is not null;

-- The audience frozen at publication, and what each person did: opened, watched (in view), acknowledged.
create table receipt (
  post blob not null references post (id),
  person blob not null references person (id),
  asked boolean not null default false,
  opened_at text,
  acknowledged_at text,
  primary key (post, person)
);
create index receipt_owed on receipt (person, post) where asked and acknowledged_at is null;
