import type { BrowserContext, Page } from 'playwright-core';

/** What Firefox says of a page that is being left while it still loads; of one that stays it is a fault. */
const CUT_OFF =
	/error loading dynamically imported module|Unable to preload CSS|A ServiceWorker intercepted the request|^Error \(\S+\/entry\/app\./;

/** Adds to `problems` what a page must not say: script errors, console errors, refusals by the policy. */
export function watch(
	context: BrowserContext,
	problems: string[],
	allowed: readonly RegExp[] = []
): void {
	const listen = (page: Page) => {
		let isLeft = false;
		const add = (text: string) => {
			if (isLeft && CUT_OFF.test(text)) return;
			if (!allowed.some((pattern) => pattern.test(text))) problems.push(text);
		};
		page.on('request', (request) => {
			if (request.isNavigationRequest() && request.frame() === page.mainFrame()) isLeft = true;
		});
		page.on('domcontentloaded', () => {
			isLeft = false;
		});
		page.on('console', (message) => {
			if (message.type() === 'error') add(`${message.text()} (${message.location().url})`);
		});
		page.on('pageerror', (error) => add(String(error)));
	};
	for (const page of context.pages()) listen(page);
	context.on('page', listen);
}
