import { type JobWithMetadata, PgBoss } from 'pg-boss';
import type { Log } from '../domain/context.ts';
import type { Db } from '../store/db.ts';
import type { DataOf, Enqueue, Job } from './enqueue.ts';
import { createLoops, type Loops } from './loops.ts';
import { SCHEMA } from './schema.ts';

const LOOPS = { few: 2, most: 16 };
const BATCH = 10;
/** The fallback where the wake-up after the commit did not reach this process. */
const POLL_SECONDS = 0.5;
/** A day's job is taken at once where it was asked for; only one that failed waits for a poll. */
const RARE_POLL_SECONDS = 60;
const STOP_MS = 12_000;

const DAY_SECONDS = 86_400;
/** How often each process asks for its daily jobs; of a day's requests one is taken. */
const ASK_EVERY_MS = 3_600_000;

/** `isLast`: if this attempt fails there is no other. */
export type JobHandler<N extends Job['name']> = (
	data: DataOf<N>,
	attempt: { isLast: boolean }
) => Promise<void>;

export interface Jobs {
	enqueue: Enqueue;
	/** Starts taking jobs of this name. A handler that throws has its job tried again. */
	work<N extends Job['name']>(name: N, handler: JobHandler<N>): Promise<void>;
	/** Has a job without data done once a day, by one of all processes that call this; one that fails is tried again. */
	daily(name: 'prune', handler: () => Promise<void>): Promise<void>;
	start(): Promise<void>;
	/** Waits for the jobs under way. */
	stop(): Promise<void>;
}

/** The durable queue, over the application's own pool and transactions. Nothing is queried before `start`. */
export function createJobs({ db, log }: { db: Db; log: Log }): Jobs {
	const boss = new PgBoss({
		db: { executeSql: (text, values) => db.person.executeSql(text, values) },
		schema: SCHEMA,
		migrate: false,
		createSchema: false,
		schedule: false,
		// Both need to own the tables, which the run-time role does not.
		reindex: false,
		monitorVacuum: false,
		superviseIntervalSeconds: 5,
		monitorIntervalSeconds: 5
	});
	boss.on('error', (error) => log.error({ err: error }, 'the job queue failed'));
	const loops = new Map<string, Loops>();
	const timers = new Set<NodeJS.Timeout>();
	const wake = (name: string) => {
		for (const id of loops.get(name)?.ids ?? []) boss.notifyWorker(id);
	};
	async function take<N extends Job['name']>(
		name: N,
		handler: JobHandler<N>,
		{ few, most, pollSeconds }: { few: number; most: number; pollSeconds: number }
	): Promise<void> {
		const options = {
			batchSize: BATCH,
			burstWhenBatchFull: true,
			pollingIntervalSeconds: pollSeconds,
			perJobResults: true,
			includeMetadata: true
		} as const;
		const run = async (job: JobWithMetadata<DataOf<N>>) => {
			try {
				await handler(job.data, { isLast: job.retryCount >= job.retryLimit });
				return { id: job.id, status: 'completed' as const };
			} catch (error) {
				log.error({ err: error, job: name, ...job.data }, 'a job failed and is tried again');
				return { id: job.id, status: 'failed' as const, output: { reason: String(error) } };
			}
		};
		const all = createLoops({
			...{ few, most },
			open: (watch) =>
				boss.work<DataOf<N>, void, typeof options>(name, options, (jobs) =>
					watch(() => Promise.all(jobs.map(run)))
				),
			close: (id) => void boss.offWork(name, { id, wait: false }),
			failed: (error) => log.error({ err: error, job: name }, 'a loop was not added')
		});
		loops.set(name, all);
		await all.start();
	}
	return {
		async enqueue(tx, { name, data }, { afterMs = 0 } = {}) {
			const startAfter = Math.ceil(afterMs / 1000);
			await boss.send(name, data, { db: tx, ...(startAfter > 0 && { startAfter }) });
			if (startAfter === 0) tx.afterCommit(() => wake(name));
		},
		work: (name, handler) => take(name, handler, { ...LOOPS, pollSeconds: POLL_SECONDS }),
		async daily(name, handler) {
			await take(name, handler, { few: 1, most: 1, pollSeconds: RARE_POLL_SECONDS });
			const ask = () => boss.send(name, {}, { singletonSeconds: DAY_SECONDS });
			await ask();
			wake(name);
			const timer = setInterval(() => {
				ask().catch((error) => log.error({ err: error, job: name }, 'a daily job was not queued'));
			}, ASK_EVERY_MS);
			timers.add(timer);
		},
		async start() {
			await boss.start();
		},
		async stop() {
			for (const timer of timers) clearInterval(timer);
			for (const each of loops.values()) each.stop();
			await boss.stop({ graceful: true, timeout: STOP_MS });
		}
	};
}
