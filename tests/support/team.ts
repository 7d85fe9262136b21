import { randomUUID } from 'node:crypto';
import type { Db } from '../../api/store/db.ts';
import { sql } from '../../api/store/sql.ts';

/** A team by plain SQL, for tests of the store itself. */
export async function insertTeam(db: Db, name = 'Tideline'): Promise<string> {
	const teamId = randomUUID();
	await db.team(teamId, (tx) =>
		tx.run(sql`insert into teams (id, name) values (${teamId}, ${name})`)
	);
	return teamId;
}
