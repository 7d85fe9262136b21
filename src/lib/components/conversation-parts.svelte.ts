import type Conversation from './Conversation.svelte';
import type VisitorPanel from './VisitorPanel.svelte';

interface Parts {
	Conversation: typeof Conversation;
	VisitorPanel: typeof VisitorPanel;
}

/** Long enough for the list to be drawn first. */
const LATER_MS = 500;

let current = $state.raw<Parts | null>(null);

async function load(): Promise<void> {
	const [conversation, panel] = await Promise.all([
		import('./Conversation.svelte'),
		import('./VisitorPanel.svelte')
	]);
	current = { Conversation: conversation.default, VisitorPanel: panel.default };
}

/** What an open conversation is drawn with. The list is the first thing to be seen, so this comes behind it. */
export const parts = {
	get current(): Parts | null {
		return current;
	},
	/** Urgent where a conversation is open already. The returned function calls a later one off. */
	fetch({ isUrgent }: { isUrgent: boolean }): () => void {
		if (current) return () => {};
		const timer = setTimeout(() => void load(), isUrgent ? 0 : LATER_MS);
		return () => clearTimeout(timer);
	}
};
