import { createHmac, randomBytes } from 'node:crypto';
import type { Ctx } from '../domain/context.ts';
import { tellByMailInstead } from '../domain/notification/tell-admins.ts';
import { noteOnLadder } from '../store/ladder.ts';
import { findTeamSettings } from '../store/notification-team-settings.ts';
import { findWaitingCall, noteCall, type WebhookCallRow } from '../store/webhook-call.ts';
import { refuseUrl } from './endpoint-policy.ts';
import { type PublicAgent, post } from './https-post.ts';
import type { Answer } from './outcome.ts';
import { seal, unseal } from './secrets.ts';

const TIMEOUT_MS = 10_000;
/** Somebody waits: after about two minutes of tries mail takes the webhook's place. */
const ATTEMPTS_MAX = 7;
const SECRET_BYTES = 32;
const SEALED = 'webhook';
const UNREADABLE = 'its secret cannot be read and must be renewed';

/** A new secret as Standard Webhooks writes them, and as the database keeps it. */
export function newWebhookSecret(secretKey: string): string {
	return seal(secretKey, SEALED, `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`);
}

/** As its receiver knows it; null where another SECRET_KEY has sealed it. */
export function shownWebhookSecret(secretKey: string, sealed: string): string | null {
	try {
		return unseal(secretKey, SEALED, sealed);
	} catch {
		return null;
	}
}

/** Standard Webhooks 1.0, "Webhook headers": HMAC-SHA-256 over id, time and body. */
export function signatureOf(
	secret: string,
	{ id, timestamp, body }: { id: string; timestamp: number; body: string }
): string {
	const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
	const text = `${id}.${timestamp}.${body}`;
	return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

export interface WebhookDeps extends Ctx<{ kind: 'system' }> {
	agent: PublicAgent;
	secretKey: string;
	publicOrigin: string;
}

/** The job `webhook`: makes one call; throws where it is worth another try. One that is given up falls back to mail. */
export async function callWebhook(
	deps: WebhookDeps,
	{ teamId, callId }: { teamId: string; callId: string }
): Promise<void> {
	const { db, now, publicOrigin } = deps;
	const found = await db.team(teamId, async (tx) => ({
		call: await findWaitingCall(tx, callId),
		settings: await findTeamSettings(tx)
	}));
	const { call, settings } = found;
	if (!call) return;
	const answer = await send(deps, call, settings?.webhookSecret ?? null);
	const status = answer.kind === 'answered' ? answer.status : null;
	const isTaken = status !== null && status >= 200 && status < 300;
	const said = answer.kind === 'answered' ? `status ${answer.status}` : answer.reason;
	// 410: the receiver wants no more of them (Standard Webhooks, "Delivery"). No later try reads a secret either.
	const isHopeless = status === 410 || said === UNREADABLE;
	const isGivenUp = isHopeless || call.attempts + 1 >= ATTEMPTS_MAX;
	const state = isTaken ? 'sent' : isGivenUp ? 'failed' : 'waiting';
	const result = { state, status, problem: isTaken ? null : said, at: now() } as const;
	await db.team(teamId, async (tx) => {
		// Another process may have had the same job: what it has noted stands.
		const isNoted = await noteCall(tx, callId, result);
		const { ladderId } = call;
		if (!isNoted || !ladderId) return;
		const detail = `The team’s webhook took it (${said}).`;
		if (state === 'sent') await noteOnLadder(tx, ladderId, { at: now(), detail });
		if (state === 'failed')
			await tellByMailInstead({ ...deps, tx }, { ladderId, problem: said, publicOrigin });
	});
	if (state === 'failed')
		deps.log.warn({ teamId, status, problem: said }, 'a webhook was given up');
	if (state === 'waiting') throw new Error(`the webhook did not take it: ${said}`);
}

async function send(
	{ agent, now, secretKey }: WebhookDeps,
	{ id, url, body }: WebhookCallRow,
	sealed: string | null
): Promise<Answer> {
	const refusal = refuseUrl(url);
	if (refusal) return { kind: 'unreached', reason: `the address is ${refusal}` };
	if (sealed === null) return { kind: 'unreached', reason: 'there is no secret' };
	const secret = shownWebhookSecret(secretKey, sealed);
	if (secret === null) return { kind: 'unreached', reason: UNREADABLE };
	const timestamp = Math.floor(now() / 1000);
	const headers = {
		'Content-Type': 'application/json',
		'webhook-id': id,
		'webhook-timestamp': String(timestamp),
		'webhook-signature': signatureOf(secret, { id, timestamp, body })
	};
	return post(agent, { url, headers, body, timeoutMs: TIMEOUT_MS });
}
