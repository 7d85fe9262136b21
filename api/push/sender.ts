import type { Log } from '../domain/context.ts';
import { isAppleEndpoint } from '../domain/notification/health.ts';
import type { Subscription } from '../store/push-subscription.ts';
import type { Deliverer } from './deliver.ts';
import { createLanes, createQueues } from './lanes.ts';
import { type Answer, type Attempt, isRefusal, type Outcome, outcome } from './outcome.ts';
import type { Vapid } from './vapid.ts';

const LOG_EVERY_MS = 10 * 60_000;
/** A thousand refused pushes are one alarm: it is written down again now and then, as is that all is well. */
const WRITE_EVERY_MS = 10_000;
/** Until there may be a turn at a service that answers slowly. */
const CROWDED_MS = 1_000;
/** What is never tried again, because a newer push overtook it, is forgotten some time. */
const REFUSED_KEPT = 10_000;

export interface Push {
	/** The delivery's: the same at each attempt. */
	id: string;
	subscription: Subscription & { deviceId: string };
	/** The plaintext; the generic one for a service that found the full one too large. */
	payload(isGeneric: boolean): string;
	topic?: string;
	/** When it is no longer worth delivering, milliseconds since 1970. */
	deadline: number;
	attempts: number;
	unanswered: number;
}

export interface Result {
	outcome: Outcome;
	answer: Answer;
	/** No request was made, since the service is busy. Then it is no attempt. */
	isPostponed?: true;
}

export type Send = (push: Push) => Promise<Result>;

/** Where it is kept that a push service refuses this server. */
export interface Alarms {
	raise(alarm: { service: string; what: string; reason: string | null }): Promise<void>;
	end(service: string): Promise<void>;
	/** Whether the service takes pushes for other devices. */
	takesOthers(service: string, deviceId: string): Promise<boolean>;
}

export interface SenderDeps {
	deliverer: Deliverer;
	vapid(): Promise<Vapid>;
	now(): number;
	log: Log;
	alarms: Alarms;
}

/** One push and what became of it; alarms the operator where this server is the one that is wrong. */
export function createSender(deps: SenderDeps): Send {
	const { now } = deps;
	const lanes = createLanes(now);
	const inOrder = createQueues();
	const alarm = createAlarm(deps);
	/** Ids of pushes that are to be tried again with a new token. */
	const refused = new Set<string>();
	return async function send(push: Push): Promise<Result> {
		const vapid = await deps.vapid();
		const { endpoint, deviceId } = push.subscription;
		const { origin, host } = new URL(endpoint);
		const attempt = (isGeneric: boolean): Attempt => ({
			n: push.attempts,
			isFreshToken: refused.has(push.id),
			unanswered: push.unanswered,
			isApple: isAppleEndpoint(endpoint),
			isGeneric,
			now: now(),
			deadline: push.deadline
		});
		const postponed = (afterMs: number, why: string): Result => ({
			answer: { kind: 'unreached', reason: `the push service: ${why}` },
			outcome:
				now() + afterMs < push.deadline
					? { do: 'retry', afterMs, isFreshToken: false }
					: { do: 'expired' },
			isPostponed: true
		});
		const once = async (isGeneric: boolean): Promise<Result> => {
			let authorization = '';
			const deliver = () => {
				authorization = vapid.authorization(origin);
				return deps.deliverer.deliver({
					subscription: push.subscription,
					payload: push.payload(isGeneric),
					ttlSeconds: Math.max(1, Math.ceil((push.deadline - now()) / 1000)),
					...(push.topic && { topic: push.topic }),
					authorization
				});
			};
			// One conversation's pushes arrive on a device in the order in which they left.
			const answer = await inOrder.run(`${push.topic} ${endpoint}`, () => lanes.run(host, deliver));
			if (!answer) return postponed(CROWDED_MS, 'it answers too slowly');
			const what = outcome(answer, attempt(isGeneric));
			if (what.do !== 'retry') refused.delete(push.id);
			else if (what.isFreshToken) {
				refused.add(push.id);
				// Another push's refusal may have had it signed anew already.
				if (vapid.authorization(origin) === authorization) vapid.forget(origin);
			}
			for (const oldest of refused) {
				if (refused.size <= REFUSED_KEPT) break;
				refused.delete(oldest);
			}
			return { answer, outcome: what };
		};
		const pausedMs = lanes.pausedMs(host);
		if (pausedMs > 0)
			return postponed(pausedMs, `it has asked to wait ${Math.ceil(pausedMs / 1000)} s`);
		let result = await once(false);
		if (result.outcome.do === 'shrink') {
			alarm.log(host, result.answer);
			result = await once(true);
		}
		const { outcome: what, answer } = result;
		// It is the whole service that is busy, where 429 may be one device's.
		if (what.do === 'retry' && isServiceBusy(answer)) lanes.pause(host, what.afterMs);
		if (what.do === 'accepted') await alarm.end(host);
		if (!('isAlarm' in what) || !what.isAlarm) return result;
		// A service that takes the others' pushes takes this server's: it is the device's registration that is wrong.
		const isDevices = what.do === 'failed' && (await deps.alarms.takesOthers(host, deviceId));
		if (isDevices && isRefusal(answer))
			return { answer, outcome: { do: 'needs_resubscribe', isAlarm: false } };
		alarm.log(host, answer);
		if (!isDevices) await alarm.raise(host, answer);
		return result;
	};
}

const isServiceBusy = (answer: Answer): boolean =>
	answer.kind === 'answered' && answer.status === 503 && answer.retryAfter !== null;

const saidIn = (answer: Answer) => ({
	what: answer.kind === 'answered' ? `status ${answer.status}` : answer.reason,
	reason: answer.kind === 'answered' ? answer.body.slice(0, 200) || null : null
});

/** Tells the log and the database, each not with every push. */
function createAlarm({ now, log, alarms }: SenderDeps) {
	const logged = new Map<string, number>();
	/** When it was last written down that a service refuses, or takes, pushes. */
	const raised = new Map<string, number>();
	const ended = new Map<string, number>();
	const isDue = (times: Map<string, number>, key: string, everyMs: number): boolean => {
		if ((times.get(key) ?? Number.NEGATIVE_INFINITY) > now() - everyMs) return false;
		times.set(key, now());
		return true;
	};
	return {
		log(service: string, answer: Answer) {
			const said = saidIn(answer);
			if (isDue(logged, `${service} ${said.what}`, LOG_EVERY_MS))
				log.error({ service, ...said }, 'a push service refuses this server’s pushes');
		},
		async raise(service: string, answer: Answer) {
			ended.delete(service);
			if (isDue(raised, service, WRITE_EVERY_MS))
				await alarms.raise({ service, ...saidIn(answer) });
		},
		/** The service takes pushes. Another process may have raised the alarm. */
		async end(service: string) {
			raised.delete(service);
			if (isDue(ended, service, WRITE_EVERY_MS)) await alarms.end(service);
		}
	};
}
