import { newestProof } from '#contract/proof.ts';
import type { PushDevice } from '#contract/push.ts';
import { type Health, healthOf, proofWords } from '$lib/components/proof-words.ts';
import { ago, moment } from '$lib/ui/time.ts';

/** A registration alone proves nothing: it rings once it has shown something. */
export const HEALTH_TAGS: Record<Health, { kind: 'ok' | 'bad' | 'plain'; word: string }> = {
	proved: { kind: 'ok', word: 'Rings' },
	unproved: { kind: 'plain', word: 'Unproved' },
	'not confirmed': { kind: 'plain', word: 'Not confirmed' },
	silent: { kind: 'bad', word: 'Silent' },
	'needs renewal': { kind: 'bad', word: 'Does not ring' },
	gone: { kind: 'bad', word: 'Does not ring' },
	none: { kind: 'plain', word: 'Not enabled' },
	stopped: { kind: 'plain', word: 'Stopped' }
};

/** What is known of a device's last ring, and when it was seen: "Shown 2 min ago, in 0.4 s · seen just now". */
export function evidence(device: PushDevice, now: number): string {
	return `${proofOf(device, now)} · seen ${ago(device.lastSeenAt, now)}`;
}

/** What is known of its last ring: "Shown 2 min ago, in 0.4 s". */
export function proofOf(device: PushDevice, now: number): string {
	const { lastAcceptedAt } = device;
	const proof = newestProof(device);
	if (device.state === 'stopped') return 'You stopped it from ringing';
	if (healthOf(device) === 'silent' && lastAcceptedAt !== null)
		return proof === null
			? 'Took the last pushes and showed none'
			: `Took the last pushes and showed none since ${moment(proof.at, now)}`;
	if (proof !== null) return proofWords(proof, now);
	if (lastAcceptedAt !== null) return `Accepted ${ago(lastAcceptedAt, now)}, not shown yet`;
	return device.isSubscribed ? 'Nothing sent yet' : 'Not registered';
}

/** The computers a person may use in two ways at once. A phone has one browser that rings, or one app. */
const COMPUTERS = ['Mac', 'Windows', 'Linux', 'ChromeOS'];

/**
 * Two browsers, or a browser and an installed app, on one computer are two devices to every push service: both ring.
 * No browser tells which computer it runs on, so this goes by the names. Returns the systems that ring twice.
 */
export function ringTwice(devices: readonly PushDevice[]): string[] {
	const live = devices.filter(({ state }) => state === 'live');
	return COMPUTERS.filter(
		(system) => live.filter(({ name }) => name.endsWith(` on ${system}`)).length > 1
	);
}
