import type { BoardRow, DeviceHealth } from '#contract/notifications.ts';
import { newestProof } from '#contract/proof.ts';
import { proofWords } from '$lib/components/proof-words.ts';
import { ago, moment } from '$lib/ui/time.ts';

type Device = BoardRow['devices'][number];

const HEALTH_WORDS: Record<DeviceHealth, string> = {
	proved: 'Rings',
	unproved: 'Unproved',
	'not confirmed': 'Not confirmed',
	silent: 'Silent',
	'needs renewal': 'Has to be renewed',
	gone: 'Registration ended',
	none: 'Not enabled',
	stopped: 'Stopped by its owner'
};

/** What a device is, in a word or two. */
export function stateOf({ isSignedOut, isRefused, health }: Device): string {
	if (isSignedOut) return 'Signed out';
	return isRefused ? 'Refused by its push service' : HEALTH_WORDS[health];
}

/** What a device last proved, and when it was seen: "Shown 2 min ago, in 0.4 s · seen just now". */
export function evidence(device: Device, now: number): string {
	const { health, silentSince, lastSeenAt } = device;
	if (health === 'silent' && silentSince !== null)
		return `Took every ring since ${moment(silentSince, now)} and showed none`;
	const proof = newestProof(device);
	return `${proof ? proofWords(proof, now) : 'No proof yet'} · seen ${ago(lastSeenAt, now)}`;
}

/** Why somebody cannot be rung, where the rule's own words would not say it to an admin. */
const REASONS: Record<string, string> = {
	'no device': 'No device is enabled',
	'no bot': 'Has no bot to answer',
	'push service refuses': 'The push service refuses notifications',
	silent: 'Every device is silent',
	'quiet hours': 'Has quiet hours now',
	'session ended': 'Is signed out on the device',
	'registration gone': 'The registration has ended',
	'registration needs renewal': 'The registration has to be renewed',
	'push after going offline by hand is off': 'Went offline by hand, and lets nothing ring then'
};

const isSilent = ({ health }: Device) => health === 'silent';
const isBroken = ({ health, isSignedOut, isRefused }: Device) =>
	isSignedOut || isRefused || health === 'gone' || health === 'needs renewal';

/** One line: that somebody can be rung now, or why not. */
export function reasonOf({ canBeRung, reason, devices }: BoardRow): string {
	if (canBeRung) return 'Can be rung now';
	if (devices.length > 0 && devices.every(isSilent)) return 'Every device is silent';
	return REASONS[reason] ?? reason.charAt(0).toUpperCase() + reason.slice(1);
}

const rankOf = ({ canBeRung, devices }: BoardRow): number => {
	if (devices.some(isSilent)) return 0;
	if (!canBeRung) return 1;
	return devices.some(isBroken) ? 2 : 3;
};

/** What needs a hand comes first: silent devices, then who cannot be rung. */
export const worstFirst = (rows: readonly BoardRow[]): BoardRow[] =>
	rows.toSorted((a, b) => rankOf(a) - rankOf(b) || a.name.localeCompare(b.name));

/** "5 of 7 can be rung now. One device is silent." */
export function summary(rows: readonly BoardRow[]): string {
	const able = rows.filter(({ canBeRung }) => canBeRung).length;
	const silent = rows.flatMap(({ devices }) => devices).filter(isSilent).length;
	const who = `${able === 0 ? 'Nobody' : `${able} of ${rows.length}`} can be rung now.`;
	if (silent === 0) return who;
	return `${who} ${silent === 1 ? 'One device is' : `${silent} devices are`} silent.`;
}
