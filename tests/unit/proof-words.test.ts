import { describe, expect, test } from 'vitest';
import type { PushDevice } from '#contract/push.ts';
import { healthOf, lastSign, provedLast } from '../../src/lib/components/proof-words.ts';

const NOW = new Date(2026, 5, 14, 15, 0).getTime();
const MINUTE = 60_000;
const device = (given: Partial<PushDevice> = {}): PushDevice => ({
	id: 'd',
	name: 'Safari on iPhone',
	isSubscribed: true,
	state: 'live',
	health: 'proved',
	lastSeenAt: NOW - 5 * MINUTE,
	lastAcceptedAt: null,
	lastShownAt: null,
	lastShownLatencyMs: null,
	lastOpenedAt: null,
	...given
});

describe('a device in few words', () => {
	test.each<[string, string, Partial<PushDevice>]>([
		['showed a push', 'rang 2 min ago', { lastShownAt: NOW - 2 * MINUTE }],
		['led to an open page', 'rang 2 min ago', { lastOpenedAt: NOW - 2 * MINUTE }],
		['rang, as the person says', 'rang 2 min ago', { lastRungAt: NOW - 2 * MINUTE }],
		[
			'showed one, and rang since',
			'rang just now',
			{ lastShownAt: NOW - 2 * MINUTE, lastRungAt: NOW }
		],
		['proved nothing', 'seen 5 min ago', { health: 'unproved' }],
		['is silent since', 'seen 5 min ago', { health: 'silent', lastShownAt: NOW - 9 * MINUTE }],
		['is registered no more', 'seen 5 min ago', { health: 'gone', lastShownAt: NOW - 9 * MINUTE }]
	])('which %s: %s', (_, expected, given) => {
		expect(lastSign(device(given), NOW)).toBe(expected);
	});

	test('without a server’s word counts as proved while its registration stands', () => {
		const old = { health: undefined, lastShownAt: NOW - 2 * MINUTE };
		expect(lastSign(device(old), NOW)).toBe('rang 2 min ago');
		expect(lastSign(device({ ...old, state: 'gone' }), NOW)).toBe('seen 5 min ago');
	});
});

test('of several devices the one whose newest proof is newest speaks for all', () => {
	const laptop = device({ id: 'laptop', lastShownAt: NOW - 3 * MINUTE });
	const phone = device({ id: 'phone', lastShownAt: null, lastRungAt: NOW - MINUTE });
	const old = device({ id: 'old', health: 'gone', lastShownAt: NOW });
	expect(provedLast([laptop, phone, old])).toEqual({ device: phone, at: NOW - MINUTE });
	expect(provedLast([old, device({ health: 'unproved' })])).toBeNull();
});

test('without a server’s word a registration counts as proved by what it has shown', () => {
	expect(healthOf(device({ health: undefined }))).toBe('unproved');
	expect(healthOf(device({ health: undefined, lastShownAt: NOW }))).toBe('proved');
	expect(healthOf(device({ health: undefined, lastOpenedAt: NOW }))).toBe('proved');
	expect(
		healthOf(device({ health: undefined, state: 'needs_resubscribe', lastShownAt: NOW }))
	).toBe('needs renewal');
	expect(healthOf(device({ health: undefined, state: 'gone' }))).toBe('gone');
	expect(healthOf(device({ health: 'silent', lastShownAt: NOW }))).toBe('silent');
});
