import { type OfflineOptions, presence } from '$lib/state/presence.svelte.ts';
import { ApiFailure } from '$lib/sync/failures.ts';

/** What was chosen, and until when the business day goes on. */
let question = $state.raw<{ options: OfflineOptions; closesAt: number | null } | null>(null);

/** Going offline, which asks first where nobody else is online in business hours. */
export const goingOffline = {
	get question() {
		return question;
	},
	/**
	 * The server says who is the last one; without a connection it is unknown, which is no reason to hold anybody.
	 * Throws ApiFailure.
	 */
	async ask(options: OfflineOptions = {}): Promise<void> {
		try {
			await presence.goOffline({ ...options, unlessLast: true });
		} catch (error) {
			if (!(error instanceof ApiFailure && error.details.isLast)) throw error;
			const { closesAt } = error.details;
			question = { options, closesAt: typeof closesAt === 'number' ? closesAt : null };
		}
	},
	/** Throws ApiFailure. */
	async confirm(): Promise<void> {
		if (question) await presence.goOffline(question.options);
		question = null;
	},
	stay(): void {
		question = null;
	}
};
