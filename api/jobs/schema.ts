import { PgBoss } from 'pg-boss';

/**
 * Creates or migrates the tables of the job queue (schema `pgboss`) as the role that owns the database,
 * so that the run-time role needs to own nothing. Safe to call from several processes at once.
 */
export async function installJobSchema(ownerUrl: string): Promise<void> {
	const boss = new PgBoss({
		connectionString: ownerUrl,
		max: 1,
		migrate: true,
		supervise: false,
		schedule: false
	});
	boss.on('error', () => {});
	await boss.start();
	await boss.stop({ graceful: false });
}
