import { Me } from '#contract/auth.ts';
import { nextBatch } from '../db/outbox.ts';
import { openOutbox } from '../db/schema.ts';
import { FLUSH_TAG, flushLock } from '../sync/flusher.ts';
import { flush } from '../sync/push.ts';
import { type Request, request } from '../sync/request.ts';
import { sendAcks } from './ack.ts';
import { sendSnoozes } from './snooze.ts';

/** What the handler needs of a SyncEvent (Background Synchronization, section 3.4). */
export interface SyncArrival {
	readonly tag: string;
	waitUntil(work: Promise<unknown>): void;
}

export interface FlushDeps {
	request: Request;
	/** Runs alone in the browser, or rejects where a page is sending. */
	alone(lock: string, work: () => Promise<void>): Promise<void>;
	/** What was told by notifications without a connection, beside the outbox. Never rejects. */
	sendKept(): Promise<void>;
}

const flushDeps: FlushDeps = {
	request,
	alone: (name, work) =>
		navigator.locks.request(name, { ifAvailable: true }, (lock) => {
			if (!lock) throw new Error('A page is sending.');
			return work();
		}),
	async sendKept() {
		await sendSnoozes().catch(() => {});
		await sendAcks();
	}
};

/** The connection is back: sends what is queued, also with no page open. When it fails the browser tries again. */
export function onSync(event: SyncArrival, deps: FlushDeps = flushDeps): void {
	if (event.tag === FLUSH_TAG) event.waitUntil(flushAll(deps));
}

async function flushAll(deps: FlushDeps): Promise<void> {
	await deps.sendKept();
	await flushOfSignedIn(deps);
}

/**
 * A push has come, so there is a connection: what still waits here goes now, since hardly a browser says when the
 * connection is back. `userId`: whose push it is. Never rejects.
 */
export async function catchUp(
	userId: string | undefined,
	deps: FlushDeps = flushDeps
): Promise<void> {
	await deps.sendKept();
	if (userId && (await hasQueued(userId).catch(() => false)))
		await flushOfSignedIn(deps).catch(() => {});
}

async function hasQueued(userId: string): Promise<boolean> {
	const outbox = openOutbox(userId);
	try {
		return (await nextBatch(outbox, 1)).length > 0;
	} finally {
		outbox.close();
	}
}

/** A page has opened: it sends its outbox itself, and what else is kept goes now. */
export function onContact(
	event: { readonly data: unknown; waitUntil(work: Promise<unknown>): void },
	{ sendKept }: Pick<FlushDeps, 'sendKept'> = flushDeps
): void {
	const { type } = (event.data ?? {}) as { type?: unknown };
	if (type === 'identity') event.waitUntil(sendKept());
}

/** Sends the outbox of whoever is signed in; rejects where a page is sending, or nothing can be sent. */
export async function flushOfSignedIn({
	request,
	alone
}: Pick<FlushDeps, 'request' | 'alone'> = flushDeps): Promise<void> {
	// The cookie decides whose name goes under a reply, so it also decides whose outbox is sent.
	const { user } = await request({ method: 'GET', path: '/api/me', schema: Me });
	const outbox = openOutbox(user.id);
	try {
		await alone(flushLock(user.id), async () => {
			const { signal } = new AbortController();
			await flush({ outbox, userId: user.id, request, wallNow: Date.now, signal });
		});
	} finally {
		outbox.close();
	}
}
