import type { Page } from '../sync/page.ts';

/** A page that holds the lock longer is frozen, and to tell something twice is better than not at all. */
const PATIENCE_MS = 2_000;

/** Does what one page of this browser at a time may do. Works without the lock where it cannot be had in time. */
export async function alone(
	page: Pick<Page, 'hold'>,
	lock: string,
	work: () => Promise<void>
): Promise<void> {
	let hasBegun = false;
	const begin = () => {
		hasBegun = true;
		return work();
	};
	try {
		await page.hold(lock, { signal: AbortSignal.timeout(PATIENCE_MS) }, begin);
	} catch (error) {
		if (hasBegun) throw error;
		await work();
	}
}
