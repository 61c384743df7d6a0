-- Whoever leaves hands over what is open: what went to whom is kept, so that it can be given back when they return.
create table departure (
  person uuid primary key references person (id),
  left_at timestamptz not null,
  left_by uuid not null references person (id),
  handed jsonb not null -- {"goals": [[goal, to, reviewer before]], "reviewed": […], "reports": […], "units": […], …}
);
create index goal_open_owner on goal (owner, id) where state in ('draft', 'active');
create index goal_open_reviewer on goal (reviewer, id) where state in ('draft', 'active');

-- The chart: from the top, each level by name.
create index person_top on person (organisation, name, id) where manager is null and state = 'active';
create index person_under on person (manager, name, id) where state = 'active';
-- Nobody reports to somebody who has left.
update person set manager = null where manager in (select id from person where state = 'left');

-- Many are invited at once: what their profile begins with, and a manager who is invited by the same list.
alter table invitation add column title text not null default '';
alter table invitation add column handle text not null default '';
alter table invitation add column time_zone text;
alter table invitation add column manager_email text not null default '';
create index invitation_email on invitation (organisation, email) where used_at is null;
create index invitation_manager_email on invitation (organisation, manager_email) where manager_email <> '';
create index invitation_created_by on invitation (created_by) where used_at is null;
