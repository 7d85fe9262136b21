import { describe, expect, it } from 'vitest';
import type { PresenceCause } from '#contract/entities.ts';
import { NotificationEventName } from '#contract/notifications.ts';
import { DEFAULT_PREFERENCES } from '#contract/push.ts';
import { DEFAULT_SETTINGS } from '../../api/domain/notification/preferences.ts';
import {
	type Decision,
	decide,
	isOnlineReached,
	type Occasion,
	type Person,
	type Rule,
	type Target,
	withdrawn
} from '../../api/push/decide.ts';
import type { NotificationKind } from '../../api/store/notification-event.ts';

const AT = Date.UTC(2026, 10, 22, 12);
const phone: Target = { deviceId: 'phone', subscription: 'live', isSessionAlive: true };
const laptop: Target = { ...phone, deviceId: 'laptop' };
const person = (given: Partial<Person> = {}): Person => ({
	userId: 'ana',
	hasAccess: true,
	isAgent: true,
	status: 'online',
	cause: 'set by you',
	preferences: DEFAULT_PREFERENCES,
	settings: DEFAULT_SETTINGS,
	devices: [phone],
	watching: [],
	confirmed: [],
	hasRead: false,
	snoozedUntil: null,
	...given
});
const escalation: Occasion = { kind: 'escalation', at: AT, assigneeId: null, isSettled: false };
const message: Occasion = { ...escalation, kind: 'message' };
const KINDS: NotificationKind[] = ['escalation', 'unanswered', 'message', 'assigned', 'mention'];

const rung = (occasion: Occasion, people: Person[]) =>
	decide(occasion, people).filter(({ action }) => action === 'send');
const brief = ({ deviceId, action, rule, dueAt }: Decision) => [
	deviceId,
	action,
	rule,
	(dueAt - AT) / 1000
];

describe('with the switches as they come, a person', () => {
	it.each<[Person['status'], PresenceCause | null, 'send' | 'suppress', Rule]>([
		['online', 'set by you', 'send', 'push while online'],
		['checking', 'set by you', 'send', 'presence is being checked'],
		['offline', null, 'send', 'push while offline'],
		['offline', 'heartbeat lost', 'send', 'push while offline'],
		['offline', 'signed out', 'send', 'push while offline'],
		['offline', 'end time reached', 'send', 'push while offline'],
		['offline', 'set by admin', 'send', 'push while offline'],
		['offline', 'set by you', 'suppress', 'push after going offline by hand is off']
	])('who is %s (%s): %s, because "%s"', (status, cause, action, rule) => {
		expect(decide(escalation, [person({ status, cause })])).toEqual([
			{
				userId: 'ana',
				deviceId: action === 'send' ? 'phone' : null,
				action,
				rule,
				dueAt: escalation.at
			}
		]);
	});
});

/** Every combination of the axes' values. */
function* everyOf<A extends Record<string, readonly unknown[]>>(
	axes: A
): Generator<{ [K in keyof A]: A[K][number] }> {
	const [first, ...rest] = Object.entries(axes) as [string, readonly unknown[]][];
	if (!first) return;
	const [name, values] = first;
	for (const value of values)
		if (rest.length === 0) yield { [name]: value } as { [K in keyof A]: A[K][number] };
		else
			for (const more of everyOf(Object.fromEntries(rest) as A)) yield { ...more, [name]: value };
}

const SWITCH = [true, false] as const;
const AXES = {
	pushOnline: SWITCH,
	pushOffline: SWITCH,
	pushOfflineByHand: SWITCH,
	isEventOn: SWITCH,
	isQuietNow: SWITCH,
	hasRead: SWITCH,
	meanwhile: ['nothing', 'snoozed', 'settled'],
	device: ['live', 'signed out', 'gone', 'stale', 'none'],
	page: ['none', 'in front', 'has shown it here', 'has shown it elsewhere']
} as const;
type Combination = { [K in keyof typeof AXES]: (typeof AXES)[K][number] };
const COUNT = Object.values(AXES).reduce((product, values) => product * values.length, 1);

