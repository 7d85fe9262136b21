import { newId } from '#contract/ids.ts';
import { drainSnoozes, type KeptSnooze, keepSnooze } from '../db/worker.ts';
import { untilSent } from './until-sent.ts';

export interface SnoozeDeps {
	fetch(path: string, init: RequestInit): Promise<Response>;
	keep(snooze: KeptSnooze): Promise<void>;
	drain(send: (snooze: KeptSnooze) => Promise<boolean>): Promise<void>;
	untilSent(send: () => Promise<boolean>): Promise<void>;
	/** By this device's clock; only ever used as a duration. */
	now(): number;
}

const snoozeDeps: SnoozeDeps = {
	fetch: (path, init) => fetch(path, init),
	keep: keepSnooze,
	drain: drainSnoozes,
	untilSent,
	now: Date.now
};

/** *Snooze* was pressed: kept first, then sent, now or when there is a connection. The id makes it count once. */
export async function snooze(token: string, deps: SnoozeDeps = snoozeDeps): Promise<void> {
	await deps.keep({ token, id: newId(), pressedAt: deps.now() });
	await deps.untilSent(() => sendSnoozes(deps));
}

/** Sends what is kept, and tells whether nothing is left. */
export async function sendSnoozes(deps: SnoozeDeps = snoozeDeps): Promise<boolean> {
	let isLeft = false;
	await deps.drain(async (kept) => {
		const isSent = await send(kept, deps);
		isLeft ||= !isSent;
		return isSent;
	});
	return !isLeft;
}

/** Whether the server has it, or will never take it. */
async function send(
	{ token, id, pressedAt }: KeptSnooze,
	{ fetch, now }: SnoozeDeps
): Promise<boolean> {
	// A clock that was set back meanwhile would make it negative.
	const waitedMs = Math.max(0, Math.round(now() - pressedAt));
	try {
		const { ok, status } = await fetch('/api/push/snooze', {
			method: 'POST',
			credentials: 'omit',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ token, id, waitedMs })
		});
		return ok || (status >= 400 && status < 500 && status !== 429);
	} catch {
		return false;
	}
}
