import { describe, expect, it } from 'vitest';
import { type Answer, type Attempt, outcome, parseRetryAfter } from '../../api/push/outcome.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const attempt = (given: Partial<Attempt> = {}): Attempt => ({
	n: 1,
	isFreshToken: false,
	unanswered: 0,
	isApple: false,
	isGeneric: false,
	now: NOW,
	deadline: NOW + 15 * 60_000,
	...given
});
const answered = (
	status: number,
	{ body = '', retryAfter = null as string | null } = {}
): Answer => ({
	kind: 'answered',
	status,
	retryAfter,
	body
});
const ambiguous: Answer = { kind: 'ambiguous', reason: 'timeout' };
const unreached: Answer = { kind: 'unreached', reason: 'ECONNREFUSED' };

describe('an answer', () => {
	it.each([200, 201, 202, 204])('%i is accepted', (status) => {
		expect(outcome(answered(status), attempt())).toEqual({ do: 'accepted' });
	});

	it.each([404, 410])('%i ends the registration, and nothing else does', (status) => {
		expect(outcome(answered(status), attempt())).toEqual({ do: 'gone' });
		for (let other = 100; other < 600; other++)
			if (other !== 404 && other !== 410)
				expect(outcome(answered(other), attempt()).do).not.toBe('gone');
	});

	it('413 is tried again with the generic payload, once', () => {
		expect(outcome(answered(413), attempt())).toEqual({ do: 'shrink' });
		expect(outcome(answered(413), attempt({ n: 2, isGeneric: true }))).toEqual({
			do: 'failed',
			isAlarm: true
		});
	});

	it.each([401, 403])('%i is tried again with a new token, then raises the alarm', (status) => {
		expect(outcome(answered(status), attempt())).toMatchObject({ do: 'retry', isFreshToken: true });
		expect(outcome(answered(status), attempt({ n: 7 }))).toMatchObject({ isFreshToken: true });
		expect(outcome(answered(status), attempt({ isFreshToken: true }))).toEqual({
			do: 'failed',
			isAlarm: true
		});
	});

	it.each([400, 403])('%i with VapidPkHashMismatch asks the device to register again', (status) => {
		const body = '{"reason":"VapidPkHashMismatch"}';
		expect(outcome(answered(status, { body }), attempt())).toEqual({
			do: 'needs_resubscribe',
			isAlarm: true
		});
	});

	it.each([301, 308])('%i asks the device to register again, and is not followed', (status) => {
		expect(outcome(answered(status), attempt())).toEqual({
			do: 'needs_resubscribe',
			isAlarm: false
		});
	});

	it.each([300, 302, 307, 400, 402, 405, 415, 422])(
		'%i raises the alarm, and is neither followed nor repeated',
		(status) => {
			expect(outcome(answered(status), attempt())).toEqual({ do: 'failed', isAlarm: true });
		}
	);

	it.each([406, 408, 429, 500, 502, 503, 504, 599])('%i is tried again', (status) => {
		expect(outcome(answered(status), attempt())).toEqual({
			do: 'retry',
			afterMs: 1000,
			isFreshToken: false
		});
		const after = { retryAfter: '120' };
		expect(outcome(answered(status, after), attempt())).toMatchObject({ afterMs: 120_000 });
	});
});

/**
 * What the push services have been seen to answer, each with what is to be done about it: Mozilla's autopush (its
 * errors.md), Apple ("Sending web push notifications"), Google's FCM and Windows (both as their users report them).
 */
