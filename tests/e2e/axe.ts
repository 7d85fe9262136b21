import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page as it stands that keeps people out or slows them down: all but the minor. */
export async function faults(page: Page): Promise<string[]> {
	// The page's policy lets no script in but its own, so it is run from outside.
	await page.evaluate(AXE);
	const { violations } = await page.evaluate(() =>
		(globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
	);
	return violations
		.filter(({ impact }) => impact !== 'minor')
		.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
