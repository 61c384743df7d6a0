-- The sample company: where its filling or removal stands, and which rows are its own.
create table sample (
  organisation blob primary key references organisation (id),
  state text not null check (state in ('filling', 'preparing', 'ready', 'removing', 'failed')),
  progress real not null default 0,
  changed_at text not null
);

-- People are entered as they are made; what hangs on them is found and entered when the sample is removed.
create table sample_row (
  relation text not null, -- the table it stands in
  id blob not null,
  primary key (relation, id)
);
create index sample_row_id on sample_row (id);
