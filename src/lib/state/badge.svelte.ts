import { setBadge } from '../push/notices.ts';
import { inbox } from './inbox.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { session } from './session.svelte.ts';

/** The teams of the person that are not open: of these nothing comes by itself. */
const others = () => (session.me?.teams ?? []).filter(({ team }) => team.id !== session.team?.id);

/** How many chats wait for the person in them, as the server said last. */
const waitingElsewhere = () =>
	others().reduce((sum, { waitingCount = 0 }) => sum + waitingCount, 0);

/** Sets the number on the icon to how many chats wait for the person; returns the way to stop. */
export function keepBadge(): () => void {
	const stops = [
		$effect.root(() => {
			$effect(() => void setBadge(inbox.waitingForMeCount + waitingElsewhere()));
		}),
		thisPage.on('visibility', () => {
			if (thisPage.visibility === 'visible' && others().length > 0) void session.refresh();
		})
	];
	return () => {
		for (const stop of stops) stop();
	};
}
