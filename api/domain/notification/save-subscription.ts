import type { SubscriptionRequest, SubscriptionResponse } from '#contract/push.ts';
import { isStopped, setStopped, upsertDevice } from '../../store/device.ts';
import { saveSubscription as save } from '../../store/push-subscription.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { SILENT_AFTER_MS, SILENT_PUSHES } from './health.ts';

/** What the push side knows about subscriptions. */
export interface SubscriptionRules {
	key(): Promise<{ keyId: string }>;
	/** Why pushes may not go to an endpoint; null: they may. */
	refuseEndpoint(endpoint: string): string | null;
}

/** Bytes of an uncompressed P-256 point and of an authentication secret (RFC 8291, section 3.2). */
const POINT_BYTES = 65;
const SECRET_BYTES = 16;

/**
 * Brings the server's record in line with what a browser of the signed-in person holds, at every open. What the person
 * has stopped stays so until they enable it. The answer says whether the browser has to subscribe anew, or to end it.
 */
export async function saveSubscription(
	ctx: AgentCtx,
	rules: SubscriptionRules,
	request: SubscriptionRequest
): Promise<SubscriptionResponse> {
	refuseBadKeys(request.keys);
	const refusal = rules.refuseEndpoint(request.endpoint);
	if (refusal)
		throw invalid('endpoint', `is ${refusal}`, 'Use a browser whose push service is known here.');
	const { keyId } = await rules.key();
	const { userId, sessionDigest } = ctx.actor;
	const { deviceId, deviceName, endpoint, keys, isStandalone, isEnabling } = request;
	const at = ctx.now();
	const saved = await ctx.db.personTx(async (tx) => {
		const device = { id: deviceId, userId, sessionDigest, name: deviceName, seenAt: at };
		if (!(await upsertDevice(tx, device)))
			throw new DomainError('conflict', 'This device belongs to somebody else.', {
				field: 'deviceId',
				remedy: 'Sign out and in again.'
			});
		if (isEnabling) await setStopped(tx, { userId, id: deviceId, isStopped: false });
		else if (await isStopped(tx, deviceId)) return null;
		const input = { deviceId, userId, endpoint, keys, keyId: request.keyId, isStandalone, at };
		return save(tx, input, request.keyId === keyId);
	});
	if (!saved) return { state: 'stopped' };
	// It took pushes and showed none, and now it is seen. What is still on its way to it may yet come.
	if (saved.unconfirmed >= SILENT_PUSHES)
		await ctx.db.team(userId, (tx) =>
			ctx.enqueue(
				tx,
				{ name: 'prove', data: { userId, deviceId } },
				{ afterMs: SILENT_AFTER_MS + 1000 }
			)
		);
	return { state: saved.state === 'live' ? 'live' : 'needs_resubscribe' };
}

function refuseBadKeys({ p256dh, auth }: SubscriptionRequest['keys']): void {
	const point = Buffer.from(p256dh, 'base64url');
	if (point.length !== POINT_BYTES || point[0] !== 4)
		throw invalid('keys.p256dh', 'must be an uncompressed P-256 point', 'Send the browser’s own.');
	if (Buffer.from(auth, 'base64url').length !== SECRET_BYTES)
		throw invalid('keys.auth', `must be ${SECRET_BYTES} bytes`, 'Send the browser’s own.');
}

const invalid = (field: string, reason: string, remedy: string) =>
	new DomainError('invalid', `${field} ${reason}.`, { field, remedy });
