import { type ChildProcess, fork } from 'node:child_process';
import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import ece from 'http_ece';
import webPush from 'web-push';
import { newId } from '#contract/ids.ts';
import { createDeliverer } from '../../../api/push/deliver.ts';
import { createSender } from '../../../api/push/sender.ts';
import type { Vapid } from '../../../api/push/vapid.ts';
import { upsertDevice } from '../../../api/store/device.ts';
import { saveSubscription } from '../../../api/store/push-subscription.ts';
import { type TestApp, type TestTeam, testApp } from '../../support/app.ts';
import { type Certificate, makeCertificate } from '../../support/certificate.ts';
import { callPerson } from '../../support/chat.ts';
import { startDatabaseUrl } from '../../support/database-url.ts';
import { createReceiver } from '../../support/push/receiver.ts';
import { atMost, interleaved, percentile, type Row } from '../row.ts';

const HOST = 'fcm.googleapis.com';
const SUBJECT = 'mailto:bench@example.com';
/** As many as a job claims at once. */
const ABREAST = 32;
const PUSHES = 1_600;
/** Rounds before it counts: a server runs for weeks, and its compiler is done within seconds. */
const WARM_UP = 4;
const DEVICES = 500;
const RING_ALL = 1_000;
const DEVICES_EACH = 10;
const ESCALATIONS = 200;
/** What a visitor's message usually comes to, with all around it. */
const PAYLOAD = 'x'.repeat(700);
const GOALS = { ofWebPush: 2.5, ofFloor: 0.7, stallMs: 20, requestMs: 1_000 };

interface Service {
	port: number;
	proxyUrl: string;
	certificate: Certificate;
	/** Arrivals with a topic since it was last called. */
	onPush(listener: (push: { topic: string; at: number }) => void): void;
	/** What was in the arrivals whose path asks for it, in base64url. */
	onBody(listener: (body: string) => void): void;
	stop(): void;
}

async function startService(): Promise<Service> {
	const certificate = makeCertificate([HOST]);
	const files = ['service.key', 'service.pem'].map((name) =>
		path.join(path.dirname(certificate.caFile), name)
	);
	const [key = '', cert = ''] = files;
	writeFileSync(key, certificate.key);
	writeFileSync(cert, certificate.cert);
	const file = path.join(import.meta.dirname, '..', 'push-service.ts');
	const child: ChildProcess = fork(file, [HOST, key, cert]);
	const [ready] = (await once(child, 'message')) as [{ port: number; proxyUrl: string }];
	return {
		...ready,
		certificate,
		onPush(listener) {
			child.removeAllListeners('message').on('message', listener);
		},
		onBody(listener) {
			child
				.removeAllListeners('message')
				.on('message', (push) => listener((push as { body: string }).body));
		},
		stop() {
			child.disconnect();
			certificate.remove();
		}
	};
}

/** Does `push` so often, some abreast. */
async function pushTimes(times: number, push: () => Promise<unknown>): Promise<void> {
	for (let sent = 0; sent < times; sent += ABREAST)
		await Promise.all(Array.from({ length: ABREAST }, push));
}

/** Resolves to how many of these pushes a second of processor time allows, all threads counted. */
async function perCpuSecond(push: () => Promise<unknown>): Promise<number> {
	// So that nobody pays for what another left behind: garbage, cold caches.
	await pushTimes(PUSHES / 2, push);
	const before = process.cpuUsage();
	await pushTimes(PUSHES, push);
	const { user, system } = process.cpuUsage(before);
	return (PUSHES * 1e6) / (user + system);
}

/** One after the other, as the days' devices would come. */
function inTurn<T>(all: readonly T[]): () => T {
	let next = 0;
	return () => all[next++ % all.length] as T;
}

