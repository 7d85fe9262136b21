import { Hono } from 'hono';
import * as settings from '#contract/notifications.ts';
import * as contract from '#contract/push.ts';
import { acknowledge } from '../domain/notification/acknowledge.ts';
import { cancelTest } from '../domain/notification/cancel-test.ts';
import { confirm } from '../domain/notification/confirm.ts';
import { saveDidRing } from '../domain/notification/did-ring.ts';
import { readState } from '../domain/notification/read-state.ts';
import { removeSubscription } from '../domain/notification/remove-subscription.ts';
import { reportOpened } from '../domain/notification/report-opened.ts';
import { saveSubscription } from '../domain/notification/save-subscription.ts';
import { setPreferences } from '../domain/notification/set-preferences.ts';
import { changeSettings, readSettings } from '../domain/notification/settings.ts';
import { snooze } from '../domain/notification/snooze.ts';
import { ctxOf, ctxOfNobody, type HttpDeps } from './deps.ts';
import { parseJson, parseQuery } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

const SUBSCRIBE: Rule = { name: 'push-subscription', burst: 20, everyMs: 3000 };
const TEST: Rule = { name: 'push-test', burst: 3, everyMs: 10_000 };
const ACK: Rule = { name: 'push-ack', burst: 200, everyMs: 100 };
const SEEN: Rule = { name: 'push-seen', burst: 60, everyMs: 500 };

/** Mounted at /api/push: one person and one browser. What carries a push's token needs no session; a worker outlives one. */
export function pushRoutes(deps: HttpDeps): Hono {
	const { push } = deps;
	return new Hono()
		.route('/', ownRoutes(deps))
		.get('/key', async (c) => c.json(await push.key()))
		.post('/ack', limited(deps, ACK), async (c) => {
			await acknowledge(ctxOfNobody(deps), await parseJson(c, contract.AckRequest));
			return c.json({});
		})
		.post('/snooze', limited(deps, ACK), async (c) => {
			await snooze(ctxOfNobody(deps), await parseJson(c, settings.SnoozeRequest));
			return c.json({});
		});
}

/** What a signed-in person reads and sets for themselves. */
function ownRoutes(deps: HttpDeps) {
	const { push } = deps;
	const person = signedIn(deps);
	return new Hono()
		.get('/state', person, async (c) => c.json(await readState(ctxOf(c, deps))))
		.put('/subscription', person, limited(deps, SUBSCRIBE), async (c) => {
			const input = await parseJson(c, contract.SubscriptionRequest);
			return c.json(await saveSubscription(ctxOf(c, deps), push, input));
		})
		.delete('/subscription', person, async (c) => {
			await removeSubscription(ctxOf(c, deps), await parseJson(c, contract.SubscriptionDelete));
			return c.json({});
		})
		.put('/preferences', person, async (c) => {
			const input = await parseJson(c, contract.NotificationPreferences);
			return c.json(await setPreferences(ctxOf(c, deps), input));
		})
		.get('/settings', person, async (c) => c.json(await readSettings(ctxOf(c, deps))))
		.put('/settings', person, async (c) => {
			const input = await parseJson(c, settings.NotificationSettings);
			return c.json(await changeSettings(ctxOf(c, deps), input));
		})
		.post('/confirm', person, limited(deps, SEEN), async (c) => {
			const input = await parseJson(c, settings.ConfirmRequest);
			await confirm(ctxOf(c, deps), push.holdRules, input);
			return c.json({});
		})
		.post('/opened', person, limited(deps, SEEN), async (c) => {
			await reportOpened(ctxOf(c, deps), await parseJson(c, settings.OpenedRequest));
			return c.json({});
		})
		.get('/doctor', person, async (c) => {
			const { device: deviceId } = parseQuery(c, settings.DoctorQuery);
			return c.json(await push.examine(ctxOf(c, deps), { deviceId }));
		})
		.post('/test', person, limited(deps, TEST), async (c) => {
			const { deviceId, afterMs = 0 } = await parseJson(c, contract.TestPushRequest);
			const { userId } = c.get('actor');
			return c.json(await push.startTest({ userId, deviceId, afterMs }));
		})
		.get('/test', person, async (c) => {
			const { id } = parseQuery(c, settings.TestResultQuery);
			return c.json(await push.readTest({ userId: c.get('actor').userId, id }));
		})
		.put('/test', person, async (c) => {
			await saveDidRing(ctxOf(c, deps), await parseJson(c, settings.DidRingRequest));
			return c.json({});
		})
		.delete('/test', person, async (c) => {
			await cancelTest(ctxOf(c, deps), await parseJson(c, settings.CancelTestRequest));
			return c.json({});
		});
}
