/** What the frame remembers over a reload, per bot. */
export interface Memory {
	get<T>(key: string): T | null;
	set(key: string, value: unknown): void;
}

/**
 * Keeps values in localStorage, which a browser partitions by the embedding site, or refuses: then
 * they last as long as the page, and the visitor is a new one after a reload.
 */
export function createMemory(botId: string, storage: () => Storage = () => localStorage): Memory {
	const held = new Map<string, string>();
	const nameOf = (key: string) => `bellhop:${botId}:${key}`;
	return {
		get<T>(key: string): T | null {
			let text = held.get(key) ?? null;
			try {
				text = storage().getItem(nameOf(key)) ?? text;
				return text === null ? null : (JSON.parse(text) as T);
			} catch {
				return text === null ? null : parsed<T>(held.get(key));
			}
		},
		set(key, value) {
			const text = JSON.stringify(value);
			held.set(key, text);
			try {
				storage().setItem(nameOf(key), text);
			} catch {
				// Refused or full: held in memory alone.
			}
		}
	};
}

const parsed = <T>(text: string | undefined): T | null =>
	text === undefined ? null : (JSON.parse(text) as T);
