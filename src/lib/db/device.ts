import { browserName } from '#contract/browser-name.ts';
import { LIMITS } from '#contract/limits.ts';
import { newId } from '#contract/new-id.ts';
import { type Factory, openOutbox } from './schema.ts';

/**
 * The id of this browser for one person: made once, gone with the outbox at sign-out.
 * Kept beside the outbox because the server counts a device's mutations by it.
 */
export async function deviceId(userId: string, factory?: Factory): Promise<string> {
	const outbox = openOutbox(userId, factory);
	try {
		return await outbox.transaction('rw', outbox.device, async () => {
			const known = await outbox.device.toCollection().first();
			if (known) return known.id;
			const id = newId();
			await outbox.device.add({ id });
			return id;
		});
	} finally {
		outbox.close();
	}
}

/** What a person calls this browser in a list of devices: "Chrome on Android". */
export const deviceName = (userAgent: string = navigator.userAgent): string =>
	(browserName(userAgent) ?? 'Browser').slice(0, LIMITS.deviceName);
