-- One entry a word, marked with the kind of its thing and with whether it stands in the title, and entries for the channels through which
-- guests reach a thing (see src/db/words.rs). What is typed is a beginning: those of up to fourteen letters, and two of
-- the mark, have an index of their own, which is walked from the newest and only as far as needed. It is filled again at the next start.
drop table search_words;
create virtual table search_words using fts5 (
  words,
  content = '', contentless_delete = 1, detail = none, prefix = '4 5 6 7 8 9 10 11 12 13 14 15 16',
  tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);
-- Slots that somebody can write a check-in for now.
create index check_in_slot_mine on check_in_slot (person, grace_until) where state in ('ahead', 'open');
-- What a scoreboard counts is counted inside an index.
create index check_in_slot_of_person on check_in_slot (person, local_date, state);
create index review_ended on review (reviewer, due_at, ended, check_in);
create index check_in_dated on check_in (id, local_date, organisation);
