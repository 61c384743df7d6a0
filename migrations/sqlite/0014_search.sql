-- What can be found by its words: one row a thing, written in the transaction that changes the thing. Who may see it is not
-- kept here: a search asks the thing itself.
create table search_text (
  id integer primary key,
  kind text not null check (kind in ('person', 'goal', 'check_in', 'post', 'comment', 'recording')),
  subject blob not null,
  organisation blob not null references organisation (id),
  author blob not null references person (id),
  title text not null,
  body text not null, -- without Markdown
  at text not null, -- newer goes first
  version integer not null -- of the rules by which the words were made
);
create unique index search_text_subject on search_text (kind, subject);
create index search_text_version on search_text (version, id);
-- The words, folded by the program: nothing is left to fold here. Prefixes of two and three letters have an index of their own.
create virtual table search_words using fts5 (
  kind, title, body,
  content = '', contentless_delete = 1, prefix = '2 3',
  tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);

-- By which rules the whole index has been made.
create table search_state (
  name text primary key,
  version integer not null,
  done_at text not null
);
