-- What became of each person's slots and reviews, counted by week: a scoreboard of a company reads a row for each person and week instead
-- of every slot and review. Only these triggers write it, in the transaction of what they count, so it is never behind. A slot counts
-- in the week of its day, a review in the week of the day it is about; slots that are only planned do not count.
create table reliability (
  person uuid not null references person (id) on delete cascade,
  monday date not null,
  submitted bigint not null default 0,
  late bigint not null default 0,
  missed bigint not null default 0,
  excused bigint not null default 0,
  open bigint not null default 0,
  reviews_on_time bigint not null default 0,
  reviews_missed bigint not null default 0,
  reviews_excused bigint not null default 0,
  primary key (person, monday)
);

insert into reliability (person, monday, submitted, late, missed, excused, open)
select person, date_trunc('week', local_date::timestamp)::date, count(*) filter (where state = 'submitted'),
       count(*) filter (where state = 'late'), count(*) filter (where state = 'missed'), count(*) filter (where state = 'excused'),
       count(*) filter (where state = 'open')
from check_in_slot where state <> 'ahead' group by 1, 2;

insert into reliability (person, monday, reviews_on_time, reviews_missed, reviews_excused)
select r.reviewer, date_trunc('week', i.local_date::timestamp)::date, count(*) filter (where r.ended = 'on_time'),
       count(*) filter (where r.ended = 'missed'), count(*) filter (where r.ended = 'excused')
from review r join check_in i on i.id = r.check_in where r.ended is not null group by 1, 2
on conflict (person, monday) do update set reviews_on_time = excluded.reviews_on_time, reviews_missed = excluded.reviews_missed,
  reviews_excused = excluded.reviews_excused;

create function reliability_slot() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.state <> 'ahead' then
    update reliability set submitted = submitted - (old.state = 'submitted')::int, late = late - (old.state = 'late')::int,
      missed = missed - (old.state = 'missed')::int, excused = excused - (old.state = 'excused')::int,
      open = open - (old.state = 'open')::int
    where person = old.person and monday = date_trunc('week', old.local_date::timestamp)::date;
  end if;
  if tg_op <> 'DELETE' and new.state <> 'ahead' then
    insert into reliability as r (person, monday, submitted, late, missed, excused, open)
    values (new.person, date_trunc('week', new.local_date::timestamp)::date, (new.state = 'submitted')::int, (new.state = 'late')::int,
            (new.state = 'missed')::int, (new.state = 'excused')::int, (new.state = 'open')::int)
    on conflict (person, monday) do update set submitted = r.submitted + excluded.submitted, late = r.late + excluded.late,
      missed = r.missed + excluded.missed, excused = r.excused + excluded.excused, open = r.open + excluded.open;
  end if;
  return null;
end
$$;
create trigger reliability_slot_moved after insert or delete on check_in_slot for each row execute function reliability_slot();
create trigger reliability_slot_changed after update of state on check_in_slot for each row
when (new.state <> old.state) execute function reliability_slot();

-- A review may get another reviewer, and an end that it did not have.
create function reliability_review() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.ended is not null then
    update reliability set reviews_on_time = reviews_on_time - (old.ended = 'on_time')::int,
      reviews_missed = reviews_missed - (old.ended = 'missed')::int, reviews_excused = reviews_excused - (old.ended = 'excused')::int
    where person = old.reviewer
      and monday = (select date_trunc('week', i.local_date::timestamp)::date from check_in i where i.id = old.check_in);
  end if;
  if tg_op <> 'DELETE' and new.ended is not null then
    insert into reliability as r (person, monday, reviews_on_time, reviews_missed, reviews_excused)
    select new.reviewer, date_trunc('week', i.local_date::timestamp)::date, (new.ended = 'on_time')::int, (new.ended = 'missed')::int,
           (new.ended = 'excused')::int
    from check_in i where i.id = new.check_in
    on conflict (person, monday) do update set reviews_on_time = r.reviews_on_time + excluded.reviews_on_time,
      reviews_missed = r.reviews_missed + excluded.reviews_missed, reviews_excused = r.reviews_excused + excluded.reviews_excused;
  end if;
  return null;
end
$$;
create trigger reliability_review_moved after insert or delete on review for each row execute function reliability_review();
create trigger reliability_review_changed after update of reviewer, ended on review for each row
when (new.ended is distinct from old.ended or new.reviewer <> old.reviewer) execute function reliability_review();

-- Its readers are gone.
drop index review_ended;
drop index check_in_dated;
-- How sure somebody was is read inside indexes too.
drop index check_in_author_day;
create index check_in_author_day on check_in (author, local_date, id) where state = 'published';
create index check_in_goal_confidence on check_in_goal (check_in, confidence) where confidence is not null;