/** Pushes per second of processor time: ours, a loop of web-push's sendNotification, and the least that a push can cost. */
async function cost(service: Service): Promise<Row[]> {
	const { port, proxyUrl, certificate } = service;
	const { ca } = certificate;
	const devices = Array.from({ length: DEVICES }, () => createReceiver().keys);
	const keys = webPush.generateVAPIDKeys();
	const agent = new Agent({ keepAlive: true, ca, maxSockets: ABREAST });
	const url = `https://localhost:${port}/push`;

	const deliverer = createDeliverer({ proxy: proxyUrl, ca });
	const token = webPush.getVapidHeaders(
		`https://${HOST}`,
		SUBJECT,
		keys.publicKey,
		keys.privateKey,
		'aes128gcm'
	);
	const vapid: Vapid = {
		publicKey: '',
		keyId: '',
		authorization: () => token.Authorization,
		forget() {}
	};
	const quiet = () => {};
	const send = createSender({
		deliverer,
		vapid: async () => vapid,
		now: Date.now,
		log: { info: quiet, warn: quiet, error: quiet },
		alarms: { raise: async () => {}, end: async () => {}, takesOthers: async () => false }
	});
	const ofOurs = inTurn(devices);
	let n = 0;
	const ours = async () => {
		const endpoint = `https://${HOST}/fcm/send/${n++}`;
		const subscription = { deviceId: '', endpoint, keys: ofOurs() };
		const deadline = Date.now() + 60_000;
		const payload = () => PAYLOAD;
		const about = { id: endpoint, attempts: 1, unanswered: 1 };
		const { outcome } = await send({ ...about, subscription, payload, deadline });
		if (outcome.do !== 'accepted') throw new Error(`not accepted: ${outcome.do}`);
	};

	const ofWebPush = inTurn(devices);
	const vapidDetails = { subject: SUBJECT, ...keys };
	const webPushs = () =>
		webPush.sendNotification({ endpoint: url, keys: ofWebPush() }, PAYLOAD, {
			...{ TTL: 60, agent, vapidDetails }
		});

	const ofFloor = inTurn(devices.map(({ p256dh }) => Buffer.from(p256dh, 'base64url')));
	const body = Buffer.alloc(PAYLOAD.length + 103);
	const floor = () => {
		const ecdh = createECDH('prime256v1');
		ecdh.generateKeys();
		ecdh.computeSecret(ofFloor());
		return bare(url, agent, body);
	};

	for (let round = 0; round < WARM_UP; round++)
		for (const push of [ours, webPushs, floor]) await perCpuSecond(push);
	const measure = () => perCpuSecond(ours);
	const shared = { unit: '/CPU s', runs: 7, measure };
	const rows = [
		await interleaved({
			...{ ...shared, name: 'pushes, against a loop of sendNotification' },
			...{ goalRatio: GOALS.ofWebPush, baseline: () => perCpuSecond(webPushs) }
		}),
		await interleaved({
			...{ ...shared, name: 'pushes, against key generation + ECDH + one HTTPS POST' },
			...{ goalRatio: GOALS.ofFloor, baseline: () => perCpuSecond(floor) }
		})
	];
	deliverer.close();
	agent.destroy();
	return rows;
}

/** Every push of a row of them, each with another text to another device, is read by an implementation that is not ours. */
async function readable({ proxyUrl, certificate, onBody }: Service): Promise<Row> {
	const deliverer = createDeliverer({ proxy: proxyUrl, ca: certificate.ca });
	let unread = 0;
	for (let n = 0; n < DEVICES; n++) {
		const privateKey = createECDH('prime256v1');
		const p256dh = privateKey.generateKeys('base64url');
		const auth = randomBytes(16).toString('base64url');
		const arrival = new Promise<string>((done) => onBody(done));
		const payload = `${n} ${'né – 漢 🔔'.repeat(n % 60)}`;
		const subscription = {
			endpoint: `https://${HOST}/fcm/send/checked-${n}`,
			keys: { p256dh, auth }
		};
		await deliverer.deliver({ subscription, payload, ttlSeconds: 60, authorization: '' });
		const params = { version: 'aes128gcm', privateKey, authSecret: auth } as const;
		if (!isRead(Buffer.from(await arrival, 'base64url'), params, payload)) unread++;
	}
	deliverer.close();
	return atMost(`pushes of ${DEVICES} that http_ece does not read`, unread, '', 0);
}

