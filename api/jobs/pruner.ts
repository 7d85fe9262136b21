import type { Log } from '../domain/context.ts';
import { prune } from '../domain/retention/prune.ts';
import type { Db } from '../store/db.ts';
import type { Jobs } from './boss.ts';

/** Deletes once a day what has been kept for long enough (api/domain/retention/keep.ts). */
export async function startPruning({
	jobs,
	...ctx
}: {
	db: Db;
	now(): number;
	log: Log;
	jobs: Pick<Jobs, 'daily'>;
}): Promise<void> {
	await jobs.daily('prune', () => prune(ctx));
}
