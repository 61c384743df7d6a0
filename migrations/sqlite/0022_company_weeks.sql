-- What became of everybody's slots and reviews in a week. Each change adds a row that says by how much; readers add the rows of a week up,
-- and a job folds them into one. A row that all changes update would have every check-in of the company wait for the one before,
-- and the clock's batches and people's own changes wait for each other in a circle.
create table reliability_week (
  organisation blob not null references organisation (id),
  monday text not null,
  submitted integer not null default 0,
  late integer not null default 0,
  missed integer not null default 0,
  excused integer not null default 0,
  open integer not null default 0,
  reviews_on_time integer not null default 0,
  reviews_missed integer not null default 0,
  reviews_excused integer not null default 0
);
create index reliability_week_monday on reliability_week (organisation, monday);

insert into reliability_week (organisation, monday, submitted, late, missed, excused, open, reviews_on_time, reviews_missed, reviews_excused)
select p.organisation, r.monday, sum(r.submitted), sum(r.late), sum(r.missed), sum(r.excused), sum(r.open), sum(r.reviews_on_time),
       sum(r.reviews_missed), sum(r.reviews_excused)
from reliability r join person p on p.id = r.person group by 1, 2;

create trigger reliability_week_slot_new after insert on check_in_slot when new.state <> 'ahead' begin
  insert into reliability_week (organisation, monday, submitted, late, missed, excused, open)
  values (new.organisation, date(new.local_date, '-6 days', 'weekday 1'), new.state = 'submitted', new.state = 'late',
          new.state = 'missed', new.state = 'excused', new.state = 'open');
end;

create trigger reliability_week_slot_changed after update of state on check_in_slot when new.state <> old.state begin
  insert into reliability_week (organisation, monday, submitted, late, missed, excused, open)
  values (new.organisation, date(new.local_date, '-6 days', 'weekday 1'), (new.state = 'submitted') - (old.state = 'submitted'),
          (new.state = 'late') - (old.state = 'late'), (new.state = 'missed') - (old.state = 'missed'),
          (new.state = 'excused') - (old.state = 'excused'), (new.state = 'open') - (old.state = 'open'));
end;

create trigger reliability_week_slot_gone after delete on check_in_slot when old.state <> 'ahead' begin
  insert into reliability_week (organisation, monday, submitted, late, missed, excused, open)
  values (old.organisation, date(old.local_date, '-6 days', 'weekday 1'), -(old.state = 'submitted'), -(old.state = 'late'),
          -(old.state = 'missed'), -(old.state = 'excused'), -(old.state = 'open'));
end;

create trigger reliability_week_review_new after insert on review when new.ended is not null begin
  insert into reliability_week (organisation, monday, reviews_on_time, reviews_missed, reviews_excused)
  select i.organisation, date(i.local_date, '-6 days', 'weekday 1'), new.ended = 'on_time', new.ended = 'missed', new.ended = 'excused'
  from check_in i where i.id = new.check_in;
end;

create trigger reliability_week_review_changed after update of ended on review when new.ended is not old.ended begin
  insert into reliability_week (organisation, monday, reviews_on_time, reviews_missed, reviews_excused)
  select i.organisation, date(i.local_date, '-6 days', 'weekday 1'), (new.ended is 'on_time') - (old.ended is 'on_time'),
         (new.ended is 'missed') - (old.ended is 'missed'), (new.ended is 'excused') - (old.ended is 'excused')
  from check_in i where i.id = new.check_in;
end;

create trigger reliability_week_review_gone after delete on review when old.ended is not null begin
  insert into reliability_week (organisation, monday, reviews_on_time, reviews_missed, reviews_excused)
  select i.organisation, date(i.local_date, '-6 days', 'weekday 1'), -(old.ended = 'on_time'), -(old.ended = 'missed'), -(old.ended = 'excused')
  from check_in i where i.id = old.check_in;
end;
