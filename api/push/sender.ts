import type { Log } from '../domain/context.ts';
import type { Subscription } from '../store/push-subscription.ts';
import { type Deliverer, isAppleEndpoint } from './deliver.ts';
import { type Answer, type Attempt, type Outcome, outcome } from './outcome.ts';
import type { Vapid } from './vapid.ts';

const ALARM_EVERY_MS = 10 * 60_000;

export interface Push {
	subscription: Subscription;
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

/** One push and what became of it; alarms the operator where this server is the one that is wrong. */
export function createSender(deps: {
	deliverer: Deliverer;
	vapid(): Promise<Vapid>;
	now(): number;
	log: Log;
}): Send {
	const alarmed = new Map<string, number>();
	const alarm = (service: string, answer: Answer) => {
		const what = answer.kind === 'answered' ? `status ${answer.status}` : answer.reason;
		const key = `${service} ${what}`;
		const now = deps.now();
		if ((alarmed.get(key) ?? Number.NEGATIVE_INFINITY) > now - ALARM_EVERY_MS) return;
		alarmed.set(key, now);
		const reason = answer.kind === 'answered' ? answer.body.slice(0, 200) : null;
		deps.log.error({ service, what, reason }, 'a push service refuses this server’s pushes');
	};
	return async function send(push: Push): Promise<Result> {
		const vapid = await deps.vapid();
		const { endpoint } = push.subscription;
		const { origin, host } = new URL(endpoint);
		const attempt = (isGeneric: boolean): Attempt => ({
			n: push.attempts,
			unanswered: push.unanswered,
			isApple: isAppleEndpoint(endpoint),
			isGeneric,
			now: deps.now(),
			deadline: push.deadline
		});
		const once = async (isGeneric: boolean): Promise<Result> => {
			const answer = await deps.deliverer.deliver({
				subscription: push.subscription,
				payload: push.payload(isGeneric),
				ttlSeconds: Math.ceil((push.deadline - deps.now()) / 1000),
				...(push.topic && { topic: push.topic }),
				authorization: vapid.authorization(origin)
			});
			return { answer, outcome: outcome(answer, attempt(isGeneric)) };
		};
		let result = await once(false);
		if (result.outcome.do === 'shrink') {
			alarm(host, result.answer);
			result = await once(true);
		}
		if (result.outcome.do === 'retry' && result.outcome.isFreshToken) vapid.forget(origin);
		if (result.outcome.do === 'failed' && result.outcome.isAlarm) alarm(host, result.answer);
		return result;
	};
}
