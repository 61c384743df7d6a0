-- Feedback stays on the post: comments hang under a post, check-in, recording or goal, at most two deep.
create table comment (
  id blob primary key,
  organisation blob not null references organisation (id),
  subject_kind text not null check (subject_kind in ('post', 'check_in', 'recording', 'goal')),
  subject blob not null,
  parent blob references comment (id),
  author blob not null references person (id),
  body text not null default '', -- Markdown
  at_ms integer check (at_ms >= 0),
  recording blob references recording (id), -- a reply that is a video
  revision integer not null default 1,
  created_at text not null,
  edited_at text,
  deleted_at text,
  resolved_at text
);
create index comment_subject on comment (subject_kind, subject, id);
create index comment_top on comment (subject_kind, subject, id) where parent is null;
create index comment_recording on comment (recording) where recording is not null;
create index comment_parent on comment (parent, id) where parent is not null;

create table reaction (
  subject_kind text not null check (subject_kind in ('post', 'check_in', 'recording', 'goal', 'comment')),
  subject blob not null,
  person blob not null references person (id),
  kind text not null check (kind in ('thanks', 'agreed', 'idea', 'celebrate', 'question')),
  created_at text not null,
  primary key (subject_kind, subject, person, kind)
);
