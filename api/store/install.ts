import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** Whether nobody has an account yet. */
export async function isEmptyInstall(q: Queries): Promise<boolean> {
	const { isEmpty } = await q.one<{ isEmpty: boolean }>(
		sql`select is_empty_install() as "isEmpty"`
	);
	return isEmpty;
}
