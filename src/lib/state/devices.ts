import { thisBrowser } from '../push/browser.ts';
import { tell } from './api.ts';
import { notifications } from './notifications.svelte.ts';
import { workspace } from './workspace.svelte.ts';

/** Ends the rings on one of the person's devices, until somebody enables them on it again. Throws ApiFailure or Offline. */
export async function turnOff(deviceId: string): Promise<void> {
	await tell('DELETE', '/api/push/subscription', { deviceId });
	if (deviceId === workspace.current?.deviceId) await thisBrowser.unsubscribe();
	await notifications.check();
}
