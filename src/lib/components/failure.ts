import { ApiFailure, Offline } from '$lib/sync/failures.ts';

/** What to tell a person when something they asked for did not happen. */
export function failureText(error: unknown): string {
	if (error instanceof ApiFailure) {
		const text = [error.message, error.remedy].filter(Boolean).join(' ');
		return error.requestId ? `${text} (request ${error.requestId})` : text;
	}
	if (error instanceof Offline) return 'No connection. Try again when you are connected.';
	throw error;
}
