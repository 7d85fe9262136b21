import { ErrorBody } from '#contract/errors.ts';
import { ApiFailure, Offline } from './failures.ts';

export { ApiFailure, Offline };

/** `fetch` on the app's own origin: the path and what to send. Tests bring their own. */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** A schema of the contract, as far as a request needs it. */
export interface Schema<T> {
	safeParse(value: unknown): { success: true; data: T } | { success: false };
}

/** How long a request may take before it counts as unanswered. */
const TIMEOUT_MS = 20_000;

export interface RequestInput<T> {
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	path: string;
	/** Sent as JSON, but for a Blob, which is sent as it is. */
	body?: unknown;
	schema: Schema<T>;
	signal?: AbortSignal | undefined;
	/** Goes on when the page is left. At most 64 KiB of body. */
	keepalive?: boolean;
}
export type Request = <T>(input: RequestInput<T>) => Promise<T>;

/** Builds `request` over a fetch. */
export function createRequest(fetch: Fetch): Request {
	return async ({ method, path, body, schema, signal, keepalive = false }) => {
		const timeout = AbortSignal.timeout(TIMEOUT_MS);
		const init: RequestInit = {
			...{ method, keepalive },
			headers: { Accept: 'application/json' },
			signal: signal ? AbortSignal.any([signal, timeout]) : timeout
		};
		if (body instanceof Blob) init.body = body;
		else if (body !== undefined) {
			init.headers = { ...init.headers, 'Content-Type': 'application/json' };
			init.body = JSON.stringify(body);
		}
		const { isOk, status, json } = await exchange(fetch, path, init, signal);
		if (!isOk) throw failureOf(status, json);
		const parsed = schema.safeParse(json);
		if (parsed.success) return parsed.data;
		throw new ApiFailure({
			code: 'internal',
			message: 'Bellhop answered in a way this version of the app does not understand.',
			remedy: 'Reload to update the app.'
		});
	};
}

/**
 * Asks the server and parses the answer by the contract.
 * Throws ApiFailure when the server refused, Offline when no answer came,
 * and the signal's reason when it fired.
 */
export const request: Request = createRequest((path, init) => fetch(path, init));

async function exchange(fetch: Fetch, path: string, init: RequestInit, signal?: AbortSignal) {
	try {
		const response = await fetch(path, init);
		// A hotel's sign-in page answers 200 with HTML: that is no connection to us either.
		const json: unknown = response.status === 204 ? null : await response.json();
		return { isOk: response.ok, status: response.status, json };
	} catch (cause) {
		signal?.throwIfAborted();
		throw new Offline({ cause });
	}
}

/** What a refused answer says. A proxy in front of a stopped server speaks no contract: not connected. */
export function failureOf(status: number, json: unknown): ApiFailure | Offline {
	const parsed = ErrorBody.safeParse(json);
	if (parsed.success) return new ApiFailure(parsed.data.error);
	return new Offline({ cause: new Error(`status ${status} without an error body`) });
}
