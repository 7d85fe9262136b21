import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScriptedAnswer } from '../support/push/vapid.ts';
import type { SomebodyHere } from './in-process.ts';
import { PATIENCE, type Ringing, startRinging } from './ringing.ts';

/** Shorter than the server's own, which nothing here depends on. */
const TIMEOUT_MS = 4_000;
const ACCEPTED = 'the push service: accepted (201).';
const SHOWN = 'shown N s after it was sent.';
const NO_ANSWER = 'the push service: no answer: no answer in time.';
const UNSHOWN = 'the device has not said that it showed it.';
const RUNG = 'is rung: push while offline.';
const SENT = 'the push was sent.';
const again = (n: number) => `the push was sent again (attempt ${n}).`;

/** What a push service does on a bad day with one escalation, how that ends, and what the agent reads about it. */
interface Fault {
	what: string;
	answers: ScriptedAnswer[];
	ends: 'visible' | 'explained';
	why: string[];
	/** The state of the ledger's line. */
	state: string;
	/** It is explained only once this has passed. */
	afterMs?: number;
}

const FAULTS: Fault[] = [
	{
		what: 'takes it and never answers',
		answers: ['takeAndHang'],
		ends: 'visible',
		why: [RUNG, SENT, SHOWN, NO_ANSWER],
		state: 'shown'
	},
	{
		what: 'never answers, once',
		answers: ['hang'],
		ends: 'visible',
		why: [RUNG, SENT, NO_ANSWER, again(2), ACCEPTED, SHOWN],
		state: 'shown'
	},
	{
		what: 'never answers',
		answers: ['hang', 'hang'],
		ends: 'explained',
		why: [RUNG, SENT, NO_ANSWER, again(2), NO_ANSWER],
		state: 'failed'
	},
	{
		what: 'fails twice',
		answers: [{ status: 500 }, { status: 502 }],
		ends: 'visible',
		why: [
			...[RUNG, SENT, 'the push service: 500.', again(2), 'the push service: 502.'],
			...[again(3), ACCEPTED, SHOWN]
		],
		state: 'shown'
	},
	{
		what: 'asks for patience',
		answers: [{ status: 503, headers: { 'retry-after': '1' } }],
		ends: 'visible',
		why: [RUNG, SENT, 'the push service: 503.', again(2), ACCEPTED, SHOWN],
		state: 'shown'
	},
	{
		what: 'refuses',
		answers: [{ status: 400, body: 'TTL missing' }],
		ends: 'explained',
		why: [RUNG, SENT, 'the push service: 400 TTL missing.'],
		state: 'failed'
	},
	{
		what: 'accepts it and loses it',
		answers: ['lose'],
		ends: 'explained',
		why: [RUNG, SENT, ACCEPTED, UNSHOWN],
		state: 'accepted',
		afterMs: 61_000
	},
	{
		what: 'delivers it twice',
		answers: ['twice'],
		ends: 'visible',
		why: [RUNG, SENT, ACCEPTED, SHOWN],
		state: 'shown'
	},
	{
		what: 'delivers it late',
		answers: ['late'],
		ends: 'visible',
		why: [RUNG, SENT, ACCEPTED, SHOWN],
		state: 'shown'
	}
];

/** The device may tell that it has shown a push before what came of the request has been written down. */
const inEitherOrder = (sentences: string[]) => [
	...sentences.slice(0, -2),
	...sentences.slice(-2).toSorted()
];

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let ringing: Ringing;
	let agent: SomebodyHere;
	let answers: ScriptedAnswer[];
	beforeAll(async () => {
		ringing = await startRinging(name, { timeoutMs: TIMEOUT_MS });
		const here = await ringing.agentWith();
		await here.page.close();
		agent = here.agent;
		({ answers } = await ringing.registrationOf(agent));
	});
	afterAll(() => ringing?.close());

	const last = async () => (await ringing.linesOf(agent)).at(-1);

	test.each(FAULTS)('a push service that $what: $ends', async (fault) => {
		const text = `A service that ${fault.what} in ${name}`;
		answers.push(...fault.answers);
		const { conversationId } = await ringing.call(agent, text);
		const { why, ends, state, afterMs } = fault;
		if (afterMs !== undefined) {
			await expect.poll(async () => (await last())?.state, PATIENCE).toBe(state);
			ringing.bellhop.app.clock.advance(afterMs);
		}
		await expect
			.poll(async () => inEitherOrder(await ringing.why(agent, conversationId)), PATIENCE)
			.toEqual(inEitherOrder(why));
		expect(await last()).toMatchObject({ state });
		if (ends === 'visible') await ringing.stands(text);
		else expect(ringing.standing(text)).toEqual([]);
		if (fault.answers.includes('twice'))
			await expect.poll(() => ringing.told(text), PATIENCE).toBe(2);
		expect(ringing.desktop.mostAtOnce(text)).toBe(ends === 'visible' ? 1 : 0);
		expect(answers).toEqual([]);
	});

	test('a push that a newer one of its chat overtakes leaves the newer standing', async () => {
		answers.push('late');
		const text = `The first line in ${name}`;
		const { say } = await ringing.call(agent, text);
		await expect.poll(async () => (await last())?.state, PATIENCE).toBe('accepted');
		expect(ringing.standing(text)).toEqual([]);
		await say(`The second line in ${name}`);
		await expect
			.poll(
				async () => (await ringing.linesOf(agent)).slice(-2).map(({ state }) => state),
				PATIENCE
			)
			.toEqual(['shown', 'shown']);
		await ringing.stands(`The second line in ${name}`);
		expect(ringing.standing(text)).toEqual([]);
	});
});
