import type { Migration } from './database.js'

export const leadMigrations: readonly Migration[] = [
  {
    id: 300,
    sql: `
create table lead (
  id text primary key check (length(id) = 36),                      -- the incident's id: one lead per incident
  device text not null,
  cam text not null,
  cause text not null check (cause in ('vending', 'grilling', 'spillage', 'dust')),
  grade integer not null check (grade between 1 and 4),             -- with confirmed_at the order of the queue
  confirmed_at text not null,
  received_at text not null,                                        -- first record here; limitation counts from it
  audit integer not null default 0 check (audit in (0, 1)),         -- drawn for quality control
  facts text not null check (json_valid(facts)),                    -- LeadFacts
  state text not null default 'L2' check (state in ('L2', 'L3', 'L8', 'L9', 'L10')),
  version integer not null default 0 check (version >= 0),          -- counts what people did
  round integer not null default 1 check (round >= 1),              -- pair of blind reviews
  claim_by text,
  claim_until_at text,
  decision text check (decision is null or json_valid(decision)),   -- LeadDecision
  merged_into text references lead (id) check (merged_into <> id),
  case_id text unique,
  confirmed integer not null default 0 check (confirmed in (0, 1)), -- two confirming reviews are in
  check ((claim_by is null) = (claim_until_at is null)),
  check (state <> 'L3' or claim_by is not null),
  check (state <> 'L10' or decision is not null),
  check ((state = 'L9') = (case_id is not null)),
  check (state <> 'L9' or confirmed = 1)
) strict;
create index lead_queue on lead (state, grade desc, confirmed_at, id);
create table lead_still (                                           -- which lead a still belongs to: the right to see it
  sha256 text not null check (length(sha256) = 64),
  lead_id text not null references lead (id),
  primary key (sha256, lead_id)
) strict, without rowid;
create table lead_review (
  lead_id text not null references lead (id),
  round integer not null,
  officer text not null,
  verdict text not null check (verdict in ('confirm', 'reject')),
  note text not null,
  at text not null,
  primary key (lead_id, round, officer)
) strict, without rowid;
create trigger lead_review_two before insert on lead_review
when (select count(*) from lead_review where lead_id = new.lead_id and round = new.round) >= 2
begin select raise(abort, 'a round has two reviews'); end;
create trigger lead_review_fixed before update on lead_review begin select raise(abort, 'reviews are not edited'); end;
create trigger lead_review_kept before delete on lead_review begin select raise(abort, 'reviews are not deleted'); end;
create table lead_log (                                             -- who did what; append-only
  lead_id text not null references lead (id),
  version integer not null,                                         -- of the lead after the step
  action text not null,
  by text not null,
  at text not null,
  primary key (lead_id, version)
) strict, without rowid;
create index lead_log_by_time on lead_log (action, at);
create trigger lead_log_fixed before update on lead_log begin select raise(abort, 'the log is not edited'); end;
create trigger lead_log_kept before delete on lead_log begin select raise(abort, 'the log is not deleted'); end;
`,
  },
]
