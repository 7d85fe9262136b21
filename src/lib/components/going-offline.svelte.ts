import { type OfflineOptions, presence } from '$lib/state/presence.svelte.ts';
import { session } from '$lib/state/session.svelte.ts';
import { ApiFailure } from '$lib/sync/failures.ts';

/** What was chosen, and until when the business day goes on. */
let question = $state.raw<{ options: OfflineOptions; closesAt: number | null } | null>(null);

/** Whether visitors would be left alone; unknown without a connection, which is no reason to hold anybody. */
async function askFirst(teamId: string): Promise<{ closesAt: number | null } | null> {
	try {
		const { askCoverage } = await import('$lib/presence/ask.ts');
		const { isLast, closesAt } = await askCoverage(teamId);
		return isLast ? { closesAt } : null;
	} catch (error) {
		if (error instanceof ApiFailure) throw error;
		return null;
	}
}

/** Going offline, which asks first where nobody else is online in business hours. */
export const goingOffline = {
	get question() {
		return question;
	},
	/** Throws ApiFailure. */
	async ask(options: OfflineOptions = {}): Promise<void> {
		const teamId = session.team?.id;
		const last = teamId && presence.status === 'online' ? await askFirst(teamId) : null;
		if (last) question = { options, ...last };
		else await presence.goOffline(options);
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
