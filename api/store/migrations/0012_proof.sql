-- What registrations prove: each push without a sign is kept with its lifetime, as one that ran out while its device was
-- off says nothing; and what went wrong with the last one.

alter table push_subscriptions
	drop column unconfirmed,
	drop column unconfirmed_since,
	drop column fail_count,
	-- When each push without a sign was accepted and ran out, the newest first.
	add column unconfirmed tstzrange[] not null default '{}',
	add column last_failed_at timestamptz, -- since the last push that was taken
	add column last_failure text; -- why, in the words of the trail

-- Those were judged by pushes whose lifetimes nobody knows any more.
update push_subscriptions set silent_since = null;
