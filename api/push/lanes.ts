/** Requests to one push service under way at once; more wait for their turn. */
const ABREAST = 32;
/** Longer than a request takes. Who waits any longer would outlast the claim, and another would send the same. */
const WAIT_MS = 10_000;

interface Lane {
	running: number;
	waiting: (() => void)[];
	/** The service has asked everybody to stay away until then. */
	pausedUntil: number;
}

/** Keeps each push service's requests apart, so that a slow or refusing one holds up nobody else's. */
export function createLanes(now: () => number) {
	const lanes = new Map<string, Lane>();
	const laneOf = (service: string): Lane => {
		const lane = lanes.get(service) ?? { running: 0, waiting: [], pausedUntil: 0 };
		lanes.set(service, lane);
		return lane;
	};
	return {
		/** Null: no turn came in time. */
		async run<T>(service: string, work: () => Promise<T>): Promise<T | null> {
			const lane = laneOf(service);
			if (lane.running < ABREAST) lane.running++;
			else if (!(await turnIn(lane))) return null;
			try {
				return await work();
			} finally {
				const next = lane.waiting.shift();
				// The place goes to the next one as it is.
				if (next) next();
				else lane.running--;
			}
		},
		pause(service: string, ms: number) {
			const lane = laneOf(service);
			lane.pausedUntil = Math.max(lane.pausedUntil, now() + ms);
		},
		/** How long the service wants to be left alone. */
		pausedMs: (service: string): number => Math.max(0, laneOf(service).pausedUntil - now())
	};
}

const turnIn = ({ waiting }: Lane): Promise<boolean> =>
	new Promise((resolve) => {
		const go = () => {
			clearTimeout(late);
			resolve(true);
		};
		const late = setTimeout(() => {
			waiting.splice(waiting.indexOf(go), 1);
			resolve(false);
		}, WAIT_MS);
		waiting.push(go);
	});

export type Lanes = ReturnType<typeof createLanes>;

/** Runs what has the same key one after the other; forgets a key that nothing waits for. */
export function createQueues() {
	const last = new Map<string, Promise<unknown>>();
	return {
		run<T>(key: string, work: () => Promise<T>): Promise<T> {
			const before = last.get(key) ?? Promise.resolve();
			const mine = before.then(work, work);
			last.set(key, mine);
			const forget = () => {
				if (last.get(key) === mine) last.delete(key);
			};
			mine.then(forget, forget);
			return mine;
		}
	};
}

/** Work under way side by side, for one that starts it and waits. */
export function sideBySide() {
	let running = 0;
	const failures: unknown[] = [];
	let waiting: { most: number; go(): void } | undefined;
	return {
		start(work: () => Promise<unknown>): void {
			running++;
			work()
				.catch((error) => failures.push(error))
				.finally(() => {
					running--;
					if (waiting && running <= waiting.most) waiting.go();
				});
		},
		/** Resolves when no more than `most` are under way; throws what the first to fail threw. */
		async left(most: number): Promise<void> {
			if (running > most)
				await new Promise<void>((go) => {
					waiting = { most, go };
				});
			if (failures.length > 0) throw failures[0];
		},
		/** Whether nothing is under way any more, after that time at the latest. */
		async isOverWithin(ms: number): Promise<boolean> {
			if (running > 0)
				await new Promise<void>((resolve) => {
					const late = setTimeout(resolve, ms);
					const go = () => {
						clearTimeout(late);
						resolve();
					};
					waiting = { most: 0, go };
				});
			return running === 0;
		}
	};
}
