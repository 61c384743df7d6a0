-- Captions of a recording, at most one track a language. They go with their recording.
create table caption (
  id blob primary key,
  recording blob not null references recording (id),
  language text not null, -- BCP 47
  vtt text not null, -- as it is served: nothing but cues
  words text not null, -- what is said, a line a cue: what is searched
  starts text not null, -- when each of those lines begins: [ms, …]
  cues integer not null,
  revision integer not null default 1,
  changed_at text not null
);
create unique index caption_language on caption (recording, language);

-- What is said can be found. SQLite changes a check by making the table anew: the same columns, rows and indexes as in 0014.
create table search_text_next (
  id integer primary key,
  kind text not null check (kind in ('person', 'goal', 'check_in', 'post', 'comment', 'recording', 'caption')),
  subject blob not null,
  organisation blob not null references organisation (id),
  author blob not null references person (id),
  title text not null,
  body text not null, -- without Markdown
  at text not null, -- newer goes first
  version integer not null -- of the rules by which the words were made
);
insert into search_text_next (id, kind, subject, organisation, author, title, body, at, version)
select id, kind, subject, organisation, author, title, body, at, version from search_text;
drop table search_text;
alter table search_text_next rename to search_text;
create unique index search_text_subject on search_text (kind, subject);
create index search_text_version on search_text (version, id);
