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

/** Whether a role answers chats; the others may only read them. The server decides in the end. */
export const canHandle = (role: Role | null): boolean =>
	role === 'owner' || role === 'admin' || role === 'agent';
