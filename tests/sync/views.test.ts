import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { expect, test } from 'vitest';
import type { Conversation, Message } from '#contract/entities.ts';
import { newId } from '#contract/ids.ts';
import { openCache, openOutbox } from '../../src/lib/db/schema.ts';
import { assign } from '../../src/lib/intents/assign.ts';
import { claim } from '../../src/lib/intents/claim.ts';
import { markRead } from '../../src/lib/intents/mark-read.ts';
import type { Writer } from '../../src/lib/intents/queue.ts';
import { reply } from '../../src/lib/intents/reply.ts';
import { resolve } from '../../src/lib/intents/resolve.ts';
import {
	groupViews,
	isForMe,
	loadView,
	loadViews
} from '../../src/lib/state/conversation-views.ts';

const OPEN = { show: 'open', botId: null } as const;

/** A person with empty databases and nobody to send to. */
function newWriter(): Writer {
	const factory = { indexedDB: new IDBFactory(), IDBKeyRange };
	const userId = newId();
	return {
		cache: openCache(userId, factory),
		outbox: openOutbox(userId, factory),
		userId,
		teamId: newId(),
		deviceId: newId(),
		newId,
		wallNow: () => 5000,
		flush() {}
	};
}

/** Puts a conversation that waits since `escalatedAt` into the cache. */
async function cached(
	{ cache, teamId }: Writer,
	given: Partial<Conversation> = {}
): Promise<Conversation> {
	const visitor = {
		id: newId(),
		name: 'Kenji',
		email: null,
		isVerified: false,
		browser: null,
		pageUrl: null,
		pageTitle: null
	};
	const conversation: Conversation = {
		id: newId(),
		botId: newId(),
		state: 'pending',
		assigneeId: null,
		seq: 2,
		visitor,
		createdAt: 1000,
		lastMessageAt: 1000,
		escalatedAt: 1000,
		answeredAt: null,
		rungAt: null,
		escalation: null,
		preview: { authorKind: 'visitor', authorId: visitor.id, body: 'Hello?' },
		visitorReadSeq: 0,
		...given
	};
	await cache.conversations.put({ ...conversation, teamId });
	return conversation;
}

test('who waits longest is first, then yours, then everyone else’s', async () => {
	const here = newWriter();
	const late = await cached(here, { escalatedAt: 3000 });
	const early = await cached(here, { escalatedAt: 2000 });
	const mine = await cached(here, { state: 'unresolved', assigneeId: here.userId });
	const theirs = await cached(here, { state: 'unresolved', assigneeId: newId() });
	await cached(here, { state: 'bot', escalatedAt: null });
	await cached(here, { state: 'resolved' });
	const groups = groupViews(await loadViews(here), OPEN, here.userId);
	const ids = (views: typeof groups.waiting) => views.map(({ conversation }) => conversation.id);
	expect(ids(groups.waiting)).toEqual([early.id, late.id]);
	expect(ids(groups.yours)).toEqual([mine.id]);
	expect(ids(groups.others)).toEqual([theirs.id]);
});

test.each<[string, (userId: string) => Partial<Conversation>, boolean]>([
	['waits for anybody', () => ({}), true],
	['was given to this person, who has not answered', (assigneeId) => ({ assigneeId }), true],
	['waits for a colleague', () => ({ assigneeId: newId() }), false],
	['is being answered', (assigneeId) => ({ assigneeId, state: 'unresolved' }), false],
	['talks to the bot', () => ({ state: 'bot' }), false],
	['has gone', () => ({ state: 'resolved' }), false]
])('a visitor who %s counts on the icon: %o', async (_, given, counts) => {
	const here = newWriter();
	const { id } = await cached(here, given(here.userId));
	const view = await loadView(here, id);
	expect(view && isForMe(view, here.userId)).toBe(counts);
});

test('a visitor without a word is shown by what was pressed, until there are words', async () => {
	const here = newWriter();
	const silent = await cached(here, { preview: null });
	const withBot = await cached(here, { preview: null, state: 'bot', escalatedAt: null });
	expect(await loadView(here, silent.id)).toMatchObject({ preview: 'Pressed “Talk to a person”' });
	expect(await loadView(here, withBot.id)).toMatchObject({ preview: '' });
	await reply(here, { conversationId: silent.id, body: 'Hello', baseSeq: 2 });
	expect(await loadView(here, silent.id)).toMatchObject({ preview: 'Hello' });
});

test('an unsent reply shows as the preview and takes the conversation', async () => {
	const here = newWriter();
	const { id } = await cached(here);
	await reply(here, { conversationId: id, body: 'On it', baseSeq: 2 });
	expect(await loadView(here, id)).toMatchObject({
		preview: 'On it',
		isMinePreview: true,
		isUnread: false,
		unsentCount: 1,
		waitingSince: null,
		conversation: { state: 'unresolved', assigneeId: here.userId }
	});
});

test('a reply that is in the cache already is not done twice', async () => {
	const here = newWriter();
	const { cache, outbox, teamId } = here;
	const { id } = await cached(here, {
		preview: { authorKind: 'visitor', authorId: newId(), body: 'Thanks!' }
	});
	await reply(here, { conversationId: id, body: 'On it', baseSeq: 2 });
	const [row] = await outbox.rows.toArray();
	if (row?.call.name !== 'reply') throw new Error('no reply was queued');
	const message = { id: row.call.args.messageId, conversationId: id, seq: 3 } as Message;
	await cache.messages.put({ ...message, teamId });
	expect(await loadView(here, id)).toMatchObject({ preview: 'Thanks!', unsentCount: 0 });
});

test('what was refused is not shown as done', async () => {
	const here = newWriter();
	const { id } = await cached(here);
	await claim(here, id);
	expect(await loadView(here, id)).toMatchObject({ conversation: { assigneeId: here.userId } });
	await here.outbox.rows.toCollection().modify({ state: 'failed' });
	expect(await loadView(here, id)).toMatchObject({ conversation: { assigneeId: null } });
});

test('the last of several queued choices is what shows', async () => {
	const here = newWriter();
	const { id } = await cached(here);
	const agentId = newId();
	await claim(here, id);
	await assign(here, { conversationId: id, agentId, expectedId: here.userId });
	await resolve(here, id);
	expect(await loadView(here, id)).toMatchObject({
		conversation: { assigneeId: agentId, state: 'resolved' },
		waitingSince: null
	});
});

test('what waits behind a reply that needs a look is not shown as done', async () => {
	const here = newWriter();
	const { id } = await cached(here);
	await reply(here, { conversationId: id, body: 'On it', baseSeq: 2 });
	await resolve(here, id);
	expect(await loadView(here, id)).toMatchObject({ conversation: { state: 'resolved' } });
	await here.outbox.rows.where({ n: 1 }).modify({ state: 'review' });
	expect(await loadView(here, id)).toMatchObject({
		unsentCount: 1,
		conversation: { state: 'pending', assigneeId: null }
	});
});

test('reading is queued once, and the newest mark alone', async () => {
	const here = newWriter();
	const { id } = await cached(here);
	expect(await loadView(here, id)).toMatchObject({ isUnread: true });
	await markRead(here, { conversationId: id, seq: 1 });
	await markRead(here, { conversationId: id, seq: 2 });
	await markRead(here, { conversationId: id, seq: 2 });
	expect(await here.outbox.rows.toArray()).toMatchObject([{ call: { args: { seq: 2 } } }]);
	expect(await loadView(here, id)).toMatchObject({ isUnread: false, unsentCount: 0 });
});
