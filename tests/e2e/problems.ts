import type { BrowserContext, Page } from 'playwright-core';

/** Adds to `problems` what a page must not say: script errors, console errors, refusals by the policy. */
export function watch(
	context: BrowserContext,
	problems: string[],
	allowed: readonly RegExp[] = []
): void {
	const add = (text: string) => {
		if (!allowed.some((pattern) => pattern.test(text))) problems.push(text);
	};
	const listen = (page: Page) => {
		page.on('console', (message) => {
			if (message.type() === 'error') add(`${message.text()} (${message.location().url})`);
		});
		page.on('pageerror', (error) => add(String(error)));
	};
	for (const page of context.pages()) listen(page);
	context.on('page', listen);
}
