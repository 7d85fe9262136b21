export interface Connection {
	/** What requests prove; the browser's own guess only counts when it says no. */
	readonly isConnected: boolean;
	/** Replies and notes that are not delivered, over all conversations. */
	readonly unsentCount: number;
	/** A new version is installed and waits. */
	readonly hasUpdate: boolean;
	applyUpdate(): void;
}

export const connection: Connection = {
	isConnected: true,
	unsentCount: 0,
	hasUpdate: false,
	applyUpdate: () => {}
};
