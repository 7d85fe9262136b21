/** What came back for one attempt. */
export type Answer =
	| {
			kind: 'answered';
			status: number;
			/** The header as sent: seconds or an HTTP date. */
			retryAfter: string | null;
			/** At most a few kilobytes of the body, for the reason Apple gives in it. */
			body: string;
	  }
	/** The connection never stood, so nothing was handed over. */
	| { kind: 'unreached'; reason: string }
	/** Time ran out or the connection broke after the request had gone: perhaps delivered. */
	| { kind: 'ambiguous'; reason: string };

export interface Attempt {
	/** Requests for this delivery; the first is 1. */
	n: number;
	/** The push service has refused it with another token before. */
	isFreshToken: boolean;
	/** Attempts, this one included, that ended ambiguous. */
	unanswered: number;
	/** Apple's service keeps no tags: what is sent twice is shown twice. */
	isApple: boolean;
	/** The generic payload has been sent instead. */
	isGeneric: boolean;
	/** Milliseconds since 1970. */
	now: number;
	/** When the notification is no longer worth delivering. */
	deadline: number;
}

export type Outcome =
	| { do: 'accepted' }
	/** The registration has ended. */
	| { do: 'gone' }
	/** The registration is stale: the device has to register again. `isAlarm` as below. */
	| { do: 'needs_resubscribe'; isAlarm: boolean }
	/** Too large: at once again, with the generic payload. */
	| { do: 'shrink' }
	| { do: 'retry'; afterMs: number; isFreshToken: boolean }
	| { do: 'expired' }
	/** Given up; `isAlarm` where it is this server that is wrong and its operator must know. */
	| { do: 'failed'; isAlarm: boolean };

const RETRY_MS = 1000;
const RETRY_MAX_MS = 5 * 60_000;
/** So that a service that is down for its whole lifetime is not asked for ever. */
const ATTEMPTS_MAX = 12;

/**
 * What an answer of a push service means (RFC 8030 section 5; Mozilla's autopush errors; Apple's "Sending web push
 * notifications"). Pure. A registration is given up only when the service says that it has ended.
 */
export function outcome(answer: Answer, attempt: Attempt): Outcome {
	if (answer.kind === 'unreached') return retry(attempt);
	if (answer.kind === 'ambiguous')
		return attempt.isApple || attempt.unanswered > 1
			? { do: 'failed', isAlarm: false }
			: retry(attempt);
	const { status, body, retryAfter } = answer;
	if (status >= 200 && status < 300) return { do: 'accepted' };
	if (status === 404 || status === 410) return { do: 'gone' };
	if (body.includes('VapidPkHashMismatch')) return { do: 'needs_resubscribe', isAlarm: true };
	// How autopush says that a browser has moved; the new address comes from the browser, not from here.
	if (status === 301 || status === 308) return { do: 'needs_resubscribe', isAlarm: false };
	if (status === 413) return attempt.isGeneric ? { do: 'failed', isAlarm: true } : { do: 'shrink' };
	// The token may have run out by a clock set wrong; a second refusal is a matter for the operator.
	if (isRefusal(answer) && !attempt.isFreshToken) return retry(attempt, { isFreshToken: true });
	// 406 is how Windows throttles.
	if (status === 406 || status === 408 || status === 429 || status >= 500)
		return retry(attempt, { atLeastMs: parseRetryAfter(retryAfter, attempt.now) });
	// A redirect included: following it would leave the list of push services.
	return { do: 'failed', isAlarm: true };
}

/** What came back, for people: "403 BadJwtToken", "no answer in time". */
export const wordsOf = (answer: Answer): string =>
	answer.kind === 'answered'
		? `${answer.status} ${answer.body.slice(0, 120)}`.trim()
		: answer.reason;

/** Whether the service does not take this server's word for who it is; Apple says so with 400 as well. */
export const isRefusal = (answer: Answer): boolean =>
	answer.kind === 'answered' &&
	(answer.status === 401 ||
		answer.status === 403 ||
		(answer.status === 400 && answer.body.includes('JwtToken')));

function retry(
	{ n, now, deadline }: Attempt,
	{ atLeastMs = 0, isFreshToken = false } = {}
): Outcome {
	const backoffMs = Math.min(RETRY_MS * 2 ** (n - 1), RETRY_MAX_MS);
	const afterMs = Math.max(backoffMs, atLeastMs);
	if (now + afterMs >= deadline) return { do: 'expired' };
	if (n >= ATTEMPTS_MAX) return { do: 'failed', isAlarm: false };
	return { do: 'retry', afterMs, isFreshToken };
}

/** Milliseconds to wait (RFC 9110 section 10.2.3): delay-seconds or an HTTP date; 0 for anything else. */
export function parseRetryAfter(value: string | null, now: number): number {
	const text = value?.trim() ?? '';
	if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
	const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
	return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
