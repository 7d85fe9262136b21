import type { ErrorBody, ErrorCode } from '#contract/errors.ts';

/** The server answered, and the answer was no. `message` and `remedy` are written for the person. */
export class ApiFailure extends Error {
	readonly code: ErrorCode;
	readonly remedy: string | null;
	readonly field: string | null;
	readonly requestId: string | null;
	readonly retryAfterMs: number | null;
	readonly details: Record<string, unknown>;
	constructor(error: ErrorBody['error']) {
		super(error.message);
		this.name = 'ApiFailure';
		this.code = error.code;
		this.remedy = error.remedy ?? null;
		this.field = error.field ?? null;
		this.requestId = error.requestId ?? null;
		this.retryAfterMs = error.retryAfterMs ?? null;
		this.details = error.details ?? {};
	}
}

/** No answer of ours arrived. Whether the server did what was asked is not known. */
export class Offline extends Error {
	constructor(options?: ErrorOptions) {
		super('Not connected to Bellhop.', options);
		this.name = 'Offline';
	}
}
