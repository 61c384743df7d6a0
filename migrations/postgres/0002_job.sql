-- Work owed. Life cycle and rules: src/jobs/mod.rs.
create table job (
  id uuid primary key,
  kind text not null,
  payload jsonb not null,
  state text not null check (state in ('ready', 'running', 'done', 'failed', 'cancelled')),
  priority smallint not null default 0,
  run_at timestamptz not null,
  asleep boolean not null default false, -- gave its slot back until run_at, unless it is woken
  attempt integer not null default 0,
  max_attempts integer not null check (max_attempts > 0),
  worker text,
  lease_until timestamptz,
  progress double precision not null default 0,
  checkpoint jsonb,
  unique_key text,
  error text,
  trace text,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  check ((finished_at is not null) = (state in ('done', 'failed', 'cancelled'))),
  check ((lease_until is not null) = (state = 'running'))
);
create index job_ready on job (priority desc, run_at, id) where state = 'ready';
create index job_running on job (lease_until) where state = 'running';
create unique index job_unique on job (unique_key) where unique_key is not null and state in ('ready', 'running');
create index job_finished on job (finished_at) where finished_at is not null;

create table schedule (
  name text primary key,
  next_run_at timestamptz not null,
  last_run_at timestamptz,
  worker text
);
