import type { Subscription } from '../store/push-subscription.ts';
import { createEncryption } from './encryption.ts';
import { refuseEndpoint } from './endpoint-policy.ts';
import { createPublicAgent, post, type TransportOptions } from './https-post.ts';
import type { Answer } from './outcome.ts';

const TIMEOUT_MS = 10_000;
const WINDOWS = /^https:\/\/[^/]*\.notify\.windows\.com\//;

export interface PushRequest {
	subscription: Subscription;
	/** Plaintext; encrypted for the browser alone (RFC 8291). */
	payload: string;
	ttlSeconds: number;
	topic?: string;
	authorization: string;
}

export interface DeliverOptions extends TransportOptions {
	extraHosts?: readonly string[];
	timeoutMs?: number;
}

export interface Deliverer {
	/** Hands one push to its push service. Never throws: what went wrong is an answer too. */
	deliver(push: PushRequest): Promise<Answer>;
	close(): void;
}

/** Keep-alive connections to the push services and to nothing else. */
export function createDeliverer(options: DeliverOptions = {}): Deliverer {
	const agent = createPublicAgent(options);
	const encryption = createEncryption();
	return {
		async deliver({ subscription, payload, ttlSeconds, topic, authorization }) {
			const { endpoint, keys } = subscription;
			// Again, at each delivery: the list may be shorter than when the subscription came in.
			const refusal = refuseEndpoint(endpoint, options.extraHosts);
			if (refusal) return { kind: 'unreached', reason: `the endpoint is ${refusal}` };
			try {
				const body = await encryption.encrypt(keys, payload);
				const headers = {
					TTL: String(ttlSeconds),
					Urgency: 'high',
					...(topic && { Topic: topic }),
					'Content-Type': 'application/octet-stream',
					'Content-Encoding': 'aes128gcm',
					Authorization: authorization,
					...serviceHeaders(endpoint)
				};
				const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
				return await post(agent, { url: endpoint, headers, body, timeoutMs });
			} catch (error) {
				// The keys in the subscription do not encrypt.
				return { kind: 'unreached', reason: String(error) };
			}
		},
		close() {
			void agent.destroy();
			encryption.close();
		}
	};
}

/** Windows wants its cache policy to agree with the TTL. */
const serviceHeaders = (endpoint: string): Record<string, string> =>
	WINDOWS.test(endpoint) ? { 'X-WNS-Cache-Policy': 'cache' } : {};
