-- Work owed. Life cycle and rules: src/jobs/mod.rs.
create table job (
  id blob primary key,
  kind text not null,
  payload text not null,
  state text not null check (state in ('ready', 'running', 'done', 'failed', 'cancelled')),
  priority integer not null default 0,
  run_at text not null,
  asleep boolean not null default false, -- gave its slot back until run_at, unless it is woken
  attempt integer not null default 0,
  max_attempts integer not null check (max_attempts > 0),
  worker text,
  lease_until text,
  progress real not null default 0,
  checkpoint text,
  unique_key text,
  error text,
  trace text,
  created_at text not null,
  started_at text,
  finished_at text,
  check ((finished_at is not null) = (state in ('done', 'failed', 'cancelled'))),
  check ((lease_until is not null) = (state = 'running'))
);
create index job_ready on job (priority desc, run_at, id) where state = 'ready';
create index job_running on job (lease_until) where state = 'running';
create unique index job_unique on job (unique_key) where unique_key is not null and state in ('ready', 'running');
create index job_finished on job (finished_at) where finished_at is not null;

create table schedule (
  name text primary key,
  next_run_at text not null,
  last_run_at text,
  worker text
);
