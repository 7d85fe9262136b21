import { FLUSH_TAG } from '../sync/flusher.ts';

/**
 * Has the browser wake the worker once there is a connection, and tells whether it will. It refuses where it knows no
 * background sync, or where no window of the app is open.
 */
export async function askForSync(): Promise<boolean> {
	const scope = globalThis as {
		registration?: { sync?: { register(tag: string): Promise<void> } };
	};
	const asked = scope.registration?.sync?.register(FLUSH_TAG).then(
		() => true,
		() => false
	);
	return (await asked) ?? false;
}
