import { type OfflineOptions, presence } from '$lib/state/presence.svelte.ts';
import { session } from '$lib/state/session.svelte.ts';
import { ApiFailure } from '$lib/sync/failures.ts';
import { ringOfflineOffer } from './ring-offline-offer.svelte.ts';

/** A way to be there no more. With `unlessLast` the server refuses it to the last one online in business hours. */
type Way = (unlessLast: boolean) => Promise<void>;

interface Question {
	go: Way;
	isSignOut: boolean;
	/** For how long, where that was chosen. */
	untilMs?: number | undefined;
	/** Until when the business day goes on. */
	closesAt: number | null;
}
let question = $state.raw<Question | null>(null);

/** The server says who is the last one; without a connection it is unknown, which is no reason to hold anybody. */
async function askFirst(way: Omit<Question, 'closesAt'>): Promise<void> {
	try {
		await way.go(true);
		gone(way);
	} catch (error) {
		if (!(error instanceof ApiFailure && error.details.isLast)) throw error;
		const { closesAt, teamId } = error.details;
		// A sign-out concerns every team; the question is asked where the colleagues to ask are.
		if (typeof teamId === 'string' && teamId !== session.team?.id) await session.switchTeam(teamId);
		question = { ...way, closesAt: typeof closesAt === 'number' ? closesAt : null };
	}
}

function gone({ isSignOut }: Pick<Question, 'isSignOut'>): void {
	question = null;
	if (!isSignOut) ringOfflineOffer.make();
}

/** Going offline and signing out, which ask first where nobody else is online in business hours. */
export const goingOffline = {
	get question() {
		return question;
	},
	/** Throws ApiFailure. */
	ask: (options: OfflineOptions = {}): Promise<void> =>
		askFirst({
			go: (unlessLast) => presence.goOffline({ ...options, unlessLast }),
			isSignOut: false,
			untilMs: options.untilMs
		}),
	/** Throws what `go` throws. */
	signOut: (go: Way): Promise<void> => askFirst({ go, isSignOut: true }),
	/** Throws ApiFailure. */
	async confirm(): Promise<void> {
		const asked = question;
		if (!asked) return;
		await asked.go(false);
		gone(asked);
	},
	stay(): void {
		question = null;
	}
};
