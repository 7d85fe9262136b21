import { newId } from '#contract/ids.ts';
import { LIMITS } from '#contract/limits.ts';
import type { MutationCall } from '#contract/mutations.ts';
import { addRow } from '../db/outbox.ts';
import { openOutbox } from '../db/schema.ts';
import { getIdentity, type Identity } from '../db/worker.ts';
import { flushOfSignedIn } from './flush.ts';
import type { NoticeData } from './notice.ts';
import { untilSent } from './until-sent.ts';

export type NoticeAct = { name: 'claim' } | { name: 'reply'; body: string };

export interface ActDeps {
	/** Of whoever is signed in; null: nobody. */
	identity(): Promise<Identity | null>;
	flush(): Promise<void>;
	untilSent(send: () => Promise<boolean>): Promise<void>;
	/** By this device's clock. */
	now(): number;
}

const actDeps: ActDeps = {
	identity: () => getIdentity(),
	flush: () => flushOfSignedIn(),
	untilSent,
	now: Date.now
};

/**
 * Does what was pressed or written in a notification as the person's own outbox does it: queued first, sent now or
 * when there is a connection, once. Nothing is done where that person has signed out of this browser.
 */
export async function act(
	data: NoticeData,
	what: NoticeAct,
	deps: ActDeps = actDeps
): Promise<void> {
	const { userId, teamId, conversationId, seq } = data;
	const me = await deps.identity();
	if (!userId || !teamId || !conversationId || !me) return;
	// A notification may outlive the stay of the person it was for.
	if (me.userId !== undefined && me.userId !== userId) return;
	const { deviceId } = me;
	const call: MutationCall =
		what.name === 'claim'
			? { name: 'claim', args: { conversationId } }
			: { name: 'reply', args: replyTo({ conversationId, seq: seq ?? 0, body: what.body }) };
	const outbox = openOutbox(userId);
	try {
		await addRow(outbox, {
			...{ id: newId(), deviceId, teamId, call, createdAt: deps.now() },
			...{ state: 'queued', isReviewed: false, error: null }
		});
	} finally {
		outbox.close();
	}
	await deps.untilSent(async () => {
		await deps.flush();
		return true;
	});
}

const replyTo = ({
	conversationId,
	seq,
	body
}: {
	conversationId: string;
	seq: number;
	body: string;
}) => ({
	conversationId,
	messageId: newId(),
	body: body.slice(0, LIMITS.messageBody),
	baseSeq: seq
});
