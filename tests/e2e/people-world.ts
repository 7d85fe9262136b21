import {
	type Browser,
	type BrowserContext,
	type BrowserContextOptions,
	chromium
} from 'playwright-core';
import { findBrowser } from '../support/browsers.ts';
import { type Bellhop, startBellhop } from './in-process.ts';
import { Keys } from './keys.ts';
import { watch } from './problems.ts';
import { DESK, PHONE } from './world.ts';

/** Slow machines need it. */
export const PATIENCE = { timeout: 90_000, interval: 100 };
export const SIZES = { phone: PHONE, desk: DESK } as const;
export type Size = keyof typeof SIZES;

export interface People extends Bellhop {
	/** A page of a browser in which nobody has been: phones are dark and desks light, so that both are seen. */
	visit(size: Size, options?: BrowserContextOptions): Promise<Keys>;
	/** Ends what `visit` has opened, and returns what any page has complained about. */
	endVisits(): Promise<string[]>;
}

/**
 * Bellhop with a browser that nobody has touched for each test. `allowed`: complaints that tests bring about on purpose,
 * such as answers that refuse.
 */
export async function startPeople(allowed: readonly RegExp[] = []): Promise<People> {
	const bellhop = await startBellhop(allowed);
	const executablePath = findBrowser('chromium');
	if (!executablePath)
		throw new Error('chromium is not installed: install it, or name it in CHROMIUM');
	const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
	let contexts: BrowserContext[] = [];
	return {
		...bellhop,
		async visit(size, options = {}) {
			const context = await browser.newContext({
				...SIZES[size],
				colorScheme: size === 'phone' ? 'dark' : 'light',
				// A half-faded menu has no contrast to speak of.
				reducedMotion: 'reduce',
				...options
			});
			await context.grantPermissions(['notifications', 'clipboard-read', 'clipboard-write'], {
				origin: bellhop.origin
			});
			contexts.push(context);
			context.setDefaultTimeout(PATIENCE.timeout);
			watch(context, bellhop.problems, allowed);
			return new Keys(await context.newPage());
		},
		async endVisits() {
			await Promise.all(contexts.map((context) => context.close()));
			contexts = [];
			return bellhop.problems.splice(0);
		},
		async close() {
			await browser.close();
			await bellhop.close();
		}
	};
}
