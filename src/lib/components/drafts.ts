export type ComposerMode = 'reply' | 'note';
export interface Draft {
	text: string;
	mode: ComposerMode;
}

const drafts = new Map<string, Draft>();

/** What was being written in a conversation when it was left; kept as long as the page. */
export const draftOf = (conversationId: string): Draft =>
	drafts.get(conversationId) ?? { text: '', mode: 'reply' };

export function keepDraft(conversationId: string, draft: Draft): void {
	if (draft.text) drafts.set(conversationId, draft);
	else drafts.delete(conversationId);
}
