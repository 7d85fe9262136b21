-- Alarms about push services are mailed once, and a webhook that is given up falls back to mail.

alter table push_alarms
	add column ended_at timestamptz, -- the service takes pushes again
	add column told_at timestamptz; -- when owners were last mailed
-- A webhook's failure is its own team's business, and is read from its calls.
delete from push_alarms;

alter table webhook_calls add column ladder_id uuid; -- whose last step it is

-- Teams with a member whom a push service is to reach.
create function teams_of_push_service(host text) returns setof uuid
language sql stable security definer set search_path = public, pg_temp
as $$
	select distinct m.team_id from push_subscriptions s join members m on m.user_id = s.user_id
	where split_part(s.endpoint, '/', 3) = host and s.state <> 'gone'
$$;
