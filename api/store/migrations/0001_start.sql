-- The first schema. Team data carries team_id first in every key and is bound by row security to the
-- team named in the setting app.team; person data (user, session, device, subscription, lease) is
-- keyed by the person. Ids are UUIDv7 made by whoever creates the thing. No sequences.

create function app_team() returns uuid language sql stable parallel safe
as $$ select nullif(current_setting('app.team', true), '')::uuid $$;

-- ---------------------------------------------------------------- persons

create table users (
	id uuid primary key,
	email text not null unique check (email = lower(email)),
	password_hash text not null,
	first_name text not null default '' check (length(first_name) <= 255),
	last_name text not null default '' check (length(last_name) <= 255),
	avatar text,
	is_auto_return boolean not null default false,
	created_at timestamptz not null default now()
);

create table sessions (
	id bytea primary key, -- SHA-256 of the cookie's id: a copy of the database opens no session
	user_id uuid not null references users on delete cascade,
	user_agent text not null default '',
	created_at timestamptz not null default now(),
	expires_at timestamptz not null
);
create index sessions_user on sessions (user_id);

create table devices (
	id uuid primary key, -- made by the browser, one a profile and person
	user_id uuid not null references users on delete cascade,
	session_id bytea references sessions on delete set null,
	name text not null,
	created_at timestamptz not null default now(),
	last_seen_at timestamptz not null default now()
);
create index devices_user on devices (user_id);
create index devices_session on devices (session_id);

create table push_subscriptions (
	device_id uuid primary key references devices on delete cascade,
	user_id uuid not null references users on delete cascade,
	endpoint text not null unique, -- an endpoint belongs to one person: signing in re-binds it
	p256dh text not null,
	auth text not null,
	key_id text not null,
	state text not null default 'live' check (state in ('live', 'needs_resubscribe', 'gone')),
	is_standalone boolean not null default false,
	fail_count integer not null default 0,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	last_accepted_at timestamptz,
	last_shown_at timestamptz,
	last_shown_latency_ms integer,
	last_opened_at timestamptz
);
create index push_subscriptions_user on push_subscriptions (user_id);

create table notification_preferences (
	user_id uuid primary key references users on delete cascade,
	push_online boolean not null default true,
	push_offline boolean not null default true,
	push_offline_by_hand boolean not null default false,
	browser_online boolean not null default true,
	browser_offline boolean not null default false
);

-- What devices prove, by page: a device's lease is the longest share of its pages. A cache of the web
-- processes' memory: a crash may empty it.
create unlogged table leases (
	user_id uuid not null,
	device_id uuid not null,
	page_id uuid not null,
	expires_at timestamptz not null,
	leaves_at timestamptz, -- the page has gone: its share ends then, whatever arrives later
	beaten_at timestamptz not null,
	visibility text not null check (visibility in ('visible', 'hidden')),
	is_focused boolean not null,
	primary key (user_id, device_id, page_id)
);
create index leases_expired on leases (expires_at);

-- The tests that a person sent to a device of theirs; no team is involved.
create table push_tests (
	id uuid primary key,
	device_id uuid not null references devices on delete cascade,
	status integer,
	ack_digest bytea not null unique,
	sent_at timestamptz not null,
	accepted_at timestamptz,
	shown_at timestamptz,
	opened_at timestamptz
);
create index push_tests_device on push_tests (device_id, sent_at desc);

-- Keys made on first start (VAPID), sealed with SECRET_KEY.
create table server_keys (
	name text primary key,
	public_value text not null,
	sealed_value text not null,
	created_at timestamptz not null default now()
);

-- One-time links (the owner link on the console); only the digest is kept.
create table one_time_tokens (
	digest bytea primary key,
	purpose text not null,
	created_at timestamptz not null default now(),
	expires_at timestamptz not null
);

-- ---------------------------------------------------------------- teams

create table teams (
	id uuid primary key,
	name text not null check (length(name) between 1 and 255),
	brand_name text,
	brand_color text not null default '#0e6f74',
	show_agents_as text not null default 'agents' check (show_agents_as in ('agents', 'team')),
	epoch uuid not null default gen_random_uuid(),
	version bigint not null default 0,
	created_at timestamptz not null default now()
);

