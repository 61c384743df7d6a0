-- Bytes arriving (tus 1.0). An upload is one row and an append-only log of chunks in the store.
create table upload (
  id uuid primary key,
  person uuid not null references person (id),
  take uuid not null references take (id),
  filename text not null default '',
  filetype text not null default '',
  metadata text not null default '', -- Upload-Metadata as it was sent, for HEAD
  declared_size bigint check (declared_size >= 0),
  received bigint not null default 0 check (received >= 0),
  state text not null check (state in ('receiving', 'complete', 'refused', 'terminated', 'expired')),
  code text,
  detail text,
  measured_ms bigint, -- length that it was refused for
  writer uuid, -- who may append: a newcomer puts its own id here and the old one's next append fails
  expires_at timestamptz not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  swept_at timestamptz -- chunks deleted
);
create index upload_person on upload (person, id);
create index upload_take on upload (take);
create index upload_expiring on upload (expires_at) where state = 'receiving';
create index upload_sweepable on upload (finished_at) where swept_at is null and finished_at is not null;

create table upload_chunk (
  upload uuid not null references upload (id),
  start_at bigint not null check (start_at >= 0),
  size bigint not null check (size > 0),
  key text not null,
  primary key (upload, start_at)
);
