export type ComposerMode = 'reply' | 'note';
export interface Draft {
	text: string;
	mode: ComposerMode;
}

const PREFIX = 'bellhop-draft:';
const keyOf = (userId: string, conversationId: string) => `${PREFIX}${userId}:${conversationId}`;

/** What the person was writing in a conversation when it was left; it outlives a reload, and goes with the tab. */
export function draftOf(userId: string, conversationId: string): Draft {
	const kept = sessionStorage.getItem(keyOf(userId, conversationId));
	return kept === null ? { text: '', mode: 'reply' } : (JSON.parse(kept) as Draft);
}

/** Keeps it with every change; an empty one is forgotten. */
export function keepDraft(userId: string, conversationId: string, draft: Draft): void {
	const key = keyOf(userId, conversationId);
	if (draft.text) sessionStorage.setItem(key, JSON.stringify(draft));
	else sessionStorage.removeItem(key);
}

/** Forgets the person's drafts in conversations that are not held here any more. */
export async function pruneDrafts(
	userId: string,
	isHeld: (conversationId: string) => Promise<boolean>
): Promise<void> {
	const prefix = keyOf(userId, '');
	for (const key of Object.keys(sessionStorage))
		if (key.startsWith(prefix) && !(await isHeld(key.slice(prefix.length))))
			sessionStorage.removeItem(key);
}

/** At sign-out: nothing of anybody stays in the tab. */
export function dropDrafts(): void {
	for (const key of Object.keys(sessionStorage))
		if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}