create table changes (
	team_id uuid not null,
	version bigint not null,
	n integer not null,
	entity text not null check (entity in ('team', 'bot', 'member', 'conversation', 'message', 'read')),
	entity_id uuid not null,
	owner_id uuid, -- of a read: the person
	bot_id uuid,
	op text not null check (op in ('upsert', 'delete')),
	at timestamptz not null default now(),
	primary key (team_id, version, n)
);
create index changes_bot on changes (team_id, bot_id, version);

create table members (
	team_id uuid not null references teams on delete cascade,
	user_id uuid not null,
	role text not null check (role in ('owner', 'admin', 'editor', 'agent', 'viewer')),
	has_all_bots boolean not null default true,
	joined_at timestamptz not null default now(),
	primary key (team_id, user_id)
);
create index members_user on members (user_id);

create table bots (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	name text not null,
	color text not null default '#0e6f74',
	greeting text not null default '',
	quick_questions jsonb not null default '[]', -- [{question, answer}]
	human_escalation boolean not null default true,
	human_only boolean not null default false,
	show_availability boolean not null default true,
	allowed_origins text[] not null default '{}',
	created_at timestamptz not null default now(),
	primary key (team_id, id)
);
create unique index bots_id on bots (id);

create table member_bots (
	team_id uuid not null,
	user_id uuid not null,
	bot_id uuid not null,
	primary key (team_id, user_id, bot_id),
	foreign key (team_id, user_id) references members on delete cascade,
	foreign key (team_id, bot_id) references bots on delete cascade
);

create table visitors (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	bot_id uuid not null,
	token_digest bytea not null,
	name text,
	email text,
	is_verified boolean not null default false,
	browser text,
	page_url text,
	page_title text,
	created_at timestamptz not null default now(),
	last_seen_at timestamptz not null default now(),
	primary key (team_id, id)
);

create table conversations (
	team_id uuid not null,
	id uuid not null,
	bot_id uuid not null,
	visitor_id uuid not null,
	state text not null default 'bot' check (state in ('bot', 'pending', 'unresolved', 'resolved')),
	assignee_id uuid,
	seq integer not null default 0,
	visitor_read_seq integer not null default 0,
	escalated_at timestamptz,
	answered_at timestamptz,
	escalation jsonb, -- {by, reason, summary}
	preview jsonb, -- {authorKind, authorId, body}
	created_at timestamptz not null default now(),
	last_message_at timestamptz not null default now(),
	primary key (team_id, id),
	foreign key (team_id, bot_id) references bots on delete cascade,
	foreign key (team_id, visitor_id) references visitors on delete cascade
);
create index conversations_newest on conversations (team_id, last_message_at desc, id desc);
create index conversations_visitor on conversations (team_id, visitor_id, created_at desc);
create index conversations_answered on conversations (team_id, bot_id, escalated_at) where answered_at is not null;

create table messages (
	team_id uuid not null,
	conversation_id uuid not null,
	seq integer not null,
	id uuid not null,
	kind text not null check (kind in ('text', 'note', 'event')),
	author_kind text not null check (author_kind in ('visitor', 'agent', 'bot', 'system')),
	author_id uuid,
	body text not null,
	event jsonb,
	created_at timestamptz not null default now(),
	primary key (team_id, conversation_id, seq),
	unique (team_id, id),
	foreign key (team_id, conversation_id) references conversations on delete cascade
);
create index messages_agent on messages (team_id, author_id, created_at desc) where author_kind = 'agent';

create table reads (
	team_id uuid not null,
	conversation_id uuid not null,
	user_id uuid not null,
	seq integer not null,
	primary key (team_id, conversation_id, user_id),
	foreign key (team_id, conversation_id) references conversations on delete cascade
);

-- What a device asked for, once: written in the transaction of the effect.
create table mutations (
	team_id uuid not null,
	device_id uuid not null,
	id uuid not null,
	user_id uuid not null,
	n bigint not null,
	outcome text not null,
	error jsonb,
	created_at timestamptz not null default now(),
	primary key (team_id, device_id, id)
);

-- ---------------------------------------------------------------- presence

create table intents (
	team_id uuid not null,
	user_id uuid not null,
	status text not null check (status in ('online', 'offline')),
	cause text, -- of the last change; null before the first
	since timestamptz not null default now(),
	until timestamptz,
	reason text,
	return_status text, -- what it goes back to at `until`
	last_beat_at timestamptz, -- of the person's devices at the last change
	primary key (team_id, user_id),
	foreign key (team_id, user_id) references members on delete cascade
);
create index intents_online on intents (user_id) where status = 'online';
create index intents_until on intents (until) where until is not null;

