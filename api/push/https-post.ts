import { Agent, type Dispatcher, ProxyAgent } from 'undici';
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

export type PublicAgent = Dispatcher;

/** Keep-alive connections to public addresses alone, or to a proxy. */
export function createPublicAgent({ proxy, ca, resolve }: TransportOptions): PublicAgent {
	const tls = ca ? { ca } : {};
	// Each request has its own time limit; one protocol for all makes an error mean the same everywhere.
	const options = { keepAliveTimeout: IDLE_MS, headersTimeout: 0, bodyTimeout: 0, allowH2: false };
	return proxy
		? new ProxyAgent({ ...options, uri: proxy, requestTls: tls })
		: new Agent({ ...options, connect: { ...tls, lookup: pinnedLookup(resolve) } });
}

export interface Post {
	url: string;
	headers: Record<string, string>;
	body: Buffer | string;
	timeoutMs: number;
}

/** Sends one request. Never throws: what went wrong is an answer too. Redirects are answers like any other. */
export function post(agent: PublicAgent, { url, headers, body, timeoutMs }: Post): Promise<Answer> {
	const { origin, pathname, search } = new URL(url);
	return new Promise((resolve) => {
		/** Once there is a connection that the request is written to. */
		let underWay: Dispatcher.DispatchController | undefined;
		let isLate = false;
		let status = 0;
		let retryAfter: string | null = null;
		let text = '';
		const settle = (answer: Answer) => {
			clearTimeout(timer);
			resolve(answer);
		};
		const fail = (error: NodeJS.ErrnoException) => {
			// What the system did not take cannot be with the service in full. A connection that ends without an answer
			// proves nothing, not even one that was used before: the service may have ended it after it read.
			const isHandedOver = underWay && error.syscall !== 'write';
			// The library's own codes say less than its words.
			const reason = error.code?.startsWith('UND_') ? error.message : (error.code ?? error.message);
			settle({ kind: isHandedOver ? 'ambiguous' : 'unreached', reason });
		};
		const answer = () =>
			// It is written down, and PostgreSQL knows no such character.
			settle({ kind: 'answered', status, retryAfter, body: text.replaceAll('\0', '') });
		const timer = setTimeout(() => {
			isLate = true;
			const reason = new Error('no answer in time');
			if (underWay) underWay.abort(reason);
			else fail(reason);
		}, timeoutMs);
		agent.dispatch(
			{ origin, path: pathname + search, method: 'POST', headers, body },
			{
				onRequestStart(controller) {
					// Called off before there was a connection.
					if (isLate) controller.abort(new Error('too late'));
					else underWay = controller;
				},
				onResponseStart(_, code, given) {
					if (code < 200) return;
					status = code;
					const after = given['retry-after'];
					retryAfter = (Array.isArray(after) ? after[0] : after) ?? null;
				},
				onResponseData(controller, chunk) {
					text += chunk.toString('latin1');
					if (text.length > BODY_BYTES) controller.abort(new Error('too long an answer'));
				},
				onResponseEnd: answer,
				// A status that has arrived is what counts, also where the rest of the answer does not.
				onResponseError: (_, error) => (status > 0 ? answer() : fail(error))
			}
		);
	});
}
