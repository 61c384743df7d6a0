-- Absences last a year at most, so those that are not over began within the last one: they are walked in order, inside the index.
create index absence_begun on absence (first_day, id, last_day, person);