const DEVICES: Record<Combination['device'], Target[]> = {
	live: [phone],
	'signed out': [{ ...phone, isSessionAlive: false }],
	gone: [{ ...phone, subscription: 'gone' }],
	stale: [{ ...phone, subscription: 'needs_resubscribe' }],
	none: []
};
const PAGES: Record<Combination['page'], Pick<Person, 'watching' | 'confirmed'>> = {
	none: { watching: [], confirmed: [] },
	'in front': { watching: ['laptop'], confirmed: [] },
	'has shown it here': { watching: ['phone'], confirmed: ['phone'] },
	'has shown it elsewhere': { watching: ['laptop'], confirmed: ['laptop'] }
};

function personOf(of: Combination, status: Person['status'], cause: PresenceCause): Person {
	const { pushOnline, pushOffline, pushOfflineByHand, isEventOn, isQuietNow } = of;
	const way = { push: isEventOn, browser: true, sound: true };
	const events = Object.fromEntries(
		NotificationEventName.options.map((name) => [name, way])
	) as typeof DEFAULT_SETTINGS.events;
	const quietHours = { isOn: isQuietNow, from: '11:00', until: '13:00', timeZone: 'UTC' };
	return person({
		...{ status, cause, hasRead: of.hasRead, ...PAGES[of.page] },
		preferences: { ...DEFAULT_PREFERENCES, pushOnline, pushOffline, pushOfflineByHand },
		settings: { events, quietHours },
		devices: DEVICES[of.device],
		snoozedUntil: of.meanwhile === 'snoozed' ? AT + 1 : null
	});
}

/** What is to happen, a second time, from the product's words: an ordered list of reasons; the first that holds counts. */
function expectedOf(
	of: Combination,
	{
		kind,
		status,
		cause
	}: { kind: NotificationKind; status: Person['status']; cause: PresenceCause }
): [Decision['action'], Rule, number] {
	const isByHand = status === 'offline' && cause === 'set by you';
	const isOfWaiting = kind === 'escalation' || kind === 'unanswered';
	// The ladder's rings have no alert in a page that could be confirmed.
	const page = kind === 'unanswered' ? 'none' : of.page;
	const heldS = kind === 'escalation' ? 10 : 30;
	const reasons: [boolean, Decision['action'], Rule, number?][] = [
		[of.meanwhile === 'settled', 'suppress', 'no longer waiting'],
		[of.hasRead && !isOfWaiting, 'suppress', 'read meanwhile'],
		[!of.isEventOn, 'suppress', 'push for this event is off'],
		[of.isQuietNow, 'suppress', 'quiet hours'],
		[of.meanwhile === 'snoozed', 'suppress', 'snoozed'],
		[status === 'checking' && !of.pushOnline && !of.pushOffline, 'suppress', 'push is off'],
		[status === 'online' && !of.pushOnline, 'suppress', 'push while online is off'],
		[status === 'offline' && !of.pushOffline, 'suppress', 'push while offline is off'],
		[isByHand && !of.pushOfflineByHand, 'suppress', 'push after going offline by hand is off'],
		[of.device === 'signed out', 'suppress', 'session ended'],
		[of.device === 'gone', 'suppress', 'registration gone'],
		[of.device === 'stale', 'suppress', 'registration needs renewal'],
		[of.device === 'none', 'suppress', 'no device'],
		[page === 'has shown it here', 'suppress', 'shown in the app on this device'],
		[page === 'has shown it elsewhere', 'hold', 'shown in the app on another device', heldS],
		[page === 'in front', 'hold', 'a page is in front', 3],
		[status === 'online', 'send', 'push while online'],
		[status === 'checking', 'send', 'presence is being checked'],
		[isByHand, 'send', 'push after going offline by hand'],
		[true, 'send', 'push while offline']
	];
	const reason = reasons.find(([holds]) => holds);
	if (!reason) throw new Error('the last one always holds');
	const [, action, rule, afterS = 0] = reason;
	return [action, rule, AT + afterS * 1000];
}

