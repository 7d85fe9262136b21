-- People: pictures, passkeys, roles, invitations, mails and the record of who changed what.

-- ---------------------------------------------------------------- persons

alter table users add column default_team_id uuid;

alter table sessions
	add column address text not null default '',
	add column last_seen_at timestamptz not null default now();

-- Pictures by the hash of their owner and content: two owners never share a row.
create table avatars (
	hash text not null,
	size integer not null check (size in (64, 128, 400)),
	bytes bytea not null, -- WebP
	primary key (hash, size)
);

create table email_changes (
	user_id uuid primary key references users on delete cascade,
	email text not null check (email = lower(email)),
	digest bytea not null unique, -- of the mailed token
	expires_at timestamptz not null
);

create table passkeys (
	id text primary key, -- the credential's id, base64url
	user_id uuid not null references users on delete cascade,
	name text not null,
	public_key bytea not null,
	counter bigint not null,
	transports text[] not null default '{}',
	created_at timestamptz not null,
	last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id);

-- Why people left; not who.
create table account_deletions (
	id uuid primary key,
	reason text not null,
	at timestamptz not null
);

-- ---------------------------------------------------------------- teams

alter table teams add column brand_avatar text;

-- Custom roles; the five that every team has are in the code.
create table roles (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	name text not null,
	permissions text[] not null,
	created_at timestamptz not null default now(),
	primary key (team_id, id)
);

alter table members
	drop constraint members_role_check,
	add column role_id uuid,
	add constraint members_role_check
		check (role in ('owner', 'admin', 'editor', 'agent', 'viewer', 'custom')),
	add constraint members_role_id_check check ((role = 'custom') = (role_id is not null)),
	add constraint members_role_fkey foreign key (team_id, role_id) references roles;
create index members_role on members (team_id, role_id) where role_id is not null;

create table invitations (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	email text not null check (email = lower(email)),
	role text not null check (role in ('owner', 'admin', 'editor', 'agent', 'viewer', 'custom')),
	role_id uuid,
	bot_ids uuid[], -- null: all
	state text not null default 'pending'
		check (state in ('pending', 'accepted', 'declined', 'cancelled')),
	digest bytea not null, -- of the token in the newest mail
	invited_by uuid not null,
	created_at timestamptz not null,
	expires_at timestamptz not null,
	primary key (team_id, id),
	check ((role = 'custom') = (role_id is not null)),
	foreign key (team_id, role_id) references roles
);
create unique index invitations_digest on invitations (digest);
create unique index invitations_pending on invitations (team_id, email) where state = 'pending';

-- What is to be sent, and what could not be. A mail that was sent is deleted: it holds keys.
create table mails (
	team_id uuid not null, -- the person's own id where a mail concerns no team
	id uuid not null,
	recipient text not null,
	subject text not null,
	body text not null,
	html text not null,
	state text not null default 'waiting' check (state in ('waiting', 'kept', 'failed')),
	problem text, -- the mail server's last words
	created_at timestamptz not null,
	primary key (team_id, id)
);

-- The run-time role may add to it and read it, nothing else (api/store/roles.ts).
create table audit_log (
	team_id uuid not null references teams on delete cascade,
	id uuid not null,
	at timestamptz not null,
	actor_id uuid, -- null: the server itself
	actor_name text not null, -- as it was then
	action text not null,
	subject_id uuid,
	subject_name text,
	details jsonb not null default '{}',
	address text not null default '',
	primary key (team_id, id)
);
create index audit_log_newest on audit_log (team_id, at desc, id desc);

do $$
declare t text;
begin
	foreach t in array array['roles', 'invitations', 'mails', 'audit_log'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy team on %I using (team_id = app_team()) with check (team_id = app_team())', t);
		execute format('create policy owner on %I to %I using (true) with check (true)', t, current_user);
	end loop;
end $$;

create function team_of_invitation(token_digest bytea) returns uuid
language sql stable security definer set search_path = public, pg_temp
as $$ select team_id from invitations where digest = token_digest $$;
