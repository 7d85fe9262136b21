import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { composer, presencePill, signIn, thread } from './agent.ts';
import { type Bellhop, type SomebodyHere, startBellhop } from './in-process.ts';
import { DESK, PHONE } from './world.ts';

/** Of all that moves by itself in a page's life, as the browser scores it. */
const MAX_SHIFT = 0.02;
/** A finger's target, less what rounding takes. */
const TARGET = 43.5;

const LONG = 'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff-Anticonstitutionnellement';
const CALLERS = [
	{ name: LONG, text: `Unbroken: ${'x'.repeat(400)}` },
	{ name: 'محمد بن عبد الرحمن', text: 'أين طلبي؟ (رقم 520) hello' },
	{ name: '👩‍👩‍👧‍👦🏳️‍🌈 Zoë', text: '👍🏽'.repeat(60) },
	{ name: '長い名前の山田太郎さん', text: '電話番号が見つかりません。'.repeat(8) },
	{
		name: '<b>Bobby</b>',
		text: 'https://shop.example/a/very/long/path?with=a&query=that&never=ends'
	}
];

let bellhop: Bellhop;
let team: SomebodyHere['team'];
let chats: string[];
let context: BrowserContext;
beforeAll(async () => {
	bellhop = await startBellhop();
	({ team } = await bellhop.newAgent());
	chats = [];
	for (const caller of CALLERS) chats.push((await bellhop.newCaller(team, caller)).conversationId);
});
afterAll(() => bellhop.close());
afterEach(async () => {
	await context.close();
	expect(bellhop.problems.splice(0)).toEqual([]);
});

const rows = (page: Page) => page.locator('a[data-row]');

async function opened(options: Parameters<Bellhop['open']>[1]): Promise<Page> {
	context = await bellhop.open('chromium', options);
	const page = await context.newPage();
	await signIn(page, await bellhop.newAgent({ team }));
	await rows(page)
		.nth(CALLERS.length - 1)
		.waitFor();
	return page;
}

/** Every page, each at rest: `look` is told its path. */
async function everywhere(page: Page, look: (path: string) => Promise<void>): Promise<void> {
	for (const path of ['/chats', ...chats.map((id) => `/chats/${id}`)]) {
		await page.goto(bellhop.origin + path);
		if (path === '/chats')
			await rows(page)
				.nth(CALLERS.length - 1)
				.waitFor();
		else await composer(page).waitFor();
		await look(path);
	}
	for (const path of ['/mine', '/notification', '/why', '/colleagues', '/more']) {
		await page.goto(bellhop.origin + path);
		await page.getByRole('heading', { level: 1 }).first().waitFor();
		if (path === '/notification')
			await page.getByRole('heading', { name: 'When to notify' }).waitFor();
		if (path === '/colleagues') await page.getByText('Not reachable').first().waitFor();
		await look(path);
	}
}

/** How far the page can be pushed sideways, and what sticks out of the window where nothing scrolls by itself. */
const sideways = (page: Page) =>
	page.evaluate(() => {
		const { scrollWidth, clientWidth } = document.documentElement;
		const out = [...document.querySelectorAll('body *')].filter((element) => {
			const { left, right, width } = element.getBoundingClientRect();
			const isCut = element.closest('.sr, .clip, svg, fieldset') !== null;
			return width > 0 && !isCut && (left < -1 || right > innerWidth + 1);
		});
		const pushed = scrollWidth > clientWidth ? [`the page, by ${scrollWidth - clientWidth}`] : [];
		return [...pushed, ...out.map((element) => element.outerHTML.slice(0, 120))];
	});

test('nothing scrolls sideways at any width', async () => {
	const page = await opened({ context: DESK });
	const found: string[] = [];
	for (const width of [320, 390, 720, 900, 1080, 1280]) {
		await page.setViewportSize({ width, height: 800 });
		await everywhere(page, async (path) => {
			for (const one of await sideways(page)) found.push(`${width} ${path}: ${one}`);
		});
	}
	expect(found).toEqual([]);
});

