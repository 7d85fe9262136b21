import type { TestPushResponse } from '#contract/push.ts';
import type { AgentCtx, Ctx, Log, PresenceReader } from '../domain/context.ts';
import { climb } from '../domain/notification/climb.ts';
import type { HoldRules } from '../domain/notification/confirm.ts';
import { prove } from '../domain/notification/prove.ts';
import type { WebhookRules } from '../domain/notification/team-settings.ts';
import { tellAlarm } from '../domain/notification/tell-alarm.ts';
import type { Jobs } from '../jobs/boss.ts';
import type { DataOf } from '../jobs/enqueue.ts';
import type { Db } from '../store/db.ts';
import { createAlarms } from './alarms.ts';
import { ask } from './ask.ts';
import { testBoard } from './board-test.ts';
import { CONFIRM_MS, heldMs, type Rule } from './decide.ts';
import { createDeliverer, type DeliverOptions } from './deliver.ts';
import { examine } from './doctor.ts';
import { type EndpointRefusal, refuseEndpoint, refuseUrl } from './endpoint-policy.ts';
import { createPublicAgent } from './https-post.ts';
import { notify } from './notify.ts';
import { createPushTokens } from './secrets.ts';
import { createSender } from './sender.ts';
import { readTest, ring, startTest } from './test.ts';
import { openVapid, type Vapid, vapidSubject } from './vapid.ts';
import { callWebhook, newWebhookSecret, shownWebhookSecret } from './webhook.ts';

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
	/** Takes jobs from the queue; only processes that do this send. */
	start(): Promise<void>;
	/** What a browser subscribes with. */
	key(): Promise<{ publicKey: string; keyId: string }>;
	/** Why pushes may not go to an endpoint; null: they may. */
	refuseEndpoint(endpoint: string): EndpointRefusal | null;
	/** How a ring waits for what a page in front of the person shows. */
	readonly holdRules: HoldRules;
	readonly webhooks: WebhookRules;
	notify(data: DataOf<'notify'>): Promise<void>;
	ask(data: DataOf<'ask'>): Promise<void>;
	climb(data: DataOf<'climb'>): Promise<void>;
	prove(data: DataOf<'prove'>): Promise<void>;
	/** Sends to the person's own device; throws DomainError where it has no registration. */
	startTest(input: {
		userId: string;
		deviceId: string;
		afterMs: number;
	}): Promise<TestPushResponse>;
	readTest(input: { userId: string; id: string }): ReturnType<typeof readTest>;
	testBoard(
		ctx: AgentCtx,
		input: { teamId: string; userId: string | null }
	): ReturnType<typeof testBoard>;
	examine(ctx: AgentCtx, input: { deviceId: string }): ReturnType<typeof examine>;
	close(): void;
}

const HOLD_RULES = {
	confirmMs: CONFIRM_MS,
	heldMs,
	whileHeld: 'a page is in front' satisfies Rule,
	here: 'shown in the app on this device' satisfies Rule,
	elsewhere: 'shown in the app on another device' satisfies Rule
};

/** Queries nothing and connects nowhere before its first use. */
export function createPush(options: PushOptions): PushService {
	const { db, now, newId, log, config, jobs, presence } = options;
	const { publicOrigin, secretKey, contact } = config;
	const extraHosts = config.extraPushHosts ?? [];
	const network = { proxy: config.pushProxy, ...options.transport };
	const deliverer = createDeliverer({ extraHosts, ...network });
	const agent = createPublicAgent(network);
	const vapid = createVapid(options);
	const tokens = createPushTokens(secretKey);
	const alarms = createAlarms({ db, now, enqueue: jobs.enqueue });
	const send = createSender({ deliverer, vapid, now, log, alarms });
	const deps = { db, now, newId, log, jobs, presence, tokens, send, publicOrigin };
	const { enqueue } = jobs;
	const actor = { kind: 'system' } as const;
	const system: Ctx<typeof actor> = { db, now, newId, log, enqueue, presence, actor };
	const caller = { ...system, agent, secretKey, publicOrigin };
	const service: PushService = {
		async start() {
			await vapid();
			await jobs.work('notify', service.notify);
			await jobs.work('ask', service.ask);
			await jobs.work('climb', service.climb);
			await jobs.work('prove', service.prove);
			await jobs.work('ring', async (data) => void (await ring(deps, data)));
			await jobs.work('alarm', (data) => tellAlarm(system, { ...data, publicOrigin }));
			await jobs.work('webhook', (data) => callWebhook(caller, data));
		},
		async key() {
			const { publicKey, keyId } = await vapid();
			return { publicKey, keyId };
		},
		refuseEndpoint: (endpoint) => refuseEndpoint(endpoint, extraHosts),
		holdRules: HOLD_RULES,
		webhooks: {
			refuseUrl,
			newSecret: () => newWebhookSecret(secretKey),
			shownSecret: (sealed) => shownWebhookSecret(secretKey, sealed)
		},
		notify: (data) => notify(deps, data),
		ask: (data) => ask(deps, data),
		climb: (data) => climb(system, { ...data, publicOrigin }),
		prove: (data) => prove(system, { ...data, publicOrigin }),
		startTest: (input) => startTest(deps, input),
		readTest: (input) => readTest(deps, input),
		testBoard: (ctx, input) => testBoard(deps, ctx, input),
		async examine(ctx, input) {
			const { keyId } = await vapid();
			const hasContact = contact !== undefined || publicOrigin.startsWith('https:');
			return examine(ctx, { keyId, hasContact }, input);
		},
		close() {
			deliverer.close();
			void agent.destroy();
		}
	};
	return service;
}

/** Opens the key at its first use; a failure is tried again at the next. */
function createVapid({ db, now, config, log }: PushOptions): () => Promise<Vapid> {
	const { secretKey } = config;
	let opened: Promise<Vapid> | undefined;
	return () => {
		opened ??= openVapid({ db, secretKey, subject: vapidSubject(config, log), now }).catch(
			(error) => {
				opened = undefined;
				throw error;
			}
		);
		return opened;
	};
}
