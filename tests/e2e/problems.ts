import type { BrowserContext, Page } from 'playwright-core';

/** Collects what a page must not say: script errors, console errors, refused by the policy. */
export function watch(context: BrowserContext, allowed: readonly RegExp[] = []): string[] {
	const problems: string[] = [];
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
	return problems;
}
