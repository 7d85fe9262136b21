-- The content hash of a bot's own picture (avatars); without one the widget shows the team's brand.
alter table bots add column avatar text;
