import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { WhyResponse } from '#contract/notifications.ts';
import { sql } from '../../api/store/sql.ts';
import { type AckDeps, acknowledge } from '../../src/lib/sw/ack.ts';
import { onPush } from '../../src/lib/sw/push.ts';
import type { TestApp } from '../support/app.ts';
import { act, callPerson, say } from '../support/chat.ts';
import { startAppleApp } from '../support/push/app.ts';
import { ledger } from '../support/push/device.ts';
import { everyKind } from '../support/push/every-kind.ts';
import type { Worker } from '../support/push/webkit.ts';
import { seeded } from '../support/random.ts';

let started: Awaited<ReturnType<typeof startAppleApp>>;
let app: TestApp;
beforeAll(async () => {
	started = await startAppleApp({ timeoutMs: 500 });
	app = started.app;
});
afterAll(() => started?.close());

/** An agent with an iPhone, whose worker never runs. */
async function world() {
	const agent = await app.signedInAgent();
	const { phone, deviceId } = await started.iphoneOf(agent);
	const lines = async () =>
		(await ledger(app, agent.team)).filter((line) => line.deviceId === deviceId);
	const settled = (n: number) =>
		vi.waitFor(async () => {
			const rest = (await lines()).filter(({ state }) => state !== 'decided');
			expect(rest).toHaveLength(n);
		}, 15_000);
	/** What the agent reads about the phone. */
	const why = async (conversationId: string) => {
		const query = new URLSearchParams({ team: agent.team.id, conversation: conversationId });
		const { rows } = (await (
			await agent.get(`/api/notifications/why?${query}`)
		).json()) as WhyResponse;
		return rows.filter((row) => row.deviceId).map(({ text }) => text.replace(/^[^:]+: /, ''));
	};
	const call = async () => {
		const conversationId = newId();
		await callPerson(await app.newVisitor({ team: agent.team }), conversationId);
		return conversationId;
	};
	return { agent, phone, lines, settled, deviceId, why, call };
}

/** The app's worker as it runs on the phone. `fetch`: its way to the server. */
const workerOver =
	(fetch: AckDeps['fetch']): Worker =>
	(event, scope) =>
		onPush(event, scope, {
			acknowledge: (ack) =>
				acknowledge(ack, {
					...{ fetch, keep: async () => {}, drain: async () => {} },
					...{ askForSync: async () => false, now: Date.now }
				}),
			catchUp: async () => {},
			shown: new Map(),
			turns: new Map(),
			pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms))
		});
const offline = () => Promise.reject(new TypeError('no network'));

