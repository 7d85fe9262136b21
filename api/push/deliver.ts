import { Agent, request } from 'node:https';
import webPush from 'web-push';
import type { Subscription } from '../store/push-subscription.ts';
import { pinnedLookup, type Resolve, refuseEndpoint } from './endpoint-policy.ts';
import type { Answer } from './outcome.ts';

const TIMEOUT_MS = 10_000;
/** Enough for any push service's reason; a hostile answer ends here. */
const BODY_BYTES = 8 * 1024;
const SOCKETS_PER_SERVICE = 16;
const IDLE_MS = 60_000;

export interface PushRequest {
	subscription: Subscription;
	/** Plaintext; encrypted for the browser alone (RFC 8291). */
	payload: string;
	ttlSeconds: number;
	topic?: string;
	authorization: string;
}

export interface DeliverOptions {
	/** Pushes leave through this HTTP proxy (CONNECT), which then decides what it resolves to. */
	proxy?: string | undefined;
	extraHosts?: readonly string[];
	/** Certificates to trust instead of the system's. */
	ca?: Buffer;
	resolve?: Resolve;
	timeoutMs?: number;
}

export interface Deliverer {
	/** Hands one push to its push service. Never throws: what went wrong is an answer too. */
	deliver(push: PushRequest): Promise<Answer>;
	close(): void;
}

/** Keep-alive connections to the push services and to nothing else. */
export function createDeliverer(options: DeliverOptions = {}): Deliverer {
	const agent = new Agent({
		keepAlive: true,
		maxSockets: SOCKETS_PER_SERVICE,
		timeout: IDLE_MS,
		...(options.ca && { ca: options.ca }),
		...(options.proxy
			? { proxyEnv: { HTTPS_PROXY: options.proxy } }
			: { lookup: pinnedLookup(options.resolve) })
	});
	return {
		async deliver(push) {
			// Again, at each delivery: the list may be shorter than when the subscription came in.
			const refusal = refuseEndpoint(push.subscription.endpoint, options.extraHosts);
			if (refusal) return { kind: 'unreached', reason: `the endpoint is ${refusal}` };
			try {
				return await post(agent, push, options.timeoutMs ?? TIMEOUT_MS);
			} catch (error) {
				// The keys in the subscription do not encrypt.
				return { kind: 'unreached', reason: String(error) };
			}
		},
		close: () => agent.destroy()
	};
}

export const isAppleEndpoint = (endpoint: string): boolean =>
	new URL(endpoint).hostname.endsWith('.push.apple.com');

function post(agent: Agent, push: PushRequest, timeoutMs: number): Promise<Answer> {
	const { subscription, payload, ttlSeconds, topic, authorization } = push;
	const details = webPush.generateRequestDetails(subscription, payload, {
		TTL: ttlSeconds,
		urgency: 'high',
		...(topic && { topic }),
		headers: { Authorization: authorization, ...serviceHeaders(subscription.endpoint) }
	});
	return new Promise((resolve) => {
		let isHandedOver = false;
		const fail = (reason: string) =>
			resolve({ kind: isHandedOver ? 'ambiguous' : 'unreached', reason });
		// Redirects are answers like any other: node:https follows none.
		const sent = request(details.endpoint, {
			agent,
			method: 'POST',
			headers: details.headers,
			signal: AbortSignal.timeout(timeoutMs)
		});
		sent.on('socket', (socket) => {
			if (socket.connecting) socket.once('secureConnect', () => (isHandedOver = true));
			else isHandedOver = true;
		});
		sent.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
		sent.on('response', (response) => {
			let body = '';
			response.setEncoding('latin1');
			const answer = () =>
				resolve({
					kind: 'answered',
					status: response.statusCode ?? 0,
					retryAfter: response.headers['retry-after'] ?? null,
					body
				});
			response.on('data', (chunk: string) => {
				body += chunk;
				if (body.length > BODY_BYTES) response.destroy();
			});
			// The status has arrived, which is what counts, also where the rest of the body does not.
			response.on('close', answer);
			response.on('error', answer);
		});
		sent.end(details.body);
	});
}

/** Windows wants its cache policy to agree with the TTL. */
const serviceHeaders = (endpoint: string): Record<string, string> =>
	new URL(endpoint).hostname.endsWith('.notify.windows.com')
		? { 'X-WNS-Cache-Policy': 'cache' }
		: {};
