-- Words are marked anew (see src/db/words.rs) and filled again at the next start. A common word is found by walking from the newest.
create index search_text_newest on search_text (kind, id);
alter table search_text alter column words set statistics 300;
-- Slots that somebody can write a check-in for now.
create index check_in_slot_mine on check_in_slot (person, grace_until) where state in ('ahead', 'open');
-- What a scoreboard counts is counted inside an index.
create index check_in_slot_of_person on check_in_slot (person, local_date, state);
create index review_ended on review (reviewer, due_at, ended, check_in);
create index check_in_dated on check_in (id, local_date, organisation);
