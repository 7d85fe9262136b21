import { SyncPage } from '#contract/sync.ts';
import type { Page } from './page.ts';
import { ApiFailure, type Fetch, failureOf, Offline } from './request.ts';
import { readServerEvents } from './server-events.ts';

/** The server comments often enough that this much silence means a dead connection. */
const SILENCE_MS = 45_000;

export interface FollowInput {
	fetch: Fetch;
	page: Page;
	/** Whose cache follows: under another person's session the server sends nothing. */
	userId: string;
	teamId: string;
	deviceId: string;
	/** The stream starts behind it. */
	cursor: string;
	signal: AbortSignal;
	onOpen(): void;
	/** `from` is where the page starts: the last page's cursor. The next page waits for it. */
	onPage(page: SyncPage, from: string): Promise<void>;
}

/**
 * Follows the numbered changes of a team until the server or the signal ends the stream.
 * Throws ApiFailure when it is refused, Offline when the connection fails or falls silent.
 */
export async function follow(input: FollowInput): Promise<void> {
	const { page, userId, teamId, deviceId, cursor, signal } = input;
	const silence = new AbortController();
	const either = AbortSignal.any([signal, silence.signal]);
	let cancel = () => {};
	const listen = () => {
		cancel();
		cancel = page.after(SILENCE_MS, () => silence.abort());
	};
	listen();
	try {
		const query = new URLSearchParams({ team: teamId, user: userId, cursor, device: deviceId });
		const headers = { Accept: 'text/event-stream' };
		const path = `/api/stream?${query}`;
		const response = await input.fetch(path, { headers, signal: either });
		if (!response.ok) throw failureOf(response.status, await response.json().catch(() => null));
		if (!response.body) throw new Offline();
		input.onOpen();
		let from = cursor;
		for await (const { event, data } of readServerEvents(
			response.body as ReadableStream<BufferSource>,
			listen
		)) {
			if (event !== 'page') continue;
			const parsed = SyncPage.parse(JSON.parse(data));
			await input.onPage(parsed, from);
			from = parsed.cursor;
		}
	} catch (cause) {
		if (signal.aborted) return;
		throw cause instanceof ApiFailure || cause instanceof Offline ? cause : new Offline({ cause });
	} finally {
		cancel();
	}
}