create table presence_ledger (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	user_id uuid not null,
	at timestamptz not null default now(),
	from_status text not null,
	to_status text not null,
	cause text not null,
	device_name text,
	last_beat_at timestamptz,
	visibility text,
	primary key (team_id, id)
);
create index presence_ledger_user on presence_ledger (team_id, user_id, at desc);

-- ---------------------------------------------------------------- push

create table notification_events (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	kind text not null check (kind in ('escalation', 'message')),
	conversation_id uuid not null,
	message_id uuid,
	at timestamptz not null default now(),
	decided_at timestamptz,
	primary key (team_id, id)
);

-- One row a (event, person, device): what was decided, by which rule, and what became of it.
create table notification_deliveries (
	team_id uuid not null,
	id uuid not null,
	event_id uuid not null,
	user_id uuid not null,
	device_id uuid, -- null: nobody to push to (the rule says why)
	action text not null check (action in ('send', 'hold', 'suppress')),
	rule text not null,
	due_at timestamptz not null default now(),
	state text not null default 'decided'
		check (state in ('decided', 'accepted', 'shown', 'opened', 'expired', 'failed', 'gone', 'suppressed')),
	status integer, -- the push service's last answer
	attempts integer not null default 0,
	unanswered integer not null default 0, -- attempts whose answer never came: perhaps delivered
	claimed_until timestamptz, -- a process is sending it
	sent_at timestamptz, -- the last attempt's start
	ack_digest bytea,
	decided_at timestamptz not null default now(),
	accepted_at timestamptz,
	shown_at timestamptz,
	opened_at timestamptz,
	primary key (team_id, id),
	foreign key (team_id, event_id) references notification_events on delete cascade
);
create unique index notification_deliveries_once
	on notification_deliveries (team_id, event_id, user_id, coalesce(device_id, '00000000-0000-0000-0000-000000000000'));
create index notification_deliveries_ack on notification_deliveries (ack_digest) where ack_digest is not null;

-- ---------------------------------------------------------------- row security

-- The second belt. Forced, so the owner is bound too where it is no superuser; the owner's own policy
-- is what the SECURITY DEFINER functions below and the migrations work through.
do $$
declare t text;
begin
	foreach t in array array[
		'changes', 'members', 'bots', 'member_bots', 'visitors', 'conversations', 'messages', 'reads',
		'mutations', 'intents', 'presence_ledger', 'notification_events', 'notification_deliveries'
	] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy team on %I using (team_id = app_team()) with check (team_id = app_team())', t);
		execute format('create policy owner on %I to %I using (true) with check (true)', t, current_user);
	end loop;
	alter table teams enable row level security;
	alter table teams force row level security;
	create policy team on teams using (id = app_team()) with check (id = app_team());
	execute format('create policy owner on teams to %I using (true) with check (true)', current_user);
end $$;

-- Work across teams: a few named functions that return ids only.
create function teams_of_user(person uuid) returns setof uuid
language sql stable security definer set search_path = public, pg_temp
as $$ select team_id from members where user_id = person order by joined_at, team_id $$;

create function team_of_bot(bot uuid) returns uuid
language sql stable security definer set search_path = public, pg_temp
as $$ select team_id from bots where id = bot $$;

create function team_of_ack(digest bytea) returns uuid
language sql stable security definer set search_path = public, pg_temp
as $$ select team_id from notification_deliveries where ack_digest = digest limit 1 $$;

-- Of these people, who means to be online where.
create function online_intents_of(people uuid[]) returns table (team_id uuid, user_id uuid)
language sql stable security definer set search_path = public, pg_temp
as $$ select team_id, user_id from intents where status = 'online' and user_id = any (people) $$;

-- Online intents of people of whom no device has proved anything beyond `cutoff`.
create function unproved_intents(cutoff timestamptz) returns table (team_id uuid, user_id uuid)
language sql stable security definer set search_path = public, pg_temp
as $$
	select team_id, user_id from intents i where status = 'online' and not exists (
		select 1 from leases l
		where l.user_id = i.user_id and least(l.expires_at, l.leaves_at) > cutoff)
	order by team_id, user_id
$$;

create function due_intents(due timestamptz) returns table (team_id uuid, user_id uuid)
language sql stable security definer set search_path = public, pg_temp
as $$ select team_id, user_id from intents where until <= due order by team_id, user_id $$;

create function is_empty_install() returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$ select not exists (select 1 from users) $$;
