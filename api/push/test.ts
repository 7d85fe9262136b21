import type { TestResult } from '#contract/notifications.ts';
import type { TestPushResponse } from '#contract/push.ts';
import { DomainError } from '../domain/errors.ts';
import { findDeviceName } from '../store/device.ts';
import {
	findSubscription,
	markSubscription,
	noteAccepted,
	type SubscriptionRow
} from '../store/push-subscription.ts';
import {
	claimPushTest,
	findPushTest,
	finishPushTest,
	insertPushTest,
	type PushTestRow
} from '../store/push-test.ts';
import { composeTest } from './compose.ts';
import type { NotifyDeps } from './notify.ts';
import { digestOf } from './secrets.ts';

const TEST_TTL_MS = 60_000;
/** A device that shows a push reports it within moments. */
const PATIENCE_MS = 20_000;

export type TestDeps = Pick<
	NotifyDeps,
	'db' | 'now' | 'newId' | 'publicOrigin' | 'tokens' | 'send' | 'jobs'
>;

/** Sends a test to one of the person's own devices, now or after a while; throws DomainError without a registration. */
export async function startTest(
	deps: TestDeps,
	{ userId, deviceId, afterMs }: { userId: string; deviceId: string; afterMs: number }
): Promise<TestPushResponse> {
	const { db, tokens } = deps;
	const subscription = await findSubscription(db.person, userId, deviceId);
	if (subscription?.state !== 'live') throw notRegistered();
	const id = deps.newId();
	const test = { id, deviceId, ackDigest: digestOf(tokens.ackTokenOf(id)) };
	await insertPushTest(db.person, { ...test, sentAt: deps.now() + afterMs });
	if (afterMs === 0) return ring(deps, { userId, testId: id });
	// A person's own jobs go by the person's id, which is no team's.
	await db.team(userId, (tx) =>
		deps.jobs.enqueue(tx, { name: 'ring', data: { userId, testId: id } }, { afterMs })
	);
	return { deliveryId: id, outcome: 'waiting', status: null };
}

/** The job `ring`: sends a test, once. */
export async function ring(
	deps: TestDeps,
	{ userId, testId }: { userId: string; testId: string }
): Promise<TestPushResponse> {
	const { db, now, tokens, publicOrigin } = deps;
	const sentAt = now();
	const deviceId = await claimPushTest(db.person, testId, sentAt);
	const subscription = deviceId && (await findSubscription(db.person, userId, deviceId));
	const finish = async (outcome: 'accepted' | 'gone' | 'failed', status: number | null) => {
		const acceptedAt = outcome === 'accepted' ? now() : null;
		await finishPushTest(db.person, testId, { outcome, status, acceptedAt });
		return { deliveryId: testId, outcome, status };
	};
	if (!deviceId) return { deliveryId: testId, outcome: 'failed', status: null };
	if (!subscription) return finish('gone', null);
	const deviceName = (await findDeviceName(db.person, userId, deviceId)) ?? '';
	const ackToken = tokens.ackTokenOf(testId);
	const { outcome, answer } = await deps.send({
		subscription,
		payload: () => composeTest({ deliveryId: testId, ackToken, publicOrigin, deviceName }),
		deadline: sentAt + TEST_TTL_MS,
		attempts: 1,
		unanswered: 1
	});
	await note(deps, subscription, outcome.do);
	const isKnown = outcome.do === 'accepted' || outcome.do === 'gone';
	const status = answer.kind === 'answered' ? answer.status : null;
	return finish(isKnown ? outcome.do : 'failed', status);
}

async function note(
	{ db, now }: Pick<TestDeps, 'db' | 'now'>,
	{ deviceId, endpoint }: SubscriptionRow,
	outcome: string
): Promise<void> {
	if (outcome === 'accepted') await noteAccepted(db.person, [deviceId], now());
	else if (outcome === 'gone' || outcome === 'needs_resubscribe')
		await markSubscription(db.person, endpoint, outcome);
}

/** How the person's test stands; undefined where it is nobody's or another's. */
export async function readTest(
	{ db, now }: Pick<TestDeps, 'db' | 'now'>,
	{ userId, id }: { userId: string; id: string }
): Promise<TestResult> {
	const row = await findPushTest(db.person, id);
	if (row?.ownerId !== userId)
		throw new DomainError('not_found', 'There is no such test.', { remedy: 'Send another one.' });
	const { deviceId, status, acceptedAt, shownAt, openedAt, didRing, sentAt: dueAt } = row;
	const latencyMs = shownAt === null ? null : Math.max(0, shownAt - dueAt);
	const said = verdictOf(row, latencyMs, now());
	const times = { dueAt, acceptedAt, shownAt, openedAt, latencyMs };
	return { testId: id, deviceId, ...said, status, ...times, didRing };
}

function verdictOf(
	row: PushTestRow,
	latencyMs: number | null,
	now: number
): Pick<TestResult, 'verdict' | 'text'> {
	const { outcome, status, sentAt, openedAt, didRing } = row;
	if (latencyMs !== null)
		return {
			verdict: 'delivered',
			text: `Shown ${(latencyMs / 1000).toFixed(1)} s after it was sent.`
		};
	if (openedAt !== null) return { verdict: 'delivered', text: 'Opened from the notification.' };
	if (didRing === true) return { verdict: 'delivered', text: 'You say that it rang.' };
	if (outcome === 'gone')
		return {
			verdict: 'no device',
			text: 'The registration has ended. Enable notifications again.'
		};
	if (outcome === 'failed')
		return {
			verdict: 'unreachable',
			text: `The push service did not take it${status === null ? '' : ` (status ${status})`}. Try again in a minute.`
		};
	if (now < sentAt + PATIENCE_MS)
		return {
			verdict: 'waiting',
			text: outcome === 'waiting' ? 'It goes out in a moment.' : 'It is on its way.'
		};
	return {
		verdict: 'not confirmed',
		text: 'The push service took it, and the device has not said that it showed it. Did it ring?'
	};
}

const notRegistered = () =>
	new DomainError('conflict', 'This device is not registered for notifications.', {
		remedy: 'Enable notifications on it, then send the test again.'
	});
