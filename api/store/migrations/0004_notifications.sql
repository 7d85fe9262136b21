-- Notifications: settings of people and teams, what pages confirm, the ladder, webhooks, proof of devices.

-- ---------------------------------------------------------------- persons

alter table notification_preferences
	add column settings jsonb; -- NotificationSettings of the contract; null: the defaults

alter table push_subscriptions
	add column unconfirmed integer not null default 0, -- accepted in a row, none of them shown
	add column unconfirmed_since timestamptz, -- when the first of those was accepted
	add column silent_since timestamptz; -- told to the person and the admins as silent

alter table push_tests
	add column outcome text not null default 'waiting', -- or accepted, gone, failed
	add column did_ring boolean; -- what the person says

-- ---------------------------------------------------------------- the server

-- Push services that refuse this server; an accepted push ends it.
create table push_alarms (
	service text primary key,
	what text not null,
	reason text,
	since timestamptz not null,
	last_at timestamptz not null
);

-- ---------------------------------------------------------------- teams

create table notification_team_settings (
	team_id uuid primary key references teams on delete cascade,
	is_ladder_on boolean not null default true,
	everyone_after_s integer not null default 30,
	admins_after_s integer not null default 120,
	tell_by text not null default 'email' check (tell_by in ('email', 'webhook', 'nobody')),
	webhook_url text,
	webhook_secret text, -- sealed with SECRET_KEY
	max_privacy text not null default 'full' check (max_privacy in ('full', 'name', 'nothing'))
);

alter table notification_events
	drop constraint notification_events_kind_check,
	add constraint notification_events_kind_check
		check (kind in ('escalation', 'unanswered', 'message', 'assigned', 'mention')),
	add column seq integer not null default 0, -- the conversation's newest message then
	add column due_at timestamptz, -- rings no earlier: the end of a snooze
	add column target_ids uuid[], -- whom it is about; null: everybody concerned
	add column by_id uuid; -- who did it, and is not told
create index notification_events_conversation on notification_events (team_id, conversation_id, at);
create index notification_events_newest on notification_events (team_id, at desc);

alter table notification_deliveries
	add column trail jsonb not null default '[]'; -- what became of the row, in order: [{at, what, detail}]

-- A page in front of the person has shown the conversation's news up to this message.
create table sightings (
	team_id uuid not null,
	conversation_id uuid not null,
	user_id uuid not null,
	device_id uuid not null,
	seq integer not null,
	at timestamptz not null,
	primary key (team_id, conversation_id, user_id, device_id),
	foreign key (team_id, conversation_id) references conversations on delete cascade
);

create table snoozes (
	team_id uuid not null,
	conversation_id uuid not null,
	user_id uuid not null,
	until timestamptz not null,
	primary key (team_id, conversation_id, user_id),
	foreign key (team_id, conversation_id) references conversations on delete cascade
);

-- One escalation on its way to an answer. `step` is the last one that was taken.
create table ladders (
	team_id uuid not null,
	id uuid not null,
	conversation_id uuid not null,
	started_at timestamptz not null, -- the conversation's escalated_at
	step text not null default 'first' check (step in ('first', 'everyone', 'admins')),
	held_until timestamptz, -- somebody types
	ended_at timestamptz,
	trail jsonb not null default '[]',
	primary key (team_id, id),
	unique (team_id, conversation_id, started_at),
	foreign key (team_id, conversation_id) references conversations on delete cascade
);

-- What is to be told to a team's webhook, and what came of it.
create table webhook_calls (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	url text not null,
	body text not null,
	state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
	attempts integer not null default 0,
	status integer, -- the last answer
	problem text,
	created_at timestamptz not null,
	last_at timestamptz,
	primary key (team_id, id)
);

do $$
declare t text;
begin
	foreach t in array array[
		'notification_team_settings', 'sightings', 'snoozes', 'ladders', 'webhook_calls'
	] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy team on %I using (team_id = app_team()) with check (team_id = app_team())', t);
		execute format('create policy owner on %I to %I using (true) with check (true)', t, current_user);
	end loop;
end $$;
