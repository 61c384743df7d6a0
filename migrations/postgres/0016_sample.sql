-- The sample company: where its filling or removal stands, and which rows are its own.
create table sample (
  organisation uuid primary key references organisation (id),
  state text not null check (state in ('filling', 'preparing', 'ready', 'removing', 'failed')),
  progress double precision not null default 0,
  changed_at timestamptz not null
);

-- People are entered as they are made; what hangs on them is found and entered when the sample is removed.
create table sample_row (
  relation text not null, -- the table it stands in
  id uuid not null,
  primary key (relation, id)
);
create index sample_row_id on sample_row (id);
