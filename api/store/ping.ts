import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** Throws unless the database answers. */
export async function ping(q: Queries): Promise<void> {
	await q.one(sql`select 1`);
}
