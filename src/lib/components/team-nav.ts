import Bot from '@lucide/svelte/icons/bot';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import ContactRound from '@lucide/svelte/icons/contact-round';
import Mail from '@lucide/svelte/icons/mail';
import RadioTower from '@lucide/svelte/icons/radio-tower';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import UsersRound from '@lucide/svelte/icons/users-round';
import { mails } from '$lib/state/mails.svelte.ts';
import { session } from '$lib/state/session.svelte.ts';
import type { Destination } from './nav.ts';

const PAGES = [
	{ path: '/members', label: 'Members', icon: UsersRound, needs: 'member.manage' },
	{ path: '/bots', label: 'Bots', icon: Bot, needs: 'bot.manage' },
	{ path: '/reachability', label: 'Reach', icon: RadioTower, needs: 'team.manage' },
	{ path: '/coverage', label: 'Coverage', icon: CalendarClock, needs: 'team.manage' },
	{ path: '/log', label: 'Log', icon: ScrollText, needs: 'log.view' }
] as const;
const COLLEAGUES: Destination = { path: '/colleagues', label: 'Colleagues', icon: ContactRound };
const MAILS = { path: '/mails', label: 'Mails', icon: Mail };

/** Who is there, for everybody who has to do with chats. */
export const teamPages = (): Destination[] =>
	session.can('chat.view') || session.can('chat.handle') ? [COLLEAGUES] : [];

/** The pages that the role in the active team opens beyond everybody's. Mails only while no server takes them. */
export function adminPages(): Destination[] {
	const open = PAGES.filter(({ needs }) => session.can(needs));
	return mails.areKept ? [...open, MAILS] : open;
}
