import { FLUSH_TAG } from '../sync/flusher.ts';

/** Has the browser wake the worker once there is a connection; else the next open of the app sends what is kept. */
export async function askForSync(): Promise<void> {
	const scope = globalThis as {
		registration?: { sync?: { register(tag: string): Promise<void> } };
	};
	await scope.registration?.sync?.register(FLUSH_TAG).catch(() => {});
}
