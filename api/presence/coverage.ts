import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '../domain/context.ts';
import { watchCoverage } from '../domain/coverage/watch.ts';
import { teamsWithHours } from '../store/coverage.ts';

/** Admins are to be told within 60 s of becoming uncovered. */
const EVERY_MS = 10_000;

export interface CoverageWatch {
	/** Looks at every team with business hours once. Never throws. */
	round(): Promise<void>;
	start(): void;
	stop(): Promise<void>;
}

/** Any number of processes may watch: a span is opened, closed and told once. `publicOrigin`: for links in mails. */
export function createCoverageWatch({
	publicOrigin,
	...deps
}: Omit<Ctx, 'actor'> & { publicOrigin: string }): CoverageWatch {
	const ctx: Ctx = { ...deps, actor: { kind: 'system' } };
	const stopping = new AbortController();
	let running: Promise<void> = Promise.resolve();

	async function round(): Promise<void> {
		try {
			for (const teamId of await teamsWithHours(ctx.db.person))
				await watchCoverage(ctx, { teamId, publicOrigin });
		} catch (error) {
			ctx.log.error({ err: error }, 'Coverage could not be measured; it is tried again.');
		}
	}

	async function run(): Promise<void> {
		while (!stopping.signal.aborted) {
			await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
			if (!stopping.signal.aborted) await round();
		}
	}

	return {
		round,
		start() {
			running = run();
		},
		async stop() {
			stopping.abort();
			await running;
		}
	};
}
