import { ErrorBody } from '#contract/errors.ts';
import * as contract from '#contract/widget.ts';

/** The server said no, for good (`retryAfterMs` null) or for now; or nothing of ours came back. */
export class Refused extends Error {
	readonly status: number;
	readonly retryAfterMs: number | null;
	constructor(message: string, status: number, retryAfterMs: number | null) {
		super(message);
		this.name = 'Refused';
		this.status = status;
		this.retryAfterMs = retryAfterMs;
	}
}

const TIMEOUT_MS = 20_000;

interface Schema<T> {
	parse(value: unknown): T;
}

/** Statuses after which the same request can succeed. 0: no answer. */
const isPassing = (status: number) =>
	status === 0 || status === 408 || status === 429 || status >= 500;

async function refusal(response: Response): Promise<Refused> {
	const body = ErrorBody.safeParse(await response.json().catch(() => null));
	const { message = 'The server did not answer as expected.', retryAfterMs } = body.success
		? body.data.error
		: {};
	const waitMs = isPassing(response.status) ? (retryAfterMs ?? 0) : null;
	return new Refused(message, response.status, waitMs);
}

/** A fetch with the visitor's token. Throws Refused; never sends or reads a cookie. */
async function ask(path: string, init: RequestInit, token: string | null): Promise<Response> {
	const headers = new Headers(init.headers);
	if (token) headers.set('Authorization', `Bearer ${token}`);
	let response: Response;
	try {
		response = await fetch(path, { ...init, headers, credentials: 'omit', cache: 'no-store' });
	} catch (cause) {
		init.signal?.throwIfAborted();
		throw new Refused(String(cause), 0, 0);
	}
	if (!response.ok) throw await refusal(response);
	return response;
}

async function post(path: string, body: object, token: string | null): Promise<Response> {
	return await ask(
		path,
		{
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(body),
			signal: AbortSignal.timeout(TIMEOUT_MS)
		},
		token
	);
}

/** An answer that does not fit the contract is taken for no answer: it is asked for again. */
async function read<T>(schema: Schema<T>, response: Response): Promise<T> {
	try {
		return schema.parse(await response.json());
	} catch (cause) {
		throw new Refused(String(cause), 0, 0);
	}
}

export const openSession = async (
	request: ReturnType<typeof contract.WidgetSessionRequest.parse>
): Promise<contract.WidgetSessionResponse> =>
	await read(contract.WidgetSessionResponse, await post('/api/widget/session', request, null));

export const readState = async (token: string, after: number): Promise<contract.WidgetState> =>
	await read(
		contract.WidgetState,
		await ask(
			`/api/widget/state?after=${after}`,
			{ signal: AbortSignal.timeout(TIMEOUT_MS) },
			token
		)
	);

/** What the visitor does. Each is harmless to repeat. */
export const act = async (
	token: string,
	verb: 'messages' | 'escalate' | 'read' | 'email',
	body: object
): Promise<void> => {
	await post(`/api/widget/${verb}`, body, token);
};

/** Opens the stream; it ends when `signal` fires, or throws Refused. */
export const openStream = async (
	token: string,
	after: number,
	signal: AbortSignal
): Promise<ReadableStream<Uint8Array>> => {
	const response = await ask(`/api/widget/stream?after=${after}`, { signal }, token);
	if (!response.body) throw new Refused('The stream is empty.', 0, 0);
	return response.body;
};
