-- What became of each person's slots and reviews, counted by week: a scoreboard of a company reads a row for each person and week instead
-- of every slot and review. Only these triggers write it, in the transaction of what they count, so it is never behind. A slot counts
-- in the week of its day, a review in the week of the day it is about; slots that are only planned do not count.
create table reliability (
  person blob not null references person (id) on delete cascade,
  monday text not null,
  submitted integer not null default 0,
  late integer not null default 0,
  missed integer not null default 0,
  excused integer not null default 0,
  open integer not null default 0,
  reviews_on_time integer not null default 0,
  reviews_missed integer not null default 0,
  reviews_excused integer not null default 0,
  primary key (person, monday)
) without rowid;

insert into reliability (person, monday, submitted, late, missed, excused, open)
select person, date(local_date, '-6 days', 'weekday 1'), sum(state = 'submitted'), sum(state = 'late'), sum(state = 'missed'),
       sum(state = 'excused'), sum(state = 'open')
from check_in_slot where state <> 'ahead' group by 1, 2;

insert into reliability (person, monday, reviews_on_time, reviews_missed, reviews_excused)
select r.reviewer, date(i.local_date, '-6 days', 'weekday 1'), sum(r.ended = 'on_time'), sum(r.ended = 'missed'), sum(r.ended = 'excused')
from review r join check_in i on i.id = r.check_in where r.ended is not null group by 1, 2
on conflict (person, monday) do update set reviews_on_time = excluded.reviews_on_time, reviews_missed = excluded.reviews_missed,
  reviews_excused = excluded.reviews_excused;

create trigger reliability_slot_new after insert on check_in_slot when new.state <> 'ahead' begin
  insert into reliability (person, monday, submitted, late, missed, excused, open)
  values (new.person, date(new.local_date, '-6 days', 'weekday 1'), new.state = 'submitted', new.state = 'late', new.state = 'missed',
          new.state = 'excused', new.state = 'open')
  on conflict (person, monday) do update set submitted = submitted + excluded.submitted, late = late + excluded.late,
    missed = missed + excluded.missed, excused = excused + excluded.excused, open = open + excluded.open;
end;

create trigger reliability_slot_changed after update of state on check_in_slot when new.state <> old.state begin
  insert into reliability (person, monday, submitted, late, missed, excused, open)
  values (new.person, date(new.local_date, '-6 days', 'weekday 1'), (new.state = 'submitted') - (old.state = 'submitted'),
          (new.state = 'late') - (old.state = 'late'), (new.state = 'missed') - (old.state = 'missed'),
          (new.state = 'excused') - (old.state = 'excused'), (new.state = 'open') - (old.state = 'open'))
  on conflict (person, monday) do update set submitted = submitted + excluded.submitted, late = late + excluded.late,
    missed = missed + excluded.missed, excused = excused + excluded.excused, open = open + excluded.open;
end;

create trigger reliability_slot_gone after delete on check_in_slot when old.state <> 'ahead' begin
  update reliability set submitted = submitted - (old.state = 'submitted'), late = late - (old.state = 'late'),
    missed = missed - (old.state = 'missed'), excused = excused - (old.state = 'excused'), open = open - (old.state = 'open')
  where person = old.person and monday = date(old.local_date, '-6 days', 'weekday 1');
end;

create trigger reliability_review_new after insert on review when new.ended is not null begin
  insert into reliability (person, monday, reviews_on_time, reviews_missed, reviews_excused)
  select new.reviewer, date(i.local_date, '-6 days', 'weekday 1'), new.ended = 'on_time', new.ended = 'missed', new.ended = 'excused'
  from check_in i where i.id = new.check_in
  on conflict (person, monday) do update set reviews_on_time = reviews_on_time + excluded.reviews_on_time,
    reviews_missed = reviews_missed + excluded.reviews_missed, reviews_excused = reviews_excused + excluded.reviews_excused;
end;

-- A review may get another reviewer, and an end that it did not have.
create trigger reliability_review_changed after update of reviewer, ended on review
when new.ended is not old.ended or new.reviewer <> old.reviewer begin
  update reliability set reviews_on_time = reviews_on_time - (old.ended = 'on_time'), reviews_missed = reviews_missed - (old.ended = 'missed'),
    reviews_excused = reviews_excused - (old.ended = 'excused')
  where old.ended is not null and person = old.reviewer
    and monday = (select date(i.local_date, '-6 days', 'weekday 1') from check_in i where i.id = old.check_in);
  insert into reliability (person, monday, reviews_on_time, reviews_missed, reviews_excused)
  select new.reviewer, date(i.local_date, '-6 days', 'weekday 1'), new.ended = 'on_time', new.ended = 'missed', new.ended = 'excused'
  from check_in i where i.id = new.check_in and new.ended is not null
  on conflict (person, monday) do update set reviews_on_time = reviews_on_time + excluded.reviews_on_time,
    reviews_missed = reviews_missed + excluded.reviews_missed, reviews_excused = reviews_excused + excluded.reviews_excused;
end;

create trigger reliability_review_gone after delete on review when old.ended is not null begin
  update reliability set reviews_on_time = reviews_on_time - (old.ended = 'on_time'), reviews_missed = reviews_missed - (old.ended = 'missed'),
    reviews_excused = reviews_excused - (old.ended = 'excused')
  where person = old.reviewer and monday = (select date(i.local_date, '-6 days', 'weekday 1') from check_in i where i.id = old.check_in);
end;

-- Its readers are gone.
drop index review_ended;
drop index check_in_dated;
-- How sure somebody was is read inside indexes too.
drop index check_in_author_day;
create index check_in_author_day on check_in (author, local_date, id) where state = 'published';
create index check_in_goal_confidence on check_in_goal (check_in, confidence) where confidence is not null;
