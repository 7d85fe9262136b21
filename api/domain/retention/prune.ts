import { PERSON_STEPS, raiseFloor, SCOPE_STEPS, scopeIds } from '../../store/prune.ts';
import { deleteExpiredSessions } from '../../store/session.ts';
import { deleteExpiredTokens } from '../../store/token.ts';
import type { Ctx } from '../context.ts';
import { KEEP_MS } from './keep.ts';

/** Rows in one statement: a hot team's first round must not hold its tables for long. */
const LIMIT = 5_000;

type Deleted = Record<string, number>;

/** Deletes what is older than it is kept for. Safe to run at any time, by several processes at once, and again. */
export async function prune({ db, now, log }: Pick<Ctx, 'db' | 'now' | 'log'>): Promise<void> {
	const at = now();
	const deleted: Deleted = {};
	await deleteExpiredSessions(db.person, at);
	await deleteExpiredTokens(db.person, at);
	for (const [name, step] of entriesOf(PERSON_STEPS))
		await drain(deleted, name, () => step(db.person, { before: at - KEEP_MS[name], limit: LIMIT }));
	for (const scopeId of await scopeIds(db.person)) {
		for (const [name, step] of entriesOf(SCOPE_STEPS))
			await drain(deleted, name, () =>
				db.team(scopeId, (tx) => step(tx, { before: at - KEEP_MS[name], limit: LIMIT }))
			);
		// After the changes: those below it are deleted by the next round.
		await db.team(scopeId, (tx) => raiseFloor(tx, at - KEEP_MS.changes));
	}
	if (Object.keys(deleted).length > 0) log.info(deleted, 'what was kept long enough is deleted');
}

const entriesOf = <T extends object>(steps: T) => Object.entries(steps) as [keyof T, T[keyof T]][];

async function drain(deleted: Deleted, name: string, step: () => Promise<number>): Promise<void> {
	for (;;) {
		const rows = await step();
		if (rows > 0) deleted[name] = (deleted[name] ?? 0) + rows;
		if (rows < LIMIT) return;
	}
}
