/** The kinds of failure a domain verb can end in; api/http/errors.ts maps each to a status and a public code. */
export type DomainErrorKind =
	| 'invalid'
	| 'unauthenticated'
	| 'forbidden'
	| 'not_found'
	| 'conflict'
	| 'gone'
	| 'rate_limited'
	| 'too_large'
	| 'unavailable';

export interface DomainErrorDetail {
	/** Dotted path of the input at fault. */
	field?: string;
	/** What the person can do about it. */
	remedy?: string;
	retryAfterMs?: number;
	/** What a machine needs to know, such as the winner of a race. */
	details?: Record<string, unknown>;
}

/** A failure that the caller may be told about, in words a person understands. */
export class DomainError extends Error {
	readonly kind: DomainErrorKind;
	readonly detail: DomainErrorDetail;
	constructor(kind: DomainErrorKind, message: string, detail: DomainErrorDetail = {}) {
		super(message);
		this.name = 'DomainError';
		this.kind = kind;
		this.detail = detail;
	}
}
