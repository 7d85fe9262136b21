import { PgBoss } from 'pg-boss';
import type { Job } from './enqueue.ts';

export const SCHEMA = 'pgboss';

/**
 * A job is tried again for about a quarter of an hour, the lifetime of an escalation's push. A process that died
 * stops its heartbeat, so its jobs go to another within seconds instead of at the expiry.
 */
const QUEUE = {
	retryLimit: 10,
	retryDelay: 2,
	retryBackoff: true,
	retryDelayMax: 120,
	expireInSeconds: 300,
	heartbeatSeconds: 10,
	deleteAfterSeconds: 86_400
};
/** A mail server may be away for a night: about twelve hours of tries. */
const PATIENT = { ...QUEUE, retryLimit: 20, retryDelay: 5, retryDelayMax: 3600 };
const QUEUES: Record<Job['name'], typeof QUEUE> = {
	notify: QUEUE,
	ask: QUEUE,
	climb: QUEUE,
	ring: QUEUE,
	prove: QUEUE,
	alarm: QUEUE,
	webhook: QUEUE,
	mail: PATIENT,
	// A first round over years of rows takes its time.
	prune: { ...QUEUE, retryDelay: 60, retryDelayMax: 3600, expireInSeconds: 3600 }
};

/**
 * Creates or upgrades the queue's schema and queues as the role that owns the database, so that the run-time
 * role needs to own nothing; its grants on the schema follow (api/store/roles.ts). Safe to call from several
 * processes at once.
 */
export async function installJobSchema(ownerUrl: string): Promise<void> {
	const boss = new PgBoss({
		connectionString: ownerUrl,
		schema: SCHEMA,
		max: 1,
		supervise: false,
		schedule: false
	});
	const failures: Error[] = [];
	boss.on('error', (error) => failures.push(error));
	await boss.start();
	try {
		for (const [name, options] of Object.entries(QUEUES)) {
			if (await boss.getQueue(name)) await boss.updateQueue(name, options);
			else await boss.createQueue(name, options);
		}
	} finally {
		await boss.stop({ graceful: false });
	}
	if (failures[0]) throw failures[0];
}
