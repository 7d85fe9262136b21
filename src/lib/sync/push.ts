import type { ErrorCode } from '#contract/errors.ts';
import { LIMITS } from '#contract/limits.ts';
import { type Mutation, MutationsResponse } from '#contract/mutations.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { nextBatch, recordResults } from '../db/outbox.ts';
import type { Outbox, OutboxRow } from '../db/schema.ts';
import { ApiFailure, type Request } from './request.ts';

export interface FlushInput {
	outbox: Outbox;
	/** Whose outbox it is: the server takes it under no other person's session. */
	userId: string;
	request: Request;
	/** Milliseconds since 1970 by this device. */
	wallNow(): number;
	signal: AbortSignal;
}

/** Leaves room for the request's own fields. */
const BATCH_BYTES = LIMITS.bodyBytes - 4096;

/** A request refused for one of these is refused again; the row at fault must not hold up the others. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
	'invalid',
	'forbidden',
	'not_found',
	'conflict',
	'gone',
	'too_large'
]);

/**
 * Sends what is queued, in order, one request at a time, until nothing is. The server does each id once,
 * so a batch whose answer was lost is simply sent again. Only one flusher may run in a browser: two
 * could overtake each other. Returns how many rows the server answered. Throws ApiFailure or Offline.
 */
export async function flush(input: FlushInput): Promise<number> {
	const { outbox, userId, request, wallNow, signal } = input;
	let answered = 0;
	let limit: number = LIMITS.mutationsPerRequest;
	for (;;) {
		const rows = pack(await nextBatch(outbox, limit), wallNow());
		const [first] = rows;
		if (!first) return answered;
		const mutations = rows.map(({ mutation }) => mutation);
		const { teamId, deviceId } = first.row;
		try {
			const { results } = await request({
				method: 'POST',
				path: '/api/mutations',
				body: { protocol: PROTOCOL_VERSION, userId, teamId, deviceId, mutations },
				schema: MutationsResponse,
				signal
			});
			await recordResults(outbox, results);
			answered += results.length;
			// An answer without one of the ids would make this loop ask for ever.
			if (results.length === 0) throw noResults();
		} catch (error) {
			if (!(error instanceof ApiFailure && LASTING.has(error.code))) throw error;
			if (rows.length > 1) limit = 1;
			else {
				await recordResults(outbox, [
					{ id: first.row.id, outcome: 'rejected', error: bodyOf(error) }
				]);
				answered += 1;
			}
		}
	}
}

/** As many rows as one request may carry, at least one. */
function pack(rows: OutboxRow[], now: number): { row: OutboxRow; mutation: Mutation }[] {
	const batch: { row: OutboxRow; mutation: Mutation }[] = [];
	let bytes = 0;
	for (const row of rows) {
		const mutation = mutationOf(row, now);
		bytes += new TextEncoder().encode(JSON.stringify(mutation)).length;
		if (batch.length > 0 && bytes > BATCH_BYTES) break;
		batch.push({ row, mutation });
	}
	return batch;
}

function mutationOf({ id, n, call, createdAt, isReviewed }: OutboxRow, now: number): Mutation {
	// A clock that was set back meanwhile would make it negative.
	const waitedMs = Math.max(0, Math.round(now - createdAt));
	return { id, n, call, waitedMs, ...(isReviewed && { isReviewed }) };
}

function bodyOf({ code, message, remedy, requestId }: ApiFailure) {
	return { code, message, ...(remedy && { remedy }), ...(requestId && { requestId }) };
}

const noResults = () =>
	new ApiFailure({ code: 'internal', message: 'Bellhop answered nothing about what was sent.' });
