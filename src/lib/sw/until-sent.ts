import { askForSync } from './ask-for-sync.ts';

/** Four minutes in all; a browser lets a worker run for five at most, and ends it earlier where it likes. */
const PAUSES_MS = [1, 2, 4, 8, 15, 30, 60, 60, 60].map((seconds) => seconds * 1000);

export interface PersistenceDeps {
	/** Whether the browser will wake the worker once there is a connection. */
	askForSync(): Promise<boolean>;
	wait(ms: number): Promise<void>;
}

const persistenceDeps: PersistenceDeps = {
	askForSync,
	wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms))
};

/**
 * Sends now, or has the browser say when there is a connection. Most do not: Chromium needs a window of the app for it.
 * There the worker stays awake for a while and tries again; what it holds then waits for the next push or open. `send`
 * tells whether nothing is left. Never rejects.
 */
export async function untilSent(
	send: () => Promise<boolean>,
	{ askForSync, wait }: PersistenceDeps = persistenceDeps
): Promise<void> {
	const isSent = () => send().catch(() => false);
	if ((await isSent()) || (await askForSync())) return;
	for (const ms of PAUSES_MS) {
		await wait(ms);
		if (await isSent()) return;
	}
}
