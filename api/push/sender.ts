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

export interface Push {
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
	return async function send(push: Push): Promise<Result> {
		const vapid = await deps.vapid();
		const { endpoint, deviceId } = push.subscription;
		const { origin, host } = new URL(endpoint);
		const attempt = (isGeneric: boolean): Attempt => ({
			n: push.attempts,
			unanswered: push.unanswered,
			isApple: isAppleEndpoint(endpoint),
			isGeneric,
			now: now(),
			deadline: push.deadline
		});
		const once = async (isGeneric: boolean): Promise<Result> => {
			const deliver = () =>
				deps.deliverer.deliver({
					subscription: push.subscription,
					payload: push.payload(isGeneric),
					ttlSeconds: Math.max(1, Math.ceil((push.deadline - now()) / 1000)),
					...(push.topic && { topic: push.topic }),
					authorization: vapid.authorization(origin)
				});
			// One conversation's pushes arrive on a device in the order in which they left.
			const answer = await inOrder.run(`${push.topic} ${endpoint}`, () => lanes.run(host, deliver));
			return { answer, outcome: outcome(answer, attempt(isGeneric)) };
		};
		const pausedMs = lanes.pausedMs(host);
		if (pausedMs > 0) return postponed(pausedMs, now() + pausedMs < push.deadline);
		let result = await once(false);
		if (result.outcome.do === 'shrink') {
			alarm.log(host, result.answer);
			result = await once(true);
		}
		const { outcome: what, answer } = result;
		if (what.do === 'retry' && what.isFreshToken) vapid.forget(origin);
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

const postponed = (afterMs: number, isInTime: boolean): Result => ({
	answer: { kind: 'unreached', reason: 'the push service has asked for a pause' },
	outcome: isInTime ? { do: 'retry', afterMs, isFreshToken: false } : { do: 'expired' }
});

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