/** Preference x event switch x quiet hours x read x snoozed or settled x device x page in front x presence x event. */
describe('the cross product', () => {
	const presences: [Person['status'], PresenceCause][] = [
		['online', 'set by you'],
		['checking', 'set by you'],
		['offline', 'heartbeat lost'],
		['offline', 'set by you']
	];
	for (const kind of KINDS)
		for (const [status, cause] of presences)
			it(`${kind} for somebody ${status} (${cause})`, () => {
				const wrong: unknown[] = [];
				let count = 0;
				for (const of of everyOf(AXES)) {
					const isSettled = of.meanwhile === 'settled';
					const targetIds = kind === 'assigned' ? ['ana'] : null;
					const occasion = { ...escalation, kind, isSettled, targetIds };
					const rows = decide(occasion, [personOf(of, status, cause)]);
					const got = rows.map(({ action, rule, dueAt }) => [action, rule, dueAt]);
					const expected = expectedOf(of, { kind, status, cause });
					if (got.length !== 1 || got[0]?.join() !== expected.join())
						wrong.push({ of, got, expected });
					count++;
				}
				expect(wrong.slice(0, 3)).toEqual([]);
				expect(count).toBe(COUNT);
			});
});

describe('a device', () => {
	it('is judged for itself: the others of the person still ring', () => {
		const tablet: Target = { ...phone, deviceId: 'tablet', subscription: 'gone' };
		const rows = decide(escalation, [person({ devices: [phone, tablet] })]);
		expect(rows.map(({ deviceId, action }) => [deviceId, action])).toEqual([
			['phone', 'send'],
			['tablet', 'suppress']
		]);
	});
});

describe('a page in front of the person', () => {
	const devices = [phone, laptop];

	it('gets 3 s to show the alert before any device is rung', () => {
		const rows = decide(message, [person({ devices, watching: ['laptop'] })]);
		expect(rows.map(brief)).toEqual([
			['phone', 'hold', 'a page is in front', 3],
			['laptop', 'hold', 'a page is in front', 3]
		]);
	});

	it.each<[NotificationKind, number]>([
		['escalation', 10],
		['message', 30],
		['mention', 30]
	])('that has shown an %s keeps the other devices still for %i s', (kind, seconds) => {
		const given = person({ devices, watching: ['laptop'], confirmed: ['laptop'] });
		expect(decide({ ...escalation, kind }, [given]).map(brief)).toEqual([
			['phone', 'hold', 'shown in the app on another device', seconds],
			['laptop', 'suppress', 'shown in the app on this device', 0]
		]);
	});

	it('holds nobody else’s devices', () => {
		const ben = person({ userId: 'ben', devices: [{ ...phone, deviceId: 'bens' }] });
		const rows = decide(message, [person({ watching: ['laptop'] }), ben]);
		expect(rows.map(({ deviceId, action }) => [deviceId, action])).toEqual([
			['phone', 'hold'],
			['bens', 'send']
		]);
	});
});

describe('the ladder’s first step', () => {
	const first = { ...escalation, isOnlineFirst: true };
	const away = person({ userId: 'ben', status: 'offline', cause: 'heartbeat lost' });
	const rules = (people: Person[]) =>
		decide(first, people).map(({ userId, rule }) => [userId, rule]);

	it('rings who is online, and leaves the others to the next step', () => {
		expect(rules([person(), away])).toEqual([
			['ana', 'push while online'],
			['ben', 'online agents are rung first']
		]);
		expect(isOnlineReached(first, [person(), away])).toBe(true);
	});

	it('rings everyone at once where nobody is online', () => {
		expect(rules([away])).toEqual([['ben', 'push while offline']]);
		expect(isOnlineReached(first, [away])).toBe(false);
	});

	it('does so too where those who are online cannot be rung', () => {
		expect(rules([person({ devices: [] }), away])).toEqual([
			['ana', 'no device'],
			['ben', 'push while offline']
		]);
	});

	it('waits for nobody whose presence is being checked', () => {
		const doubted = person({ userId: 'eve', status: 'checking' });
		expect(rules([person(), doubted])[1]).toEqual(['eve', 'presence is being checked']);
	});
});

describe('a snooze', () => {
	it('keeps what comes meanwhile still, and rings once when it is over', () => {
		const dueAt = AT + 600_000;
		const snoozing = person({ snoozedUntil: dueAt });
		expect(decide(message, [snoozing])).toMatchObject([{ action: 'suppress', rule: 'snoozed' }]);
		const end = { ...escalation, dueAt, targetIds: ['ana'] };
		expect(decide(end, [snoozing, person({ userId: 'ben' })]).map(brief)).toEqual([
			['phone', 'hold', 'snoozed', 600]
		]);
	});
});

