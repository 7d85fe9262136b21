import { describe, expect, it } from 'vitest';
import type { PresenceCause } from '#contract/entities.ts';
import { DEFAULT_PREFERENCES } from '../../api/domain/notification/preferences.ts';
import {
	decide,
	type Occasion,
	type Person,
	type Rule,
	type Target
} from '../../api/push/decide.ts';

const phone: Target = { deviceId: 'phone', subscription: 'live', isSessionAlive: true };
const person = (given: Partial<Person> = {}): Person => ({
	userId: 'ana',
	hasAccess: true,
	isAgent: true,
	status: 'online',
	cause: 'set by you',
	preferences: DEFAULT_PREFERENCES,
	devices: [phone],
	...given
});
const escalation: Occasion = { kind: 'escalation', at: 1000, assigneeId: null, isSettled: false };
const message: Occasion = { ...escalation, kind: 'message' };

const rung = (occasion: Occasion, people: Person[]) =>
	decide(occasion, people).filter(({ action }) => action === 'send');

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

describe('every combination of switches and presence', () => {
	const booleans = [true, false];
	const presences: [Person['status'], PresenceCause | null][] = [
		['online', 'set by you'],
		['checking', 'set by you'],
		['offline', 'heartbeat lost'],
		['offline', 'set by you']
	];
	for (const pushOnline of booleans)
		for (const pushOffline of booleans)
			for (const pushOfflineByHand of booleans)
				for (const [status, cause] of presences)
					it(`online ${pushOnline}, offline ${pushOffline}, by hand ${pushOfflineByHand}: ${status}, ${cause}`, () => {
						const preferences = {
							...DEFAULT_PREFERENCES,
							pushOnline,
							pushOffline,
							pushOfflineByHand
						};
						const expected = {
							online: pushOnline,
							checking: pushOnline || pushOffline,
							offline: pushOffline && (cause === 'heartbeat lost' || pushOfflineByHand)
						}[status];
						const isRung = rung(escalation, [person({ status, cause, preferences })]).length > 0;
						expect(isRung).toBe(expected);
					});
});

describe('a device', () => {
	it.each<[Partial<Target>, 'send' | 'suppress', Rule]>([
		[{}, 'send', 'push while online'],
		[{ isSessionAlive: false }, 'suppress', 'session ended'],
		[{ subscription: 'gone' }, 'suppress', 'registration gone'],
		[{ subscription: 'needs_resubscribe' }, 'suppress', 'registration needs renewal']
	])('that is %o: %s, because "%s"', (state, action, rule) => {
		const [row] = decide(escalation, [person({ devices: [{ ...phone, ...state }] })]);
		expect(row).toMatchObject({ deviceId: 'phone', action, rule });
	});

	it('is judged for itself: the others of the person still ring', () => {
		const tablet: Target = { ...phone, deviceId: 'tablet', subscription: 'gone' };
		const rows = decide(escalation, [person({ devices: [phone, tablet] })]);
		expect(rows.map(({ deviceId, action }) => [deviceId, action])).toEqual([
			['phone', 'send'],
			['tablet', 'suppress']
		]);
	});

	it('that a person has none of is told as such', () => {
		expect(decide(escalation, [person({ devices: [] })])).toMatchObject([
			{ deviceId: null, action: 'suppress', rule: 'no device' }
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

	it('a message whose assignee has lost access or the role rings everybody with access', () => {
		expect(names({ ...message, assigneeId: 'stranger' })).toEqual(['ana', 'ben']);
		expect(names({ ...message, assigneeId: 'viewer' })).toEqual(['ana', 'ben']);
		expect(names({ ...message, assigneeId: 'nobody-here' })).toEqual(['ana', 'ben']);
	});

	it('what nobody waits for any more rings nobody, and says so', () => {
		const rows = decide({ ...escalation, isSettled: true }, [ana, ben]);
		expect(rows.map(({ action, rule }) => [action, rule])).toEqual([
			['suppress', 'no longer waiting'],
			['suppress', 'no longer waiting']
		]);
	});
});
