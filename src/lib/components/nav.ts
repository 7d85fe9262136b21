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

/** Whether `pathname` is the page of `path` or lies below it. */
export const isWithin = (pathname: string, path: string): boolean =>
	pathname === path || pathname.startsWith(`${path}/`);
