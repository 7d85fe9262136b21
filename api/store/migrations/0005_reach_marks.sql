-- Whether a ring would have reached an offline member, noted whenever the member or a switch of theirs changed.

create table reach_marks (
	team_id uuid not null,
	user_id uuid not null,
	at timestamptz not null,
	is_reachable boolean not null,
	primary key (team_id, user_id, at),
	foreign key (team_id, user_id) references members on delete cascade
);

alter table reach_marks enable row level security;
alter table reach_marks force row level security;
create policy team on reach_marks using (team_id = app_team()) with check (team_id = app_team());

do $$
begin
	execute format('create policy owner on reach_marks to %I using (true) with check (true)', current_user);
end $$;
