import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { createJobs } from '../../api/jobs/boss.ts';
import { createPush } from '../../api/push/service.ts';
import { insertNotificationEvent } from '../../api/store/notification-event.ts';
import { sql } from '../../api/store/sql.ts';
import { ORIGIN, type TestApp, testApp } from '../support/app.ts';
import { callPerson, seen } from '../support/chat.ts';
import { deviceOf } from '../support/push/device.ts';
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

/** The same in a process of its own, which can be killed. */
async function spawnWorker(): Promise<ChildProcess> {
	const file = path.resolve('tests/support/push/worker-process.ts');
	const child = fork(file, [app.url, services.proxy.url], {
		env: { ...process.env, NODE_EXTRA_CA_CERTS: services.certificate.caFile }
	});
	await once(child, 'message');
	return child;
}

async function kill(child: ChildProcess): Promise<void> {
	const ended = once(child, 'exit');
	child.kill('SIGKILL');
	await ended;
}

test('a ladder goes on where its process was killed, each step once, however many take it up', async () => {
	const jobs = createJobs(app.deps);
	await jobs.start();
	const owner = await app.signedInAgent({ role: 'owner' });
	const { team } = owner;
	const phone = await deviceOf(services, owner);
	await app.db.team(team.id, (tx) =>
		tx.run(sql`insert into notification_team_settings (team_id, everyone_after_s, admins_after_s)
			values (${team.id}, 2, 6)`)
	);
	const first = await spawnWorker();
	const visitor = await app.newVisitor({ team });
	// The web process only puts the jobs into the queue.
	const wake = app.jobs.length;
	await callPerson(visitor, newId());
	for (const job of app.jobs.slice(wake))
		await app.db.team(team.id, (tx) =>
			jobs.enqueue(tx, job, { afterMs: job.name === 'climb' ? 2_000 : 0 })
		);
	await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 30_000);
	await kill(first);

	const [second, third] = await Promise.all([spawnWorker(), spawnWorker()]);
	await vi.waitFor(() => expect(phone.received()).toHaveLength(2), 60_000);
	expect(phone.received()[1]?.notification.data.kind).toBe('unanswered');
	await vi.waitFor(async () => expect((await seen(visitor)).conversation?.isUnanswered).toBe(true));
	const left = () =>
		app.db.person.many(sql`
			select name from pgboss.job where state in ('created', 'retry', 'active')
				and data->>'teamId' = ${team.id} and name <> 'mail'`);
	await vi.waitFor(async () => expect(await left()).toEqual([]), 30_000);
	await Promise.all([kill(second), kill(third)]);
	const told = await app.db.team(team.id, (tx) =>
		tx.many<{ recipient: string }>(sql`select recipient from mails where team_id = ${team.id}`)
	);
	expect(told.filter(({ recipient }) => recipient === owner.email)).toHaveLength(1);
	expect(phone.received()).toHaveLength(2);
	await jobs.stop();
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
