-- Absences last a year at most, so those that are not over began within the last one: they are walked in order, inside the index.
create index absence_begun on absence (first_day, id, last_day, person);

-- How sure its author was, the mean over its goals: what is published is never rewritten, so it is computed once.
alter table check_in add column confidence real;
update check_in set confidence = (
  select cast(avg(g.confidence) as real) from check_in_goal g where g.check_in = check_in.id)
where state = 'published';
drop index check_in_author_day;
create index check_in_author_day on check_in (author, local_date, id, confidence) where state = 'published';
drop index check_in_goal_confidence;

-- Somebody's last videos, without what they sent none with.
create index check_in_author_video on check_in (author, published_at desc, id desc, recording, local_date)
where state = 'published' and recording is not null;
