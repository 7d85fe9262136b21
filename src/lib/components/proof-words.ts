import { newestProof, type Proof } from '#contract/proof.ts';
import type { PushDevice } from '#contract/push.ts';
import { seconds } from '$lib/push/doctor.ts';
import { ago } from '$lib/ui/time.ts';

export type Health = NonNullable<PushDevice['health']>;

const HOW: Record<Proof['how'], string> = {
	shown: 'Shown',
	opened: 'Opened',
	rang: 'Heard ringing'
};

/** "Shown 2 min ago, in 0.4 s", "Opened just now". */
export function proofWords({ how, at, latencyMs }: Proof, now: number): string {
	const took = latencyMs === null ? '' : `, in ${seconds(latencyMs)}`;
	return `${HOW[how]} ${ago(at, now)}${took}`;
}

/** An older server does not say it: then the registration's state is all there is. */
export function healthOf(device: PushDevice): Health {
	const { health, state } = device;
	if (health) return health;
	if (state === 'none' || state === 'gone' || state === 'stopped') return state;
	if (state === 'needs_resubscribe') return 'needs renewal';
	return newestProof(device) === null ? 'unproved' : 'proved';
}

/** The newest sign that a device rings, while it is proved to: none of one that is silent since, or registered no more. */
const standingProof = (device: PushDevice): Proof | null =>
	healthOf(device) === 'proved' ? newestProof(device) : null;

/** A device in few words: "rang 12 min ago" while it is proved, else "seen 3 h ago". */
export function lastSign(device: PushDevice, now: number): string {
	const proof = standingProof(device);
	return proof ? `rang ${ago(proof.at, now)}` : `seen ${ago(device.lastSeenAt, now)}`;
}

/** Of several devices the one that was proved last, and when; null where none is. */
export function provedLast(
	devices: readonly PushDevice[]
): { device: PushDevice; at: number } | null {
	const proved = devices.flatMap((device) => {
		const proof = standingProof(device);
		return proof ? [{ device, at: proof.at }] : [];
	});
	return proved.toSorted((a, b) => b.at - a.at)[0] ?? null;
}
