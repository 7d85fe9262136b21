import { makeCertificate } from '../certificate.ts';
import { AUTOPUSH_HOST, startAutopush } from './autopush.ts';
import { GCM_HOSTS, startFakeGcm } from './fake-gcm.ts';
import { startProxy } from './proxy.ts';

export type PushServices = Awaited<ReturnType<typeof startPushServices>>;

/**
 * The push services in small and the proxy that leads their real host names to them. A server process is given
 * `env`; one in the test's own process `proxy.url` and `certificate.ca`.
 */
export async function startPushServices() {
	const certificate = makeCertificate([AUTOPUSH_HOST, ...GCM_HOSTS]);
	const mozilla = await startAutopush(certificate);
	const google = await startFakeGcm(certificate);
	const routes = [mozilla, google].flatMap(({ hosts, port }) => hosts.map((host) => [host, port]));
	const proxy = await startProxy(Object.fromEntries(routes));
	return {
		certificate,
		mozilla,
		google,
		proxy,
		env: { PUSH_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificate.caFile },
		close() {
			proxy.close();
			mozilla.close();
			google.close();
			certificate.remove();
		}
	};
}
