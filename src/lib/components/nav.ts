import Bell from '@lucide/svelte/icons/bell';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import UserRoundCheck from '@lucide/svelte/icons/user-round-check';

export interface Destination {
	path: string;
	label: string;
	icon: typeof Bell;
}

/** Where the rail and the tabs lead. */
export const DESTINATIONS: readonly Destination[] = [
	{ path: '/chats', label: 'Live Chat', icon: MessagesSquare },
	{ path: '/mine', label: 'Mine', icon: UserRoundCheck },
	{ path: '/notification', label: 'Notification', icon: Bell }
];

/** Pages that belong to another, though their addresses do not say so. */
const BELONGS: Record<string, string> = {
	'/doctor': '/notification',
	'/rings': '/notification',
	'/ladder': '/reachability'
};

/** Whether `pathname` is the page of `path`, lies below it or belongs to it. */
export function isWithin(pathname: string, path: string): boolean {
	const top = `/${pathname.split('/')[1]}`;
	return top === path || BELONGS[top] === path;
}
