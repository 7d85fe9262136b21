import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { type EventLogResponse, WhyResponse, type WhyRow } from '#contract/notifications.ts';
import { sql } from '../../api/store/sql.ts';
import type { TestAgent, TestApp } from '../support/app.ts';
import { act, callPerson, reply, say } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { type Device, deviceOf, type LedgerLine, ledger } from '../support/push/device.ts';
import type { PushServices } from '../support/push/services.ts';

const UNSHOWN = 'Ann Lee on Firefox on Linux: the device has not said that it showed it.';

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp();
	({ services, app } = started);
});
afterAll(() => started?.close());

/** An owner, an agent with a phone, and a visitor who has asked for a person: the phone has been rung. */
async function world() {
	const owner = await app.signedInAgent({ role: 'owner' });
	const { team } = owner;
	const agent = await app.signedInAgent({ team });
	const device = await deviceOf(services, agent);
	const visitor = await app.newVisitor({ team });
	const conversationId = newId();
	await callPerson(visitor, conversationId);
	await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
	return { owner, team, agent, device, visitor, conversationId };
}

/** About a chat, everybody's or one person's. */
async function why(
	reader: TestAgent,
	{ conversationId, of }: { conversationId: string; of?: TestAgent }
): Promise<WhyRow[]> {
	const about = { team: reader.team.id, conversation: conversationId };
	const query = new URLSearchParams({ ...about, ...(of && { user: of.userId }) });
	const answer = await reader.get(`/api/notifications/why?${query}`);
	return WhyResponse.parse(await answer.json()).rows;
}
const texts = (rows: WhyRow[]) => rows.map(({ text }) => text);

describe('a push that was accepted', () => {
	const isAccepted = ({ text }: WhyRow) => text.endsWith('accepted (201).');

	test('and never shown is said to be so, a minute after', async () => {
		const { owner, conversationId } = await world();
		await vi.waitFor(async () =>
			expect((await why(owner, { conversationId })).filter(isAccepted)).toHaveLength(1)
		);
		app.clock.advance(30_000);
		expect(texts(await why(owner, { conversationId }))).not.toContain(UNSHOWN);
		app.clock.advance(30_000);
		const rows = await why(owner, { conversationId });
		expect(rows.at(-1)).toMatchObject({ text: UNSHOWN });
		expect((rows.at(-1)?.at ?? 0) - (rows.find(isAccepted)?.at ?? 0)).toBe(60_000);
	});

	test('and shown, or only opened, is not', async () => {
		for (const state of ['shown', 'opened']) {
			const { owner, device, conversationId } = await world();
			await vi.waitFor(async () =>
				expect((await why(owner, { conversationId })).filter(isAccepted)).toHaveLength(1)
			);
			await acked(device, state);
			app.clock.advance(61_000);
			expect(texts(await why(owner, { conversationId }))).not.toContain(UNSHOWN);
		}
	});
});

