import type { AckRequest } from '#contract/push.ts';
import { drainAcks, type KeptAck, keepAck } from '../db/worker.ts';
import { askForSync } from './ask-for-sync.ts';

export interface AckDeps {
	fetch(path: string, init: RequestInit): Promise<Response>;
	keep(ack: KeptAck): Promise<void>;
	drain(send: (ack: KeptAck) => Promise<boolean>): Promise<void>;
	askForSync(): Promise<boolean>;
	/** By this device's clock; only ever used as a duration. */
	now(): number;
}

export const ackDeps: AckDeps = {
	fetch: (path, init) => fetch(path, init),
	keep: keepAck,
	drain: drainAcks,
	askForSync,
	now: Date.now
};

/** Tells the server what became of a push, now or at the next contact. Never rejects: the notification stands. */
export async function acknowledge(ack: AckRequest, deps: AckDeps = ackDeps): Promise<void> {
	const at = deps.now();
	if (await send(ack, deps)) return sendAcks(deps);
	// Without storage the proof is lost, nothing else.
	await deps.keep({ ...ack, at }).then(deps.askForSync, () => {});
}

/** Sends what is kept. Never rejects. */
export async function sendAcks(deps: AckDeps = ackDeps): Promise<void> {
	await deps.drain((kept) => send(waited(kept, deps.now()), deps)).catch(() => {});
}

/** A clock that was set back meanwhile would make it negative. */
const waited = ({ at, ...ack }: KeptAck, now: number): AckRequest =>
	at === undefined ? ack : { ...ack, waitedMs: Math.max(0, Math.round(now - at)) };

/** Whether the server has it, or will never take it. */
async function send(ack: AckRequest, { fetch }: AckDeps): Promise<boolean> {
	try {
		const { ok, status } = await fetch('/api/push/ack', {
			method: 'POST',
			// The token is the proof; the session may have ended.
			credentials: 'omit',
			keepalive: true,
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(ack)
		});
		return ok || (status >= 400 && status < 500 && status !== 429);
	} catch {
		return false;
	}
}