describe('as the services say it', () => {
	const again = { do: 'retry', isFreshToken: false };
	const fresh = { do: 'retry', isFreshToken: true };
	const errno = (code: number, errno: number) => JSON.stringify({ code, errno });
	const apple = (reason: string) => JSON.stringify({ reason });
	it.each<[string, Answer, Partial<Attempt>, Record<string, unknown>]>([
		['Mozilla: taken', answered(201), {}, { do: 'accepted' }],
		['Mozilla: taken and shown', answered(200), {}, { do: 'accepted' }],
		['Mozilla: moved to another bridge', answered(301), {}, { do: 'needs_resubscribe' }],
		['Mozilla: no TTL', answered(400, { body: errno(400, 111) }), {}, { do: 'failed' }],
		['Mozilla: bad topic', answered(400, { body: errno(400, 113) }), {}, { do: 'failed' }],
		['Mozilla: bad token', answered(401, { body: errno(401, 109) }), {}, fresh],
		[
			'Mozilla: bad token again',
			answered(401),
			{ isFreshToken: true },
			{ do: 'failed', isAlarm: true }
		],
		['Mozilla: no such subscription', answered(404, { body: errno(404, 102) }), {}, { do: 'gone' }],
		['Mozilla: unsubscribed', answered(410, { body: errno(410, 103) }), {}, { do: 'gone' }],
		['Mozilla: too large', answered(413, { body: errno(413, 104) }), {}, { do: 'shrink' }],
		[
			'Mozilla: busy for two minutes',
			answered(503, { body: errno(503, 201), retryAfter: '120' }),
			{},
			{ ...again, afterMs: 120_000 }
		],
		['Mozilla: try at once', answered(503, { body: errno(503, 202) }), {}, again],
		['Mozilla: the bridge is down', answered(502), {}, again],
		['Apple: taken', answered(201), { isApple: true }, { do: 'accepted' }],
		['Apple: bad token, as 400', answered(400, { body: apple('BadJwtToken') }), {}, fresh],
		['Apple: bad token, as 403', answered(403, { body: apple('BadJwtToken') }), {}, fresh],
		['Apple: token ran out', answered(403, { body: apple('ExpiredJwtToken') }), {}, fresh],
		[
			'Apple: bad token again',
			answered(400, { body: apple('BadJwtToken') }),
			{ isFreshToken: true },
			{ do: 'failed', isAlarm: true }
		],
		[
			'Apple: another server’s key',
			answered(400, { body: apple('VapidPkHashMismatch') }),
			{ isApple: true },
			{ do: 'needs_resubscribe', isAlarm: true }
		],
		['Apple: bad TTL', answered(400, { body: apple('BadTtl') }), {}, { do: 'failed' }],
		['Apple: bad urgency', answered(400, { body: apple('BadUrgency') }), {}, { do: 'failed' }],
		['Apple: too many', answered(429, { body: apple('TooManyRequests') }), {}, again],
		['Apple: unregistered', answered(410, { body: apple('Unregistered') }), {}, { do: 'gone' }],
		['Apple: no answer', ambiguous, { unanswered: 1, isApple: true }, { do: 'failed' }],
		['Google: no such token', answered(404), {}, { do: 'gone' }],
		['Google: unsubscribed', answered(410), {}, { do: 'gone' }],
		['Google: another sender’s token', answered(403), {}, fresh],
		['Google: a disruptive site', answered(429, { retryAfter: '60' }), {}, { afterMs: 60_000 }],
		['Google: down', answered(500), {}, again],
		['Windows: throttled', answered(406, { body: 'appthrottled' }), {}, again],
		[
			'Windows: an old channel',
			answered(401),
			{ isFreshToken: true },
			{ do: 'failed', isAlarm: true }
		],
		['Windows: cache policy against TTL', answered(400), {}, { do: 'failed', isAlarm: true }],
		['Windows: channel ran out', answered(410), {}, { do: 'gone' }],
		['any: no answer', ambiguous, { unanswered: 1 }, again],
		['any: not reached', unreached, {}, again]
	])('%s', (_, answer, given, expected) => {
		expect(outcome(answer, attempt(given))).toMatchObject(expected);
	});
});

describe('trying again', () => {
	it('takes longer each time', () => {
		const waits = [1, 2, 3, 4, 9].map((n) =>
			outcome(answered(503), attempt({ n, deadline: 1e15 }))
		);
		expect(waits.map((o) => 'afterMs' in o && o.afterMs)).toEqual([
			1000, 2000, 4000, 8000, 256_000
		]);
	});

	it('never goes past the moment at which the notification is stale', () => {
		const late = attempt({ deadline: NOW + 119_000 });
		expect(outcome(answered(429, { retryAfter: '120' }), late)).toEqual({ do: 'expired' });
		expect(outcome(unreached, attempt({ deadline: NOW }))).toEqual({ do: 'expired' });
	});

	it('ends', () => {
		const end = attempt({ n: 12, deadline: 1e15 });
		expect(outcome(answered(503), end)).toEqual({ do: 'failed', isAlarm: false });
	});
});

describe('no answer', () => {
	it('is tried again where nothing was handed over, on Apple too', () => {
		expect(outcome(unreached, attempt()).do).toBe('retry');
		expect(outcome(unreached, attempt({ isApple: true, n: 5 })).do).toBe('retry');
	});

	it('is tried once more where it may have been delivered', () => {
		expect(outcome(ambiguous, attempt({ unanswered: 1 })).do).toBe('retry');
		expect(outcome(ambiguous, attempt({ n: 4, unanswered: 1 })).do).toBe('retry');
		expect(outcome(ambiguous, attempt({ n: 2, unanswered: 2 })).do).toBe('failed');
	});

	it('is left at that on Apple, which would show the same thing twice', () => {
		expect(outcome(ambiguous, attempt({ unanswered: 1, isApple: true }))).toEqual({
			do: 'failed',
			isAlarm: false
		});
	});
});

describe('Retry-After', () => {
	it.each([
		['120', 120_000],
		[' 7 ', 7000],
		['Sun, 22 Nov 2026 10:02:00 GMT', 120_000],
		['Sun, 22 Nov 2026 09:00:00 GMT', 0],
		['-5', 0],
		['1e9', 0],
		['soon', 0],
		['', 0],
		[null, 0]
	])('%j means %i ms', (value, ms) => {
		expect(parseRetryAfter(value, NOW)).toBe(ms);
	});
});