function isRead(body: Buffer, params: Parameters<typeof ece.decrypt>[1], payload: string): boolean {
	try {
		return ece.decrypt(body, params).toString() === payload;
	} catch {
		return false;
	}
}

const bare = (url: string, agent: Agent, body: Buffer): Promise<void> =>
	new Promise((resolve, reject) => {
		const headers = { TTL: 60, 'Content-Length': body.length };
		const sent = request(url, { agent, method: 'POST', headers }, (answer) => {
			answer.resume().once('end', resolve);
		});
		sent.once('error', reject).end(body);
	});

/** So many agents of a team with so many registered devices each. */
async function withDevices(
	app: TestApp,
	team: TestTeam,
	{ agents, each }: { agents: number; each: number }
): Promise<void> {
	const { keyId } = await app.deps.push.key();
	for (let a = 0; a < agents; a++) {
		const { userId, sessionDigest } = await app.signedInAgent({ team });
		await app.db.personTx(async (tx) => {
			for (let d = 0; d < each; d++) {
				const at = Date.now();
				const deviceId = newId();
				const device = { id: deviceId, userId, sessionDigest, name: 'Phone', seenAt: at };
				await upsertDevice(tx, device);
				const endpoint = `https://${HOST}/fcm/send/${deviceId}`;
				const { keys } = createReceiver();
				const given = { deviceId, userId, endpoint, keys, keyId, isStandalone: true, at };
				await saveSubscription(tx, given, true);
			}
		});
	}
}

/** The longest that anything else in the process waits while one event rings a thousand devices. */
async function stall(app: TestApp, service: Service): Promise<Row> {
	const ringAll = async (agents: number, each: number): Promise<number> => {
		const team = await app.newTeam();
		await withDevices(app, team, { agents, each });
		const visitor = await app.newVisitor({ team });
		let arrived = 0;
		const all = new Promise<void>((done) => {
			service.onPush(() => ++arrived === agents * each && done());
		});
		const delay = monitorEventLoopDelay({ resolution: 1 });
		delay.enable();
		await callPerson(visitor, newId());
		await all;
		delay.disable();
		return delay.max / 1e6;
	};
	// So that what is called often has been compiled.
	await ringAll(RING_ALL / DEVICES_EACH / 4, DEVICES_EACH);
	const longest = await ringAll(RING_ALL / DEVICES_EACH, DEVICES_EACH);
	return atMost('longest stall while 1,000 pushes go out', longest, 'ms', GOALS.stallMs);
}

/** From a visitor's press to the push service's door, with nobody watching. */
async function latency(app: TestApp, service: Service): Promise<Row> {
	const team = await app.newTeam();
	await withDevices(app, team, { agents: 1, each: 1 });
	const latencies: number[] = [];
	for (let n = 0; n < ESCALATIONS; n++) {
		const visitor = await app.newVisitor({ team });
		const arrival = new Promise<number>((done) => service.onPush(({ at }) => done(at)));
		const pressedAt = Date.now();
		await callPerson(visitor, newId());
		latencies.push((await arrival) - pressedAt);
	}
	const p99 = percentile(latencies, 0.99);
	return atMost('escalation to push request with nobody watching, p99', p99, 'ms', GOALS.requestMs);
}

export async function push(): Promise<Row[]> {
	const service = await startService();
	const rows = [...(await cost(service)), await readable(service)];
	const database = await startDatabaseUrl();
	process.env.TEST_DATABASE_URL = database.url;
	const { ca } = service.certificate;
	const app = await testApp({
		push: { config: { pushProxy: service.proxyUrl }, transport: { ca } }
	});
	rows.push(await stall(app, service), await latency(app, service));
	await app.close();
	await database.stop();
	service.stop();
	return rows;
}
