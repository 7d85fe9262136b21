import { Agent, request } from 'node:https';
import { pinnedLookup, type Resolve } from './endpoint-policy.ts';
import type { Answer } from './outcome.ts';

/** Enough for any push service's reason; a hostile answer ends here. */
const BODY_BYTES = 8 * 1024;
const IDLE_MS = 60_000;

export interface TransportOptions {
	/** Requests leave through this HTTP proxy (CONNECT), which then decides what it resolves to. */
	proxy?: string | undefined;
	/** Certificates to trust instead of the system's. */
	ca?: Buffer;
	resolve?: Resolve;
}

/** Keep-alive connections to public addresses alone, or to a proxy. */
export const createPublicAgent = ({ proxy, ca, resolve }: TransportOptions): Agent =>
	new Agent({
		keepAlive: true,
		timeout: IDLE_MS,
		...(ca && { ca }),
		...(proxy ? { proxyEnv: { HTTPS_PROXY: proxy } } : { lookup: pinnedLookup(resolve) })
	});

export interface Post {
	url: string;
	headers: Record<string, string | number>;
	body: Buffer | string;
	timeoutMs: number;
}

/** Sends one request. Never throws: what went wrong is an answer too. Redirects are answers like any other. */
export function post(agent: Agent, { url, headers, body, timeoutMs }: Post): Promise<Answer> {
	return new Promise((resolve) => {
		let isHandedOver = false;
		const sent = request(url, {
			agent,
			method: 'POST',
			headers: { ...headers, 'Content-Length': Buffer.byteLength(body) }
		});
		const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), timeoutMs);
		sent.on('close', () => clearTimeout(timer));
		sent.on('socket', (socket) => {
			if (socket.connecting) socket.once('secureConnect', () => (isHandedOver = true));
			else isHandedOver = true;
		});
		sent.on('error', (error: NodeJS.ErrnoException) => {
			const reason = error.code ?? error.message;
			// What the system did not take in full cannot be with the service in full. A connection that ends without an
			// answer proves nothing, not even one that was used before: the service may have ended it after it read.
			const isCutShort = error.syscall === 'write' && !sent.writableFinished;
			resolve({ kind: isHandedOver && !isCutShort ? 'ambiguous' : 'unreached', reason });
		});
		sent.on('response', (response) => {
			let text = '';
			response.setEncoding('latin1');
			const answer = () =>
				resolve({
					kind: 'answered',
					status: response.statusCode ?? 0,
					retryAfter: response.headers['retry-after'] ?? null,
					// It is written down, and PostgreSQL knows no such character.
					body: text.replaceAll('\0', '')
				});
			response.on('data', (chunk: string) => {
				text += chunk;
				if (text.length > BODY_BYTES) response.destroy();
			});
			// The status has arrived, which is what counts, also where the rest of the body does not.
			response.on('close', answer);
			response.on('error', answer);
		});
		sent.end(body);
	});
}
