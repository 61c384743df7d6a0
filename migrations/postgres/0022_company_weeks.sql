-- What became of everybody's slots and reviews in a week. Each change adds a row that says by how much; readers add the rows of a week up,
-- and a job folds them into one. A row that all changes update would have every check-in of the company wait for the one before,
-- and the clock's batches and people's own changes wait for each other in a circle.
create table reliability_week (
  organisation uuid not null references organisation (id),
  monday date not null,
  submitted bigint not null default 0,
  late bigint not null default 0,
  missed bigint not null default 0,
  excused bigint not null default 0,
  open bigint not null default 0,
  reviews_on_time bigint not null default 0,
  reviews_missed bigint not null default 0,
  reviews_excused bigint not null default 0
);
create index reliability_week_monday on reliability_week (organisation, monday);

insert into reliability_week (organisation, monday, submitted, late, missed, excused, open, reviews_on_time, reviews_missed, reviews_excused)
select p.organisation, r.monday, sum(r.submitted), sum(r.late), sum(r.missed), sum(r.excused), sum(r.open), sum(r.reviews_on_time),
       sum(r.reviews_missed), sum(r.reviews_excused)
from reliability r join person p on p.id = r.person group by 1, 2;

create function reliability_week_slot() returns trigger language plpgsql as $$
begin
  insert into reliability_week (organisation, monday, submitted, late, missed, excused, open)
  select slot.organisation, date_trunc('week', slot.local_date::timestamp)::date,
         (slot.now = 'submitted')::int - (slot.before = 'submitted')::int, (slot.now = 'late')::int - (slot.before = 'late')::int,
         (slot.now = 'missed')::int - (slot.before = 'missed')::int, (slot.now = 'excused')::int - (slot.before = 'excused')::int,
         (slot.now = 'open')::int - (slot.before = 'open')::int
  from (select coalesce(new.organisation, old.organisation), coalesce(new.local_date, old.local_date), coalesce(new.state, ''),
               coalesce(old.state, '')) as slot (organisation, local_date, now, before);
  return null;
end
$$;
create trigger reliability_week_slot_new after insert on check_in_slot for each row
when (new.state <> 'ahead') execute function reliability_week_slot();
create trigger reliability_week_slot_changed after update of state on check_in_slot for each row
when (new.state <> old.state) execute function reliability_week_slot();
create trigger reliability_week_slot_gone after delete on check_in_slot for each row
when (old.state <> 'ahead') execute function reliability_week_slot();

create function reliability_week_review() returns trigger language plpgsql as $$
begin
  insert into reliability_week (organisation, monday, reviews_on_time, reviews_missed, reviews_excused)
  select i.organisation, date_trunc('week', i.local_date::timestamp)::date,
         (review.now = 'on_time')::int - (review.before = 'on_time')::int, (review.now = 'missed')::int - (review.before = 'missed')::int,
         (review.now = 'excused')::int - (review.before = 'excused')::int
  from (select coalesce(new.ended, ''), coalesce(old.ended, '')) as review (now, before)
  join check_in i on i.id = coalesce(new.check_in, old.check_in);
  return null;
end
$$;
create trigger reliability_week_review_new after insert on review for each row
when (new.ended is not null) execute function reliability_week_review();
create trigger reliability_week_review_changed after update of ended on review for each row
when (new.ended is distinct from old.ended) execute function reliability_week_review();
create trigger reliability_week_review_gone after delete on review for each row
when (old.ended is not null) execute function reliability_week_review();
