import type { Role } from '#contract/entities.ts';

/** As the product names them. */
export const ROLE_NAMES: Record<Role, string> = {
	owner: 'Owner',
	admin: 'Admin',
	editor: 'Editor',
	agent: 'Chat Agent',
	viewer: 'Viewer',
	custom: 'Custom role'
};

/** Whether a colleague of this role may answer chats; a custom role may or may not. The server decides in the end. */
export const canHandle = (role: Role): boolean => role !== 'editor' && role !== 'viewer';