/** Buttons and links a finger would miss: how far from their middle a touch still meets them, both ways summed. */
const smallTargets = (page: Page) =>
	page.evaluate((least) => {
		const targets = (
			document.querySelector('[role=menu]') ?? document
		).querySelectorAll<HTMLElement>(
			'a[href], button, input, textarea, [role=menuitem], [role=menuitemradio], [role=switch]'
		);
		const reach = (target: HTMLElement, [x, y]: [number, number], [dx, dy]: [number, number]) => {
			let far = 0;
			while (far < least) {
				const met = document.elementFromPoint(x + dx * (far + 0.5), y + dy * (far + 0.5));
				if (!met || !target.contains(met)) break;
				far += 0.5;
			}
			return far;
		};
		const found: string[] = [];
		for (const one of targets) {
			// Its label presses a field as well.
			const target = (one instanceof HTMLInputElement && one.closest('label')) || one;
			// A link in a sentence is as high as its line.
			if (!target.checkVisibility({ visibilityProperty: true }) || target.closest('p, .sr'))
				continue;
			target.scrollIntoView({ block: 'center', inline: 'center' });
			const { left, top, width, height } = target.getBoundingClientRect();
			const middle: [number, number] = [left + width / 2, top + height / 2];
			const wide = reach(target, middle, [-1, 0]) + reach(target, middle, [1, 0]);
			const high = reach(target, middle, [0, -1]) + reach(target, middle, [0, 1]);
			if (Math.min(wide, high) < least)
				found.push(`${wide} x ${high}: ${target.outerHTML.slice(0, 160)}`);
		}
		return found;
	}, TARGET);

test.each([
	{ on: 'a phone', viewport: PHONE.viewport },
	{ on: 'a tablet', viewport: { width: 900, height: 1100 } },
	{ on: 'a touch screen on a desk', viewport: DESK.viewport }
])('on $on a finger meets everything that can be pressed', async ({ viewport }) => {
	const page = await opened({ context: { viewport, hasTouch: true, isMobile: true } });
	const found: string[] = [];
	await everywhere(page, async (path) => {
		for (const one of await smallTargets(page)) found.push(`${path}: ${one}`);
	});
	await page.goto(`${bellhop.origin}/chats`);
	await presencePill(page).click();
	await page.getByRole('menuitemradio', { name: /^Online/ }).waitFor();
	for (const one of await smallTargets(page)) found.push(`presence menu: ${one}`);
	expect(found).toEqual([]);
});

/** Everything that has moved by itself in this page so far. */
const shift = (page: Page) =>
	page.evaluate(
		() =>
			new Promise<{ score: number; moved: string[] }>((resolve) => {
				type Shift = PerformanceEntry & {
					value: number;
					hadRecentInput: boolean;
					sources: { node: Node | null }[];
				};
				new PerformanceObserver((list, observer) => {
					observer.disconnect();
					const shifts = (list.getEntries() as Shift[]).filter((entry) => !entry.hadRecentInput);
					resolve({
						score: shifts.reduce((sum, { value }) => sum + value, 0),
						moved: shifts.flatMap(({ value, sources }) =>
							sources.map(
								({ node }) => `${value.toFixed(4)} ${(node as Element)?.outerHTML?.slice(0, 120)}`
							)
						)
					});
				}).observe({ type: 'layout-shift', buffered: true });
				// Without any shift the observer is never called.
				requestAnimationFrame(() => requestAnimationFrame(() => resolve({ score: 0, moved: [] })));
			})
	);

test.each([
	{ on: 'a phone', viewport: PHONE.viewport },
	{ on: 'a desk', viewport: DESK.viewport }
])('on $on nothing jumps while the inbox and a chat open', async ({ viewport }) => {
	const page = await opened({ context: { viewport } });
	for (const path of ['/chats', `/chats/${chats[2]}`]) {
		await page.goto(bellhop.origin + path);
		// Whatever comes late has come by then: the second half of the app, presence, notifications.
		if (path === '/chats') {
			await page.getByText('This device does not ring').waitFor();
			await page.getByRole('button', { name: 'You are Offline' }).first().waitFor();
		} else {
			await thread(page).getByText('👍🏽').first().waitFor();
			await composer(page).waitFor();
		}
		const { score, moved } = await shift(page);
		expect(score, moved.join('\n')).toBeLessThan(MAX_SHIFT);
	}
});

test('names and texts of every script keep to their rows', async () => {
	const page = await opened({ context: PHONE });
	for (const width of [320, 390, 720, 1280]) {
		await page.setViewportSize({ width, height: 844 });
		await rows(page).first().waitFor();
		const heights = await rows(page).evaluateAll((all) =>
			all.map((one) => Math.round(one.getBoundingClientRect().height))
		);
		expect(heights).toHaveLength(CALLERS.length);
		// A line of emoji or another script may be a little higher than one of Latin letters.
		expect(Math.max(...heights) - Math.min(...heights), `${width}: ${heights}`).toBeLessThan(8);
		const isInside = await rows(page).evaluateAll((all) =>
			all.every((one) => {
				const row = one.getBoundingClientRect();
				return [...one.querySelectorAll('.name, .timer, .preview')].every((part) => {
					const box = part.getBoundingClientRect();
					return box.width > 0 && box.left >= row.left && box.right <= row.right;
				});
			})
		);
		expect(isInside).toBe(true);
	}
	await page.getByText('<b>Bobby</b>').first().waitFor();
});
