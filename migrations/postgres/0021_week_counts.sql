-- What happens to a person in a week fits into 32 bits, and sums of those are 64 bits wide; sums of wider ones are decimal numbers of any
-- length, which take twice as long.
alter table reliability
  alter column submitted type integer,
  alter column late type integer,
  alter column missed type integer,
  alter column excused type integer,
  alter column open type integer,
  alter column reviews_on_time type integer,
  alter column reviews_missed type integer,
  alter column reviews_excused type integer;
