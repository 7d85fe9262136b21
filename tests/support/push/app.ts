import { newId } from '#contract/ids.ts';
import { type TestAgent, type TestApp, testApp } from '../app.ts';
import { type Certificate, makeCertificate } from '../certificate.ts';
import { APPLE_HOST, startApple } from './apple.ts';
import { startProxy } from './proxy.ts';
import { startPushServices } from './services.ts';

/** An app whose jobs run and whose pushes leave through the proxy. `timeoutMs`: how long it waits for an answer. */
const appOver = (
	{ proxy, certificate }: { proxy: { url: string }; certificate: Certificate },
	timeoutMs: number | undefined
): Promise<TestApp> =>
	testApp({
		push: {
			config: { pushProxy: proxy.url },
			transport: { ca: certificate.ca, ...(timeoutMs !== undefined && { timeoutMs }) }
		}
	});

/** Such an app, and Mozilla's and Google's push services in small. */
export async function startPushApp({ timeoutMs }: { timeoutMs?: number } = {}) {
	const services = await startPushServices();
	const app = await appOver(services, timeoutMs);
	return {
		app,
		services,
		async close() {
			await app.close();
			services.close();
		}
	};
}

/** Such an app, and Apple's push service in small. */
export async function startAppleApp({ timeoutMs }: { timeoutMs?: number } = {}) {
	const certificate = makeCertificate([APPLE_HOST]);
	const apple = await startApple(certificate);
	const proxy = await startProxy({ [APPLE_HOST]: apple.port });
	const app = await appOver({ proxy, certificate }, timeoutMs);
	return {
		app,
		apple,
		/** An iPhone of the agent's; with `key` one that registered with another server's key. */
		async iphoneOf(agent: TestAgent, key?: string) {
			const { publicKey, keyId } = await app.deps.push.key();
			const { endpoint, phone } = apple.register(key ?? publicKey);
			const deviceId = newId();
			const device = { deviceId, deviceName: 'Safari on iPhone', endpoint, keyId };
			const { keys } = phone.receiver;
			await agent.put('/api/push/subscription', { ...device, keys, isStandalone: true });
			return { phone, deviceId };
		},
		async close() {
			await app.close();
			proxy.close();
			apple.close();
			certificate.remove();
		}
	};
}
