import type { MutationCall } from '#contract/mutations.ts';
import { addRow } from '../db/outbox.ts';
import type { Cache, Outbox, OutboxRow } from '../db/schema.ts';

/** Who writes, where, and how to get it sent. */
export interface Writer {
	cache: Cache;
	outbox: Outbox;
	userId: string;
	teamId: string;
	deviceId: string;
	newId(): string;
	/** Milliseconds since 1970 by this device. */
	wallNow(): number;
	/** Asks for the outbox to be sent; does not wait for it. */
	flush(): void;
}

/**
 * Every intent is one row in the outbox and nothing else. What the person sees is the cache with the
 * queued rows already done (pending.ts), so one transaction is enough, a crash leaves all of it or nothing,
 * and a refusal needs no undoing. Resolves when the row is on disk, sent or not.
 */
export async function queue(writer: Writer, call: MutationCall): Promise<void> {
	await addRow(writer.outbox, newRow(writer, call));
	writer.flush();
}

/** A row as it enters the outbox. */
export const newRow = (writer: Writer, call: MutationCall): Omit<OutboxRow, 'n'> => ({
	id: writer.newId(),
	deviceId: writer.deviceId,
	teamId: writer.teamId,
	call,
	createdAt: writer.wallNow(),
	state: 'queued',
	isReviewed: false,
	error: null
});
