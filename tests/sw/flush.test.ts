import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { MutationsRequest } from '#contract/mutations.ts';
import { openOutbox } from '../../src/lib/db/schema.ts';
import { note } from '../../src/lib/intents/note.ts';
import type { Writer } from '../../src/lib/intents/queue.ts';
import { catchUp, type FlushDeps, onContact, onSync } from '../../src/lib/sw/flush.ts';
import { FLUSH_TAG } from '../../src/lib/sync/flusher.ts';
import { ApiFailure, createRequest } from '../../src/lib/sync/request.ts';

/** A person of this browser with one queued note. */
async function writer(body: string): Promise<Writer> {
	const userId = newId();
	const outbox = openOutbox(userId);
	const given = {
		outbox,
		userId,
		teamId: newId(),
		deviceId: newId(),
		newId,
		wallNow: Date.now,
		flush() {}
	} as unknown as Writer;
	await note(given, { conversationId: newId(), body });
	return given;
}

/** A server where `userId` is signed in, or nobody; keeps what it is sent. */
function serverOf(userId: string | null): FlushDeps & { bodies: string[] } {
	const bodies: string[] = [];
	const user = {
		id: userId,
		email: '',
		firstName: '',
		lastName: '',
		avatar: null,
		isAutoReturn: false
	};
	const error = { code: 'unauthenticated', message: 'Nobody is signed in.' };
	return {
		bodies,
		alone: (_, work) => work(),
		async sendKept() {
			bodies.push('kept');
		},
		request: createRequest(async (path, init) => {
			if (!userId) return Response.json({ error }, { status: 401 });
			if (path === '/api/me') return Response.json({ protocol: 1, user, teams: [] });
			const { mutations } = JSON.parse(String(init.body)) as MutationsRequest;
			for (const { call } of mutations) if (call.name === 'note') bodies.push(call.args.body);
			return Response.json({ results: mutations.map(({ id }) => ({ id, outcome: 'applied' })) });
		})
	};
}

/** Runs the handler; resolves or rejects as what it asked the browser to wait for. */
async function sync(deps: FlushDeps, tag = FLUSH_TAG): Promise<void> {
	const work: Promise<unknown>[] = [];
	onSync({ tag, waitUntil: (promise) => work.push(promise) }, deps);
	await Promise.all(work);
}

test('with no page open, the signed-in person’s outbox is sent, and nobody else’s', async () => {
	const [ann, ben] = [await writer('by Ann'), await writer('by Ben')];
	const server = serverOf(ann.userId);
	await sync(server);
	expect(server.bodies).toEqual(['kept', 'by Ann']);
	expect(await ann.outbox.rows.toArray()).toMatchObject([{ state: 'sent' }]);
	expect(await ben.outbox.rows.toArray()).toMatchObject([{ state: 'queued' }]);
});

test('where nobody is signed in nothing is sent, and the browser is told that it failed', async () => {
	const ann = await writer('by Ann');
	await expect(sync(serverOf(null))).rejects.toThrow(ApiFailure);
	expect(await ann.outbox.rows.toArray()).toMatchObject([{ state: 'queued' }]);
});

test('another sync than ours is left alone', async () => {
	const ann = await writer('by Ann');
	const server = serverOf(ann.userId);
	await sync(server, 'something-else');
	expect(server.bodies).toEqual([]);
});

test('a push is a sign of a connection: what its person has queued is sent, nobody else’s, and nothing asked for nothing', async () => {
	const [ann, ben] = [await writer('by Ann'), await writer('by Ben')];
	const server = serverOf(ann.userId);
	await catchUp(ann.userId, server);
	expect(server.bodies).toEqual(['kept', 'by Ann']);
	expect(await ben.outbox.rows.toArray()).toMatchObject([{ state: 'queued' }]);
	const { request: refuse } = serverOf(null);
	await catchUp(ann.userId, { ...server, request: refuse });
	await catchUp(ben.userId, { ...server, request: refuse });
	await catchUp(undefined, server);
	expect(server.bodies).toEqual(['kept', 'by Ann', 'kept', 'kept', 'kept']);
});

test('a page that opens has what is kept sent; other messages do not', async () => {
	const server = serverOf(newId());
	const work: Promise<unknown>[] = [];
	const waitUntil = (promise: Promise<unknown>) => void work.push(promise);
	for (const data of [{ type: 'identity' }, { type: 'signed-out' }, null, 'identity'])
		onContact({ data, waitUntil }, server);
	await Promise.all(work);
	expect(server.bodies).toEqual(['kept']);
});
