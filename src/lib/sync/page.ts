/** What happens to a page. `resume`: back from bfcache, a freeze or sleep. `hide`: pagehide. */
export type PageEvent = 'visibility' | 'focus' | 'online' | 'offline' | 'resume' | 'hide';

/**
 * The page as the sync, presence and push code see it; its one DOM implementation is
 * src/lib/state/page.svelte.ts, tests bring their own. Clocks and timers come from here.
 */
export interface Page {
	/** One for each load of a page. */
	readonly id: string;
	readonly visibility: 'visible' | 'hidden';
	readonly isFocused: boolean;
	/** The browser's guess; false is certain, true is not. */
	readonly isOnline: boolean;
	/** Milliseconds since the person last touched, typed or moved. */
	idleMs(): number;
	/** Monotonic milliseconds. */
	now(): number;
	on(event: PageEvent, listener: () => void): () => void;
	/** Runs once after `ms`; the returned function cancels. */
	after(ms: number, run: () => void): () => void;
	/**
	 * Holds a Web Lock while `work` runs. `steal` takes it from a frozen holder.
	 * Rejects with an AbortError when the signal fires or the lock is stolen.
	 */
	hold(
		name: string,
		options: { steal?: boolean; ifAvailable?: boolean; signal?: AbortSignal },
		work: (isHeld: boolean) => Promise<void>
	): Promise<void>;
	/** Survives the page's end; text/plain JSON. */
	beacon(url: string, body: unknown): void;
	/** Sends to the controlling worker; false where none controls the page. */
	postToWorker(message: unknown): boolean;
	/** Messages between this browser's pages and worker. */
	broadcast(channel: string): {
		post(message: unknown): void;
		on(listener: (message: unknown) => void): () => void;
		close(): void;
	};
}
