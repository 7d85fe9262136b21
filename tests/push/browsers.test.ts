import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { type BrowserName, openBrowser } from '../support/browsers.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { type PushServices, startPushServices } from '../support/push/services.ts';

/** The smallest worker that shows a push; the app's own is tested with the built app. */
const WORKER = `
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('push', (event) => {
	const { title, body } = event.data.json().notification;
	event.waitUntil(self.registration.showNotification(title, { body }));
});`;
const PAGE = `<!doctype html><title>Pushes</title><script>
const ready = navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready);
window.subscribe = async (applicationServerKey) => {
	const { pushManager } = await ready;
	return (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey })).toJSON();
};
window.unsubscribe = async () => (await (await ready).pushManager.getSubscription()).unsubscribe();
</script>`;

async function startSite(): Promise<{ server: Server; origin: string }> {
	const server = createServer(({ url }, response) => {
		const isWorker = url === '/worker.js';
		response.setHeader('Content-Type', isWorker ? 'text/javascript' : 'text/html');
		response.end(isWorker ? WORKER : PAGE);
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}

describe.each<BrowserName>(['chromium', 'firefox'])('%s', (name) => {
	let services: PushServices;
	let desktop: Desktop;
	let app: TestApp;
	let context: BrowserContext;
	let page: Page;
	let site: Awaited<ReturnType<typeof startSite>>;

	beforeAll(async () => {
		[services, desktop, site] = await Promise.all([
			startPushServices(),
			startDesktop(),
			startSite()
		]);
		app = await testApp({
			push: {
				config: { pushProxy: services.proxy.url },
				transport: { ca: services.certificate.ca }
			}
		});
		context = await openBrowser(name, { services, desktop, allow: [site.origin] });
		page = await context.newPage();
		await page.goto(site.origin);
	});
	afterAll(async () => {
		await context?.close();
		await app?.close();
		site?.server.closeAllConnections();
		site?.server.close();
		await desktop?.close();
		services?.close();
	});

	/** Registers the real browser as the agent's device. */
	async function register() {
		const agent = await app.signedInAgent();
		const { publicKey, keyId } = (await (await agent.get('/api/push/key')).json()) as {
			publicKey: string;
			keyId: string;
		};
		const { endpoint, keys } = await page.evaluate(
			(key) =>
				(window as unknown as { subscribe(key: string): PushSubscriptionJSON }).subscribe(key),
			publicKey
		);
		const deviceId = newId();
		const deviceName = `${name} on Linux`;
		const input = { deviceId, deviceName, endpoint, keys: { ...keys }, keyId, isStandalone: false };
		const saved = await agent.put('/api/push/subscription', input);
		expect(await saved.json()).toEqual({ state: 'live' });
		const send = async () => (await agent.post('/api/push/test', { deviceId })).json();
		return { send };
	}

	test('takes a push of ours, decrypts it and shows it on the desktop', async () => {
		const { send } = await register();
		expect(await send()).toMatchObject({ outcome: 'accepted', status: 201 });
		const { body } = await desktop.waitFor('Bellhop test');
		expect(body).toContain(`Notifications reach ${name} on Linux.`);
	});

	test('is gone once it has unsubscribed', async () => {
		const agentDevice = await register();
		await page.evaluate(() => (window as unknown as { unsubscribe(): unknown }).unsubscribe());
		// Chromium tells its service a little later.
		await expect
			.poll(agentDevice.send, { timeout: 15_000, interval: 3000 })
			.toMatchObject({ outcome: 'gone', status: 410 });
	});
});
