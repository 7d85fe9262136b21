-- Presence: who set it, since when a page reports, and when a team had nobody.

alter table intents add column set_by uuid; -- the admin, where one set it

alter table presence_ledger
	add column by_name text, -- the admin's, as it was then
	add column reason text,
	add column until timestamptz;
create index presence_ledger_newest on presence_ledger (team_id, at desc, id desc);

-- Since when a page has reported without a gap; a span that has ended moves to lease_spans.
alter table leases add column since timestamptz not null default now();

create table lease_spans (
	user_id uuid not null,
	device_id uuid not null,
	page_id uuid not null,
	started_at timestamptz not null,
	ended_at timestamptz not null,
	primary key (user_id, device_id, page_id, started_at)
);
create index lease_spans_ended on lease_spans (ended_at);

create table business_hours (
	team_id uuid primary key references teams on delete cascade,
	time_zone text not null, -- IANA
	spans jsonb not null default '[]', -- [{day: 1 (Monday) to 7, from, to}]; overnight where to <= from
	holidays jsonb not null default '[]' -- local dates on which no span begins
);

-- When nobody was online in business hours; the open one has no end.
create table uncovered_spans (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	started_at timestamptz not null,
	ended_at timestamptz,
	alerted_at timestamptz, -- admins were told
	primary key (team_id, id)
);
create unique index uncovered_spans_open on uncovered_spans (team_id) where ended_at is null;
create index uncovered_spans_newest on uncovered_spans (team_id, started_at desc);

do $$
declare t text;
begin
	foreach t in array array['business_hours', 'uncovered_spans'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy team on %I using (team_id = app_team()) with check (team_id = app_team())', t);
		execute format('create policy owner on %I to %I using (true) with check (true)', t, current_user);
	end loop;
end $$;

create function teams_with_hours() returns setof uuid
language sql stable security definer set search_path = public, pg_temp
as $$ select team_id from business_hours order by team_id $$;
