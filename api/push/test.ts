import type { TestResult } from '#contract/notifications.ts';
import type { TestPushResponse } from '#contract/push.ts';
import { DomainError } from '../domain/errors.ts';
import { findDeviceName } from '../store/device.ts';
import {
	findSubscription,
	markSubscription,
	noteAccepted,
	noteFailed
} from '../store/push-subscription.ts';
import {
	claimPushTest,
	findPushTest,
	finishPushTest,
	insertPushTest,
	type PushTestRow,
	putOffPushTest,
	type TestOutcome
} from '../store/push-test.ts';
import { composeTest } from './compose.ts';
import type { NotifyDeps } from './notify.ts';
import { type Answer, wordsOf } from './outcome.ts';
import { digestOf } from './secrets.ts';
import { reasonOf } from './send-due.ts';
import type { Result } from './sender.ts';

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

/** The job `ring`: sends a test, once; later, as long as it is worth that, where its push service has to be waited for. */
export async function ring(
	deps: TestDeps,
	{ userId, testId }: { userId: string; testId: string }
): Promise<TestPushResponse> {
	const { db, now, tokens, publicOrigin } = deps;
	const sentAt = now();
	const claimed = await claimPushTest(db.person, testId, sentAt);
	const deviceId = claimed?.deviceId;
	const triedAt = claimed?.triedAt ?? sentAt;
	const deadline = triedAt + TEST_TTL_MS;
	const subscription = deviceId && (await findSubscription(db.person, userId, deviceId));
	const finish = async (outcome: TestOutcome, answer?: Answer): Promise<TestPushResponse> => {
		const isTaken = outcome === 'accepted';
		const status = answer?.kind === 'answered' ? answer.status : null;
		const reason = answer && !isTaken ? wordsOf(answer) : null;
		const acceptedAt = isTaken ? now() : null;
		// Together: a device that says meanwhile that it has shown the test is heard after it was counted.
		await db.personTx(async (tx) => {
			const end = { outcome, status, reason, acceptedAt };
			const { isConfirmed } = await finishPushTest(tx, testId, end);
			if (acceptedAt !== null && deviceId)
				await noteAccepted(tx, [{ deviceId, isConfirmed, deadline }], acceptedAt);
		});
		return {
			deliveryId: testId,
			outcome: isTaken || outcome === 'gone' ? outcome : 'failed',
			status
		};
	};
	if (!deviceId) return { deliveryId: testId, outcome: 'failed', status: null };
	if (!subscription) return finish('gone');
	const deviceName = (await findDeviceName(db.person, userId, deviceId)) ?? '';
	const ackToken = tokens.ackTokenOf(testId);
	const result = await deps.send({
		id: testId,
		subscription,
		payload: () => composeTest({ deliveryId: testId, ackToken, publicOrigin, deviceName }),
		deadline,
		attempts: 1,
		unanswered: 1
	});
	const afterMs = putOffMs(result);
	if (afterMs !== null) return putOff(deps, { userId, testId, triedAt, result, afterMs });
	const { do: what } = result.outcome;
	if (what === 'gone' || what === 'needs_resubscribe')
		await markSubscription(db.person, subscription.endpoint, what);
	else if (what !== 'accepted')
		await noteFailed(db.person, deviceId, { at: now(), reason: reasonOf(result.answer) });
	return finish(outcomeOf(result), result.answer);
}

/** How long a push service wants to be waited for; null where the test is not put off, and says what came back. */
function putOffMs({ outcome, answer, isPostponed }: Result): number | null {
	const isAsked = isPostponed || (answer.kind === 'answered' && answer.retryAfter !== null);
	return outcome.do === 'retry' && isAsked ? outcome.afterMs : null;
}

async function putOff(
	{ db, jobs }: TestDeps,
	about: { userId: string; testId: string; triedAt: number; result: Result; afterMs: number }
): Promise<TestPushResponse> {
	const { userId, testId, triedAt, afterMs } = about;
	const { answer } = about.result;
	const status = answer.kind === 'answered' ? answer.status : null;
	await db.team(userId, async (tx) => {
		await putOffPushTest(tx, testId, { triedAt, status, reason: wordsOf(answer) });
		await jobs.enqueue(tx, { name: 'ring', data: { userId, testId } }, { afterMs });
	});
	return { deliveryId: testId, outcome: 'waiting', status };
}

function outcomeOf({ outcome, answer }: Result): TestOutcome {
	if (outcome.do === 'accepted' || outcome.do === 'gone') return outcome.do;
	if (outcome.do === 'needs_resubscribe') return 'stale';
	if (answer.kind === 'unreached') return 'unsent';
	return answer.kind === 'ambiguous' ? 'unanswered' : 'failed';
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
	const { outcome, reason, sentAt, openedAt, didRing } = row;
	if (latencyMs !== null)
		return {
			verdict: 'delivered',
			text: `Shown ${(latencyMs / 1000).toFixed(1)} s after it was sent.`
		};
	if (openedAt !== null) return { verdict: 'delivered', text: 'Opened from the notification.' };
	if (didRing === true) return { verdict: 'delivered', text: 'You say that it rang.' };
	if (outcome === 'gone' || outcome === 'stale')
		return {
			verdict: 'no device',
			text: `The registration has ${outcome === 'gone' ? 'ended' : 'to be renewed'}. Enable notifications again.`
		};
	// What had no answer may be shown all the same.
	const isSettled = outcome === 'failed' || outcome === 'unsent';
	if (outcome === 'waiting' && reason !== null && now < sentAt + TEST_TTL_MS)
		return { verdict: 'waiting', text: `It has to wait (${reason}), and is tried again.` };
	if (!isSettled && now < sentAt + PATIENCE_MS)
		return {
			verdict: 'waiting',
			text: outcome === 'waiting' ? 'It goes out in a moment.' : 'It is on its way.'
		};
	if (outcome !== 'accepted')
		return { verdict: 'unreachable', text: `${whyNotTaken(row)}. Try again in a minute.` };
	const said =
		didRing === false
			? 'you say that it did not ring.'
			: 'the device has not said that it showed it. Did it ring?';
	return { verdict: 'not confirmed', text: `The push service took it, and ${said}` };
}

/** Never more than is known: what no push service is known to have taken may have gone out all the same. */
function whyNotTaken({ outcome, reason, status }: PushTestRow): string {
	const why = reason === null ? '' : ` (${reason})`;
	const isPutOff = outcome === 'waiting' && reason !== null;
	if (outcome === 'failed' || (isPutOff && status !== null))
		return `The push service did not take it${why}`;
	if (outcome === 'unsent' || isPutOff) return `It was not sent${why}`;
	// The server's work stands still, or it ended before it wrote down what came of the request.
	return outcome === 'waiting'
		? 'It was not sent: the server has not come to it in time'
		: `It is not known whether the push service took it${why || ' (no answer in time)'}`;
}

const notRegistered = () =>
	new DomainError('conflict', 'This device is not registered for notifications.', {
		remedy: 'Enable notifications on it, then send the test again.'
	});
