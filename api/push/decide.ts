import type { PresenceCause, PresenceStatus } from '#contract/entities.ts';
import type { NotificationEventName, NotificationSettings } from '#contract/notifications.ts';
import type { NotificationPreferences } from '#contract/push.ts';
import { isQuiet } from '#contract/quiet-hours.ts';
import type { NotificationKind } from '../store/notification-event.ts';

/** A page in front of the person may show the alert in the app for this long before a push leaves. */
export const CONFIRM_MS = 3_000;
/** After it has, the person's other devices keep still for this long. */
export const HELD_MS = { escalation: 10_000, other: 30_000 };

/** What people may be told about, as it stands when it is decided. */
export interface Occasion {
	kind: NotificationKind;
	/** Milliseconds since 1970. */
	at: number;
	/** Rings no earlier: the end of a snooze. */
	dueAt?: number | null;
	assigneeId: string | null;
	/** Nobody needs to come any more: answered, resolved or handed back meanwhile. */
	isSettled: boolean;
	/** Whom it is about; null: everybody concerned. */
	targetIds?: readonly string[] | null;
	/** Who did it, and is not told. */
	byId?: string | null;
	/** Whoever is online is rung first; the ladder comes to the others. */
	isOnlineFirst?: boolean;
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
	settings: Pick<NotificationSettings, 'events' | 'quietHours'>;
	devices: Target[];
	/** Devices with a page that is visible and focused, proved less than 45 s ago. */
	watching: readonly string[];
	/** Those of them that have confirmed the alert in time. */
	confirmed: readonly string[];
	/** Has read the conversation as far as the event. */
	hasRead: boolean;
	snoozedUntil: number | null;
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
	| 'push for this event is off'
	| 'quiet hours'
	| 'snoozed'
	| 'snooze is over'
	| 'online agents are rung first'
	| 'a page is in front'
	| 'no page confirmed within 3 s'
	| 'shown in the app on this device'
	| 'shown in the app on another device'
	| 'unanswered for 10 s'
	| 'unread for 30 s'
	| 'read meanwhile'
	| 'no longer waiting'
	| 'no access any more'
	| 'somebody else has it'
	| 'given back meanwhile'
	| 'a newer push was sent'
	| 'a push left less than 3 s ago'
	| 'the newest of a burst'
	| 'no device'
	| 'session ended'
	| 'registration gone'
	| 'registration needs renewal';

export interface Decision {
	userId: string;
	/** Null where the rule holds for the person, whatever the device. */
	deviceId: string | null;
	/** `hold`: sent at `dueAt`, unless it is needed no longer by then. */
	action: 'send' | 'hold' | 'suppress';
	rule: Rule;
	/** When to send, milliseconds since 1970. */
	dueAt: number;
}

type Verdict = Pick<Decision, 'action' | 'rule'>;
const send = (rule: Rule): Verdict => ({ action: 'send', rule });
const suppress = (rule: Rule): Verdict => ({ action: 'suppress', rule });

/** The event table's row for what happened, as this person stands to it. */
export function eventNameOf(
	{ kind, assigneeId }: Pick<Occasion, 'kind' | 'assigneeId'>,
	userId: string
): NotificationEventName {
	if (kind !== 'message') return kind;
	return assigneeId === userId ? 'message_mine' : 'message_unassigned';
}

/** How long other devices keep still once the alert was seen in the app. */
export const heldMs = (kind: NotificationKind): number =>
	kind === 'escalation' ? HELD_MS.escalation : HELD_MS.other;

/** The rule by which a held row is rung in the end. */
export const releasedRule = (kind: NotificationKind): Partial<Record<Rule, Rule>> => ({
	'a page is in front': 'no page confirmed within 3 s',
	'shown in the app on another device':
		kind === 'escalation' ? 'unanswered for 10 s' : 'unread for 30 s',
	'a push left less than 3 s ago': 'the newest of a burst',
	snoozed: 'snooze is over'
});

/**
 * Who is rung, on which device, when, and why (not): one row for each person concerned and device, or one for
 * the person where no device comes into it. Who is not concerned gets no row. When in doubt, it rings.
 */
export function decide(occasion: Occasion, people: readonly Person[]): Decision[] {
	const all = concerned(occasion, people);
	const isDeferring = occasion.isOnlineFirst === true && isOnlineReached(occasion, all);
	return all.flatMap((person) => {
		// Whether a snooze's end finds somebody who wants to be rung is decided when it has come.
		const verdict = occasion.dueAt
			? (unwanted(occasion, person) ?? send('snooze is over'))
			: ofPerson(occasion, person);
		const isLater = isDeferring && verdict.action === 'send' && person.status === 'offline';
		return rowsOf(occasion, person, isLater ? suppress('online agents are rung first') : verdict);
	});
}

/** Whether somebody who is online learns of it at once: by a push, or in a page in front of them. */
export function isOnlineReached(occasion: Occasion, people: readonly Person[]): boolean {
	return concerned(occasion, people).some(
		(person) =>
			person.status === 'online' &&
			(person.confirmed.length > 0 ||
				rowsOf(occasion, person, ofPerson(occasion, person)).some(
					({ action }) => action !== 'suppress'
				))
	);
}

/** An escalation concerns everybody with access; a message its assignee, or everybody while nobody has it. */
function concerned(occasion: Occasion, people: readonly Person[]): Person[] {
	const { kind, assigneeId, targetIds, byId } = occasion;
	const eligible = people.filter(
		({ hasAccess, isAgent, userId }) => hasAccess && isAgent && userId !== byId
	);
	if (targetIds) return eligible.filter(({ userId }) => targetIds.includes(userId));
	if (kind !== 'message') return eligible;
	// An assignee who has lost access cannot answer: then it is everybody's.
	const assignee = eligible.filter(({ userId }) => userId === assigneeId);
	return assignee.length > 0 ? assignee : eligible;
}

/**
 * Why somebody who was to be told of it later, or once more, need not or may not be, as things stand now; null: nothing
 * stands against it. The end of a snooze is decided like news.
 */
export function withdrawn(
	occasion: Occasion,
	people: readonly Person[],
	userId: string
): Rule | null {
	const person = people.find((one) => one.userId === userId);
	if (!person?.hasAccess || !person.isAgent) return 'no access any more';
	// A chat that was given to somebody and is nobody's any more waits for everybody, who are rung for that.
	if (occasion.kind === 'assigned' && occasion.assigneeId === null) return 'given back meanwhile';
	if (isOthers(occasion, people, person)) return 'somebody else has it';
	if (!occasion.dueAt) return null;
	const { action, rule } = ofPerson(occasion, person);
	return action === 'suppress' ? rule : null;
}

function isOthers(occasion: Occasion, people: readonly Person[], person: Person): boolean {
	const { kind, assigneeId } = occasion;
	if (kind === 'assigned') return assigneeId !== person.userId;
	// Whoever has snoozed it was its target alone: asked is who would be told of such a message now.
	return (
		kind === 'message' && !concerned({ ...occasion, targetIds: null }, people).includes(person)
	);
}

const ofPerson = (occasion: Occasion, person: Person): Verdict =>
	unwanted(occasion, person) ?? ofPresence(person);

/** Why the person is not to be told, wherever they are; null: nothing stands against it. */
function unwanted(occasion: Occasion, person: Person): Verdict | null {
	const { kind, at, dueAt, isSettled } = occasion;
	const ringsAt = dueAt ?? at;
	if (isSettled) return suppress('no longer waiting');
	if (person.hasRead && kind !== 'escalation' && kind !== 'unanswered')
		return suppress('read meanwhile');
	if (!person.settings.events[eventNameOf(occasion, person.userId)].push)
		return suppress('push for this event is off');
	if (isQuiet(person.settings.quietHours, ringsAt)) return suppress('quiet hours');
	if (person.snoozedUntil !== null && person.snoozedUntil > ringsAt) return suppress('snoozed');
	return null;
}

function ofPresence({ status, cause, preferences }: Person): Verdict {
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

function rowsOf(occasion: Occasion, person: Person, verdict: Verdict): Decision[] {
	const { userId, devices } = person;
	const { at } = occasion;
	if (verdict.action === 'suppress') return [{ userId, deviceId: null, ...verdict, dueAt: at }];
	if (devices.length === 0)
		return [{ userId, deviceId: null, ...suppress('no device'), dueAt: at }];
	return devices.map((device) => {
		const { deviceId } = device;
		const dead = ofDevice(device);
		if (dead) return { userId, deviceId, ...dead, dueAt: at };
		const held = whenSeen(occasion, person, deviceId);
		return { userId, deviceId, ...(held ?? { ...verdict, dueAt: at }) };
	});
}

function ofDevice({ subscription, isSessionAlive }: Target): Verdict | null {
	if (!isSessionAlive) return suppress('session ended');
	if (subscription === 'gone') return suppress('registration gone');
	if (subscription === 'needs_resubscribe') return suppress('registration needs renewal');
	return null;
}

/** Whether a device waits for its turn, or for what a page in front of the person does. */
function whenSeen(
	{ kind, at, dueAt }: Occasion,
	{ watching, confirmed }: Person,
	deviceId: string
): (Verdict & { dueAt: number }) | null {
	if (dueAt) return { action: 'hold', rule: 'snoozed', dueAt };
	// A ring of the ladder has no alert in the app that could be confirmed.
	if (kind === 'unanswered') return null;
	if (confirmed.includes(deviceId))
		return { ...suppress('shown in the app on this device'), dueAt: at };
	if (confirmed.length > 0)
		return { action: 'hold', rule: 'shown in the app on another device', dueAt: at + heldMs(kind) };
	if (watching.length > 0)
		return { action: 'hold', rule: 'a page is in front', dueAt: at + CONFIRM_MS };
	return null;
}
