import { createHmac, randomBytes } from 'node:crypto';
import type { Agent } from 'node:https';
import type { Log } from '../domain/context.ts';
import type { Db } from '../store/db.ts';
import { findTeamSettings } from '../store/notification-team-settings.ts';
import { raiseAlarm } from '../store/push-alarm.ts';
import { findWaitingCall, noteCall, type WebhookCallRow } from '../store/webhook-call.ts';
import { refuseUrl } from './endpoint-policy.ts';
import { post } from './https-post.ts';
import type { Answer } from './outcome.ts';
import { seal, unseal } from './secrets.ts';

const TIMEOUT_MS = 10_000;
const ATTEMPTS_MAX = 15;
const SECRET_BYTES = 32;
const SEALED = 'webhook';

/** A new secret as Standard Webhooks writes them, and as the database keeps it. */
export function newWebhookSecret(secretKey: string): string {
	return seal(secretKey, SEALED, `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`);
}

export const shownWebhookSecret = (secretKey: string, sealed: string): string =>
	unseal(secretKey, SEALED, sealed);

/** Standard Webhooks 1.0, "Webhook headers": HMAC-SHA-256 over id, time and body. */
export function signatureOf(
	secret: string,
	{ id, timestamp, body }: { id: string; timestamp: number; body: string }
): string {
	const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
	const text = `${id}.${timestamp}.${body}`;
	return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

export interface WebhookDeps {
	db: Db;
	now(): number;
	log: Log;
	agent: Agent;
	secretKey: string;
}

/** The job `webhook`: makes one call; throws where it is worth another try. */
export async function callWebhook(
	deps: WebhookDeps,
	{ teamId, callId }: { teamId: string; callId: string }
): Promise<void> {
	const { db, now } = deps;
	const found = await db.team(teamId, async (tx) => ({
		call: await findWaitingCall(tx, callId),
		settings: await findTeamSettings(tx)
	}));
	const { call, settings } = found;
	if (!call) return;
	const answer = await send(deps, call, settings?.webhookSecret ?? null);
	const status = answer.kind === 'answered' ? answer.status : null;
	const isTaken = status !== null && status >= 200 && status < 300;
	const problem = isTaken ? null : status === null ? reasonOf(answer) : `status ${status}`;
	// 410: the receiver wants no more of them (Standard Webhooks, "Delivery").
	const isGivenUp = status === 410 || call.attempts + 1 >= ATTEMPTS_MAX;
	const state = isTaken ? 'sent' : isGivenUp ? 'failed' : 'waiting';
	await db.team(teamId, (tx) => noteCall(tx, callId, { state, status, problem, at: now() }));
	if (state === 'failed') {
		deps.log.warn({ teamId, status, problem }, 'a webhook was given up');
		const what = problem ?? 'failed';
		const service = new URL(call.url).host;
		await raiseAlarm(db.person, { service, what, reason: null, at: now() });
	}
	if (state === 'waiting') throw new Error(`the webhook did not take it: ${problem}`);
}

const reasonOf = (answer: Answer): string => (answer.kind === 'answered' ? '' : answer.reason);

async function send(
	{ agent, now, secretKey }: WebhookDeps,
	{ id, url, body }: WebhookCallRow,
	sealed: string | null
): Promise<Answer> {
	const refusal = refuseUrl(url);
	if (refusal) return { kind: 'unreached', reason: `the address is ${refusal}` };
	if (sealed === null) return { kind: 'unreached', reason: 'there is no secret' };
	const timestamp = Math.floor(now() / 1000);
	const headers = {
		'Content-Type': 'application/json',
		'webhook-id': id,
		'webhook-timestamp': timestamp,
		'webhook-signature': signatureOf(unseal(secretKey, SEALED, sealed), { id, timestamp, body })
	};
	return post(agent, { url, headers, body, timeoutMs: TIMEOUT_MS });
}
