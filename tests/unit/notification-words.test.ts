import { describe, expect, test } from 'vitest';
import type { PushDevice } from '#contract/push.ts';
import { evidence, HEALTH_TAGS, ringTwice } from '../../src/routes/(app)/notification/words.ts';

const NOW = new Date(2026, 5, 14, 15, 0).getTime();
const MINUTE = 60_000;
const device = (given: Partial<PushDevice> = {}): PushDevice => ({
	id: 'd',
	name: 'Chrome on Android',
	isSubscribed: true,
	state: 'live',
	lastSeenAt: NOW,
	lastAcceptedAt: null,
	lastShownAt: null,
	lastShownLatencyMs: null,
	lastOpenedAt: null,
	...given
});

describe('the evidence of a device', () => {
	test.each<[string, Partial<PushDevice>]>([
		['Nothing sent yet · seen just now', {}],
		['Not registered · seen just now', { isSubscribed: false, state: 'none' }],
		['You stopped it from ringing · seen just now', { isSubscribed: false, state: 'stopped' }],
		['Accepted 3 min ago, not shown yet · seen just now', { lastAcceptedAt: NOW - 3 * MINUTE }],
		[
			'Shown 2 min ago, in 0.4 s · seen just now',
			{ lastShownAt: NOW - 2 * MINUTE, lastShownLatencyMs: 400 }
		],
		[
			'Shown 2 h ago · seen 5 min ago',
			{ lastShownAt: NOW - 120 * MINUTE, lastSeenAt: NOW - 5 * MINUTE }
		],
		['Opened 3 min ago · seen just now', { lastOpenedAt: NOW - 3 * MINUTE }],
		['Heard ringing 3 min ago · seen just now', { lastRungAt: NOW - 3 * MINUTE }],
		[
			'Opened 3 min ago · seen just now',
			{ lastShownAt: NOW - 4 * MINUTE, lastShownLatencyMs: 400, lastOpenedAt: NOW - 3 * MINUTE }
		],
		[
			'Shown 2 min ago, in 0.4 s · seen just now',
			{ lastShownAt: NOW - 2 * MINUTE, lastShownLatencyMs: 400, lastRungAt: NOW - 3 * MINUTE }
		],
		[
			'Took the last pushes and showed none · seen just now',
			{ health: 'silent', lastAcceptedAt: NOW }
		]
	])('reads %s', (expected, given) => {
		expect(evidence(device(given), NOW)).toBe(expected);
	});

	test('names the last proof of one that fell silent, and its day once it is long ago', () => {
		const given = {
			health: 'silent',
			lastAcceptedAt: NOW,
			lastShownAt: NOW - 5 * 24 * 60 * MINUTE
		} as const;
		expect(evidence(device(given), NOW)).toMatch(
			/^Took the last pushes and showed none since Tuesday at 3:00/
		);
	});
});

test('only what is proved is called ringing', () => {
	const ok = Object.entries(HEALTH_TAGS).filter(([, { kind }]) => kind === 'ok');
	expect(ok.map(([health]) => health)).toEqual(['proved']);
});

test('two registrations on one kind of computer may ring twice, two phones do not', () => {
	const named = (...names: string[]) => names.map((name) => device({ name }));
	expect(ringTwice(named('Safari on Mac', 'Chrome on Mac', 'Chrome on Windows'))).toEqual(['Mac']);
	expect(ringTwice(named('Chrome on Android', 'Firefox on Android'))).toEqual([]);
	expect(
		ringTwice([...named('Safari on Mac'), device({ name: 'Chrome on Mac', state: 'gone' })])
	).toEqual([]);
});
