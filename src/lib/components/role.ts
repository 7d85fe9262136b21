import type { Permission, Role } from '#contract/entities.ts';

/** As the product names them. */
export const ROLE_NAMES: Record<Role, string> = {
	owner: 'Owner',
	admin: 'Admin',
	editor: 'Editor',
	agent: 'Chat Agent',
	viewer: 'Viewer',
	custom: 'Custom role'
};

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

/** Whether a colleague of this role may answer chats; a custom role may or may not. The server decides in the end. */
export const canHandle = (role: Role): boolean => role !== 'editor' && role !== 'viewer';
