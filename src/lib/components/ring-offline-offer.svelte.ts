import { notifications } from '$lib/state/notifications.svelte.ts';
import { presence } from '$lib/state/presence.svelte.ts';
import { session } from '$lib/state/session.svelte.ts';

/** Whom it was made to: somebody else may sign in while it is open. */
let offeredTo = $state<string | null>(null);
/** The server may not have been told. */
let answeredBy: string | null = null;

const me = () => session.me?.user.id ?? null;

/** Only where it would ring, and nobody has decided it yet. */
function isOpenQuestion(): boolean {
	const { preferences, settings, devices } = notifications;
	return (
		presence.status === 'offline' &&
		preferences?.pushOffline === true &&
		!preferences.pushOfflineByHand &&
		settings !== null &&
		!settings.isRingOfflineOffered &&
		answeredBy !== me() &&
		devices.some(({ state }) => state === 'live')
	);
}

async function answered(): Promise<void> {
	offeredTo = null;
	answeredBy = me();
	await notifications.setSettings(() => ({ isRingOfflineOffered: true }));
}

/** *Ring me while I am offline*, offered the first time somebody goes offline by hand. */
export const ringOfflineOffer = {
	get isOpen(): boolean {
		return offeredTo !== null && offeredTo === me();
	},
	/** After the person has gone offline by hand; without effect where nothing is to be offered. */
	make(): void {
		if (isOpenQuestion()) offeredTo = me();
	},
	/** Resolves with what went wrong, and then it is still open. */
	async accept(): Promise<string | null> {
		await notifications.setPreference('pushOfflineByHand', true);
		const { error } = notifications;
		if (error === null) await answered();
		return error;
	},
	decline: answered
};
