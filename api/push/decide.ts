import type { PresenceCause, PresenceStatus } from '#contract/entities.ts';
import type { NotificationPreferences } from '#contract/push.ts';
import type { NotificationKind } from '../store/notification-event.ts';

/** What people may be told about, as it stands when it is decided. */
export interface Occasion {
	kind: NotificationKind;
	/** Milliseconds since 1970. */
	at: number;
	assigneeId: string | null;
	/** Nobody needs to come any more: answered, resolved or handed back meanwhile. */
	isSettled: boolean;
}

export interface Person {
	userId: string;
	/** To the conversation's bot. */
	hasAccess: boolean;
	/** Has the permission `chat.handle`. */
	isAgent: boolean;
	status: PresenceStatus;
	/** Why the status is what it is; null for somebody who never set one. */
	cause: PresenceCause | null;
	preferences: NotificationPreferences;
	devices: Target[];
}

export interface Target {
	deviceId: string;
	subscription: 'live' | 'needs_resubscribe' | 'gone';
	/** The session that the device signed in with. */
	isSessionAlive: boolean;
}

/** The rule that decided, in the words of the ledger. */
export type Rule =
	| 'push while online'
	| 'push while offline'
	| 'push after going offline by hand'
	| 'presence is being checked'
	| 'push while online is off'
	| 'push while offline is off'
	| 'push after going offline by hand is off'
	| 'push is off'
	| 'no longer waiting'
	| 'no device'
	| 'session ended'
	| 'registration gone'
	| 'registration needs renewal';

export interface Decision {
	userId: string;
	/** Null where the rule holds for the person, whatever the device. */
	deviceId: string | null;
	action: 'send' | 'suppress';
	rule: Rule;
	/** When to send, milliseconds since 1970. */
	dueAt: number;
}

interface Verdict {
	action: 'send' | 'suppress';
	rule: Rule;
}
const send = (rule: Rule): Verdict => ({ action: 'send', rule });
const suppress = (rule: Rule): Verdict => ({ action: 'suppress', rule });

/**
 * Who is rung, on which device, and why (not): one row for each person concerned and device, or one for
 * the person where no device comes into it. Who is not concerned gets no row. When in doubt, it rings.
 */
export function decide(occasion: Occasion, people: readonly Person[]): Decision[] {
	return concerned(occasion, people).flatMap((person) => {
		const row = (deviceId: string | null, verdict: Verdict): Decision => ({
			userId: person.userId,
			deviceId,
			...verdict,
			dueAt: occasion.at
		});
		const verdict = occasion.isSettled ? suppress('no longer waiting') : ofPerson(person);
		if (verdict.action === 'suppress') return [row(null, verdict)];
		if (person.devices.length === 0) return [row(null, suppress('no device'))];
		return person.devices.map((device) => row(device.deviceId, ofDevice(device) ?? verdict));
	});
}

/** An escalation concerns everybody with access; a message its assignee, or everybody while nobody has it. */
function concerned({ kind, assigneeId }: Occasion, people: readonly Person[]): Person[] {
	const eligible = people.filter(({ hasAccess, isAgent }) => hasAccess && isAgent);
	if (kind === 'escalation') return eligible;
	// An assignee who has lost access cannot answer: then it is everybody's.
	const assignee = eligible.filter(({ userId }) => userId === assigneeId);
	return assignee.length > 0 ? assignee : eligible;
}

function ofPerson({ status, cause, preferences }: Person): Verdict {
	const { pushOnline, pushOffline, pushOfflineByHand } = preferences;
	// The server cannot vouch for either status yet, so either switch rings.
	if (status === 'checking')
		return pushOnline || pushOffline ? send('presence is being checked') : suppress('push is off');
	if (status === 'online')
		return pushOnline ? send('push while online') : suppress('push while online is off');
	if (!pushOffline) return suppress('push while offline is off');
	// Every other way to be offline (an expiry, never set, an ended session) is nobody's wish to be left alone.
	if (cause !== 'set by you') return send('push while offline');
	return pushOfflineByHand
		? send('push after going offline by hand')
		: suppress('push after going offline by hand is off');
}

function ofDevice({ subscription, isSessionAlive }: Target): Verdict | null {
	if (!isSessionAlive) return suppress('session ended');
	if (subscription === 'gone') return suppress('registration gone');
	if (subscription === 'needs_resubscribe') return suppress('registration needs renewal');
	return null;
}
