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

-- What is counted in a list is counted inside an index: a post that everybody was asked about has a row a person, a channel that
-- nobody reads many posts.
create index receipt_asked on receipt (post, asked) where asked;
create index receipt_done on receipt (post, asked, acknowledged_at) where asked and acknowledged_at is not null;
create index receipt_opened on receipt (post, opened_at) where opened_at is not null;
create index post_unread on post (channel, published_at, author, state) where state = 'published';
create index comment_live on comment (subject_kind, subject, deleted_at) where deleted_at is null;
create index view_watched on view (recording, watched_ms) where watched_ms > 0;
