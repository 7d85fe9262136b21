import type { BoardRow, DeviceHealth } from '#contract/notifications.ts';

type Device = BoardRow['devices'][number];

export const HEALTH_WORDS: Record<DeviceHealth, string> = {
	proved: 'Rings',
	unproved: 'Unproved',
	'not confirmed': 'Not confirmed',
	silent: 'Silent',
	'needs renewal': 'Has to be renewed',
	gone: 'Registration ended',
	none: 'Not enabled'
};

/** Why somebody cannot be rung, where the rule's own words would not say it to an admin. */
const REASONS: Record<string, string> = {
	'no device': 'No device is enabled',
	'quiet hours': 'Has quiet hours now',
	'session ended': 'Is signed out on the device',
	'registration gone': 'The registration has ended',
	'registration needs renewal': 'The registration has to be renewed',
	'push after going offline by hand is off': 'Went offline by hand, and lets nothing ring then'
};

const isSilent = ({ health }: Device) => health === 'silent';
const isBroken = ({ health, isSignedOut }: Device) =>
	isSignedOut || health === 'gone' || health === 'needs renewal';

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