describe('an iPhone', () => {
	test('shows every push without its worker, so none is a strike', async () => {
		const { agent, phone, settled } = await world();
		for (let i = 1; i <= 4; i++) {
			const visitor = await app.newVisitor({ team: agent.team });
			const id = newId();
			await callPerson(visitor, id);
			await settled(2 * i - 1);
			await say(visitor, id, `Message ${i}`);
			await settled(2 * i);
		}
		expect(phone.shown).toHaveLength(8);
		expect(phone.strikes).toBe(0);
		expect(phone.isDead).toBe(false);
	});

	test('that was off for several chats learns of all of them from the one push that is kept', async () => {
		const { agent, phone, settled } = await world();
		phone.isOnline = false;
		for (let i = 1; i <= 3; i++) {
			await callPerson(await app.newVisitor({ team: agent.team }), newId());
			await settled(i);
		}
		await started.apple.wake(phone);
		expect(phone.shown).toHaveLength(1);
		expect(phone.shown[0]?.title).toBe('3 chats waiting · newest: Visitor');
		expect(phone.shown[0]?.badge).toBe(3);
	});

	test('is not sent the same again after a request without an answer: it may have rung', async () => {
		const { agent, phone, lines, settled } = await world();
		phone.answers.push('takeAndHang');
		const visitor = await app.newVisitor({ team: agent.team });
		await callPerson(visitor, newId());
		await settled(1);
		expect(await lines()).toMatchObject([{ state: 'failed', attempts: 1 }]);
		expect(phone.shown).toHaveLength(1);
	});

	test('that never says what it showed is not confirmed, and never silent', async () => {
		const { agent, settled } = await world();
		for (let i = 1; i <= 4; i++) {
			await callPerson(await app.newVisitor({ team: agent.team }), newId());
			await settled(i);
		}
		app.clock.advance(120_000);
		const state = (await (await agent.get('/api/push/state')).json()) as {
			devices: { health: string }[];
		};
		expect(state.devices.map(({ health }) => health)).toEqual(['not confirmed']);
	});

	test('that shows nothing three times has lost its registration, which the agent can read', async () => {
		const { phone, call, settled, why, lines } = await world();
		phone.worker = () => {};
		for (let i = 0; i < 3; i++) {
			expect(phone.isDead).toBe(false);
			await started.apple.inject(phone, '{"not":"ours"}');
		}
		expect(phone.isDead).toBe(true);
		const conversationId = await call();
		await settled(1);
		expect(await lines()).toMatchObject([{ state: 'gone', status: 410 }]);
		expect((await why(conversationId)).at(-1)).toMatch(/^the push service: 410/);
	});

	test('whose worker runs shows each of 200 mixed pushes, so none is a strike', async () => {
		const { agent, phone } = await world();
		phone.worker = workerOver(offline);
		const seed = Math.floor(Math.random() * 2 ** 31);
		const random = seeded(seed);
		const kinds = Object.entries(everyKind(agent));
		for (let n = 0; n < 200; n++) {
			const [what, text] = kinds[Math.floor(random() * kinds.length)] ?? [];
			await started.apple.inject(phone, text?.(n) ?? null);
			expect(phone.shown, `${what}, seed ${seed}`).toHaveLength(n + 1);
		}
		expect(phone.strikes).toBe(0);
	});

	test.each(['within', 'beside'] as const)(
		'that reads what is asked of it %s the notification shows it once, counts it and confirms it',
		async (reads) => {
			const { agent, phone, lines, call } = await world();
			phone.reads = reads;
			phone.worker = workerOver(async (path, init) => app.app.request(path, init));
			await call();
			await vi.waitFor(async () => expect(await lines()).toMatchObject([{ state: 'shown' }]));
			await vi.waitFor(() =>
				expect(phone.shown).toMatchObject([
					{ title: expect.stringMatching(/^Visitor waits for a person/), badge: 1 }
				])
			);
			expect(phone.strikes).toBe(0);
			const state = (await (await agent.get('/api/push/state')).json()) as {
				devices: { lastShownAt: number | null }[];
			};
			expect(state.devices[0]?.lastShownAt).not.toBeNull();
		}
	);

	test('is sent each state once, whatever runs twice', async () => {
		const { agent, phone, call, settled } = await world();
		phone.answers.push({ status: 500 });
		await call();
		await settled(1);
		const { eventId } = (await ledger(app, agent.team))[0] ?? {};
		const data = { teamId: agent.team.id, eventId: eventId ?? '' };
		await Promise.all([app.deps.push.notify(data), app.deps.push.notify(data)]);
		expect(phone.taken).toHaveLength(1);
		expect(phone.shown).toHaveLength(1);
	});

	test('is not rung by a process that follows one which died while it sent', async () => {
		const { agent, phone, lines, settled, why, call } = await world();
		const conversationId = await call();
		await settled(1);
		// As the first process would have left it.
		const [line] = await lines();
		await app.db.team(agent.team.id, (tx) =>
			tx.run(sql`update notification_deliveries set state = 'decided', accepted_at = null, status = null,
				unanswered = 1, claimed_until = now() - interval '1 second'
				where team_id = ${agent.team.id} and event_id = ${line?.eventId}`)
		);
		await app.deps.push.notify({ teamId: agent.team.id, eventId: line?.eventId ?? '' });
		expect(phone.taken).toHaveLength(1);
		expect((await why(conversationId)).at(-1)).toBe(
			'the push service: an earlier attempt may have arrived and another could ring twice.'
		);
	});

	test('hears nothing when a chat is read or answered elsewhere', async () => {
		const { agent, phone, call, settled } = await world();
		const conversationId = await call();
		await settled(1);
		await act(agent, { name: 'read', args: { conversationId, seq: 1 } });
		await act(agent, { name: 'claim', args: { conversationId } });
		await call();
		await settled(2);
		expect(phone.taken).toHaveLength(2);
		expect(phone.strikes).toBe(0);
	});
});
