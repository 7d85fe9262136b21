import { isText, releaseRow, replaceFailed, takeOut } from '../db/outbox.ts';
import { newRow, type Writer } from './queue.ts';

/** Sends a reply that waits for a look as it is. Under the same id, so that it stays one reply. */
export async function sendAnyway(writer: Writer, id: string): Promise<void> {
	await releaseRow(writer.outbox, id);
	writer.flush();
}

/**
 * Tries a refused text again, in its place. Under a new id, because the server answers a known one with
 * what it answered before.
 */
export async function retry(writer: Writer, id: string): Promise<void> {
	await replaceFailed(writer.outbox, id, (call) => newRow(writer, call));
	writer.flush();
}

/**
 * Takes a row out of the outbox. The texts that waited behind it go out; what was to follow it, such as *Resolve*,
 * is forgotten. Returns its text, so that it can be written anew; '' if it has none.
 */
export async function discard(writer: Writer, id: string): Promise<string> {
	const row = await takeOut(writer.outbox, id);
	writer.flush();
	return row && isText(row) ? row.call.args.body : '';
}
