-- Feedback stays on the post: comments hang under a post, check-in, recording or goal, at most two deep.
create table comment (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  subject_kind text not null check (subject_kind in ('post', 'check_in', 'recording', 'goal')),
  subject uuid not null,
  parent uuid references comment (id),
  author uuid not null references person (id),
  body text not null default '', -- Markdown
  at_ms bigint check (at_ms >= 0),
  recording uuid references recording (id), -- a reply that is a video
  revision bigint not null default 1,
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  resolved_at timestamptz
);
create index comment_subject on comment (subject_kind, subject, id);
create index comment_top on comment (subject_kind, subject, id) where parent is null;
create index comment_recording on comment (recording) where recording is not null;
create index comment_parent on comment (parent, id) where parent is not null;

create table reaction (
  subject_kind text not null check (subject_kind in ('post', 'check_in', 'recording', 'goal', 'comment')),
  subject uuid not null,
  person uuid not null references person (id),
  kind text not null check (kind in ('thanks', 'agreed', 'idea', 'celebrate', 'question')),
  created_at timestamptz not null,
  primary key (subject_kind, subject, person, kind)
);
