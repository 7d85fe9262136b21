import { Hono } from 'hono';
import {
	AckRequest,
	NotificationPreferences,
	SubscriptionDelete,
	SubscriptionRequest,
	TestPushRequest
} from '#contract/push.ts';
import { acknowledge } from '../domain/notification/acknowledge.ts';
import { readState } from '../domain/notification/read-state.ts';
import { removeSubscription } from '../domain/notification/remove-subscription.ts';
import { saveSubscription } from '../domain/notification/save-subscription.ts';
import { setPreferences } from '../domain/notification/set-preferences.ts';
import { ctxOf, ctxOfNobody, type HttpDeps } from './deps.ts';
import { parseJson } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

const SUBSCRIBE: Rule = { name: 'push-subscription', burst: 20, everyMs: 3000 };
const TEST: Rule = { name: 'push-test', burst: 3, everyMs: 10_000 };
const ACK: Rule = { name: 'push-ack', burst: 200, everyMs: 100 };

/** Mounted at /api/push. The key and the acknowledgement need no session; a worker outlives one. */
export function pushRoutes(deps: HttpDeps): Hono {
	const { push } = deps;
	const person = signedIn(deps);
	return new Hono()
		.get('/key', async (c) => c.json(await push.key()))
		.get('/state', person, async (c) => c.json(await readState(ctxOf(c, deps))))
		.put('/subscription', person, limited(deps, SUBSCRIBE), async (c) => {
			const input = await parseJson(c, SubscriptionRequest);
			return c.json(await saveSubscription(ctxOf(c, deps), push, input));
		})
		.delete('/subscription', person, async (c) => {
			await removeSubscription(ctxOf(c, deps), await parseJson(c, SubscriptionDelete));
			return c.json({});
		})
		.put('/preferences', person, async (c) => {
			const input = await parseJson(c, NotificationPreferences);
			return c.json(await setPreferences(ctxOf(c, deps), input));
		})
		.post('/test', person, limited(deps, TEST), async (c) => {
			const { deviceId } = await parseJson(c, TestPushRequest);
			return c.json(await push.sendTest(c.get('actor').userId, deviceId));
		})
		.post('/ack', limited(deps, ACK), async (c) => {
			await acknowledge(ctxOfNobody(deps), await parseJson(c, AckRequest));
			return c.json({});
		});
}
