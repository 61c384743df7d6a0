-- Bytes arriving (tus 1.0). An upload is one row and an append-only log of chunks in the store.
create table upload (
  id blob primary key,
  person blob not null references person (id),
  take blob not null references take (id),
  filename text not null default '',
  filetype text not null default '',
  metadata text not null default '', -- Upload-Metadata as it was sent, for HEAD
  declared_size integer check (declared_size >= 0),
  received integer not null default 0 check (received >= 0),
  state text not null check (state in ('receiving', 'complete', 'refused', 'terminated', 'expired')),
  code text,
  detail text,
  measured_ms integer, -- length that it was refused for
  writer blob, -- who may append: a newcomer puts its own id here and the old one's next append fails
  expires_at text not null,
  created_at text not null,
  finished_at text,
  swept_at text -- chunks deleted
);
create index upload_person on upload (person, id);
create index upload_take on upload (take);
create index upload_expiring on upload (expires_at) where state = 'receiving';
create index upload_sweepable on upload (finished_at) where swept_at is null and finished_at is not null;

create table upload_chunk (
  upload blob not null references upload (id),
  start_at integer not null check (start_at >= 0),
  size integer not null check (size > 0),
  key text not null,
  primary key (upload, start_at)
);
