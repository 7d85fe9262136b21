-- A device that its owner has stopped from ringing, until notifications are enabled on it again.

alter table devices add column is_stopped boolean not null default false;
