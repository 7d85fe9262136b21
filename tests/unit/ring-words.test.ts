import { describe, expect, test } from 'vitest';
import type { BoardRow, DeviceHealth } from '#contract/notifications.ts';
import { duration, rungs, times } from '../../src/routes/(app)/ladder/words.ts';
import {
	evidence,
	reasonOf,
	stateOf,
	summary,
	worstFirst
} from '../../src/routes/(app)/reachability/words.ts';
import { happening, outcome, verdict } from '../../src/routes/(app)/rings/words.ts';

describe('a ring in the log', () => {
	const counts = (sentCount: number, shownCount: number, failedCount = 0, suppressedCount = 0) => ({
		...{ sentCount, shownCount, failedCount, suppressedCount }
	});

	test.each([
		[counts(0, 0), 'Nobody was to be rung', null],
		[counts(1, 0), '1 device rung, 0 showed it', 'Not confirmed'],
		[counts(3, 2, 0, 1), '3 devices rung, 2 showed it · 1 left alone by a rule', 'Rang'],
		[counts(0, 0, 1), '1 device not reached', 'Failed'],
		[counts(0, 0, 0, 2), '2 left alone by a rule', null]
	])('of %o reads %s', (given, line, word) => {
		expect(outcome(given)).toBe(line);
		expect(verdict(given)).toBe(word);
	});
});

describe('what there was to ring for', () => {
	const names = new Map([['u1', 'Ann Lee']]);
	const question = { kind: 'take_over', visitorName: null } as const;

	test.each([
		[{ kind: 'escalation', visitorName: ' Mia ' } as const, 'Mia asked for a person'],
		[{ kind: 'message', visitorName: null } as const, 'Visitor wrote'],
		[{ ...question, byId: 'u1' }, 'Ann Lee asked a colleague to take over'],
		[{ ...question, byId: 'u2' }, 'Somebody who has left asked a colleague to take over'],
		[{ ...question, byId: null }, 'Nobody was online in business hours']
	])('%o reads %s', (event, line) => {
		expect(happening(event, (id) => names.get(id)).join(' ')).toBe(line);
	});
});

describe('the ladder', () => {
	const settings = {
		isLadderOn: true,
		everyoneAfterS: 30,
		adminsAfterS: 150,
		tellBy: 'email'
	} as const;

	test('has three rungs, each with its time, and says who is told', () => {
		expect(rungs(settings).map(({ when }) => when)).toEqual([
			'At once',
			'After 30 s',
			'After 2 min 30 s'
		]);
		expect(rungs(settings).at(-1)?.detail).toContain('Admins get an email.');
		const unset = { ...settings, isMailServerSet: false };
		expect(rungs(unset).at(-1)?.detail).toMatch(/^No mail server is set: a mail to the admins/);
		expect(rungs({ ...settings, tellBy: 'webhook' }).at(-1)?.detail).toContain('webhook');
		const unsigned = { ...settings, tellBy: 'webhook', isSecretUnreadable: true } as const;
		expect(rungs(unsigned).at(-1)?.detail).toMatch(
			/^The webhook cannot be signed. Admins get an email./
		);
		expect(rungs({ ...settings, tellBy: 'nobody' }).at(-1)?.detail).toContain('Nobody else');
	});

	test('that is switched off rings once', () => {
		expect(rungs({ ...settings, isLadderOn: false })).toMatchObject([{ when: 'At once' }]);
	});

	test.each([
		[5, '5 s'],
		[60, '1 min'],
		[90, '1 min 30 s'],
		[3600, '60 min']
	])('calls %i seconds %s', (seconds, words) => {
		expect(duration(seconds)).toBe(words);
	});

	test('offers the time that holds now among the others, once', () => {
		expect(times([10, 60], 45).map(({ value }) => value)).toEqual(['10', '45', '60']);
		expect(times([10, 60], 60)).toHaveLength(2);
	});
});