describe('a push that no push service took in its time', () => {
	/** An agent whose phone's push service answers so to the ring of a visitor. */
	async function answered(status: number, retryAfter: string) {
		const owner = await app.signedInAgent({ role: 'owner' });
		const device = await deviceOf(services, owner);
		device.answers.push({ status, headers: { 'retry-after': retryAfter } });
		const conversationId = newId();
		await callPerson(await app.newVisitor({ team: owner.team }), conversationId);
		const line = () =>
			vi.waitFor(async () => {
				const lines = await ledger(app, owner.team);
				const found = lines.find(({ deviceId }) => deviceId === device.id);
				expect(found).toMatchObject({ status });
				return found as LedgerLine;
			}, 10_000);
		const told = async () => {
			const rows = await why(owner, { conversationId });
			return texts(rows.filter(({ deviceId }) => deviceId === device.id));
		};
		return { owner, device, line, told };
	}
	const PHONE = 'Ann Lee on Firefox on Linux';
	const SENT = [`${PHONE}: is rung: push while offline.`, `${PHONE}: the push was sent.`];

	test('since that asked to wait for longer has expired at once, and is not said to be unshown', async () => {
		const { owner, line, told } = await answered(503, '3600');
		expect(await line()).toMatchObject({ state: 'expired', attempts: 1 });
		app.clock.advance(61_000);
		expect(await told()).toEqual([
			...SENT,
			`${PHONE}: the push service: 503, and it is too late to try again.`
		]);
		const log = await owner.get(`/api/notifications/log?team=${owner.team.id}`);
		const { rows } = (await log.json()) as EventLogResponse;
		expect(rows).toMatchObject([{ failedCount: 1, sentCount: 0, waitingCount: 0 }]);
	});

	test('by its next try has expired then, and is not sent any more', async () => {
		const { owner, device, line, told } = await answered(429, '60');
		const { eventId, state } = await line();
		expect(state).toBe('decided');
		app.clock.advance(15 * 60_000 + 1_000);
		await app.deps.push.notify({ teamId: owner.team.id, eventId });
		const [last] = (await ledger(app, owner.team)).filter(({ deviceId }) => deviceId === device.id);
		expect(last?.state).toBe('expired');
		expect((await told()).at(-1)).toBe(`${PHONE}: the push service: it is too late to ring.`);
		expect(device.received()).toEqual([]);
	});
});

async function acked(device: Device, state: string) {
	const token = device.received()[0]?.notification.data.ackToken;
	const answer = await app.stranger().post('/api/push/ack', { token, state });
	expect(answer.ok).toBe(true);
}

describe('who is not concerned', () => {
	test('reads for whom it was', async () => {
		const { owner, team, agent, visitor, conversationId } = await world();
		const other = await app.signedInAgent({ team });
		await act(agent, reply(conversationId, 'Hello'));
		await say(visitor, conversationId, 'Hello back');
		const wrote = 'Ann Lee: is not rung: this was for Ann Lee alone.';
		await vi.waitFor(async () => {
			const own = await why(other, { conversationId });
			expect(texts(own.filter(({ kind }) => kind !== 'ladder'))).toEqual([
				'The visitor asked for a person.',
				'Ann Lee: is not rung: this was for others.',
				'The visitor wrote.',
				wrote
			]);
			expect(texts(await why(owner, { conversationId, of: owner }))).toContain(wrote);
		}, 10_000);
		expect(texts(await why(owner, { conversationId }))).not.toContain(wrote);
		expect(texts(await why(agent, { conversationId }))).not.toContain(wrote);
	});

	test('as they did it themselves, reads that', async () => {
		const { owner, team, agent, conversationId } = await world();
		const args = { conversationId, agentId: agent.userId, expectedId: null };
		await act(agent, { name: 'claim', args: { conversationId } });
		await act(agent, {
			name: 'assign',
			args: { ...args, agentId: null, expectedId: agent.userId }
		});
		await vi.waitFor(async () =>
			expect(texts(await why(agent, { conversationId }))).toContain(
				'Ann Lee: is not rung: this was their own doing.'
			)
		);
		expect(owner.team).toBe(team);
	});
});

test('of more events than are told the newest are, and that there are more', async () => {
	const { owner, team, conversationId } = await world();
	const more = 'Only the newest 50 events are told here.';
	const add = (count: number) =>
		app.db.team(team.id, (tx) =>
			tx.run(sql`
				insert into notification_events (team_id, id, kind, conversation_id, at, decided_at)
				select ${team.id}, id, 'message', ${conversationId}, now() + interval '1 s', now()
				from unnest(${Array.from({ length: count }, () => newId())}::uuid[]) id`)
		);
	const events = async () =>
		(await why(owner, { conversationId })).filter(({ kind }) => kind === 'event');
	await add(49);
	expect(texts(await events())).toHaveLength(50);
	expect(texts(await events())).not.toContain(more);
	await add(1);
	const rows = await events();
	expect(rows).toHaveLength(51);
	expect(rows[0]?.text).toBe(more);
});
