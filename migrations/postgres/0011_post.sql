-- A post's life before and after publication: waiting for its hour, corrected, retracted, reminded of; and whom words mention.
alter table post add column publish_zone text; -- the zone in which publish_at was chosen
alter table post add column retracted_by uuid references person (id);
alter table post add column retract_reason text not null default '';
alter table post add column remind_at timestamptz; -- when those who have not acknowledged are reminded, once
alter table post add column reminded_at timestamptz;
alter table receipt add column reminded_at timestamptz; -- the one reminder of one person
alter table comment add column resolved_by uuid references person (id);

create index post_scheduled on post (publish_at, id) where state = 'scheduled';
create index post_unpublished on post (author, channel, id) where state in ('draft', 'scheduled');
create index post_remind on post (remind_at, id) where remind_at is not null and reminded_at is null and state = 'published';

-- What a published post said before each correction. The newest words stand in the post itself.
create table post_revision (
  post uuid not null references post (id),
  number bigint not null,
  author uuid not null references person (id),
  title text not null,
  body text not null,
  document_url text,
  recording uuid references recording (id),
  written_at timestamptz not null,
  primary key (post, number)
);

-- Whom a published post or a comment names with an @: a person, a unit, or the whole channel.
create table mention (
  subject_kind text not null check (subject_kind in ('post', 'comment')),
  subject uuid not null,
  kind text not null check (kind in ('person', 'unit', 'channel')),
  target uuid not null,
  created_at timestamptz not null,
  primary key (subject_kind, subject, kind, target)
);
create index mention_target on mention (kind, target, created_at);
