import type { Permission } from '#contract/entities.ts';

/** What each permission lets somebody do. */
export const PERMISSION_NAMES: Record<Permission, string> = {
	'chat.handle': 'Answer chats',
	'chat.view': 'Read chats',
	'chat.delete': 'Delete chats',
	'bot.manage': 'Manage bots and the widget',
	'member.manage': 'Manage members',
	'team.manage': 'Manage the team and its roles',
	'log.view': 'Read the log'
};
