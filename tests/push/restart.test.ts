import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { createJobs } from '../../api/jobs/boss.ts';
import { createPush } from '../../api/push/service.ts';
import { insertNotificationEvent } from '../../api/store/notification-event.ts';
import { sql } from '../../api/store/sql.ts';
import { ORIGIN, type TestApp, testApp } from '../support/app.ts';
import { callPerson } from '../support/chat.ts';
import { createReceiver } from '../support/push/receiver.ts';
import { type PushServices, startPushServices } from '../support/push/services.ts';

let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	services = await startPushServices();
	// Its own queue is not a real one: this app only takes requests.
	app = await testApp();
});
afterAll(async () => {
	await app?.close();
	services?.close();
});

/** A worker process of its own over the same database. */
async function startWorker() {
	const { db, now, log, presence } = app.deps;
	const jobs = createJobs({ db, log });
	const push = createPush({
		...{ db, now, newId, log, presence, jobs },
		config: { publicOrigin: ORIGIN, secretKey: 'only for tests', pushProxy: services.proxy.url },
		transport: { ca: services.certificate.ca }
	});
	await jobs.start();
	return {
		jobs,
		push,
		async stop() {
			await jobs.stop();
			push.close();
		}
	};
}

test('an escalation whose process ended before it was sent is sent by the next one, once', async () => {
	const agent = await app.signedInAgent();
	const visitor = await app.newVisitor({ team: agent.team });
	const { publicKey, keyId } = await app.deps.push.key();
	const endpoint = services.mozilla.register(publicKey);
	const { keys } = createReceiver();
	const device = { deviceId: newId(), deviceName: 'Phone', endpoint, keys, keyId };
	await agent.put('/api/push/subscription', { ...device, isStandalone: true });
	const conversationId = newId();
	await callPerson(visitor, conversationId);

	const first = await startWorker();
	const event = { id: newId(), kind: 'escalation', conversationId, messageId: null } as const;
	const data = { teamId: agent.team.id, eventId: event.id };
	await app.db.team(agent.team.id, async (tx) => {
		await insertNotificationEvent(tx, { ...event, at: app.deps.now() });
		await first.jobs.enqueue(tx, { name: 'notify', data });
	});
	await first.stop();
	const taken = services.mozilla.find(endpoint)?.taken;
	expect(taken).toEqual([]);

	const [second, third] = await Promise.all([startWorker(), startWorker()]);
	await Promise.all([second.push.start(), third.push.start()]);
	await vi.waitFor(() => expect(taken).toHaveLength(1), 15_000);
	await Promise.all([second.push.notify(data), third.push.notify(data)]);
	await Promise.all([second.stop(), third.stop()]);
	expect(taken).toHaveLength(1);
});

test('an event that is rolled back leaves no job behind', async () => {
	const agent = await app.signedInAgent();
	const worker = await startWorker();
	const data = { teamId: agent.team.id, eventId: newId() };
	const work = app.db.team(agent.team.id, async (tx) => {
		await worker.jobs.enqueue(tx, { name: 'notify', data });
		throw new Error('no');
	});
	await expect(work).rejects.toThrow('no');
	const jobs = await app.db.person.many(sql`
		select from pgboss.job where data->>'eventId' = ${data.eventId}`);
	expect(jobs).toEqual([]);
	await worker.stop();
});
