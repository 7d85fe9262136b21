import type { AckRequest } from '#contract/push.ts';
import { drainAcks, keepAck } from '../db/worker.ts';
import { askForSync } from './ask-for-sync.ts';

export interface AckDeps {
	fetch(path: string, init: RequestInit): Promise<Response>;
	keep(ack: AckRequest): Promise<void>;
	drain(send: (ack: AckRequest) => Promise<boolean>): Promise<void>;
	askForSync(): Promise<boolean>;
}

export const ackDeps: AckDeps = {
	fetch: (path, init) => fetch(path, init),
	keep: keepAck,
	drain: drainAcks,
	askForSync
};

/** Tells the server what became of a push, now or at the next contact. Never rejects: the notification stands. */
export async function acknowledge(ack: AckRequest, deps: AckDeps = ackDeps): Promise<void> {
	if (await send(ack, deps)) return sendAcks(deps);
	// Without storage the proof is lost, nothing else.
	await deps.keep(ack).then(deps.askForSync, () => {});
}

/** Sends what is kept. Never rejects. */
export async function sendAcks(deps: AckDeps = ackDeps): Promise<void> {
	await deps.drain((kept) => send(kept, deps)).catch(() => {});
}

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
