-- What grows is pruned daily, and mails about a person's account are nobody's but theirs and the operator's.

-- Made the install's first account. Where there is no mail server, nobody else reads mails about accounts.
alter table users add column is_operator boolean not null default false;
update users set is_operator = true
where id = (select id from users order by created_at, id limit 1);

-- Changes up to here may be gone. Raised a day before they are, so that nobody is reading what is deleted.
alter table teams add column floor bigint not null default 0;

-- Mails about accounts are kept under the person's id, where no team's owner reads them.
create function account_mails(newest integer) returns table (user_id uuid, mail_id uuid)
language sql stable security definer set search_path = public, pg_temp
as $$
	select m.team_id, m.id from mails m
	where not exists (select from teams t where t.id = m.team_id)
	order by m.created_at desc, m.id desc limit newest
$$;

-- Whatever rows are kept under: teams, and people who were mailed.
create function scopes() returns setof uuid
language sql stable security definer set search_path = public, pg_temp
as $$ select id from teams union select team_id from mails $$;
