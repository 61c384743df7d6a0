-- Captions of a recording, at most one track a language. They go with their recording.
create table caption (
  id uuid primary key,
  recording uuid not null references recording (id),
  language text not null, -- BCP 47
  vtt text not null, -- as it is served: nothing but cues
  words text not null, -- what is said, a line a cue: what is searched
  starts jsonb not null, -- when each of those lines begins: [ms, …]
  cues bigint not null,
  revision bigint not null default 1,
  changed_at timestamptz not null
);
create unique index caption_language on caption (recording, language);

-- What is said can be found.
alter table search_text drop constraint search_text_kind_check;
alter table search_text add constraint search_text_kind_check
  check (kind in ('person', 'goal', 'check_in', 'post', 'comment', 'recording', 'caption'));
