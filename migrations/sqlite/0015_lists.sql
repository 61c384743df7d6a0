-- What lists are narrowed to, with the organisation in front: the index that fits all of a list's conditions wins however a planner
-- guesses, and SQLite guesses without statistics.
create index audit_event_of_subject on audit_event (organisation, subject, id);
create index audit_event_of_actor on audit_event (organisation, actor, id);
create index check_in_of_author on check_in (organisation, author, published_at desc, id desc) where state = 'published';
create index check_in_of_reviewer on check_in (organisation, reviewer, published_at desc, id desc) where state = 'published';
create index recording_of_author on recording (organisation, author, published_at desc, id desc) where state = 'published';
create index post_pinned_newest on post (organisation, channel, published_at desc, id desc)
  where pinned_until is not null and state = 'published';

-- Every take of a session, those included that gave their place back.
create index take_of_session on take (session, id);

-- Whether somebody leads a unit at all.
create index unit_lead on unit (lead) where lead is not null;
