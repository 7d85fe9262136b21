/**
 * Draws the PNG icons of the manifest from the SVG marks in static/.
 * Run it after a change to a mark: `node scripts/icons.ts`. CHROMIUM names the browser.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const ICONS = [
	{ from: 'icon.svg', to: 'icon-192.png', size: 192 },
	{ from: 'icon.svg', to: 'icon-512.png', size: 512 },
	{ from: 'icon-maskable.svg', to: 'icon-maskable-192.png', size: 192 },
	{ from: 'icon-maskable.svg', to: 'icon-maskable-512.png', size: 512 },
	// iOS cuts its own corners and paints transparency black, so it gets the full square.
	{ from: 'icon-maskable.svg', to: 'apple-touch-icon.png', size: 180 },
	{ from: 'icon-badge.svg', to: 'badge-96.png', size: 96 }
];

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox']
});
const page = await browser.newPage();
for (const { from, to, size } of ICONS) {
	const svg = readFileSync(`static/${from}`, 'utf8').replace(
		'<svg ',
		`<svg width="${size}" height="${size}" style="display:block" `
	);
	await page.setViewportSize({ width: size, height: size });
	await page.setContent(`<body style="margin:0">${svg}`);
	writeFileSync(`static/${to}`, await page.screenshot({ omitBackground: true }));
}
await browser.close();
