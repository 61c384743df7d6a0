-- Words are marked anew (see src/db/words.rs) and filled again at the next start. A common word is found by walking from the newest.
create index search_text_newest on search_text (kind, id);
