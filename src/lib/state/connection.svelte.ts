import { countUnsentText } from '../db/outbox.ts';
import { live } from './live.svelte.ts';
import { update } from './update.svelte.ts';
import { workspace } from './workspace.svelte.ts';

export interface Connection {
	/** What requests prove; the browser's own guess only counts when it says no. */
	readonly isConnected: boolean;
	/** Replies and notes that are not delivered, over all conversations. */
	readonly unsentCount: number;
	/** A new version is installed and waits. */
	readonly hasUpdate: boolean;
	/** Starts the new version; the page reloads, what is unsent stays. */
	applyUpdate(): void;
}

const unsent = live(() => {
	const outbox = workspace.current?.outbox;
	return () => (outbox ? countUnsentText(outbox) : 0);
}, 0);

/** Each failed try is another status; what is asked again with the connection waits for this alone. */
const isConnected = $derived(workspace.status.isConnected);

export const connection: Connection = {
	get isConnected() {
		return isConnected;
	},
	get unsentCount() {
		return unsent.value;
	},
	get hasUpdate() {
		return update.isWaiting;
	},
	applyUpdate: () => update.apply()
};