describe('the board', () => {
	const row = (
		name: string,
		canBeRung: boolean,
		healths: DeviceHealth[],
		given: Partial<BoardRow> & { isSignedOut?: boolean } = {}
	): BoardRow => ({
		...{ userId: name, name, status: 'offline', canBeRung, reason: 'no device' },
		...given,
		devices: healths.map((health, n) => ({
			...{ id: `${name}${n}`, name: 'Phone', health, isSignedOut: given.isSignedOut ?? false },
			...{ lastSeenAt: 0, lastShownAt: null, lastShownLatencyMs: null, silentSince: null }
		}))
	});

	test('puts silent devices first, then who cannot be rung, then what needs a hand, then by name', () => {
		const rows = [
			row('Zoe', true, ['proved']),
			row('Ana', true, ['proved']),
			row('Broken', true, ['proved', 'gone']),
			row('Nobody', false, []),
			row('Silent', true, ['proved', 'silent'])
		];
		expect(worstFirst(rows).map(({ name }) => name)).toEqual([
			'Silent',
			'Nobody',
			'Broken',
			'Ana',
			'Zoe'
		]);
		expect(rows[0]?.name).toBe('Zoe');
	});

	test.each([
		[[row('A', true, ['proved'])], '1 of 1 can be rung now.'],
		[[row('A', false, ['silent'])], 'Nobody can be rung now. One device is silent.'],
		[
			[row('A', true, ['silent', 'silent', 'proved']), row('B', false, [])],
			'1 of 2 can be rung now. 2 devices are silent.'
		]
	])('sums up', (rows, line) => {
		expect(summary(rows)).toBe(line);
	});

	test('names the newest proof of a device, or since when a silent one has shown nothing', () => {
		const [device] = row('A', true, ['proved']).devices;
		if (!device) throw new Error('no device');
		const now = 600_000;
		const seen = { ...device, lastSeenAt: now };
		const shown = { ...seen, lastShownAt: now - 240_000, lastShownLatencyMs: 400 };
		expect(evidence(seen, now)).toBe('No proof yet · seen just now');
		expect(evidence(shown, now)).toBe('Shown 4 min ago, in 0.4 s · seen just now');
		expect(evidence({ ...shown, lastOpenedAt: now - 120_000 }, now)).toBe(
			'Opened 2 min ago · seen just now'
		);
		expect(evidence({ ...shown, lastRungAt: now }, now)).toBe(
			'Heard ringing just now · seen just now'
		);
		expect(evidence({ ...seen, health: 'silent', silentSince: now }, now)).toMatch(
			/^Took every ring since .+ and showed none$/
		);
	});

	test('says what keeps a device from ringing rather than what it once proved', () => {
		const [device] = row('A', true, ['proved']).devices;
		if (!device) throw new Error('no device');
		expect(stateOf(device)).toBe('Rings');
		expect(stateOf({ ...device, isRefused: true })).toBe('Refused by its push service');
		expect(stateOf({ ...device, isRefused: true, isSignedOut: true })).toBe('Signed out');
	});

	test('says why somebody cannot be rung, in words for an admin', () => {
		expect(reasonOf(row('A', true, ['proved']))).toBe('Can be rung now');
		expect(reasonOf(row('A', false, []))).toBe('No device is enabled');
		expect(reasonOf(row('A', false, ['silent', 'silent']))).toBe('Every device is silent');
		const because = (reason: string) => reasonOf(row('A', false, ['proved'], { reason }));
		expect(because('no bot')).toBe('Has no bot to answer');
		expect(because('silent')).toBe('Every device is silent');
		expect(because('push service refuses')).toBe('The push service refuses notifications');
		expect(reasonOf(row('A', false, ['proved'], { reason: 'quiet hours' }))).toBe(
			'Has quiet hours now'
		);
		expect(reasonOf(row('A', false, ['proved'], { reason: 'push while offline is off' }))).toBe(
			'Push while offline is off'
		);
	});
});
