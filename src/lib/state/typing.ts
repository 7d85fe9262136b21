import { thisPage } from './page.svelte.ts';
import { workspace } from './workspace.svelte.ts';

/** The server waits 30 s for who types; a word every 10 s keeps it waiting while an answer is written. */
const EVERY_MS = 10_000;

/** When it was last said about a conversation, by this page's clock. */
const toldAt = new Map<string, number>();

/**
 * The person writes an answer in a conversation that waits, so nobody else is rung for the moment. Only true now:
 * without a connection nothing is kept for later.
 */
export async function tellTyping(conversationId: string): Promise<void> {
	const teamId = workspace.current?.teamId;
	const now = thisPage.now();
	if (!teamId || now - (toldAt.get(conversationId) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
	toldAt.set(conversationId, now);
	try {
		const { tell } = await import('./api.ts');
		await tell('POST', '/api/notifications/typing', { teamId, conversationId });
	} catch {
		// The ladder rings on, which is right where the server cannot know.
	}
}
