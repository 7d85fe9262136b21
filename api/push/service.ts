import type { TestPushResponse } from '#contract/push.ts';
import type { Log, PresenceReader } from '../domain/context.ts';
import { DomainError } from '../domain/errors.ts';
import type { Jobs } from '../jobs/boss.ts';
import type { DataOf } from '../jobs/enqueue.ts';
import type { Db } from '../store/db.ts';
import { findDeviceName } from '../store/device.ts';
import {
	findSubscription,
	markSubscription,
	noteAccepted,
	type SubscriptionRow
} from '../store/push-subscription.ts';
import { finishPushTest, insertPushTest } from '../store/push-test.ts';
import { composeTest } from './compose.ts';
import { createDeliverer, type DeliverOptions } from './deliver.ts';
import { type EndpointRefusal, refuseEndpoint } from './endpoint-policy.ts';
import { type NotifyDeps, notify } from './notify.ts';
import { createPushTokens, digestOf, type PushTokens } from './secrets.ts';
import { createSender, type Send } from './sender.ts';
import { openVapid, type Vapid, vapidSubject } from './vapid.ts';

const TEST_TTL_MS = 60_000;

export interface PushConfig {
	publicOrigin: string;
	secretKey: string;
	/** A `mailto:` or `https:` URL. */
	contact?: string | undefined;
	pushProxy?: string | undefined;
	extraPushHosts?: readonly string[];
}

export interface PushOptions {
	db: Db;
	now(): number;
	newId(): string;
	log: Log;
	config: PushConfig;
	jobs: Pick<Jobs, 'enqueue' | 'work'>;
	presence: PresenceReader;
	/** For tests: certificates to trust, a resolver, a shorter wait. */
	transport?: Pick<DeliverOptions, 'ca' | 'resolve' | 'timeoutMs'>;
}

/** The public face of pushes. */
export interface PushService {
	/** Takes `notify` jobs from the queue; only processes that do this send. */
	start(): Promise<void>;
	/** What a browser subscribes with. */
	key(): Promise<{ publicKey: string; keyId: string }>;
	/** Why pushes may not go to an endpoint; null: they may. */
	refuseEndpoint(endpoint: string): EndpointRefusal | null;
	notify(data: DataOf<'notify'>): Promise<void>;
	/** Sends at once to the person's own device; throws DomainError where it has no registration. */
	sendTest(userId: string, deviceId: string): Promise<TestPushResponse>;
	close(): void;
}

/** Queries nothing and connects nowhere before its first use. */
export function createPush(options: PushOptions): PushService {
	const { db, now, newId, log, config, jobs, presence } = options;
	const extraHosts = config.extraPushHosts ?? [];
	const deliverer = createDeliverer({
		proxy: config.pushProxy,
		extraHosts,
		...options.transport
	});
	let opened: Promise<Vapid> | undefined;
	const vapid = (): Promise<Vapid> => {
		opened ??= openVapid({
			db,
			secretKey: config.secretKey,
			subject: vapidSubject(config, log),
			now
		}).catch((error) => {
			opened = undefined;
			throw error;
		});
		return opened;
	};
	const tokens = createPushTokens(config.secretKey);
	const send = createSender({ deliverer, vapid, now, log });
	const { publicOrigin } = config;
	const deps = { db, now, newId, log, jobs, presence, tokens, send, publicOrigin };
	return {
		async start() {
			await vapid();
			await jobs.work('notify', (data) => notify(deps, data));
		},
		async key() {
			const { publicKey, keyId } = await vapid();
			return { publicKey, keyId };
		},
		refuseEndpoint: (endpoint) => refuseEndpoint(endpoint, extraHosts),
		notify: (data) => notify(deps, data),
		sendTest: (userId, deviceId) => sendTest(deps, userId, deviceId),
		close: () => deliverer.close()
	};
}

async function sendTest(
	deps: Pick<NotifyDeps, 'db' | 'now' | 'newId' | 'publicOrigin'> & {
		tokens: PushTokens;
		send: Send;
	},
	userId: string,
	deviceId: string
): Promise<TestPushResponse> {
	const { db, now, tokens, publicOrigin } = deps;
	const subscription = await findSubscription(db.person, userId, deviceId);
	if (subscription?.state !== 'live') throw notRegistered();
	const deviceName = (await findDeviceName(db.person, userId, deviceId)) ?? '';
	const id = deps.newId();
	const ackToken = tokens.ackTokenOf(id);
	const sentAt = now();
	await insertPushTest(db.person, { id, deviceId, ackDigest: digestOf(ackToken), sentAt });
	const { outcome, answer } = await deps.send({
		subscription,
		payload: () => composeTest({ deliveryId: id, ackToken, publicOrigin, deviceName }),
		deadline: sentAt + TEST_TTL_MS,
		attempts: 1,
		unanswered: 1
	});
	const status = answer.kind === 'answered' ? answer.status : null;
	const isAccepted = outcome.do === 'accepted';
	await finishPushTest(db.person, id, { status, acceptedAt: isAccepted ? now() : null });
	await noteTest(db, subscription, outcome.do, now());
	const said = isAccepted ? 'accepted' : outcome.do === 'gone' ? 'gone' : 'failed';
	return { deliveryId: id, outcome: said, status };
}

async function noteTest(
	db: Db,
	{ deviceId, endpoint }: SubscriptionRow,
	outcome: string,
	at: number
): Promise<void> {
	if (outcome === 'accepted') await noteAccepted(db.person, deviceId, at);
	else if (outcome === 'gone' || outcome === 'needs_resubscribe')
		await markSubscription(db.person, endpoint, outcome);
}

const notRegistered = () =>
	new DomainError('conflict', 'This device is not registered for notifications.', {
		remedy: 'Enable notifications on it, then send the test again.'
	});
