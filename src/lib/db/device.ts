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

/** The first that matches names it: every browser also claims to be some of those below it. */
const BROWSERS: [RegExp, string][] = [
	[/Edg(e|A|iOS)?\//, 'Edge'],
	[/OPR\//, 'Opera'],
	[/SamsungBrowser\//, 'Samsung Internet'],
	[/(Firefox|FxiOS)\//, 'Firefox'],
	[/(Chrome|CriOS)\//, 'Chrome'],
	[/Safari\//, 'Safari']
];
const SYSTEMS: [RegExp, string][] = [
	[/iPhone/, 'iPhone'],
	[/iPad/, 'iPad'],
	[/Android/, 'Android'],
	[/Windows/, 'Windows'],
	[/Mac OS X/, 'Mac'],
	[/CrOS/, 'ChromeOS'],
	[/Linux/, 'Linux']
];

/** What a person calls this browser in a list of devices: "Chrome on Android". */
export function deviceName(userAgent: string = navigator.userAgent): string {
	const nameIn = (table: [RegExp, string][]) =>
		table.find(([pattern]) => pattern.test(userAgent))?.[1];
	const name = [nameIn(BROWSERS) ?? 'Browser', nameIn(SYSTEMS)].filter(Boolean).join(' on ');
	return name.slice(0, LIMITS.deviceName);
}
