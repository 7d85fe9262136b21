-- Coverage: who was last, who is asked to take over, and how long a team believes a beat.

alter table business_hours
	add column holiday_names jsonb not null default '[]', -- [{date, name}]
	add column saved_at timestamptz not null default now(); -- nothing before is measured by these hours

alter table uncovered_spans
	add column last_id uuid, -- who was online last; null: nobody was when the hours began
	add column cause text; -- of that person's going offline

-- Somebody goes offline and asks a colleague to take over. One question a person: the newest.
create table take_overs (
	team_id uuid not null,
	user_id uuid not null, -- who is asked
	asked_by uuid not null,
	asked_at timestamptz not null,
	until timestamptz, -- when it is needed no longer; null: that is not known
	primary key (team_id, user_id),
	foreign key (team_id, user_id) references members on delete cascade
);

-- For how long a team believes a beat, where it chose more than the least.
create table presence_team_settings (
	team_id uuid primary key references teams on delete cascade,
	visible_lease_s integer not null,
	hidden_lease_s integer not null
);

do $$
declare t text;
begin
	foreach t in array array['take_overs', 'presence_team_settings'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy team on %I using (team_id = app_team()) with check (team_id = app_team())', t);
		execute format('create policy owner on %I to %I using (true) with check (true)', t, current_user);
	end loop;
end $$;

-- A question to take over is an event without a conversation.
alter table notification_events
	alter column conversation_id drop not null,
	drop constraint notification_events_kind_check,
	add constraint notification_events_kind_check
		check (kind in ('escalation', 'unanswered', 'message', 'assigned', 'mention', 'take_over'));

-- The teams that believe a beat for longer, read as a whole every few seconds so that no beat costs a query.
create function longer_leases() returns table (team_id uuid, visible_lease_s integer, hidden_lease_s integer)
language sql stable security definer set search_path = public, pg_temp
as $$ select team_id, visible_lease_s, hidden_lease_s from presence_team_settings $$;

-- Online intents of people of whom no device has proved anything beyond `cutoff`, as their team counts it.
create or replace function unproved_intents(cutoff timestamptz) returns table (team_id uuid, user_id uuid)
language sql stable security definer set search_path = public, pg_temp
as $$
	select i.team_id, i.user_id from intents i left join presence_team_settings s using (team_id)
	where i.status = 'online' and not exists (
		select 1 from leases l
		where l.user_id = i.user_id and least(l.leaves_at, greatest(l.expires_at, l.beaten_at
			+ make_interval(secs => case l.visibility when 'visible' then s.visible_lease_s
				else s.hidden_lease_s end))) > cutoff)
	order by i.team_id, i.user_id
$$;
