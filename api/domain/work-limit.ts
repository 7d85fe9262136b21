import { DomainError } from './errors.ts';

/**
 * Lets `running` pieces of heavy work run at once and `waiting` more queue up; past that it throws
 * `unavailable`.
 */
export function createWorkLimit(limit: { running: number; waiting: number }) {
	const waiting: (() => void)[] = [];
	let running = 0;
	return async <T>(work: () => Promise<T>): Promise<T> => {
		if (running >= limit.running) {
			if (waiting.length >= limit.waiting)
				throw new DomainError('unavailable', 'Too many people are doing this at this moment.', {
					remedy: 'Try again in a few seconds.',
					retryAfterMs: 3000
				});
			// The one that ends hands its place over, so `running` stays as it is.
			await new Promise<void>((resolve) => waiting.push(resolve));
		} else running++;
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else running--;
		}
	};
}
