import type Banners from './Banners.svelte';
import type EnableCard from './EnableCard.svelte';
import type NothingOpen from './NothingOpen.svelte';
import type OpenChat from './OpenChat.svelte';

interface Parts {
	Banners: typeof Banners;
	EnableCard: typeof EnableCard;
	NothingOpen: typeof NothingOpen;
	OpenChat: typeof OpenChat;
}

let current = $state.raw<Parts | null>(null);

/** What is drawn around the list and beside it. The list is what must be seen first, so these come behind it. */
export const parts = {
	get current(): Parts | null {
		return current;
	},
	async fetch(): Promise<void> {
		if (current) return;
		const [banners, card, nothing, chat] = await Promise.all([
			import('./Banners.svelte'),
			import('./EnableCard.svelte'),
			import('./NothingOpen.svelte'),
			import('./OpenChat.svelte')
		]);
		current = {
			Banners: banners.default,
			EnableCard: card.default,
			NothingOpen: nothing.default,
			OpenChat: chat.default
		};
	}
};
