import type { MutationCall, MutationResult } from '#contract/mutations.ts';
import type { Outbox, OutboxRow } from './schema.ts';

/** What was written by a person's own hand and must never vanish unasked. */
export type TextCall = Extract<MutationCall, { name: 'reply' | 'note' }>;
export type TextRow = OutboxRow & { call: TextCall };
export const isText = (row: OutboxRow): row is TextRow =>
	row.call.name === 'reply' || row.call.name === 'note';

/** Adds a row; the database numbers it. A newer `read` of a conversation takes the place of older ones. */
export function addRow(outbox: Outbox, row: Omit<OutboxRow, 'n'>): Promise<void> {
	return outbox.transaction('rw', outbox.rows, async () => {
		const { call } = row;
		if (call.name === 'read') {
			await outbox.rows
				.where('[teamId+state]')
				.equals([row.teamId, 'queued'])
				.filter((older) => older.call.name === 'read' && isSameConversation(older.call, call))
				.delete();
		}
		await outbox.rows.add(row);
	});
}

const isSameConversation = (a: MutationCall, b: MutationCall) =>
	a.args.conversationId === b.args.conversationId;

/** All rows of a team in the order they were made. */
export const rowsOf = (outbox: Outbox, teamId: string): Promise<OutboxRow[]> =>
	outbox.rows.where('teamId').equals(teamId).sortBy('n');

/**
 * The queued rows that wait behind an earlier text of their conversation, which waits for the person: sent now a
 * text would overtake it, and a *Resolve* end what it answers. What the person has looked at waits no more, and
 * `read` never does. Pass all rows in order.
 */
export function heldRows(rows: readonly OutboxRow[]): Set<OutboxRow> {
	const stopped = new Set<string>();
	const held = new Set<OutboxRow>();
	for (const row of rows) {
		const { name, args } = row.call;
		const isStop = isText(row) && (row.state === 'review' || row.state === 'failed');
		const canWait = row.state === 'queued' && !row.isReviewed && name !== 'read';
		if (isStop) stopped.add(args.conversationId);
		else if (canWait && stopped.has(args.conversationId)) held.add(row);
	}
	return held;
}

/** The next rows to send: of one team and device, in order, at most `limit`. */
export async function nextBatch(outbox: Outbox, limit: number): Promise<OutboxRow[]> {
	const rows = await outbox.rows.orderBy('n').toArray();
	const held = heldRows(rows);
	const queued = rows.filter((row) => row.state === 'queued' && !held.has(row));
	const [first] = queued;
	return queued
		.filter((row) => row.teamId === first?.teamId && row.deviceId === first.deviceId)
		.slice(0, limit);
}

/**
 * Writes down what the server answered. A refused `read` is forgotten: it says only that the
 * conversation is gone, and nobody wrote it by hand.
 */
export function recordResults(outbox: Outbox, results: MutationResult[]): Promise<void> {
	return outbox.transaction('rw', outbox.rows, async () => {
		for (const { id, outcome, error } of results) {
			const row = await outbox.rows.get({ id });
			if (row?.state !== 'queued') continue;
			if (outcome === 'rejected' && row.call.name === 'read') await outbox.rows.delete(row.n);
			else {
				const state = ({ applied: 'sent', rejected: 'failed', review: 'review' } as const)[outcome];
				await outbox.rows.update(row.n, { state, error: error ?? null });
			}
		}
	});
}

/** Replies and notes of any team that the server does not have. */
export async function countUnsentText(outbox: Pick<Outbox, 'rows'>): Promise<number> {
	return await outbox.rows.filter((row) => row.state !== 'sent' && isText(row)).count();
}

export const deleteRows = (outbox: Outbox, numbers: number[]): Promise<void> =>
	outbox.rows.bulkDelete(numbers);

/**
 * Takes a row out and returns it. What the person wanted done after a text (a resolve, a transfer) was meant for that
 * text and goes with it, where nothing else holds it; later texts stay.
 */
export function takeOut(outbox: Outbox, id: string): Promise<OutboxRow | undefined> {
	return outbox.transaction('rw', outbox.rows, async () => {
		const rows = await outbox.rows.orderBy('n').toArray();
		const row = rows.find((candidate) => candidate.id === id);
		if (!row) return undefined;
		const stillHeld = heldRows(rows.filter((other) => other !== row));
		const freed = [...heldRows(rows)].filter((other) => !stillHeld.has(other) && !isText(other));
		await deleteRows(
			outbox,
			[row, ...freed].map(({ n }) => n)
		);
		return row;
	});
}

/** Queues a row that waited for a look. */
export async function releaseRow(outbox: Outbox, id: string): Promise<void> {
	await outbox.rows
		.where({ id })
		.and((row) => row.state === 'review')
		.modify({ state: 'queued', isReviewed: true, error: null });
}

/** Puts a new row in the place of a failed one, before what waits behind it. */
export function replaceFailed(
	outbox: Outbox,
	id: string,
	next: (call: MutationCall) => Omit<OutboxRow, 'n'>
): Promise<void> {
	return outbox.transaction('rw', outbox.rows, async () => {
		const row = await outbox.rows.get({ id });
		if (row?.state !== 'failed') return;
		await outbox.rows.put({ ...next(row.call), n: row.n });
	});
}