describe('the end of a snooze', () => {
	const end = { ...escalation, dueAt: AT + 600_000, targetIds: ['ana'] };
	const away = person({ status: 'offline', cause: 'set by you' });

	it('is waited for whatever the presence at the press', () => {
		expect(decide(end, [away]).map(brief)).toEqual([['phone', 'hold', 'snoozed', 600]]);
	});

	it('goes by the presence then', () => {
		expect(withdrawn(end, [away], 'ana')).toBe('push after going offline by hand is off');
		expect(withdrawn(end, [person()], 'ana')).toBeNull();
	});

	it('is not waited for where nobody waits any more', () => {
		expect(decide({ ...end, isSettled: true }, [away])).toMatchObject([
			{ action: 'suppress', rule: 'no longer waiting' }
		]);
	});
});

describe('who is concerned', () => {
	const ana = person();
	const ben = person({ userId: 'ben', devices: [{ ...phone, deviceId: 'desk' }] });
	const stranger = person({ userId: 'stranger', hasAccess: false });
	const viewer = person({ userId: 'viewer', isAgent: false });
	const everybody = [ana, ben, stranger, viewer];
	const names = (occasion: Occasion) => decide(occasion, everybody).map(({ userId }) => userId);

	it('an escalation rings everybody with access, also when somebody has it', () => {
		expect(names(escalation)).toEqual(['ana', 'ben']);
		expect(names({ ...escalation, assigneeId: 'ana' })).toEqual(['ana', 'ben']);
	});

	it('a message rings its assignee, or everybody with access while nobody has it', () => {
		expect(names(message)).toEqual(['ana', 'ben']);
		expect(names({ ...message, assigneeId: 'ben' })).toEqual(['ben']);
	});

	it('a message goes by the event table’s row for whose it is', () => {
		const off = { push: false, browser: true, sound: true };
		const events = { ...DEFAULT_SETTINGS.events, message_unassigned: off };
		const picky = person({ settings: { ...DEFAULT_SETTINGS, events } });
		expect(rung(message, [picky])).toEqual([]);
		expect(rung({ ...message, assigneeId: 'ana' }, [picky])).toHaveLength(1);
	});

	it('a message whose assignee has lost access or the role rings everybody with access', () => {
		expect(names({ ...message, assigneeId: 'stranger' })).toEqual(['ana', 'ben']);
		expect(names({ ...message, assigneeId: 'viewer' })).toEqual(['ana', 'ben']);
		expect(names({ ...message, assigneeId: 'nobody-here' })).toEqual(['ana', 'ben']);
	});

	it('a mention concerns those it names alone, and never who wrote it', () => {
		const mention: Occasion = { ...escalation, kind: 'mention', byId: 'ben' };
		expect(names({ ...mention, targetIds: ['ana', 'ben', 'stranger'] })).toEqual(['ana']);
	});

	it('what nobody waits for any more rings nobody, and says so', () => {
		const rows = decide({ ...escalation, isSettled: true }, [ana, ben]);
		expect(rows.map(({ action, rule }) => [action, rule])).toEqual([
			['suppress', 'no longer waiting'],
			['suppress', 'no longer waiting']
		]);
	});
});

describe('quiet hours', () => {
	const at = (timeZone: string, from: string, until: string) =>
		decide(escalation, [
			person({
				settings: { ...DEFAULT_SETTINGS, quietHours: { isOn: true, from, until, timeZone } }
			})
		])[0]?.rule;

	it.each([
		['UTC', '12:00', '13:00', true],
		['UTC', '11:00', '12:00', false],
		['UTC', '22:00', '07:00', false],
		['Asia/Tokyo', '20:00', '07:00', true],
		['America/New_York', '22:00', '07:00', false],
		['America/New_York', '22:00', '07:01', true],
		['UTC', '12:00', '12:00', false],
		['Mars/Olympus', '00:00', '23:59', false]
	])('in %s from %s until %s, at noon in UTC: %s', (timeZone, from, until, isQuiet) => {
		expect(at(timeZone, from, until) === 'quiet hours').toBe(isQuiet);
	});
});
