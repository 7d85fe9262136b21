import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

<<<<<<< /work/main/tests/e2e/axe.ts
/** What axe finds on the page as it stands that keeps people out or slows them down: all but the minor. */
export async function faults(page: Page): Promise<string[]> {
=======
/** What axe finds wrong with the page as it stands, by rule and place. */
export async function faults(page: Page): Promise<string[]> {
	// The page's policy lets no script in but its own, so it is run from outside.
>>>>>>> tests/e2e/axe.ts
	await page.evaluate(AXE);
	const { violations } = await page.evaluate(() =>
		(globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
	);
<<<<<<< /work/main/tests/e2e/axe.ts
	return violations
		.filter(({ impact }) => impact !== 'minor')
		.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
=======
	return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
>>>>>>> tests/e2e/axe.ts
}
