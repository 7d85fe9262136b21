/**
 * Takes docs/screenshot.png and the manifest's two screenshots from a running demo:
 * `node scripts/screenshots.ts http://localhost:3000 <email> <password>`. CHROMIUM names the browser.
 */
import { type Browser, chromium, type Page } from 'playwright-core';

const [base, email, password] = process.argv.slice(2);
if (!base || !email || !password) {
	process.stderr.write('Usage: node scripts/screenshots.ts <address> <email> <password>\n');
	process.exit(1);
}

interface Shot {
	width: number;
	height: number;
	scale: number;
}
const DESK: Shot = { width: 1280, height: 800, scale: 1 };
const PHONE: Shot = { width: 390, height: 844, scale: 2 };

/** A signed-in page that shows the inbox, without anything moving. */
async function inbox(browser: Browser, { width, height, scale }: Shot): Promise<Page> {
	const page = await browser.newPage({
		viewport: { width, height },
		deviceScaleFactor: scale,
		locale: 'en-GB',
		colorScheme: 'light',
		reducedMotion: 'reduce'
	});
	await page.goto(`${base}/sign-in`);
	await page.fill('input[type=email]', String(email));
	await page.fill('input[type=password]', String(password));
	await page.click('button[type=submit]');
	await page.waitForSelector('a[data-row]');
	await page.getByRole('button', { name: 'Not now' }).click({ timeout: 3000 }).catch(ignore);
	await page.locator('button:visible', { hasText: 'You are' }).click();
	await page.getByRole('menuitemradio', { name: 'Online' }).click();
	await page.locator('button:visible', { hasText: 'Online' }).waitFor();
	await page.mouse.move(0, 0);
	return page;
}
/** The card is there only where the browser could be rung. */
const ignore = (): void => {};

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox']
});
const desk = await inbox(browser, DESK);
await desk.locator('a[data-row]', { hasText: 'Lena' }).first().click();
await desk.getByRole('log').waitFor();
await desk.getByRole('textbox', { name: 'Reply' }).waitFor();
await desk.mouse.move(0, 0);
for (const path of ['docs/screenshot.png', 'static/screenshot-wide.png'])
	await desk.screenshot({ path });

const phone = await inbox(browser, PHONE);
await phone.screenshot({ path: 'static/screenshot-narrow.png' });
await browser.close();
