import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composer, signIn, thread } from './agent.ts';
import { DESK, PHONE, startWorld, type World } from './world.ts';

// A stopped listener is a part of this; browsers report every refused request.
const NO_LISTENER = [
	/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|NetworkError|Failed to fetch|can.t establish|503/i
];
/** Of a cold start from a full cache on a machine that runs other tests: nothing here waits for a network. */
const OPENS_WITHIN_MS = 10_000;

const IPHONE =
	'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';

const row = (page: Page, text: string) => page.locator('a[data-row]', { hasText: text });
const isControlled = (page: Page) =>
	page.waitForFunction(() => navigator.serviceWorker.controller !== null);

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld(NO_LISTENER);
	});
	afterAll(() => world?.close());

	test('the first page is controlled at once, and all opens without a connection', async () => {
		const profile = world.profile();
		let phone = await world.open(name, { profile, context: PHONE });
		let page = await phone.newPage();
		await signIn(page, world);
		await isControlled(page);
		await row(page, 'Kenji Mori').click();
		await thread(page).getByText('I cannot find my booking').waitFor();
		const conversation = page.url();
		await phone.close();

		await world.stopServer();
		phone = await world.open(name, { profile, context: PHONE });
		page = await phone.newPage();
		const openedAt = Date.now();
		await page.goto(`${world.origin}/`);
		await row(page, 'Kenji Mori').waitFor();
		expect(Date.now() - openedAt).toBeLessThan(OPENS_WITHIN_MS);
		expect(await page.locator('a[data-row]').count()).toBeGreaterThan(5);

		const deep = await phone.newPage();
		await deep.goto(conversation);
		await thread(deep).getByText('I cannot find my booking').waitFor();
		await composer(deep).waitFor();
		// Each in a tab of its own: leaving a page cuts off what it still loads, which Firefox reports.
		for (const path of ['/notification', '/why', '/more', '/mine']) {
			const tab = await phone.newPage();
			await tab.goto(`${world.origin}${path}`);
			await tab.getByRole('heading', { level: 1 }).first().waitFor();
		}

		// What is not the app's is the server's to answer, and there is none.
		const blank = await phone.newPage();
		const others = ['/frame/x', '/widget.js', '/widget/x', '/api/me', '/demo', '/chats/x'];
		for (const path of others)
			await expect(blank.goto(`${world.origin}${path}`), path).rejects.toThrow(/REFUSED/);
		await expect(blank.goto(world.website)).rejects.toThrow(/REFUSED/);
		expect(world.problems).toEqual([]);
		await world.startServer();
	});
});

describe('in Chromium', () => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld();
	});
	afterAll(() => world?.close());

	test('nothing keeps the app from being installed', async () => {
		const context = await world.open('chromium', { context: DESK });
		const page = await context.newPage();
		await signIn(page, world);
		await isControlled(page);
		const protocol = await context.newCDPSession(page);
		const { installabilityErrors } = await protocol.send('Page.getInstallabilityErrors');
		expect(installabilityErrors).toEqual([]);
		const { appId } = await protocol.send('Page.getAppId');
		expect(appId).toBe(`${world.origin}/`);

		const { data = '', errors } = await protocol.send('Page.getAppManifest');
		expect(errors).toEqual([]);
		const manifest = JSON.parse(data);
		expect(manifest).toMatchObject({ id: '/', scope: '/', start_url: '/chats' });
		const purposes = manifest.icons.map(({ purpose }: { purpose: string }) => purpose);
		expect(purposes).toEqual(expect.arrayContaining(['any', 'maskable', 'monochrome']));
		const factors = manifest.screenshots.map((shot: { form_factor: string }) => shot.form_factor);
		expect(factors.toSorted()).toEqual(['narrow', 'wide']);
		const pictures = [
			...manifest.icons,
			...manifest.screenshots,
			...manifest.shortcuts.flatMap(({ icons }: { icons: unknown[] }) => icons)
		];
		for (const picture of pictures) expect(await sizeOf(page, picture.src)).toBe(picture.sizes);
		for (const { url } of manifest.shortcuts) {
			await page.goto(world.origin + url);
			await page.getByRole('heading', { level: 1 }).first().waitFor();
		}
		expect(world.problems).toEqual([]);
	});

	test('an iPhone is shown the way to the home screen, and to nothing it cannot do', async () => {
		const context = await world.open('chromium', {
			context: { ...PHONE, userAgent: IPHONE, hasTouch: true }
		});
		const page = await context.newPage();
		await signIn(page, world);
		await page.getByRole('link', { name: 'Show me how' }).click();
		await page.getByRole('heading', { name: 'On iPhone and iPad' }).waitFor();
		await page.getByText('Tap Add to Home Screen, then Add').waitFor();
		expect(await page.getByRole('button', { name: 'Enable', exact: true }).count()).toBe(0);
		expect(world.problems).toEqual([]);
	});
});

/** Of a picture of the site, as a manifest writes it; `any` for one without pixels. */
const sizeOf = (page: Page, src: string): Promise<string> =>
	page.evaluate(async (url) => {
		if (url.endsWith('.svg')) return 'any';
		const image = new Image();
		image.src = url;
		await image.decode();
		return `${image.naturalWidth}x${image.naturalHeight}`;
	}, src);
